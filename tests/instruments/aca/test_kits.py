"""ACA held to the public kits, file kind by file kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from box_files import files_by_kind, real_files
from longwatch.contracts.instrument import Instrument
from longwatch.contracts.kind import FileKind
from longwatch.instruments.aca.instrument import INSTRUMENT
from longwatch.testing.instrument import InstrumentTests
from longwatch.testing.kind import FileKindTests

SAMPLES = Path(__file__).parent / "samples"
"""Files of kinds that nobody simulates."""


class TestInstrument(InstrumentTests):
    @pytest.fixture
    def instrument(self) -> Instrument:
        return INSTRUMENT


@pytest.fixture(scope="module")
def by_kind(simulated: Callable[[str], Path]) -> dict[str, list[Path]]:
    found, samples = files_by_kind(INSTRUMENT, [simulated("aca")]), files_by_kind(INSTRUMENT, [SAMPLES])
    return {kind: paths or samples[kind] for kind, paths in found.items()}


class TestKinds(FileKindTests):
    @pytest.fixture
    def instrument(self) -> Instrument:
        return INSTRUMENT

    @pytest.fixture(params=INSTRUMENT.kinds, ids=lambda kind: kind.name)
    def kind(self, request: pytest.FixtureRequest) -> FileKind:
        return request.param

    @pytest.fixture
    def files(self, request: pytest.FixtureRequest, kind: FileKind, by_kind: dict[str, list[Path]]) -> Sequence[Path]:
        """Simulated ones; real ones of kinds nobody simulates."""
        return by_kind[kind.name] or real_files(request, INSTRUMENT, kind)
