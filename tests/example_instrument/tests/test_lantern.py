"""LANTERN held to the public kits, and one journey from files to answers."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from longwatch_lantern.cooling import Cooling
from longwatch_lantern.instrument import DARK, INSTRUMENT
from longwatch_lantern.simulate import HOT, simulate

from longwatch import Archive, open_archive
from longwatch.contracts.instrument import Instrument
from longwatch.contracts.kind import FileKind
from longwatch.contracts.monitor import Monitor, View
from longwatch.domain.times import parse_span
from longwatch.domain.timespan import Timespan
from longwatch.testing.instrument import InstrumentTests
from longwatch.testing.kind import FileKindTests
from longwatch.testing.monitor import MonitorTests


@pytest.fixture(scope="module")
def incoming(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("incoming")
    simulate(folder, seed=1, small=True)
    return folder


@pytest.fixture(scope="module")
def archive(incoming: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with open_archive(tmp_path_factory.mktemp("site"), create=True) as archive:
        archive.ingest(incoming)
        yield archive


class TestInstrument(InstrumentTests):
    @pytest.fixture
    def instrument(self) -> Instrument:
        return INSTRUMENT


class TestDark(FileKindTests):
    @pytest.fixture
    def instrument(self) -> Instrument:
        return INSTRUMENT

    @pytest.fixture
    def kind(self) -> FileKind:
        return DARK

    @pytest.fixture
    def files(self, incoming: Path) -> Sequence[Path]:
        return sorted(incoming.glob("*.fits"))[:2]


class TestCooling(MonitorTests):
    @pytest.fixture
    def monitor(self) -> Monitor:
        return Cooling()

    @pytest.fixture
    def view(self, archive: Archive) -> View:
        return archive

    @pytest.fixture
    def window(self) -> Timespan:
        return next(parse_span("2026-01-01", "2026-01-02").windows("day"))


def test_from_files_to_answers(archive: Archive) -> None:
    assert archive.products.find(kind="lantern.dark", night=(1, 3))["key"].tolist() == [
        "night0001",
        "night0002",
        "night0003",
    ]
    assert len(archive.series["lantern.ccd_temp"].fetch(["ccd_temp"], "2026-01-01", "2026-01-02")) == 6
    life = archive.cubes["lantern.ccd"].pixel(*HOT)
    assert life["dark_rate"].tolist() == pytest.approx([0.01, 0.11, 0.21, 0.31, 0.41], abs=0.01)


def test_the_failing_pump_is_seen(archive: Archive) -> None:
    archive.monitors.run("lantern.cooling")
    assert archive.monitors.check("lantern.cooling")["severity"].tolist() == ["ok", "ok", "ok", "ok", "alarm"]
