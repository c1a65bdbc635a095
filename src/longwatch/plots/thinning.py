"""Thinning: fewer points, the same picture.

Owns the choice of points that a picture of so many pixels can show. Must not know how points are drawn.
"""

from __future__ import annotations

import numpy as np

MISSING = -1
"""Cell number of a point that has no place."""


def cell_numbers(values: np.ndarray, n_cells: int) -> np.ndarray:
    """Give the pixel column (or row) each value falls into.

    Parameters
    ----------
    values
        (n,) numbers on the drawn, linear scale; NaN and infinity have no place.
    n_cells
        Pixels along the axis.

    Returns
    -------
    np.ndarray
        (n,) int64 from 0 to `n_cells` - 1; `MISSING` where the value has no place.
    """
    cells = np.full(len(values), MISSING, dtype=np.int64)
    finite = np.isfinite(values)
    if not finite.any():
        return cells
    low, high = float(values[finite].min()), float(values[finite].max())
    width = (high - low) or 1.0
    cells[finite] = np.minimum((values[finite] - low) / width * n_cells, n_cells - 1)
    return cells


def thin_line(x: np.ndarray, y: np.ndarray, n_columns: int) -> np.ndarray:
    """Choose the points of a line that a picture can show: first, lowest, highest and last in every pixel column.

    Parameters
    ----------
    x, y
        (n,) numbers on the drawn scale; NaN breaks the line.
    n_columns
        Pixel columns of the picture.

    Returns
    -------
    np.ndarray
        Positions in rising order. Every extreme of every column is among them. A line that goes back and forth in x
        is cut wherever it changes its column, so it keeps its course.
    """
    columns = cell_numbers(x, n_columns)
    starts = np.concatenate(([0], np.flatnonzero(np.diff(columns)) + 1))
    ends = np.append(starts[1:], len(columns))
    chosen = [starts, ends - 1]
    for extreme in (np.fmin, np.fmax):
        best = np.repeat(extreme.reduceat(y, starts), ends - starts)
        hits = np.flatnonzero(y == best)
        runs = np.searchsorted(starts, hits, side="right")
        chosen.append(hits[np.flatnonzero(np.diff(runs, prepend=-1))])
    return np.unique(np.concatenate(chosen))


def thin_points(x: np.ndarray, y: np.ndarray, n_columns: int, n_rows: int) -> np.ndarray:
    """Choose one point for every pixel that has any.

    Parameters
    ----------
    x, y
        (n,) numbers on the drawn scale; points with NaN are left out.
    n_columns, n_rows
        Pixels of the picture.

    Returns
    -------
    np.ndarray
        Positions in rising order; the lowest and highest y of every pixel column are among them.
    """
    columns, rows = cell_numbers(x, n_columns), cell_numbers(y, n_rows)
    placed = np.flatnonzero((columns != MISSING) & (rows != MISSING))
    _, first = np.unique(columns[placed] * n_rows + rows[placed], return_index=True)
    by_column = placed[np.argsort(columns[placed], kind="stable")]
    if not len(by_column):
        return by_column
    extremes = by_column[thin_line(x[by_column], y[by_column], n_columns)]
    return np.unique(np.concatenate((placed[first], extremes)))
