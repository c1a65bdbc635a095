from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

import longwatch as lw


@pytest.fixture
def rows(site: Path) -> Table:
    with lw.open_archive(site) as archive:
        return archive.series["cos.lampflash"].fetch(["shift_disp"])


def test_text_shows_utc_in_place_of_the_native_time(cli, rows: Table) -> None:
    lines = cli("fetch", "cos.lampflash", "shift_disp").out.splitlines()
    assert lines[0].split() == ["utc", "shift_disp", "[pix]"]
    assert len(lines) == len(rows) + 1


def test_csv_has_both_times_and_the_values_to_the_last_digit(cli, rows: Table) -> None:
    found = list(csv.DictReader(io.StringIO(cli("fetch", "cos.lampflash", "shift_disp", "--csv").out)))
    assert list(found[0]) == ["utc", "time", "shift_disp"]
    assert np.array_equal(np.array([row["time"] for row in found], dtype=float), rows["time"])
    given = np.array([row["shift_disp"] or "nan" for row in found], dtype=np.float32)
    assert np.array_equal(given, np.ma.filled(rows["shift_disp"], np.nan), equal_nan=True)


def test_json_and_ecsv_agree(cli, rows: Table) -> None:
    as_json = cli("fetch", "cos.lampflash", "--json", "-n", 3).json
    as_ecsv = Table.read(cli("fetch", "cos.lampflash", "--ecsv", "-n", 3).out, format="ascii.ecsv")
    assert [row["time"] for row in as_json] == list(as_ecsv["time"])
    assert as_ecsv["shift_disp"].unit == "pix"


def test_spans_and_conditions(cli, site: Path) -> None:
    found = cli("fetch", "cos.lampflash", "--where", "segment=FUVA", "--stop", "2016-02-01", "--json").json
    assert {row["segment"] for row in found} == {"FUVA"}
    assert max(row["utc"] for row in found) < "2016-02-01"


def test_images_in_rows(cli, site: Path) -> None:
    with lw.open_archive(site) as archive:
        shaped = [c.name for c in archive.series["aca.l0"].spec.columns if c.shape or c.ragged]
    found = cli("fetch", "aca.l0", shaped[0], "--json", "-n", 1).json[0]
    assert isinstance(found[shaped[0]], list)


def test_an_empty_span_says_what_there_is(cli, site: Path) -> None:
    said = cli("fetch", "cos.lampflash", "--start", "2040-01-01")
    assert (said.code, said.out) == (0, "")
    assert "<Series cos.lampflash" in said.err


@pytest.mark.parametrize("words", [["cos.lampflahs"], ["cos.lampflash", "shift"]])
def test_what_is_not_there_is_answered_with_what_is(cli, site: Path, words: list[str]) -> None:
    said = cli("fetch", *words)
    assert said.code in {4, 6}
    assert "lampflash" in said.err


def test_a_plot_is_a_picture(cli, site: Path, tmp_path: Path) -> None:
    path = tmp_path / "shift.png"
    assert cli("fetch", "cos.lampflash", "shift_disp", "--plot", path).out == f"{path}\n"
    assert path.read_bytes().startswith(b"\x89PNG")
    assert cli("fetch", "cos.lampflash", "lamptab", "--plot", tmp_path / "text.png").code == 6
