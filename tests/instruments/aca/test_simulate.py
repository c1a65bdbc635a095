"""The simulator: same seed, same bytes; true structure; truth that can be found again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Reading
from longwatch.fits.content import inflate
from longwatch.fits.file import parse
from longwatch.instruments.aca import readers
from longwatch.instruments.aca.centroids import GAIN, INTEG_S, first_moments, magnitude
from longwatch.instruments.aca.simulate import (
    EIGHTS,
    FIELD,
    Spot,
    ccd_temperature,
    many,
    quantised,
    rows_of,
    simulate,
)


def read(path: Path) -> Reading:
    data = inflate(path.read_bytes(), name=path.name)
    return readers.read(Source(name=path.name, data=data, fits=parse(data, name=path.name)))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aca")
    simulate(folder, seed=7, small=True)
    return folder


def test_every_slot_has_files_of_its_own_size(out: Path) -> None:
    files = sorted((out / "l0").iterdir())
    assert len(files) == 67 * 8
    readings = [read(path) for path in files[:8]]
    assert [(r.keywords["SLOT"], r.keywords["IMGSIZE"]) for r in readings] == [
        *((0, 8), (1, 8), (2, 8)),
        *((3, 6), (4, 6), (5, 6)),
        *((6, 4), (7, 4)),
    ]
    assert len({read(path).key for path in files[:80]}) == 80


def test_the_true_temperature_is_found_within_a_step(out: Path) -> None:
    truth = np.load(out / "truth" / "aca_l0.npz")
    for path in sorted((out / "l0").glob("*_0_img0.fits.gz"))[::10]:
        rows = read(path).rows[0]
        time, kelvin = rows.columns["time"], rows.columns["tempccd"]
        assert np.abs(kelvin - np.interp(time, truth["time"], truth["tempccd"])).max() < 0.21
        assert np.abs(kelvin - ccd_temperature(time)).max() < 0.2001


def test_a_star_is_found_where_it_is(out: Path) -> None:
    truth = np.load(out / "truth" / "aca_l0.npz")["spots"]
    rows = read(next((out / "l0").glob("*_0_img0.fits.gz"))).rows[0]
    image = rows.columns["imgraw"].mean(axis=0)
    image = image - np.ma.median(image)
    centre = (image.sum(axis=1) * np.arange(8)).sum() / image.sum() + rows.columns["imgrow0"][0]
    assert centre == pytest.approx(truth[0, 2], abs=0.1)


@pytest.mark.parametrize(
    "spot", [spot for spot in (*FIELD, *EIGHTS) if spot.mag <= 9.0], ids=lambda s: f"{s.size}-{s.mag}"
)
def test_first_moments_find_bright_stars(spot: Spot) -> None:
    """9.4: the true place within 0.05 pixels on average where the image has room for the star, and its brightness."""
    rows = rows_of(spot, np.arange(0, 4 * 700, 4 * 7), np.random.default_rng(3))
    dark = np.median(rows["imgraw"][:, [0, -1], 1:3]) if spot.size == 8 else rows["bgdavg"][0]
    row, col, norm = first_moments(rows["imgraw"] - dark)
    sway = 0.0 if spot.fid else 1.6
    off_row = row + rows["imgrow0"] - spot.row - sway * np.sin(2 * np.pi * rows["time"] / 707.0)
    off_col = col + rows["imgcol0"] - spot.col - sway * np.sin(2 * np.pi * rows["time"] / 1000.0)
    within = {8: 0.05, 6: 0.08, 4: 0.25}[spot.size]
    assert np.abs(np.mean(np.stack([off_row, off_col]), axis=1)).max() < within
    rate = norm * GAIN / INTEG_S
    assert magnitude(np.median(rate)) == pytest.approx(spot.mag, abs=0.15)


def test_quantising_keeps_half_a_step_and_ten_bits() -> None:
    images = np.random.default_rng(2).normal(100, 1500, (50, 8, 8)).clip(-49, 9000)
    coarse, scale = quantised(images)
    assert (np.abs(coarse - images).max(axis=(1, 2)) <= 0.5001 * scale / 32).all()
    assert ((coarse + 50) * 32 / scale[:, None, None]).max() <= 1023


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        many(tmp_path / name, 16, 3)
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("a", "b"))
    assert [path.name for path in first] == [path.name for path in second]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert {len(read(path).rows[0].columns["time"]) for path in first} == {10}


def test_the_frame_counter_rolls_over(out: Path) -> None:
    firsts = [read(path).rows[0].columns["mjf"][0] for path in sorted((out / "l0").glob("*_0_img0.fits.gz"))]
    steps = np.diff(np.array(firsts, dtype=int))
    assert (steps < 0).sum() == 1
    assert set(steps[steps > 0]) == {196}
