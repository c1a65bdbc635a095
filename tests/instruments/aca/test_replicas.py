"""Classic dark calibrations: which directory, how warm, what is written. Rules: spec/aca-dark-hdr3-l0.md 5.2."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from aca_files import l0_rows, write_l0
from longwatch.archive import Archive
from longwatch.domain.times import cxc_from_us, to_us
from longwatch.errors import BadQuery, NotFound
from longwatch.instruments.aca import dark_cal
from longwatch.instruments.aca.replicas import DarkEvent, Samples, directory_of, process, replica_temperature
from longwatch.instruments.aca.simulate import START, ccd_temperature
from longwatch.instruments.aca.simulate_dark import dark_cals, write_directory

NONE = Samples(np.zeros(0), np.zeros(0))
SPAN = ("2007:006:02:00:00", "2007:006:02:10:00")
FIRST = float(cxc_from_us(to_us(SPAN[0])))


def constant(times: np.ndarray, value: float) -> Samples:
    return Samples(FIRST + times, np.full(len(times), value))


@pytest.mark.parametrize(
    ("start", "expected"),
    [("2007:006:23:59:00", "2007006"), ("2007:007:00:10:00", "2007006"), ("2007:005:23:00:00", "2007006")],
)
def test_a_directory_may_be_a_day_off(start: str, expected: str) -> None:
    assert directory_of(start, ["2007006", "2007069"]) == expected


def test_the_day_before_is_taken_first() -> None:
    assert directory_of("2007:007:12:00:00", ["2007006", "2007007", "2007008"]) == "2007006"
    with pytest.raises(NotFound, match=r"No dark calibration directory for 2010:001.*2009365, 2010001, 2010002"):
        directory_of("2010:001", ["2007006"])


def test_header_3_answers_with_more_than_four_samples() -> None:
    inside, outside = np.linspace(-590, 1190, 5), np.array([-601.0, 1201.0])
    times = np.concatenate([inside, outside])
    values = np.array([-18.0, -18.5, -19.0, -19.5, -20.0, 40.0, 40.0])
    assert replica_temperature(*SPAN, Samples(FIRST + times, values), NONE) == (pytest.approx(-19.0), "HDR3")


def test_other_telemetry_answers_by_a_parabola() -> None:
    times = np.linspace(-19_000, 20_000, 101)
    middle = (times - 300.0) / 1e4
    curve = Samples(FIRST + times, -18.0 + 0.3 * middle - 0.5 * middle**2)
    few = constant(np.linspace(0, 500, 4), 5.0)
    assert replica_temperature(*SPAN, few, curve) == (pytest.approx(-18.0), "AACCCDPT")
    with pytest.raises(NotFound, match=r"4 header-3 samples.*100 others"):
        replica_temperature(*SPAN, few, Samples(curve.time[:100], curve.value[:100]))


def test_before_2000_it_is_a_guess() -> None:
    assert replica_temperature("1999:223", "1999:223:00:10:00", NONE, NONE) == (-10.0, "GUESS")


@pytest.fixture
def downlinked(tmp_path: Path) -> Path:
    """A directory of the day of the simulation, as it came down: replicas 1 to 4, a map, and where it looked."""
    (cal,) = dark_cals([("2023094", -10.0)], seed=2)
    folder = write_directory(tmp_path / "sent", cal, classic=True)
    (folder / "properties.json").unlink()
    (folder / "image.fits").rename(folder / "imd.fits")
    (folder / "Result").mkdir()
    (folder / "Result" / "zodi.csv").write_text(
        "date,ra,dec,el,eb,sun_el,l_l0,zodib\n2023:094,10,-20,15,24.6,280,95,2.5\n"
    )
    for number in range(1, 5):
        (folder / f"x_VC2_Replica{number}_SFDU_1").touch()
    return tmp_path / "sent"


def test_a_calibration_from_what_was_downlinked(downlinked: Path, site: Archive, tmp_path: Path) -> None:
    """Header 3 covers the first replica, images of 6x6 pixels the others; each keeps its own times."""
    (tmp_path / "l0").mkdir()
    for slot in (6, 7):
        write_l0(tmp_path / "l0", l0_rows(slot, np.arange(0, 800, 4), size=8))
    write_l0(tmp_path / "l0", l0_rows(3, np.arange(804, 20_000, 100)))
    site.ingest(str(tmp_path / "l0"))
    spans = [(START + 2500.0 * n, START + 2500.0 * n + 600.0) for n in range(5)]
    event = DarkEvent(start=spans[0][0], stop=spans[-1][1], replicas=spans)
    made = process(event, downlinked, tmp_path / "made", site)
    found = json.loads((made / "properties.json").read_text())
    assert made.name == found["id"] == "2023094"
    assert [one["ccd_temp_source"] for one in found["replicas"]] == ["HDR3"] + ["AACCCDPT"] * 4
    assert [one["downlink"] for one in found["replicas"]] == [True] * 4 + [False]
    assert len({one["start"] for one in found["replicas"]}) == 5
    truth = [float(ccd_temperature(np.array([start + 300.0]))[0]) - 273.15 for start, _ in spans]
    assert [one["ccd_temp"] for one in found["replicas"]] == pytest.approx(truth, abs=0.15)
    assert found["ccd_temp"] == pytest.approx(np.mean(truth), abs=0.1)
    assert (found["eb"], found["zodib"], found["dur"]) == (24.6, 2.5, 10_600.0)
    assert dark_cal.add_dark_cals(tmp_path / "made", site) == ["2023094"]
    assert len(dark_cal.get_dark_cal_props("2023094", archive=site)["replicas"]) == 5


def test_a_calibration_needs_replicas(downlinked: Path, site: Archive, tmp_path: Path) -> None:
    with pytest.raises(BadQuery, match="no replicas"):
        process(DarkEvent(start=START, stop=START + 1, replicas=()), downlinked, tmp_path / "made", site)
