"""Every file is claimed by one kind, for what stands in it and not for its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from longwatch.contracts.kind import Source
from longwatch.fits.content import inflate
from longwatch.fits.header import primary_header
from longwatch.instruments.cos.instrument import INSTRUMENT

FIRST = 2880 * 4


def claims(source: Any, name: str) -> Any:
    header = source.fits.primary.header if source.fits else primary_header(source.data, name=name)
    found = {kind.name: kind.claim(name, source.data[:FIRST], header) for kind in INSTRUMENT.kinds}
    return {kind: confidence for kind, confidence in found.items() if confidence}


@pytest.mark.parametrize("renamed", [False, True])
@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        ("*_lampflash.fits.gz", "cos.lampflash"),
        ("*_rawacq.fits.gz", "cos.rawacq"),
        ("*_spt.fits.gz", "cos.spt"),
        ("*_jit.fits.gz", "cos.jit"),
        ("sms/*.txt", "cos.sms"),
        ("crds/*_lamp.fits.gz", "cos.lamptab"),
        ("crds/*_wcp.fits.gz", "cos.wcptab"),
    ],
)
def test_real_files_are_claimed_by_content(
    real_cos: Path, open_source: Callable[[Path], Source], pattern: Any, kind: Any, renamed: Any
) -> None:
    paths = sorted(real_cos.glob(pattern))
    assert paths
    for path in paths:
        source = open_source(path)
        found = claims(source, "mine.fits" if renamed else source.name)
        assert list(found) == [kind]
        assert 0 < found[kind] <= 1


def test_a_name_alone_claims_nothing(real_data: Path) -> None:
    path = min((real_data / "aca" / "l0").glob("*.fits.gz"))
    data = inflate(path.read_bytes(), name=path.name)
    header = primary_header(data, name=path.name)
    for name in ("x_lampflash.fits", "x_rawacq.fits", "x_spt.fits", "x_jit.fits", "x_lamp.fits", "x_wcp.fits"):
        assert [kind.name for kind in INSTRUMENT.kinds if kind.claim(name, data[:FIRST], header)] == []


def test_another_product_of_the_same_exposure_is_not_a_lampflash(
    real_cos: Path, open_source: Callable[[Path], Source]
) -> None:
    source = open_source(real_cos / "ld1ce1rcq_lampflash.fits.gz")
    raw = source.fits.primary.header.raw.replace(b"ld1ce1rcq_lampflash.fits'", b"ld1ce1rcq_x1d.fits'      ")
    header = primary_header(raw, name="x")
    lampflash = INSTRUMENT.kinds[0]
    assert lampflash.claim("ld1ce1rcq_x1d.fits", raw, header) == 0
    assert lampflash.claim("ld1ce1rcq_lampflash.fits", raw, header) == 0


def test_a_support_file_of_another_instrument_is_not_ours(
    real_cos: Path, open_source: Callable[[Path], Source]
) -> None:
    source = open_source(real_cos / "ldngz2szj_jit.fits.gz")
    raw = source.fits.primary.header.raw.replace(b"'COS/FUV", b"'STIS/CC")
    kind = next(kind for kind in INSTRUMENT.kinds if kind.name == "cos.jit")
    assert kind.claim("x_jit.fits", raw, primary_header(raw, name="x")) == 0
