"""Centroids and magnitudes of the real stars. Truth: spec/aca-dark-hdr3-l0.md 6.3."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.errors import BadQuery
from longwatch.instruments.aca import centroids

FIRST = {
    0: (-179.5085, -165.7660, 34137.3, 7.1161),
    1: (373.5073, 214.6822, 33464.4, 7.1378),
    2: (-71.5283, 344.5931, 34014.6, 7.1201),
    3: (133.6234, 281.7322, 11624.3, 8.2858),
    6: (299.7560, 272.6770, 11326.8, 8.3140),
}
LAST = {
    0: (-179.5061, -165.7757, 33980.3, 7.1212),
    1: (373.5074, 214.6822, 33559.3, 7.1347),
    2: (-71.5305, 344.5984, 33865.1, 7.1248),
    3: (133.4152, 282.2797, 12632.2, 8.1955),
    6: (299.5827, 273.2054, 10538.0, 8.3923),
}
WINDOWS = {
    0: ((-183, -169, 24), (-183, -169, 25)),
    1: ((370, 211, 70), None),
    2: ((-75, 341, 46), None),
    3: ((131, 279, 71), (131, 280, 34)),
    6: ((297, 270, 17), (297, 271, 39)),
}


@pytest.mark.real
@pytest.mark.parametrize(("place", "truth"), [(0, FIRST), (-1, LAST)])
def test_real_stars_lie_where_they_should(
    real_site: Archive, place: int, truth: dict[int, tuple[float, float, float, float]]
) -> None:
    for slot, (row, col, norm, mag) in truth.items():
        rows = real_site.series["aca.l0"].fetch(start=686111000, stop=686111060, where={"slot": slot})
        window = WINDOWS[slot][place]
        if window:
            assert tuple(int(rows[name][place]) for name in ("imgrow0", "imgcol0", "bgdavg")) == window
        size = int(rows["imgsize"][place])
        image = np.ma.getdata(rows["imgraw"])[place, :size, :size]
        found = centroids.centroid_fm(image, bgd=float(rows["bgdavg"][place]))
        assert found[0] + rows["imgrow0"][place] == pytest.approx(row, abs=2e-4)
        assert found[1] + rows["imgcol0"][place] == pytest.approx(col, abs=2e-4)
        assert found[2] == pytest.approx(norm, abs=0.06)
        rate = found[2] * centroids.GAIN / centroids.INTEG_S
        assert float(centroids.magnitude(rate)) == pytest.approx(mag, abs=1e-4)


def test_magnitudes_invert() -> None:
    assert float(centroids.magnitude(centroids.count_rate(9.5))) == pytest.approx(9.5)
    assert float(centroids.count_rate(10.32)) == 5263.0


@pytest.mark.parametrize("size", [4, 6, 8])
def test_a_single_bright_pixel_is_its_own_centroid(size: int) -> None:
    image = np.zeros((size, size))
    image[2, 3] = 7.0
    assert centroids.centroid_fm(image) == (2.0, 3.0, 7.0)
    assert centroids.centroid_fm(image, pix_zero_loc="edge") == (2.5, 3.5, 7.0)


def test_corners_and_border_do_not_count() -> None:
    image = np.zeros((8, 8))
    image[0, 0] = image[1, 1] = image[7, 3] = 100.0
    image[3, 4] = 1.0
    assert centroids.centroid_fm(image) == (3.0, 4.0, 1.0)


def test_what_cannot_be_centred() -> None:
    with pytest.raises(BadQuery, match="square"):
        centroids.centroid_fm(np.zeros((4, 6)))
    with pytest.raises(BadQuery, match="norm_clip"):
        centroids.centroid_fm(np.zeros((6, 6)))
    with pytest.raises(BadQuery, match="pix_zero_loc"):
        centroids.centroid_fm(np.ones((6, 6)), pix_zero_loc="middle")
    assert centroids.centroid_fm(np.zeros((6, 6)), norm_clip=1.0) == (0.0, 0.0, 1.0)


def test_many_images_at_once() -> None:
    images = np.random.default_rng(1).random((50, 8, 8))
    many = centroids.first_moments(images)
    each = [centroids.centroid_fm(image) for image in images]
    assert np.stack(many, axis=1) == pytest.approx(np.array(each))
