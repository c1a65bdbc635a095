"""Masks by rule, their file, and two of them compared."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits

from longwatch.errors import BadQuery
from longwatch.instruments.stis.masks import (
    DEAD_BIT,
    HOT_BIT,
    UNKNOWN_BIT,
    UNSTABLE_BIT,
    Thresholds,
    compare,
    make_mask,
    mask_file,
)


def images() -> dict[str, np.ndarray]:
    """Eight pixels: four ordinary ones, a hot, a dead, an unstable one, one without a rate, one saturated."""
    return {
        "dark_rate": np.array([[0.03, 0.03, 0.031, 0.029, 0.2, 0.001, 0.035, np.nan, np.nan]]),
        "p_jump": np.array([[0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1e-9, np.nan, np.nan]]),
        "jump": np.array([[0.0, 0, 0, 0, 0, 0, -0.02, np.nan, np.nan]]),
        "n_good": np.array([[58] * 7 + [0, 0]]),
        "n_sat": np.array([[0] * 8 + [58]]),
    }


def test_rules() -> None:
    assert make_mask(images()).tolist() == [[0, 0, 0, 0, HOT_BIT, DEAD_BIT, UNSTABLE_BIT, UNKNOWN_BIT, HOT_BIT]]
    assert make_mask(images(), Thresholds(hot=0.5, dead_share=0.0, unstable_p=0.0)).max() == HOT_BIT


def test_pixels_that_were_not_observed_are_unknown() -> None:
    given = {name: np.ma.MaskedArray(image, mask=np.arange(9)[None] < 2) for name, image in images().items()}
    assert make_mask(given)[0, :3].tolist() == [UNKNOWN_BIT, UNKNOWN_BIT, 0]


def test_the_file_says_how_it_was_made() -> None:
    mask = make_mask(images())
    inputs = [("odbridnaq", "ab" * 32), ("odbriengq", "cd" * 32)]
    data = mask_file(mask, thresholds=Thresholds(), cards={"ANNEAL": 200}, inputs=inputs)
    assert data == mask_file(mask, thresholds=Thresholds(), cards={"ANNEAL": 200}, inputs=inputs)
    with fits.open(io.BytesIO(data), checksum=True) as file:
        file.verify("exception")
        header = file[0].header
        assert (file["DQ"].data == mask).all()
        assert header["ANNEAL"] == 200
        assert header["T_HOT"] == 0.1
        assert header["RULE1"].startswith("16: dark_rate > median + 0.1")
        assert header["N_INPUT"] == 2
        assert list(header["HISTORY"])[2:] == ["input odbriengq", f"sha256 {'cd' * 32}"]


def test_comparison() -> None:
    first, second = make_mask(images()), make_mask(images(), Thresholds(hot=0.5))
    second[0, 0] |= HOT_BIT
    found = compare(first, second)
    assert found.both.tolist() == [[0, 8]]
    assert found.first_only.tolist() == [[0, 4]]
    assert found.second_only.tolist() == [[0, 0]]
    with pytest.raises(BadQuery, match="cannot be compared"):
        compare(first, second[:, :3])
