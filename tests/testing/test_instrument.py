"""The kit for instruments passes the box and catches what breaks the contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from longwatch.contracts.instrument import Command, Instrument
from longwatch.instruments.generic.instrument import INSTRUMENT as GENERIC
from longwatch.testing.instrument import InstrumentTests
from toy_archive import Mean
from toy_instrument import TOY


class TestGeneric(InstrumentTests):
    """The built-in instrument."""

    @pytest.fixture
    def instrument(self) -> Instrument:
        return GENERIC


def test_an_input_nobody_declares_is_caught() -> None:
    with pytest.raises(AssertionError, match=r"toy\.mean"):
        InstrumentTests().test_monitors_ask_for_what_is_declared(replace(TOY, monitors=(Mean(),)))


def test_a_column_without_a_word_is_caught() -> None:
    (series,) = TOY.series
    mute = replace(series, columns=(replace(series.columns[0], description=" "), *series.columns[1:]))
    with pytest.raises(AssertionError, match=r"toy\.rows\.time"):
        InstrumentTests().test_everything_is_described(replace(TOY, series=(mute,)))


@pytest.mark.parametrize(
    "changes",
    [{"simulate": "longwatch.archive:open_archive"}, {"commands": (Command(name="x", help="X.", app="os:path"),)}],
)
def test_a_name_that_leads_to_something_else_is_caught(changes: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        InstrumentTests().test_what_is_named_by_module_is_there(replace(TOY, **changes))


def test_an_instrument_nobody_registered_is_caught() -> None:
    with pytest.raises(AssertionError):
        InstrumentTests().test_is_registered(TOY)
