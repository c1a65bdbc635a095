"""Images of stars from a library. Truth: spec/aca-dark-hdr3-l0.md 5."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longwatch.errors import BadFile, BadQuery
from longwatch.instruments.aca.psf import AcaPsfLibrary


@pytest.fixture(scope="module")
def library() -> AcaPsfLibrary:
    return AcaPsfLibrary.gaussian()


def test_a_star_of_sum_one(library: AcaPsfLibrary) -> None:
    assert library.images.shape == (12, 12, 8, 8)
    sums = library.images.sum(axis=(2, 3))
    assert 0.9928 < sums.min() <= sums.max() <= 1.0000001


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_centroids_come_back(library: AcaPsfLibrary, interpolation: str) -> None:
    within = {"bilinear": (0.008, 0.032), "nearest": (0.058, 0.082)}[interpolation]
    rng = np.random.default_rng(1)
    for row, col in rng.uniform(-500, 500, (400, 2)):
        image = library.get_psf_image(row, col, norm=1000.0, interpolation=interpolation)
        found = image.aca.centroid_fm()
        inner = all(abs((one + 0.5) % 1 - 0.5) < 0.33 for one in (row, col))
        assert np.abs(np.array(found[:2]) - (row, col)).max() < within[0 if inner else 1]


def test_where_the_image_lies(library: AcaPsfLibrary) -> None:
    image = library.get_psf_image(-10.456, 250.123, norm=100_000)
    assert (image.row0, image.col0) == (-14, 247)
    same = library.get_psf_image(-9.956, 250.623, norm=100_000, pix_zero_loc="edge")
    assert same.tolist() == image.tolist()
    with pytest.raises(BadQuery, match="pix_zero_loc"):
        library.get_psf_image(0, 0, pix_zero_loc="middle")
    with pytest.raises(BadQuery, match="interpolation"):
        library.get_psf_image(0, 0, interpolation="cubic")


def written(library: AcaPsfLibrary, path: Path, *, rows: int = 144) -> Path:
    """Pixels in the order of telemetry: A1 to H1 is row 0, I1 to P1 row 1, A2 to H2 row 2."""
    pixels = [f"{one}{n}" for n in "1234" for half in ("ABCDEFGH", "IJKLMNOP") for one in half]
    assert pixels[8:17] == ["I1", "J1", "K1", "L1", "M1", "N1", "O1", "P1", "A2"]
    lines = [" ".join(["row_bin_idx", "col_bin_idx", "row_bin_left_edge", *pixels])]
    for number in range(rows):
        i, j = divmod(number, 12)
        values = [f"{value:.10f}" for value in library.images[i, j].ravel()]
        lines.append(" ".join([str(i - 1), str(j - 1), f"{-0.6 + 0.1 * i:.1f}", *values]))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_library_from_a_file(library: AcaPsfLibrary, tmp_path: Path) -> None:
    found = AcaPsfLibrary.read(written(library, tmp_path / "aca_psf_lib.dat"))
    assert found.name == "aca_psf_lib"
    assert np.abs(found.images - library.images).max() < 1e-9
    with pytest.raises(BadFile, match="143 rows"):
        AcaPsfLibrary.read(written(library, tmp_path / "short.dat", rows=143))
    (tmp_path / "other.dat").write_text("a b c\n1 2 3\n")
    with pytest.raises(BadFile, match="row_bin_idx"):
        AcaPsfLibrary.read(tmp_path / "other.dat")
