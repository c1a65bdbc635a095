"""`longwatch aca`, word by word, on the small simulation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from astropy.io import fits
from PIL import Image
from typer.testing import CliRunner

from longwatch.archive import Archive
from longwatch.errors import BadQuery
from longwatch.instruments.aca.commands import APP
from longwatch.instruments.aca.simulate_dark import SMALL

SPAN = ("--start", "2023:095:00:00:00", "--stop", "2023:095:03:00:00")


def said(watched: Archive, *words: str) -> str:
    result = CliRunner().invoke(APP, [*words, "--archive", str(watched.site)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_dark_calibrations(watched: Archive, tmp_path: Path) -> None:
    assert "2007006" in said(watched, "dark", "list")
    warm = said(watched, "dark", "warm").splitlines()
    assert len(warm) == 3 + 7
    assert warm[1].split() == ["deg_C"]
    assert warm[-1].split()[0] == "2025290"
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


def test_lives_of_pixels(watched: Archive, tmp_path: Path) -> None:
    born = said(watched, "dark", "births", "--csv").splitlines()
    assert born[0] == "row,col,epoch,before,after"
    assert any(line.startswith("100,-200,2022104,") for line in born)
    assert "scatter" in said(watched, "dark", "flicker", "--above", "300")
    life = said(watched, "dark", "pixel", "100", "-200", "--csv").splitlines()
    assert [line.split(",")[0] for line in life] == ["dark_id", *(dark_id for dark_id, _ in SMALL)]
    said(watched, "dark", "warm", "--above", "200", "-o", str(tmp_path / "warm.png"))
    said(watched, "dark", "plot", "2023:001", "--minus", "2017:185", "-o", str(tmp_path / "change.png"))
    for name in ("warm.png", "change.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def leaves(app: typer.Typer, *words: str) -> Iterator[tuple[str, ...]]:
    for group in app.registered_groups:
        yield from leaves(group.typer_instance, *words, group.name)
    for command in app.registered_commands:
        yield (*words, command.name)


@pytest.mark.parametrize("words", list(leaves(APP)), ids=" ".join)
def test_every_command_gives_an_example(words: tuple[str, ...]) -> None:
    told = CliRunner().invoke(APP, [*words, "--help"]).output
    assert f"$ longwatch aca {' '.join(words)}" in told


def test_header_3(watched: Archive, tmp_path: Path) -> None:
    assert "zero_off32_quad_c" in CliRunner().invoke(APP, ["hdr3", "list"]).output
    lines = said(watched, "hdr3", "fetch", "ad_5v_ps", "dac", *SPAN).splitlines()
    assert lines[0] == "time,ad_5v_ps,dac"
    assert len(lines) > 50
    words = ["hdr3", "plot", "ad_5v_ps", "dac", *SPAN, "-o", str(tmp_path / "v.png"), "--archive", str(watched.site)]
    told = CliRunner().invoke(APP, words).stderr.splitlines()
    assert [line.split(": ")[0] for line in told] == ["ad_5v_ps [mV]", "dac"]
    assert all("0 of " in line and "samples can be trusted" in line for line in told)
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
