"""Lives of pixels over simulated calibrations, against what was planted. See spec/aca-dark-hdr3-l0.md 8.2 and 9.4."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from longwatch.archive import Archive, create_archive
from longwatch.contracts.kind import Source
from longwatch.domain.product import Identity
from longwatch.errors import NotFound
from longwatch.fits.file import parse
from longwatch.instruments.aca import dark_files
from longwatch.instruments.aca.dark_lives import (
    Reference,
    births,
    difference,
    flicker_candidates,
    pixel_life,
    quadrants,
    warm_figure,
    warm_trend,
)
from longwatch.instruments.aca.dark_model import dark_temp_scale
from longwatch.instruments.aca.instrument import INSTRUMENT
from longwatch.instruments.aca.simulate_dark import BORN, DarkCal, dark_cals, flickering, plain_file

SEED = 4
SCHEDULE = [("2017185", -13.55), ("2018100", -12.5), ("2019153", -11.086), ("2020010", -12.0), ("2022069", -11.0)]


@pytest.fixture(scope="module")
def cals() -> list[DarkCal]:
    return list(dark_cals(SCHEDULE, SEED))


@pytest.fixture(scope="module")
def dark(cals: list[DarkCal], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("lives")
    for cal in cals:
        (folder / f"aca_dark_{cal.dark_id}.fits").write_bytes(plain_file(cal))
    with create_archive(folder / "site", instruments=[INSTRUMENT]) as archive:
        archive.ingest(str(folder / "*.fits"))
        yield archive


def test_the_planted_pixel_is_born_once_and_stays(dark: Archive) -> None:
    lives = births(1000.0, archive=dark)
    assert [str(lives.events[name].unit) for name in ("before", "after")] == ["electron / s"] * 2
    row, col = BORN[1] + 512, BORN[2] + 512
    assert (lives.births[row, col], lives.hot_in[row, col], lives.hot[row, col]) == (1, 3, True)
    (event,) = (one for one in lives.events if (one["row"], one["col"]) == BORN[1:3])
    assert (event["epoch"], event["before"] < 20.0) == (2019153, True)


def slow_births(values: np.ndarray, above: float) -> int:
    hot, count = values[0] > above, 0
    for value in values[1:]:
        count += not hot and value > above
        hot = value > (0.8 * above if hot else above)
    return count


def test_births_at_one_temperature_are_those_of_a_slow_reader(dark: Archive, cals: list[DarkCal]) -> None:
    """A warmer CCD is no birth: what counts is the dark current at -14 deg_C."""
    scaled = np.array([cal.image * dark_temp_scale(cal.t_ccd, -14.0) for cal in cals])
    found = births(300.0, archive=dark)
    rows, cols = np.nonzero((scaled > 200).any(axis=0))
    some = np.random.default_rng(1).choice(len(rows), 2000, replace=False)
    expected = [slow_births(scaled[:, row, col], 300.0) for row, col in zip(rows[some], cols[some], strict=True)]
    assert found.births[rows[some], cols[some]].tolist() == expected
    assert sum(expected) > 50
    assert len(found.events) == found.births.sum()
    fewer = births(500.0, start="2019:100", archive=dark)
    assert fewer.epochs == (2019153, 2020010, 2022069)
    with pytest.raises(NotFound, match="aca dark list"):
        births(start="2030:001", archive=dark)


def test_flicker_candidates_are_pixels_that_flicker(dark: Archive) -> None:
    found = flicker_candidates(200.0, archive=dark)
    true = flickering(SEED)
    assert true[found["row"] + 512, found["col"] + 512].mean() > 0.95
    bright = np.argwhere(true & (births(300.0, archive=dark).hot_in == 5))
    candidates = {(row + 512, col + 512) for row, col in zip(found["row"], found["col"], strict=True)}
    assert np.mean([tuple(place) in candidates for place in bright.tolist()]) > 0.4
    assert np.all(np.diff(found["scatter"]) <= 0)


def test_a_pixel_at_one_temperature(dark: Archive) -> None:
    life = pixel_life(*BORN[1:3], archive=dark)
    assert life["dark_id"].tolist() == [int(one) for one, _ in SCHEDULE]
    assert np.asarray(life["at_reference"][2:]) == pytest.approx([1500.0] * 3, abs=5)
    assert life["dark_rate"][2] == pytest.approx(1500 * dark_temp_scale(-14.0, -11.086), abs=5)


def test_maps_at_one_temperature_differ_by_what_was_born(dark: Archive) -> None:
    change = difference("2018100", "2019153", archive=dark)
    assert change.aca[BORN[1], BORN[2]] == pytest.approx(1494.0, abs=5)
    assert abs(float(np.median(change))) < 3.0
    other = difference("2018100", "2019153", reference=Reference(law="pixel-2023"), archive=dark)
    assert other.shape == (1024, 1024)


def test_the_trend_and_its_picture(dark: Archive, cals: list[DarkCal]) -> None:
    trend = warm_trend(archive=dark)
    raw = [np.count_nonzero(cal.image > 100) / 1024**2 for cal in cals]
    assert np.asarray(trend["measured"]) == pytest.approx(raw)
    brought = [np.count_nonzero(cal.image * dark_temp_scale(cal.t_ccd, -14.0) > 100) / 1024**2 for cal in cals]
    assert np.asarray(trend["corrected"]) == pytest.approx(brought, rel=2e-3)
    assert np.asarray(trend["measured"]) == pytest.approx(np.asarray(trend["model"]), rel=0.15)
    assert np.all(np.diff(trend["corrected"]) > 0)
    assert len(warm_figure(archive=dark).panels) == 2


def test_a_calibration_without_temperature_is_left_out(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("cold")
    (cal,) = dark_cals([("2017185", -13.55)], 1)
    data = plain_file(cal).replace(b"T_CCD ", b"NOTHING"[:6])
    source = Source(name="aca_dark_2017185.fits", data=data, fits=parse(data, name="x", checksum=False))
    with create_archive(folder / "site", instruments=[INSTRUMENT]) as archive:
        archive.writer.declare(dark_files.SPEC)
        archive.writer.declare(dark_files.CALS_SPEC)
        archive.writer.declare(dark_files.CONDITIONS_SPEC)
        archive.writer.store(Identity("aca", "aca.dark", "2017185"), dark_files.read(source))
        trend = warm_trend(archive=archive)
        assert np.ma.is_masked(trend["corrected"][0])
        assert np.ma.is_masked(trend["model"][0])
        with pytest.raises(NotFound, match="temperature"):
            births(archive=archive)
        with pytest.raises(NotFound, match="how warm"):
            difference("2017185", "2017185", archive=archive)


def test_quadrants_add_up(dark: Archive) -> None:
    table = quadrants("2017:185", archive=dark)
    assert table["quadrant"].tolist() == ["a", "b", "c", "d", "all"]
    assert table["n100"][:4].sum() == table["n100"][4]
    assert np.mean(table["mean"][:4]) == pytest.approx(table["mean"][4])
