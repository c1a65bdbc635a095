"""Flashes joined with the reference tables they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from longwatch.instruments.cos.flashes import found_flashes, in_archive
from longwatch.instruments.cos.reference import search_ranges


def test_rows_of_a_span_and_of_a_setup(real_view: Any) -> None:
    flashes = found_flashes(real_view, "2015-10-01", "2015-12-01")
    assert flashes.setups() == [("FUV", "G130M"), ("NUV", "G225M")]
    assert set(flashes.of("NUV", "G225M").rootname.tolist()) == {"lcwj02qvq"}


def test_what_cannot_be_corrected_is_nan_and_never_zero(real_cos: Path, remember: Any) -> None:
    flashes = found_flashes(remember([real_cos / "ld1ce1rcq_lampflash.fits.gz"]))
    assert len(flashes.time) == 4
    assert np.isnan(flashes.corrected).all()
    assert np.isnan(flashes.margin).all()
    assert np.isfinite(flashes.shift_disp).all()


def test_an_empty_archive_has_no_flashes(remember: Any) -> None:
    flashes = found_flashes(remember([]))
    assert (len(flashes.time), flashes.setups()) == (0, [])


def test_a_table_that_is_not_there_is_none(remember: Any) -> None:
    assert in_archive(remember([]), "cos.wcptab", "u1t1616ql_wcp", search_ranges) is None
