"""Slabs open with astropy and stand where the catalogue says."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits

from longwatch.contracts.reading import Plane
from longwatch.cubes.write import encode, stage
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.errors import BadFile
from longwatch.objects.folder import FolderStore

SPEC = CubeSpec(
    name="aca.dark",
    description="",
    shape=(4, 5),
    properties=(
        Column(name="dark", unit="electron / s", description="dark current", dtype="f4"),
        Column(name="flag", unit="", description="flag", dtype="i2"),
    ),
    timeline="aca.dark",
    origin=(-512, -512),
    key=("slot",),
)
DARK = np.arange(20, dtype="f8").reshape(4, 5)
FLAG = np.ma.masked_equal(np.arange(20).reshape(4, 5), 8)[1:3, 2:4]


def planes() -> list[Plane]:
    named = {"cube": "aca.dark", "epoch": 7, "key": {"slot": 3}}
    return [
        Plane(property="dark", image=DARK, **named),
        Plane(property="flag", image=FLAG, origin=(-511, -510), **named),
    ]


def test_a_slab_is_a_fits_file_with_sums_and_meaning():
    data, _ = encode(SPEC, planes())
    with fits.open(io.BytesIO(data), checksum=True) as hdus:
        hdus.verify("exception")
        primary, dark, flag = hdus
        assert (primary.header["CUBE"], primary.header["EPOCH"], primary.header["SLOT"]) == ("aca.dark", 7, 3)
        assert (dark.name, dark.header["BUNIT"], dark.header["LTV1"]) == ("DARK", "electron / s", 513)
        np.testing.assert_array_equal(dark.data, DARK)
        assert (flag.header["ROW0"], flag.header["COL0"]) == (-511, -510)
        np.testing.assert_array_equal(flag.data == flag.header["NULLVAL"], np.ma.getmaskarray(FLAG))


def test_the_layout_says_where_planes_stand():
    data, layout = encode(SPEC, planes())
    dark, flag = layout
    assert (dark.dtype, flag.dtype, flag.origin) == (">f4", ">i2", (-511, -510))
    np.testing.assert_array_equal(np.frombuffer(data, ">f4", 20, dark.offset).reshape(dark.shape), DARK)


def test_equal_planes_give_equal_bytes():
    assert encode(SPEC, planes()) == encode(SPEC, planes())


def test_nothing_is_staged_of_planes_that_do_not_belong_together(tmp_path):
    store = FolderStore(tmp_path / "store")
    one = planes()
    other = Plane(cube="aca.dark", epoch=8, property="dark", image=DARK, key={"slot": 3})
    keyless = Plane(cube="aca.dark", epoch=7, property="dark", image=DARK)
    parted = Plane(cube="aca.dark", epoch=7, property="dark", image=DARK, key={"slot": "a;b=c"})
    unknown = Plane(cube="aca.dark", epoch=7, property="drak", image=DARK, key={"slot": 3})
    for given, said in [
        ([*one, other], "one epoch"),
        ([*one, one[0]], "given twice"),
        ([keyless], "slot"),
        ([parted], "may not hold"),
        ([unknown], "It has: dark, flag"),
    ]:
        with pytest.raises(BadFile, match=said):
            stage(store, SPEC, given)
    assert list(store.listing()) == []
