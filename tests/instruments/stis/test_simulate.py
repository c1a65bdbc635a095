"""The simulator: same seed, same bytes; its files are read; its truth can be found again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longwatch.contracts.kind import Source
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import readers
from longwatch.instruments.stis.anneals import LEVELS
from longwatch.instruments.stis.pixel_csv import PixelImages, parse_pixels
from longwatch.instruments.stis.simulate import FIRST, N_DARKS, pixels_csv, properties, simulate


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stis")
    simulate(folder, seed=5, small=True)
    return folder


def pixels(out: Path, number: int) -> PixelImages:
    path = out / f"anneal_{number}.csv"
    return parse_pixels(path.read_bytes(), name=path.name)


def test_files_are_sub_arrays_at_their_true_place(out: Path) -> None:
    read = pixels(out, FIRST)
    assert read.origin == (480, 480)
    assert {image.shape for image in read.images.values()} == {(64, 64)}


def test_periods_and_darks_fit_together(out: Path) -> None:
    periods, darks = (
        read(Source(name=name, data=(out / name).read_bytes()))
        for read, name in (
            (readers.read_periods, "stis_anneal_periods.csv"),
            (readers.read_darks, "stis_anneal_darks.csv"),
        )
    )
    epochs = {epoch.number: epoch for epoch in periods.epochs}
    assert list(epochs) == list(range(FIRST, FIRST + 39))
    assert len(darks.members) == len({dark.member for dark in darks.members}) == 36 * N_DARKS + 3 * 20
    for dark in darks.members:
        epoch = epochs[dark.number]
        assert (epoch.start_us or 0) <= (dark.t_us or 0) < (epoch.stop_us or 0)


def test_the_true_rate_is_found_within_its_error(out: Path) -> None:
    truth = np.load(out / "truth" / "stis.npz")
    read = pixels(out, FIRST + 3).images
    signal = truth["rate"][3] * c.EXPOSURE_S
    pull = (read["sci_mean"] - signal) / np.sqrt((signal + 41.86) / (N_DARKS - read["nan_count"]))
    assert abs(pull.mean()) < 0.05
    assert pull.std() == pytest.approx(1, abs=0.05)


def test_hot_pixels_are_counted_as_the_truth_says(out: Path) -> None:
    truth = np.load(out / "truth" / "stis.npz")
    for index, number in enumerate(truth["number"]):
        sci = pixels(out, number).images["sci_mean"]
        found = [np.count_nonzero(sci > level * c.EXPOSURE_S) for level in LEVELS]
        assert found == pytest.approx(truth["n_hot"][index].tolist(), rel=0.05, abs=3)
        assert found[0] > found[1] > found[2]


def test_published_relations_hold(out: Path) -> None:
    """Means of the ten real pixels follow the same lines (spec/stis.md 3.2)."""
    images = pixels(out, FIRST).images
    sci = images["sci_mean"].astype(float)
    assert images["err_mean"] ** 2 == pytest.approx(41.86 + 1.1395 * sci, rel=1e-5)
    assert images["nan_count"].mean() == pytest.approx(1.17, abs=0.1)


def test_every_digit_comes_back() -> None:
    images = properties(np.full((3, 4), 0.03), np.random.default_rng(1))
    read = parse_pixels(pixels_csv(images, origin=(7, 9)), name="a")
    assert read.origin == (7, 9)
    for name, image in images.items():
        assert np.array_equal(read.images[name], image), name


def test_the_same_seed_gives_the_same_bytes(out: Path, tmp_path: Path) -> None:
    simulate(tmp_path, seed=5, small=True)
    for path in [*out.glob("*.csv"), *out.glob("darks/*")]:
        assert (tmp_path / path.relative_to(out)).read_bytes() == path.read_bytes()
