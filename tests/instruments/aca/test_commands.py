"""`longwatch aca`, word by word, on the small simulation."""

from __future__ import annotations

from pathlib import Path

import pytest
from astropy.io import fits
from PIL import Image
from typer.testing import CliRunner

from longwatch.archive import Archive
from longwatch.errors import BadQuery
from longwatch.instruments.aca.commands import APP

SPAN = ("--start", "2023:095:00:00:00", "--stop", "2023:095:03:00:00")


def said(watched: Archive, *words: str) -> str:
    result = CliRunner().invoke(APP, [*words, "--archive", str(watched.site)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_dark_calibrations(watched: Archive, tmp_path: Path) -> None:
    assert "2007006" in said(watched, "dark", "list")
    warm = said(watched, "dark", "warm").splitlines()
    assert len(warm) == 2 + 4
    said(watched, "dark", "get", "2020:001", "-o", str(tmp_path / "dark.fits"), "--t-ccd", "-14")
    with fits.open(tmp_path / "dark.fits") as hdus:
        assert hdus[0].header["DARKID"] == "2017185"
        assert hdus[1].data.shape == (1024, 1024)
    said(watched, "dark", "plot", "2020:001", "-o", str(tmp_path / "dark.png"))
    assert (tmp_path / "dark.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(BadQuery, match="not overwritten"):
        said(watched, "dark", "plot", "2020:001", "-o", str(tmp_path / "dark.png"))
    (tmp_path / "none").mkdir()
    assert said(watched, "dark", "add", str(tmp_path / "none")) == "Nothing new.\n"


def test_header_3(watched: Archive, tmp_path: Path) -> None:
    assert "zero_off32_quad_c" in CliRunner().invoke(APP, ["hdr3", "list"]).output
    lines = said(watched, "hdr3", "fetch", "ad_5v_ps", "dac", *SPAN).splitlines()
    assert lines[0] == "time,ad_5v_ps,dac"
    assert len(lines) > 50
    said(watched, "hdr3", "plot", "ad_5v_ps", *SPAN, "-o", str(tmp_path / "v.png"))
    assert (tmp_path / "v.png").read_bytes().startswith(b"\x89PNG")


def test_images(watched: Archive, tmp_path: Path) -> None:
    files = said(watched, "l0", "files", *SPAN, "--slot", "3").splitlines()
    assert files
    assert all(name.endswith("_3_img0.fits.gz") for name in files)
    assert "IMGROW0" in said(watched, "l0", "slot", "3", *SPAN)
    said(watched, "l0", "movie", "3", *SPAN, "-o", str(tmp_path / "star.gif"))
    with Image.open(tmp_path / "star.gif") as film:
        assert film.n_frames > 20
        assert film.size == (256, 256)
