"""Whole files: the real ones against astropy, and hostile ones against our limits."""

from __future__ import annotations

import contextlib
import io
import tracemalloc
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

from longwatch.errors import BadFile, NotFound
from longwatch.fits.content import inflate
from longwatch.fits.file import FitsFile, parse

if TYPE_CHECKING:
    from pathlib import Path

STALE = {f"test_level0_{slot}.fits.gz" for slot in (0, 1, 2, 3, 6)}
"""Real files that were cut to ten rows by those who published them, without new checksums."""


def equal(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Compare a column or an image of any kind."""
    if ours.dtype == object:
        return all(equal(np.asarray(a), np.asarray(b)) for a, b in zip(ours, theirs, strict=True))
    if ours.dtype.kind == "U":
        return ours.tolist() == np.strings.rstrip(np.asarray(theirs)).tolist()
    return np.array_equal(np.asarray(ours), theirs, equal_nan=ours.dtype.kind in "fc")


@pytest.mark.real
def test_every_real_file_reads_as_in_astropy(real_data: Path) -> None:
    paths = sorted(real_data.rglob("*.fits*"))
    assert len(paths) > 30
    for path in paths:
        ours = parse(inflate(path.read_bytes(), name=path.name), name=path.name, checksum=path.name not in STALE)
        with fits.open(path) as theirs:
            assert len(ours.hdus) == len(theirs)
            for hdu, other in zip(ours.hdus, theirs, strict=True):
                assert hdu.data_offset == other.fileinfo()["datLoc"]
                image = hdu.image()
                assert image is None if other.data is None or hdu.columns() else equal(image, other.data)
                table = hdu.table()
                assert list(table) == (list(other.columns.names) if hdu.columns() else [])
                assert all(equal(table[name], other.data[name]) for name in table)


@pytest.mark.real
def test_real_files_that_were_cut_by_their_publisher_fail_their_checksum(real_data: Path) -> None:
    for path in (path for path in real_data.rglob("*.fits.gz") if path.name in STALE):
        with pytest.raises(BadFile, match=r"\[1\]: sought DATASUM"):
            parse(inflate(path.read_bytes(), name=path.name), name=path.name)


def made() -> bytes:
    """A file of every kind of HDU, with checksums."""
    columns = [
        fits.Column("TIME", "D", unit="s", array=[1.0, 2.0, 3.0]),
        fits.Column("COUNTS", "2I", bzero=32768, array=np.array([[1, 65535], [2, 3], [4, 5]], "u2")),
        fits.Column("NAME", "6A", array=["a", "bb", ""]),
        fits.Column("EVENTS", "PE()", array=np.array([np.ones(3, "f4"), np.zeros(0, "f4"), np.ones(9, "f4")], object)),
        fits.Column("BITS", "11X", array=np.eye(3, 11, dtype=bool)),
    ]
    ascii_columns = [fits.Column("N", "I6", array=[1, 2]), fits.Column("X", "E12.4", array=[1.5, -2e9])]
    hdus = [
        fits.PrimaryHDU(),
        fits.ImageHDU(np.arange(12, dtype="u2").reshape(3, 4), name="SCI"),
        fits.BinTableHDU.from_columns(columns, name="EVENTS"),
        fits.TableHDU.from_columns(ascii_columns, name="ASCII"),
        fits.CompImageHDU(np.arange(400, dtype="i4").reshape(20, 20), name="FZ"),
    ]
    out = io.BytesIO()
    fits.HDUList(hdus).writeto(out, checksum=True)
    return out.getvalue()


MADE = made()


def everything(file: FitsFile) -> None:
    """Read all there is in a file."""
    for hdu in file.hdus:
        hdu.header.cards()
        dict(hdu.header)
        hdu.image()
        hdu.plane()
        hdu.table()


def peak_of_reading(data: bytes) -> int:
    """Most bytes allocated while everything is read, or until the file is found bad; nothing else may happen."""
    tracemalloc.start()
    with warnings.catch_warnings(), contextlib.suppress(BadFile):
        warnings.simplefilter("error")
        everything(parse(data, name="x", checksum=False))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_hdus_are_found_by_name_and_index() -> None:
    file = parse(MADE, name="x")
    assert [hdu.kind for hdu in file.hdus] == ["empty", "image", "table", "ascii-table", "compressed-image"]
    assert [hdu.name for hdu in file.hdus] == ["PRIMARY", "SCI", "EVENTS", "ASCII", "FZ"]
    assert file.hdu("sci") is file.hdu(1) is file.hdu("SCI", 1) is file.hdus[1]
    assert file.primary is file.hdus[0]
    with pytest.raises(NotFound, match=r"x: sought HDU 'DQ'.*1: SCI,1"):
        file.hdu("DQ")
    with pytest.raises(NotFound):
        file.hdu("SCI", 2)


def test_a_memoryview_is_read_like_bytes() -> None:
    assert len(parse(memoryview(MADE), name="x").hdus) == 5


@given(st.integers(0, len(MADE) - 1))
def test_a_file_cut_anywhere_is_bad_or_ends_with_an_hdu(length: int) -> None:
    with contextlib.suppress(BadFile):
        file = parse(MADE[:length], name="x")
        assert file.hdus[-1].data_offset + -(-file.hdus[-1].data_size // 2880) * 2880 == length


@settings(max_examples=150, deadline=5000)
@given(
    st.lists(st.tuples(st.integers(0, len(MADE) - 1), st.binary(min_size=1, max_size=30)), min_size=1, max_size=4),
)
def test_nothing_but_bad_file_comes_out_of_a_damaged_file(changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(MADE)
    for place, new in changes:
        data[place : place + len(new)] = new
    assert peak_of_reading(bytes(data[: len(MADE)])) < 2**25


NUMBERS = [
    "-1",
    "0",
    "1",
    "3",
    "2880",
    "999999999",
    "9" * 60,
    "NaN",
    "1E308",
    "1E999",
    "'x'",
    "T",
    "",
    "2.5",
    "-2147483648",
]
KEYS = [
    *("BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "NAXIS3", "PCOUNT", "GCOUNT", "TFIELDS", "EXTVER", "EXTNAME", "BZERO"),
    *("BSCALE", "BLANK", "THEAP", "TFORM1", "TFORM2", "TFORM3", "TFORM4", "TFORM5", "TDIM2", "TDIM3", "TNULL2"),
    *(
        "TZERO2",
        "TSCAL1",
        "TBCOL1",
        "TBCOL2",
        "ZNAXIS",
        "ZNAXIS1",
        "ZBITPIX",
        "ZTILE1",
        "ZCMPTYPE",
        "XTENSION",
        "GROUPS",
    ),
    *("ZNAXIS2", "ZTILE2", "DATASUM", "CHECKSUM", "TTYPE1", "TTYPE2", "ZIMAGE"),
]
FORMATS = ["'0A'", "'0J'", "'1PE(9)'", "'1QX'", "'99999999999A'", "'8X'", "'2PA'", "'A9999'", "'I0'", "'Z'", "'(3,2)'"]


@settings(max_examples=200, deadline=5000)
@given(st.integers(0, 4), st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(NUMBERS + FORMATS)), max_size=3))
def test_nothing_but_bad_file_comes_out_of_absurd_keywords(which: int, changes: list[tuple[str, str]]) -> None:
    hdu = parse(MADE, name="x").hdus[which]
    start = hdu.data_offset - len(hdu.header.raw)
    cards = [hdu.header.raw[at : at + 80] for at in range(0, len(hdu.header.raw), 80)]
    for key, value in changes:
        new = f"{key:8}= {value}".ljust(80).encode()
        places = [place for place, card in enumerate(cards) if card.startswith(f"{key:8}".encode())]
        if places:
            cards[places[0]] = new
        else:
            end = next(place for place, card in enumerate(cards) if card.startswith(b"END     "))
            cards = [*cards[:end], new, *cards[end:-1]] if end < len(cards) - 1 else cards
    data = MADE[:start] + b"".join(cards) + MADE[hdu.data_offset :]
    assert peak_of_reading(data) < 2**27


@pytest.mark.parametrize("data", [b"", b"RIFF", b"SIMPLE  =", bytes(2880), b"SIMPLE  = T".ljust(2880)])
def test_what_is_not_fits_is_bad(data: bytes) -> None:
    with pytest.raises(BadFile, match="x"):
        parse(data, name="x")


def test_zeros_after_the_file_are_filling_and_other_bytes_are_bad() -> None:
    assert len(parse(MADE + bytes(100), name="x").hdus) == 5
    with pytest.raises(BadFile, match="4 other bytes follow"):
        parse(MADE + b"junk", name="x")


def test_too_many_hdus_are_bad() -> None:
    extension = "".join(f"{card:80}" for card in ("XTENSION= 'IMAGE   '", "BITPIX  = 8", "NAXIS   = 0", "END")).ljust(
        2880
    )
    with pytest.raises(BadFile, match="at most 10000 HDUs"):
        parse(MADE + extension.encode() * 10_000, name="x")
