from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from longwatch.cli.output import Form, Shown, form_of, spelled, write_grid, write_table
from longwatch.errors import BadQuery


@pytest.fixture
def table() -> Table:
    found = Table({"name": ["a", "bb"], "n": MaskedColumn([1, 22], mask=[False, True], unit="pix")})
    found["image"] = np.arange(4.0).reshape(2, 2)
    return found


def test_one_form_at_a_time() -> None:
    assert form_of() is Form.TEXT
    assert form_of(as_csv=True) is Form.CSV
    with pytest.raises(BadQuery, match="json and --csv"):
        form_of(as_json=True, as_csv=True)


def test_text_in_a_pipe_is_aligned_and_plain(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    write_table(table, shown=Shown(columns=("name", "n")))
    assert capsys.readouterr().out == "name  n [pix]\na           1\nbb          -\n"


def test_json(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    write_table(table, Form.JSON)
    assert json.loads(capsys.readouterr().out)[1] == {"name": "bb", "n": None, "image": [2.0, 3.0]}


def test_csv(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    write_table(table, Form.CSV)
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [["name", "n", "image"], ["a", "1", "[0.0, 1.0]"], ["bb", "", "[2.0, 3.0]"]]


def test_ecsv_comes_back_whole(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    write_table(table, Form.ECSV)
    back = Table.read(capsys.readouterr().out, format="ascii.ecsv")
    assert back["n"].unit == "pix"
    assert list(back["n"].mask) == [False, True]
    assert np.array_equal(back["image"], table["image"])


def test_nothing_is_said_to_people_only(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(Table({"x": []}), shown=Shown(nothing="Nothing. Next: look elsewhere."))
    assert capsys.readouterr() == ("", "Nothing. Next: look elsewhere.\n")


def test_a_grid_without_rows_is_its_header(capsys: pytest.CaptureFixture[str]) -> None:
    write_grid(("a", "b"), [])
    assert capsys.readouterr().out == "a  b\n"


def test_on_a_terminal_long_tables_are_cut_and_long_texts_folded(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    write_table(Table({"n": np.arange(100), "text": ["word " * 30] * 100}))
    said = capsys.readouterr()
    assert "60 rows more" in said.err
    assert said.out.count("word") == 30 * 40


def test_spelling() -> None:
    assert [spelled(None), spelled(True), spelled(0.1 + 0.2), spelled([1, 2])] == ["-", "yes", "0.3", "[2 values]"]
