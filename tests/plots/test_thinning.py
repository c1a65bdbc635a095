"""Thinning keeps every extreme and every gap of a picture."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from longwatch.plots.thinning import MISSING, cell_numbers, thin_line, thin_points

VALUES = st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=1, max_size=200)


@given(values=VALUES, n_columns=st.integers(1, 40))
def test_a_thinned_line_keeps_both_extremes_and_its_ends_in_every_column(values: list[float], n_columns: int) -> None:
    x, y = np.arange(len(values), dtype=float), np.array(values)
    kept = thin_line(x, y, n_columns)
    assert kept[0] == 0
    assert kept[-1] == len(x) - 1
    columns = cell_numbers(x, n_columns)
    for column in np.unique(columns):
        inside = columns == column
        if np.isfinite(y[inside]).any():
            shown = y[kept[inside[kept]]]
            assert np.nanmin(shown) == np.nanmin(y[inside])
            assert np.nanmax(shown) == np.nanmax(y[inside])


@given(values=VALUES, n_columns=st.integers(1, 40), n_rows=st.integers(1, 40))
def test_thinned_points_leave_no_pixel_empty_that_had_one(values: list[float], n_columns: int, n_rows: int) -> None:
    x, y = np.arange(len(values), dtype=float), np.array(values)
    kept = thin_points(x, y, n_columns, n_rows)
    columns, rows = cell_numbers(x, n_columns), cell_numbers(y, n_rows)
    placed = (columns != MISSING) & (rows != MISSING)
    assert placed[kept].all()
    assert set(zip(columns[kept], rows[kept], strict=True)) == set(zip(columns[placed], rows[placed], strict=True))


def test_a_line_that_runs_back_keeps_its_course() -> None:
    x = np.array([0.0, 1.0, 2.0, 1.0, 0.0])
    assert list(thin_line(x, np.arange(5.0), 3)) == [0, 1, 2, 3, 4]


def test_a_gap_wider_than_a_pixel_stays_a_gap() -> None:
    y = np.ones(10_000)
    y[4000:6000] = np.nan
    kept = thin_line(np.arange(10_000.0), y, 100)
    assert np.isnan(y[kept]).any()


def test_no_points_give_no_points() -> None:
    nothing = np.full(3, np.nan)
    assert len(thin_points(nothing, nothing, 10, 10)) == 0


def test_a_million_points_are_thinned() -> None:
    x = np.arange(1e6)
    y = np.random.default_rng(1).normal(size=1_000_000)
    kept = thin_line(x, y, 1000)
    assert len(kept) <= 4000
