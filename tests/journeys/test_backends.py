"""One journey through the archive, the same on every database and store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import Archive, create_archive, open_archive
from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.times import from_us
from longwatch.domain.timespan import Timespan
from longwatch.fits.write import image_file
from longwatch.instruments.generic.instrument import INSTRUMENT as GENERIC
from longwatch.plots.figure import Figure
from longwatch.upkeep.doctor import Severity, examine
from longwatch.upkeep.verify import verify
from toy_instrument import CUBE, HOUR, KIND, SERIES, SHAPE, T0, TIMELINE, TOY, ToyFile, write

BACKENDS = {
    "sqlite-folder": ("", ""),
    "postgres-folder": ("postgres_url", ""),
    "mariadb-folder": ("mariadb_url", ""),
    "sqlite-s3": ("", "s3_url"),
    "postgres-s3": ("postgres_url", "s3_url"),
}
MEAN = Metric(name="toy.level.mean", unit="adu", description="Mean value of a month")


class Level:
    """The mean value of each month, for a journey."""

    name = "toy.level"
    inputs = (SERIES,)
    cadence = "month"
    metrics = (MEAN,)

    def measure(self, view: View, window: Timespan) -> list[Measurement]:
        rows = view.series[SERIES].fetch(["value"], from_us(window.start_us), from_us(window.stop_us))
        value = float(np.mean(rows["value"])) if len(rows) else None
        return [Measurement(metric=MEAN.name, subject="detector=TOY", window=window, value=value)]

    def figures(self, view: View) -> list[Figure]:
        return []


INSTRUMENTS = [GENERIC, replace(TOY, monitors=(Level(),))]
FILES = [
    ToyFile(key=f"t{n}", version=1, rows=((24 * n, 0, n + 0.25), (24 * n + 1, 1, -n)), epoch=n, level=10 * n)
    for n in range(4)
]
NEWER = ToyFile(key="t2", version=2, rows=((48, 0, 99.0),), epoch=2, level=99)


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.contract) for name in BACKENDS])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder whose longwatch.toml names the database and the store."""
    database, objects = BACKENDS[request.param]
    lines = [f"database = {json.dumps(request.getfixturevalue(database))}"] if database else []
    if objects:
        lines.append(f"objects = {json.dumps(request.getfixturevalue(objects))}")
        lines += _table("object_options", request.getfixturevalue("s3_options"))
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "longwatch.toml").write_text("\n".join(lines))
    return folder


def _table(name: str, values: Mapping[str, object]) -> Iterator[str]:
    inner = {key: value for key, value in values.items() if isinstance(value, dict)}
    yield f"[{name}]"
    yield from (f"{key} = {json.dumps(value)}" for key, value in values.items() if key not in inner)
    for key, value in inner.items():
        yield from _table(f"{name}.{key}", value)


@pytest.mark.parametrize("site", ["mariadb-folder", "postgres-s3"], indirect=True)
@pytest.mark.contract
def test_workers_bring_what_one_process_would(site: Path, tmp_path: Path) -> None:
    many = [ToyFile(key=f"t{n:02}", version=1, rows=((n, 0, float(n)),), epoch=n % 3, level=n) for n in range(24)]
    write(tmp_path / "many", many)
    with (site / "longwatch.toml").open("r+") as settings:
        others = settings.read()
        settings.seek(0)
        settings.write(f"workers = 2\nbatch_files = 9\n{others}")
    with create_archive(site, instruments=INSTRUMENTS) as archive:
        assert archive.ingest(tmp_path / "many").stored == len(many)
        assert _values(archive) == [float(n) for n in range(24)]
        assert archive.cubes[CUBE].pixel(0, 0)["level"].tolist() == [21.0, 22.0, 23.0]
        assert verify(archive.catalog, archive.store).well


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    write(tmp_path / "incoming", FILES)
    stranger, _ = image_file([], cards={"OBJECT": "M51", "DATE-OBS": "2020-02-01T12:00:00", "CCDAMP": "D"})
    (tmp_path / "incoming" / "stranger.fits").write_bytes(stranger)
    (tmp_path / "incoming" / "cut.fits").write_bytes(FILES[0].encode()[:4000])
    (tmp_path / "incoming" / "weather.txt").write_text("fine")
    return tmp_path / "incoming"


def _values(archive: Archive) -> list[float]:
    return archive.series[SERIES].fetch()["value"].tolist()


def test_a_journey_from_files_to_answers_and_back(site: Path, incoming: Path) -> None:
    with create_archive(site, instruments=INSTRUMENTS) as archive:
        report = archive.ingest(incoming)
        assert (report.stored, report.unchanged, report.unknown, report.quarantined) == (5, 0, 1, 1)
        _finds(archive)
        _fetches(archive)
        _looks_at_pixels(archive)
        _ingests_again(archive, incoming)
        _watches(archive)
        _takes_a_newer_version(archive, incoming)
        _watches_what_moved(archive)
        _retracts_and_remembers(archive)
        _keeps_ones_own(archive)
        assert verify(archive.catalog, archive.store).well
        assert [finding.what for finding in examine(archive.upkeep) if finding.severity is Severity.ERROR] == []
    with open_archive(site, instruments=INSTRUMENTS) as archive:
        assert _values(archive) == [0.25, 0.0, 1.25, -1.0, 3.25, -3.0]
        assert sorted(archive.cubes) == ["lab.ccd", CUBE]


def _finds(archive: Archive) -> None:
    start, stop = T0 + 24 * HOUR, T0 + 72 * HOUR
    found = archive.products.find(kind=KIND, start=from_us(start), stop=from_us(stop))
    assert found["key"].tolist() == ["t1", "t2"]
    assert archive.products.find(object="M51")["key"].tolist() == ["stranger"]
    assert archive.products.find(kind="generic.fits", ccdamp="D")["key"].tolist() == ["stranger"]
    assert archive.products.find(key="t*", newest_first=True, limit=2)["key"].tolist() == ["t3", "t2"]
    assert archive.products.data(kind=KIND, key="t1") == FILES[1].encode()
    assert archive.products.header(kind=KIND, key="t1")["TOY"] == "t1"


def _fetches(archive: Archive) -> None:
    assert _values(archive) == [0.25, 0.0, 1.25, -1.0, 2.25, -2.0, 3.25, -3.0]
    part = archive.series[SERIES].fetch(["value"], from_us(T0 + 24 * HOUR), from_us(T0 + 48 * HOUR), where={"slot": 1})
    assert part["value"].tolist() == [-1.0]
    assert str(part["value"].unit) == "adu"


def _looks_at_pixels(archive: Archive) -> None:
    cube = archive.cubes[CUBE]
    assert cube.pixel(1, 2)["level"].tolist() == [6.0, 16.0, 26.0, 36.0]
    np.testing.assert_array_equal(cube.image("level", epoch=3), FILES[3].image)
    assert len(cube.where("level", epoch=1, above=15.5)) == 6
    assert archive.timelines[TIMELINE].at(from_us(T0)).number == 0


def _ingests_again(archive: Archive, incoming: Path) -> None:
    head = archive.catalog.head()
    report = archive.ingest(incoming)
    assert (report.stored, report.unchanged, report.unknown, report.quarantined) == (0, 5, 1, 1)
    assert archive.catalog.head() == head


def _watches(archive: Archive) -> None:
    assert archive.monitors.run().counts.windows == 2
    assert archive.measurements(MEAN.name)["value"].tolist() == [0.125, 0.125]
    assert archive.monitors.run().counts.windows == 0


def _watches_what_moved(archive: Archive) -> None:
    archive.monitors.run()
    assert archive.measurements(MEAN.name)["value"].tolist() == pytest.approx([0.125, 99.25 / 3])


def _takes_a_newer_version(archive: Archive, incoming: Path) -> None:
    archive.ingest(*write(incoming, [NEWER]))
    assert [float(v.version) for v in archive.products.versions(KIND, "t2")] == [2.0, 1.0]
    assert archive.cubes[CUBE].pixel(0, 0)["level"].tolist() == [0.0, 10.0, 99.0, 30.0]
    assert _values(archive) == [0.25, 0.0, 1.25, -1.0, 99.0, 3.25, -3.0]


def _retracts_and_remembers(archive: Archive) -> None:
    before = datetime.now(UTC)
    assert len(archive.retract(kind=KIND, key="t2")) == 2
    assert _values(archive) == [0.25, 0.0, 1.25, -1.0, 3.25, -3.0]
    assert archive.cubes[CUBE].epochs()["epoch"].tolist() == [0, 1, 3]
    then = archive.as_of(before)
    assert _values(then) == [0.25, 0.0, 1.25, -1.0, 99.0, 3.25, -3.0]
    assert then.products.find(kind=KIND)["key"].tolist() == ["t0", "t1", "t2", "t3"]
    assert archive.products.data(kind=KIND, key="t2", as_of=before) == NEWER.encode()


def _keeps_ones_own(archive: Archive) -> None:
    temps = archive.series.create("lab.temps", columns={"ccd_temp": "deg_C", "state": ""})
    temps.append({"time": ["2026-01-01", "2026-01-02"], "ccd_temp": [-10.0, np.nan], "state": ["ON", "ÖFF"]})
    rows = archive.series["lab.temps"].fetch()
    assert (rows["state"].tolist(), bool(np.isnan(rows["ccd_temp"][1]))) == (["ON", "ÖFF"], True)
    ccd = archive.cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "electron / s"})
    assert ccd.append(epoch=1, start="2026:001", stop="2026:029", images={"rate": np.ones(SHAPE)})
    assert not ccd.append(epoch=1, start="2026:001", stop="2026:029", images={"rate": np.ones(SHAPE)})
    assert ccd.pixel(2, 3)["rate"].tolist() == [1.0]
