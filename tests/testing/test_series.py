"""The plain model that series are compared with: late, superseded and retracted rows by hand."""

from __future__ import annotations

import math

from astropy.table import MaskedColumn, Table

from longwatch.testing.series import STEP_S, Model, columns_of, rows_of, same, spec_named


def test_the_highest_version_of_a_product_answers() -> None:
    model = Model()
    model.bring(1, (0, 1, [(0, 0, 1.0, "ON"), (1, 0, 1.0, "ON")]))
    model.bring(2, (0, 2, [(0, 0, 2.0, "ON")]))
    model.bring(3, (0, 1, [(0, 0, 3.0, "ON")]))
    assert model.answer() == [(0, 0, 2.0, "ON")]


def test_an_equal_key_of_two_products_answers_once() -> None:
    model = Model()
    model.bring(1, (0, 1, [(0, 0, 1.0, "ON")]))
    model.bring(2, (1, 0, [(0, 0, 9.0, "ON"), (1, 1, 2.0, "OFF")]))
    assert model.answer() == [(0, 0, 1.0, "ON"), (1, 1, 2.0, "OFF")]


def test_what_is_retracted_gives_way() -> None:
    model = Model()
    model.bring(1, (0, 1, [(0, 0, 1.0, "ON")]))
    model.bring(2, (0, 2, [(0, 0, 2.0, "ON")]))
    model.retracted.add(2)
    assert model.answer() == [(0, 0, 1.0, "ON")]
    model.retracted.add(1)
    assert model.answer() == []


def test_of_rows_with_an_equal_key_in_one_file_the_last_stays() -> None:
    model = Model()
    model.bring(1, (0, 0, [(0, 0, 1.0, "ON"), (0, 0, 2.0, "ON")]))
    assert model.answer() == [(0, 0, 2.0, "ON")]


def test_rows_become_columns_and_come_back() -> None:
    rows = [(0, 0, 1.5, "ON"), (1, 1, 2.5, "")]
    columns = columns_of(rows)
    assert columns["time"].tolist() == [0.0, STEP_S]
    table = Table(dict(columns))
    table["value"] = MaskedColumn(columns["value"])
    back = rows_of(table)
    assert back[0] == rows[0]
    assert math.isnan(back[1][2])
    assert same(back, rows)
    assert not same(back, rows[:1])


def test_the_declared_series_has_a_key() -> None:
    assert spec_named("lab.x").key == ("slot",)
