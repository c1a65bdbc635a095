from __future__ import annotations

import csv
import hashlib
import io
import subprocess
import sys
from pathlib import Path

import pytest
from astropy.io import fits
from astropy.table import Table


def test_find_json_is_a_list_of_objects(cli, site: Path) -> None:
    found = cli("find", "--json").json
    assert {"instrument", "kind", "key", "version", "sha256", "t_min", "t_max"} <= set(found[0])
    assert {row["instrument"] for row in found} == {"aca", "cos", "stis"}


def test_the_forms_agree(cli, site: Path) -> None:
    as_json = [row["key"] for row in cli("find", "cos.lampflash", "--json").json]
    as_csv = [row["key"] for row in csv.DictReader(io.StringIO(cli("find", "cos.lampflash", "--csv").out))]
    as_ecsv = list(Table.read(cli("find", "cos.lampflash", "--ecsv").out, format="ascii.ecsv")["key"])
    as_text = [line.split()[1] for line in cli("find", "cos.lampflash").out.splitlines()[1:]]
    assert as_json == as_csv == as_ecsv == as_text


def test_conditions(cli, site: Path) -> None:
    every = cli("find", "--kind", "cos.lampflash", "--json").json
    fuv = cli("find", "cos.lampflash", "--where", "DETECTOR=FUV", "--json").json
    assert 0 < len(fuv) < len(every)
    assert {row["detector"] for row in fuv} == {"FUV"}
    ranged = cli("find", "cos.lampflash", "-w", "CENWAVE=1200..1300", "--json").json
    assert ranged
    assert all(1200 <= row["cenwave"] <= 1300 for row in ranged)
    newest = cli("find", "cos.lampflash", "--newest", "-n", 2, "--json").json
    assert [row["t_min"] for row in newest] == sorted((row["t_min"] for row in every), reverse=True)[:2]
    begun = cli("find", "cos.lampflash", "--start", newest[0]["t_min"], "--json").json
    assert newest[0]["key"] in [row["key"] for row in begun]


def test_a_slow_keyword_is_said_and_can_be_indexed(cli, copy: Path) -> None:
    asked = ("find", "cos.lampflash", "--where", "NEXTEND=1", "--json")
    slow = cli(*asked)
    assert "longwatch index-keyword" in slow.err
    assert cli("index-keyword", "cos.lampflash", "nextend").code == 0
    quick = cli(*asked)
    assert "index-keyword" not in quick.err
    assert [row["key"] for row in quick.json] == [row["key"] for row in slow.json]


def test_nothing_found_says_where_to_look(cli, site: Path) -> None:
    said = cli("find", "cos.lampflash/none")
    assert (said.code, said.out) == (0, "")
    assert "longwatch status" in said.err


def test_as_of_before_the_archive_is_not_found(cli, site: Path) -> None:
    assert cli("find", "--as-of", "2001-01-01").code == 4


def test_get_gives_the_file_back_byte_for_byte(cli, site: Path, tmp_path: Path) -> None:
    row = cli("find", "cos.lampflash", "--json", "-n", 1).json[0]
    name = f"cos.lampflash/{row['key']}"
    piped = subprocess.run([sys.executable, "-m", "longwatch", "get", name], capture_output=True, check=True)
    assert piped.stdout == Path(row["path"]).read_bytes()
    assert cli("get", name, "-o", tmp_path).out == f"{tmp_path / row['name']}\n"
    assert hashlib.sha256((tmp_path / row["name"]).read_bytes()).hexdigest() == row["sha256"]
    assert cli("get", name, "-o", tmp_path / "named.fits", "--version", row["sha256"][:8]).code == 0
    again = cli("get", name, "-o", tmp_path)
    assert again.code == 6
    assert "not overwritten" in again.err
    assert cli("get", name, "-o", tmp_path / "no" / "folder.fits").code == 6


def test_header_is_as_in_the_file(cli, site: Path) -> None:
    row = cli("find", "cos.lampflash", "--json", "-n", 1).json[0]
    name = f"cos.lampflash/{row['key']}"
    with fits.open(row["path"]) as file:
        cards = [str(card).rstrip() for card in file[0].header.cards]
        naxis = file[1].header["NAXIS1"]
    said = cli("header", name).out.splitlines()
    assert [line for line in said if line not in {"END", ""}] == [card for card in cards if card]
    assert cli("header", name, "--hdu", 1, "--json").json["NAXIS1"] == naxis
    assert cli("header", name, "--hdu", 99).code == 4


def test_header_diff_of_two_versions(cli, copy: Path, tmp_path: Path) -> None:
    row = cli("find", "cos.rawacq", "--json", "-n", 1).json[0]
    changed = tmp_path / "new" / row["name"].removesuffix(".gz")
    changed.parent.mkdir()
    with fits.open(row["path"]) as file:
        file[0].header["TARGNAME"] = "ELSEWHERE"
        file.writeto(changed, checksum=True)
    assert cli("ingest", changed, "--json").json["stored"] == 1
    versions = cli("find", f"cos.rawacq/{row['key']}", "--versions", "--json").json
    assert len(versions) == 2
    found = cli("header", f"cos.rawacq/{row['key']}", "--diff", row["sha256"][:10], "--json").json
    assert [card["new"] for card in found if card["keyword"] == "TARGNAME"] == ["ELSEWHERE"]


@pytest.mark.parametrize("words", [["--where", "KIND=x"], ["--where", "x"], ["--json", "--csv"], ["--start", "soon"]])
def test_a_wrong_question_is_6(cli, site: Path, words: list[str]) -> None:
    assert cli("find", *words).code == 6
