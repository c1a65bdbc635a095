from __future__ import annotations

import math

import numpy as np
from astropy.table import Column, MaskedColumn, Table
from astropy.time import Time

from longwatch.cli.cells import columns_of, iso, records


def test_times_are_utc_text_and_masked_ones_missing() -> None:
    times = Time(["2016-12-31T23:59:60.5", "2017-01-01T00:00:00"], scale="utc")
    times[1] = np.ma.masked
    assert iso(times) == ["2016-12-31T23:59:60.5", None]
    assert iso(Time(57753.0, format="mjd", scale="utc")) == ["2016-12-31T00:00:00"]
    assert iso(Time("2016-12-31T00:00:00.123456", scale="utc"), precision=0) == ["2016-12-31T00:00:00"]


def test_single_precision_has_its_shortest_spelling() -> None:
    column = MaskedColumn(np.array([0.1, 2.5], dtype=np.float32), mask=[False, True])
    assert columns_of(Table({"x": column})) == {"x": [0.1, None]}


def test_missing_and_nan_stay_apart() -> None:
    table = Table({"x": MaskedColumn([1.0, math.nan, 3.0], mask=[False, False, True])})
    assert list(records(columns_of(table))) == [{"x": 1.0}, {"x": "NaN"}, {"x": None}]


def test_infinity_is_a_word() -> None:
    table = Table({"x": [math.inf, -math.inf]})
    assert [row["x"] for row in records(columns_of(table))] == ["Infinity", "-Infinity"]


def test_arrays_become_lists() -> None:
    ragged = np.empty(2, dtype=object)
    ragged[:] = [np.array([1, 2]), None]
    table = Table({"image": np.arange(8).reshape(2, 2, 2), "list": Column(ragged, dtype=object)})
    assert list(records(columns_of(table))) == [
        {"image": [[0, 1], [2, 3]], "list": [1, 2]},
        {"image": [[4, 5], [6, 7]], "list": None},
    ]
