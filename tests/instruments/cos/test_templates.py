"""Simulated files keep the cards of the real ones."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

from longwatch.fits.file import parse
from longwatch.instruments.cos.templates import Part, fits_bytes, load, write_gz


@pytest.mark.parametrize(
    ("name", "cards"), [("lampflash_fuv", [179, 318]), ("lampflash_nuv", [167, 257]), ("spt", [286, 235, 460, 460])]
)
def test_templates_have_the_cards_of_the_real_headers(name: str, cards: Any) -> None:
    assert [len(template.lines) for template in load(name)] == cards


def test_values_keep_their_comments_and_new_keywords_come_last() -> None:
    lines = load("lampflash_fuv")[0].with_values({"ROOTNAME": "lsm00000q", "FPPOS": 4, "NEWKEY": 1.5, "SUBARRAY": True})
    cards = {line[:8].strip(): fits.Card.fromstring(line) for line in lines if "=" in line[:9]}
    assert (cards["ROOTNAME"].value, cards["FPPOS"].value) == ("lsm00000q", 4)
    assert cards["FPPOS"].comment == "grating offset index (1-4) for FP split"
    assert cards["SUBARRAY"].value is True
    assert lines[-1].startswith("NEWKEY  =                  1.5")
    assert {len(line) for line in lines} == {80}


def test_checksums_are_right_and_dropped_cards_gone() -> None:
    data = fits_bytes("jit", [Part(hdu=0, values={"ROOTNAME": "x"}, drop=("TARGNAME",))])
    header = parse(data, name="x").primary.header
    assert "TARGNAME" not in header
    assert header["DATASUM"] == "0"


def test_equal_content_gives_equal_gzip(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        write_gz(tmp_path / name, b"content")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"content"
