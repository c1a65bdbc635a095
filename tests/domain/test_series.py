"""Declarations of series: refused where they contradict themselves."""

from __future__ import annotations

import pytest

from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.errors import BadQuery

TIME = Column(name="time", unit="s", description="Time")
SLOT = Column(name="slot", unit="", description="Slot", dtype="u1")
OBS = Column(name="obs_id", unit="", description="Exposure", dtype="str")


def _spec(*columns: Column, **changes: object) -> SeriesSpec:
    return SeriesSpec(name="lab.s", description="S", columns=columns, **changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"time": "tai"}, r"names \['tai'\]"),
        ({"key": ("slot", "flash")}, r"names \['flash'\]"),
        ({"exposure": "obs", "scale": TimeScale.RELATIVE_S}, r"names \['obs'\]"),
        ({"scale": TimeScale.RELATIVE_S}, "needs an exposure"),
        ({"exposure": "obs_id"}, "needs an exposure column, and only then"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(BadQuery, match=words):
        _spec(TIME, SLOT, OBS, **changes)


def test_a_column_is_declared_once() -> None:
    with pytest.raises(BadQuery, match="twice"):
        _spec(TIME, SLOT, SLOT)


def test_a_relative_series_counts_from_its_exposure() -> None:
    assert _spec(TIME, OBS, exposure="obs_id", scale=TimeScale.RELATIVE_S).relative
    assert not _spec(TIME, SLOT, key=("slot",)).relative
