"""Pixels are named in three forms, and periods speak for themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import Archive, open_archive
from longwatch.errors import BadQuery
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.derive import derive_period
from longwatch.instruments.stis.simulate import FIRST, Size, simulate_size
from longwatch.instruments.stis.told import places_of, tell

SQUARE = slice(500, 508)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("told")
    simulate_size(folder, seed=4, size=Size(rows=SQUARE, cols=SQUARE, n_periods=2, n_dark_periods=1, n_darks=6))
    with open_archive(folder / "site", create=True) as archive:
        archive.ingest(*folder.glob("*.csv"), folder / "darks")
        derive_period(archive, FIRST + 1)
    return folder / "site"


def test_pixels_are_named_in_three_forms() -> None:
    mask = np.zeros(c.SHAPE, dtype=bool)
    mask[3, 5:7] = True
    expected = [[3, 5], [3, 6]]
    assert places_of([(3, 5), (3, 6)]).tolist() == expected
    assert places_of(mask).tolist() == expected
    assert places_of(np.s_[3:4, 5:7]).tolist() == expected
    assert places_of([]).shape == (0, 2)
    with pytest.raises(BadQuery, match="mask"):
        places_of(mask[:4])


def test_derived_periods_speak_for_themselves_and_others_by_the_old_properties(site: Path) -> None:
    with open_archive(site, read_only=True) as archive:
        told = tell(archive, np.array([[501, 502], [503, 504]]))
        rate = archive.cubes[c.LIFE].image("dark_rate", FIRST + 1)
        signal = archive.cubes[c.CUBE].image("sci_mean", FIRST)
        assert told.number.tolist() == [FIRST, FIRST + 1]
        assert told.rate[0].tolist() == pytest.approx([signal[501, 502] / 1100, signal[503, 504] / 1100])
        assert told.rate[1].tolist() == pytest.approx([rate[501, 502], rate[503, 504]])
        assert np.isnan(told.p_jump[0]).all()
        assert (told.error > 0).all()
        assert told.start[0].startswith("2017-09-26T13:00:00")
        assert told.stop[0] == told.start[1]


def test_an_empty_archive_tells_nothing(tmp_path: Path) -> None:
    with open_archive(tmp_path, create=True) as archive:
        assert isinstance(archive, Archive)
        assert tell(archive, np.array([[1, 2]])).rate.shape == (0, 1)
