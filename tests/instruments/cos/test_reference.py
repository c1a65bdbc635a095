"""Reference tables give what their columns say (truth: spec/cos.md 5.2)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longwatch.contracts.kind import Source
from longwatch.errors import BadFile
from longwatch.fits.file import parse
from longwatch.instruments.cos.osm import SearchRange, Setting
from longwatch.instruments.cos.reference import fp_shifts, reference_table, search_ranges
from longwatch.instruments.cos.simulated import lamptab_bytes, wcptab_bytes

ROW = Setting("FUVA", "G130M", 1291, -2)


def test_search_ranges_of_the_real_tables(real_cos: Path, open_source: Callable[[Path], Source]) -> None:
    def ranges(root: str) -> Any:
        return search_ranges(open_source(real_cos / "crds" / f"{root}.fits.gz").fits)

    assert ranges("03p1706jl_wcp") == {
        "G185M": (-110, 70),
        "G225M": (-100, 80),
        "G285M": (-57, 57),
        "G230L": (-98, 18),
    }
    assert ranges("xaf1429el_wcp") == dict.fromkeys(("G185M", "G225M", "G285M"), (-57, 57)) | {"G230L": (-58, 58)}
    assert ranges("u1t1616ql_wcp") == {"G130M": (-271, 271), "G160M": (-285, 285), "G140L": (-269, 269)}


@pytest.mark.parametrize(
    ("root", "setting", "pixels"),
    [
        ("24914347l_lamp", Setting("FUVA", "G130M", 1327, -2), -488.674027),
        ("24914347l_lamp", Setting("FUVB", "G130M", 1327, 1), 307.192247),
        ("u1t1616ol_lamp", Setting("NUVC", "G225M", 2373, 1), 51.899414),
    ],
)
def test_fp_shifts_of_the_real_tables(
    real_cos: Path, open_source: Callable[[Path], Source], root: str, setting: Any, pixels: Any
) -> None:
    shifts = fp_shifts(open_source(real_cos / "crds" / f"{root}.fits.gz").fits)
    assert shifts.by_fpoffset
    assert shifts.of(setting) == pytest.approx(pixels, abs=1e-5)


def test_a_table_without_fpoffset_corrects_nothing() -> None:
    data = lamptab_bytes("old_lamp", "FUV", {ROW: -490.0}).replace(b"'FPOFFSET'", b"'UNUSED  '")
    shifts = fp_shifts(parse(data, name="old_lamp", checksum=False))
    assert (shifts.by_fpoffset, shifts.of(ROW)) == (False, 0.0)


def test_a_table_without_search_offset_searches_about_zero() -> None:
    fits = parse(wcptab_bytes("old_wcp", "FUV", {"G130M": (271, 99)}, offset=False), name="old_wcp")
    assert search_ranges(fits) == {"G130M": SearchRange(-271, 271)}


def test_what_is_missing_is_named() -> None:
    fits = parse(lamptab_bytes("x_lamp", "FUV", {ROW: 1.0}), name="x_lamp")
    with pytest.raises(BadFile, match="XC_RANGE is not there"):
        reference_table(fits, ("OPT_ELEM", "XC_RANGE"))
    assert np.shape(reference_table(fits, ("INTENSITY",))["INTENSITY"]) == (1, 16384)
