"""Every number published of anneal 200 and of the periods: spec/stis.md 6.1 to 6.4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import Archive, open_archive
from longwatch.domain.times import to_us
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.periods import parse_darks
from longwatch.instruments.stis.pixeldb import PIXEL_COLUMNS, PixelDB
from longwatch.instruments.stis.simulate import pixels_csv

FULL = """
0 0 1.2220247983932495 30.850187301635746 8.74200439453125 2 6.77666711807251
0 1 1.7944626808166504 18.37711524963379 7.904343128204347 0 6.668571949005128
0 2 1.9192044734954836 75.86537170410156 11.355701446533205 1 7.313119411468506
0 3 3.537255048751831 22.82162857055664 8.244080543518066 1 6.757133960723878
0 4 0.5828993916511536 39.81331253051758 9.389081001281738 1 6.967615604400635
0 5 0.8812804818153381 1170.380859375 37.08609008789063 1 14.061666488647461
0 6 9.802743911743164 21.751541137695312 8.192551612854004 1 6.800668716430664
0 7 7.0415472984313965 40.333656311035156 9.354437828063963 2 6.926795482635497
0 8 18.605558395385746 32.710662841796875 8.819293022155762 1 6.816052436828612
0 9 17.008672714233402 24.16140365600586 8.239629745483397 1 6.7012577056884775
"""
"""Row, column and the five properties of ten pixels, every digit."""

ROUNDED = """
5 20 27.7727 31.7564 8.7142 2 6.7804
50 50 1.9933 482.4206 24.3288 1 10.3887
1 2 2.2004 32.1551 8.9409 1 6.9447
1 3 1.1931 14.4951 7.6470 1 6.6358
1 4 1.7486 15.4256 7.7171 1 6.6699
1 5 1.9485 48.3635 9.8661 1 7.0310
1 6 2.4125 21.5264 8.2304 2 6.8293
1 7 0.6065 42.1326 9.4633 1 6.9035
2 2 3.4083 22.7597 8.2728 1 6.7985
2 3 4.7910 15.2545 7.6959 1 6.6646
2 4 0.3008 17.3033 7.8661 1 6.6948
2 5 0.7582 53.4981 10.1331 1 7.0319
2 6 3.4761 22.4801 8.2545 1 6.7936
2 7 19.6373 48.9506 9.8257 1 7.0217
3 2 9.8989 32.3856 8.8694 1 6.8807
3 3 5.4320 23.5488 8.2618 2 6.7357
3 4 0.3128 16.6239 7.8515 1 6.7252
3 5 0.7668 66.9209 10.8765 1 7.1844
3 6 0.6062 19.8249 8.0829 2 6.7658
3 7 3.3793 48.9444 9.8510 1 6.9714
4 2 96.8041 35.3844 8.8353 2 6.8813
4 3 13.4798 27.2655 8.4922 1 6.7868
4 4 0.3290 17.3508 7.9382 1 6.7760
4 5 0.1881 73.8677 11.2241 1 7.2266
4 6 1.0503 24.9674 8.3909 1 6.7639
4 7 1.5729 115.8956 13.2168 0 7.6852
5 2 1.5072 28.8638 8.6745 1 6.8359
5 3 0.8367 32.6719 8.9078 2 6.8524
5 4 0.7812 23.9305 8.3145 2 6.7438
5 5 0.2408 198.5239 16.3831 0 8.3345
5 6 1.0690 32.0621 8.9192 2 6.9152
5 7 0.3681 26.5101 8.5013 1 6.7810
"""
"""The same of 32 others, to four decimals, in the order they were answered."""

ROOTNAMES = """
odbridnaq odbriengq odbrifovq odbrigozq odbrihrrq odbriisaq odbrijxcq odbrikxgq odbrilb7q odbrimbbq odbrina1q odbrioaeq
odbripijq odbriqioq odbriropq odbrisoxq odbritu3q odbriuuaq odbriva8q odbriwamq odbrixgnq odbriygxq odbrizn6q odbrj0nmq
odbrj1dcq odbrj2dnq odbrj3glq odbrj4gpq odbrj5pfq odbrj6plq odbrj7ufq odbrj8uzq odbrj9ziq odbrjazmq odbrjbgnq odbrjcgsq
odbrjdkhq odbrjekrq odbrjfaaq odbrjgagq odbrjhf5q odbrjifrq odbrjjkdq odbrjkklq odbrjltkq odbrjmtpq odbrjnxzq odbrjoz0q
odbrjpc7q odbrjqcbq odbrjrfvq odbrjsg1q odbrjta4q odbrjuaeq odbrjvfyq odbrjwg3q odbrjxifq odbrjyivq
"""

PERIODS = """
0 1997-02-16 01:04:37 1997-04-17 01:04:37 40x1800 o3sl01pcq o3sl59kgq
1 1997-04-17 01:04:37 1997-05-17 03:22:18 23x1800 o3sl62ykq o3sl76cyq
"""


def numbers(text: str) -> np.ndarray:
    return np.array([line.split() for line in text.strip().splitlines()], dtype=float)


PUBLISHED = np.concatenate([numbers(FULL), numbers(ROUNDED)])


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Anneal 200 with the 42 pixels; the others of the rectangle are not known."""
    folder = tmp_path_factory.mktemp("published")
    images = {p.name: np.full((51, 51), np.nan if p.dtype != "i2" else 0, p.dtype) for p in c.PROPERTIES}
    row, col = PUBLISHED[:, :2].astype(int).T
    for number, column in enumerate(c.PROPERTIES, start=2):
        images[column.name][row, col] = PUBLISHED[:, number]
    (folder / "anneal_200.csv").write_bytes(pixels_csv(images, origin=(0, 0)))
    with open_archive(folder / "site", create=True) as site:
        PixelDB(site).insert_anneal(200, folder, start="2017-09-26 13:04:04", stop="2017-10-25")
        yield site


def values(table: object) -> np.ndarray:
    return np.array([table[name] for name in PIXEL_COLUMNS], dtype=float).T


def test_t1_the_region_comes_back_in_its_order(archive: Archive) -> None:
    table = PixelDB(archive).query_pixel_region([1, 5], [2, 7], anneal_num=200)
    assert tuple(table.colnames) == PIXEL_COLUMNS
    found = values(table)
    assert len(found) == 30
    assert set(found[:, 0]) == {200}
    assert found[:, 1:3].tolist() == [[row, col] for row in range(1, 6) for col in range(2, 8)]
    assert np.round(found[:, 1:], 4).tolist() == numbers(ROUNDED)[2:].tolist()


def test_t1_single_pixels_by_number_and_by_date(archive: Archive) -> None:
    database = PixelDB(archive)
    for line in PUBLISHED:
        row, col = int(line[0]), int(line[1])
        for named in ({"anneal_num": 200}, {"date": "2017-09-26 13:04:04"}):
            found = values(database.query_pixel(row, col, **named))
            assert np.round(found[0, 1:], 4).tolist() == np.round(line, 4).tolist()


def test_the_summary_of_the_42_pixels() -> None:
    assert len(PUBLISHED) == 42
    stability, sci, err, count, noise = PUBLISHED[:, 2:].T
    assert np.median(sci) == pytest.approx(31.30, abs=0.005)
    assert np.median(err) == pytest.approx(8.728, abs=0.001)
    assert np.median(noise) == pytest.approx(6.823, abs=0.001)
    assert noise.min() == 6.6358
    assert np.unique(count, return_counts=True)[1].tolist() == [3, 29, 10]
    assert np.mean(stability > 5) == pytest.approx(0.24, abs=0.005)


def test_the_laws_behind_the_42_pixels() -> None:
    stability, sci, err, _, noise = PUBLISHED[:, 2:].T
    slope, floor = np.polyfit(sci, err**2, 1)
    assert slope == pytest.approx(1.1395, abs=0.0005)
    assert floor == pytest.approx(41.86, abs=0.01)
    slope, floor = np.polyfit(sci, noise**2, 1)
    assert slope == pytest.approx(0.1329, abs=0.0005)
    assert floor == pytest.approx(42.73, abs=0.01)
    difference = np.sqrt(err**2 - sci) - noise
    clean = (stability < 5) & (sci < 150)
    assert clean.sum() == 29
    assert difference[clean].mean() == pytest.approx(-0.024, abs=0.001)
    assert np.abs(difference[clean]).max() == pytest.approx(0.040, abs=0.001)
    assert difference.min() == pytest.approx(-0.348, abs=0.001)


def test_a_hot_pixel_trails_along_its_column(archive: Archive) -> None:
    column = PixelDB(archive).query_pixel_region((0, 5), (5, 5), anneal_num=200)["Sci_Mean"]
    assert np.round(column).astype(int).tolist() == [1170, 48, 53, 67, 74, 199]


def test_the_58_darks_of_anneal_200_are_consecutive_visits() -> None:
    names = ROOTNAMES.split()
    assert len(names) == len(set(names)) == 58
    visits = [int(name[4:6], 36) for name in names]
    assert visits == list(range(visits[0], visits[0] + 58))
    assert (names[0], names[22], names[23], names[33]) == ("odbridnaq", "odbrizn6q", "odbrj0nmq", "odbrjazmq")


@pytest.mark.real
@pytest.mark.parametrize("line", PERIODS.strip().splitlines())
def test_published_periods_are_those_of_the_table(tmp_path: Path, real_data: Path, line: str) -> None:
    number, *span, exposures, first, last = line.split()
    with open_archive(tmp_path / "site", create=True) as site:
        site.ingest(*(real_data / "stis").glob("stis_anneal_*.csv"))
        period = PixelDB(site).query_anneal(anneal_num=int(number))
        assert period["StartDate"][0].iso[:19] == " ".join(span[:2])
        assert period["EndDate"][0].iso[:19] == " ".join(span[2:])
        darks = PixelDB(site).query_anneal_darks(anneal_num=int(number))["Darks"].tolist()
        assert (darks[0], darks[-1]) == (first, last)
        members = site.timelines[c.TIMELINE].members(int(number))
        count, seconds = exposures.split("x")
        assert members["exptime"].tolist() == [float(seconds)] * int(count)


@pytest.mark.real
def test_exposure_times_of_the_first_periods(real_data: Path) -> None:
    darks = parse_darks((real_data / "stis" / "stis_anneal_darks.csv").read_bytes(), name="darks")
    found = {
        number: dict(Counter(int(dark.attributes["exptime"]) for dark in darks if dark.number == number))
        for number in range(8)
    }
    assert found == {
        0: {1800: 40},
        1: {1800: 23},
        2: {1800: 23, 1000: 2, 1350: 12},
        3: {1000: 4, 1350: 24},
        4: {1000: 3, 1350: 18},
        5: {1000: 5, 1350: 30},
        6: {1000: 3, 1350: 19},
        7: {1000: 4, 1260: 18, 1350: 23},
    }
    assert len({dark.member for dark in darks}) == 10440
    first = [(dark.member, dark.t_us) for dark in darks if dark.number == 147][:3]
    assert first == [
        ("oc4w6xh3q", to_us("2013-09-03 00:10:34")),
        ("oc4w6yhbq", to_us("2013-09-03 00:39:06")),
        ("oc4w6zp2q", to_us("2013-09-04 02:10:28")),
    ]
