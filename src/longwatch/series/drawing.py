"""A channel over any span in so many points that no extreme is lost: rows where they are few, else merged bins.

Owns the choice of the level and the merging. Must not know how statistics are kept, nor how a picture looks.

Pieces are columns with a row a piece: `start`, `stop` [microseconds of TAI] (half-open, all values of the piece lie in
it), `n`, and `mean`, `min`, `max` of numbers or `state` of words and flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.contracts.reading import Columns
from longwatch.domain.column import Column
from longwatch.domain.epoch import Scalar
from longwatch.domain.timespan import Timespan
from longwatch.domain.utc import Ints
from longwatch.errors import BadQuery
from longwatch.series.bins import Level, bin_start
from longwatch.series.plan import Plan
from longwatch.series.sampled import Sampled
from longwatch.series.statistics import is_state
from longwatch.series.summaries import Summaries, Wanted, held_span

POINTS: Final = 2000
"""Pieces that a screen can show."""

FEW: Final = 40_000
"""Rows that are rather read than looked up in bins."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is to be drawn.

    Parameters
    ----------
    plan
        The series at a commit.
    column
        The channel.
    where
        Values some columns must have.
    points
        Most pieces wanted.
    """

    plan: Plan
    column: Column
    where: Mapping[str, Scalar]
    points: int = POINTS


def pieces(summaries: Summaries, drawn: Drawn, span: Timespan) -> Columns:
    """Give the pieces of a span.

    Parameters
    ----------
    summaries
        Gives statistics and rows.
    drawn
        What is to be drawn.
    span
        Half-open.

    Returns
    -------
    Columns
        In order of time, at most `points` of numbers, and of states as many for each state. Counts add up to the number
        of values in the span, and its smallest and largest value are among `min` and `max`.

    Raises
    ------
    BadQuery
        Raised if no piece is wanted.
    """
    plan, held = drawn.plan, held_span(drawn.plan)
    if not plan.spec.relative and held is not None:
        span = span.intersection(held) or Timespan(span.start_us, span.start_us)
    level = None if plan.spec.relative else _level(drawn, span)
    wanted = Wanted(plan, drawn.column, level or Level.DAY, drawn.where)
    if level is None:
        return pieces_of_rows(summaries.rows(wanted, span), drawn.points)
    found = summaries.statistics(wanted, span)
    start = np.maximum(bin_start(level, found["bin"], plan.spec.scale), span.start_us)
    stop = np.minimum(bin_start(level, found["bin"] + 1, plan.spec.scale), span.stop_us)
    return _merged({"start": start, "stop": stop, **found}, drawn.points, states=is_state(drawn.column))


def pieces_of_rows(rows: Sampled, points: int = POINTS) -> Columns:
    """Give the pieces of rows: each one by itself where they are few; of states, each run of equal ones."""
    if rows.words is not None:
        begin = np.flatnonzero(np.diff(rows.values, prepend=-1))
        end = np.append(begin[1:], len(rows)) if len(begin) else begin
        last = rows.us[end - 1] if len(begin) else rows.us
        runs = {"start": rows.us[begin], "stop": last + 1, "state": rows.words[rows.values[begin]], "n": end - begin}
        return _merged(runs, points, states=True)
    one = np.ones(len(rows), np.int64)
    each = {"start": rows.us, "stop": rows.us + 1, "n": one}
    return _merged(each | dict.fromkeys(("mean", "min", "max"), rows.values), points, states=False)


def _level(drawn: Drawn, span: Timespan) -> Level | None:
    """Give the coarsest level that shows as many pieces as wanted; None: rows."""
    width_us = (span.stop_us - span.start_us) // max(drawn.points, 1)
    fitting = [level for level in Level if level.width_us <= width_us]
    before = drawn.plan.rows_before(np.array([span.start_us, span.stop_us]))
    return fitting[-1] if fitting and before[1] - before[0] > FEW else None


def _merged(found: Columns, points: int, *, states: bool) -> Columns:
    """Give at most so many pieces, each of neighbours."""
    if points < 1:
        raise BadQuery(f"A drawing of {points} pieces shows nothing. Ask for at least 1.")
    start = found["start"]
    names = ("start", "stop", "state", "n") if states else ("start", "stop", "n", "mean", "min", "max")
    if len(start) <= points:
        return {name: found[name] for name in names}
    width_us = -(-(int(found["stop"][-1]) - int(start[0])) // points)
    place = (start - start[0]) // width_us
    return _merged_states(found, place) if states else _merged_numbers(found, place)


def _merged_numbers(found: Columns, place: Ints) -> Columns:
    begin = np.flatnonzero(np.diff(place, prepend=-1))
    n = np.add.reduceat(found["n"], begin)
    with np.errstate(invalid="ignore", over="ignore"):
        mean = np.add.reduceat(found["mean"] * found["n"], begin) / n
    return {
        "start": found["start"][begin],
        "stop": np.maximum.reduceat(found["stop"], begin),
        "n": n,
        "mean": mean,
        "min": np.minimum.reduceat(found["min"], begin),
        "max": np.maximum.reduceat(found["max"], begin),
    }


def _merged_states(found: Columns, place: Ints) -> Columns:
    words, codes = np.unique(found["state"], return_inverse=True)
    order: NDArray[np.intp] = np.lexsort((codes, place))
    pair = (place * len(words) + codes)[order]
    begin = np.flatnonzero(np.diff(pair, prepend=-1))
    return {
        "start": np.minimum.reduceat(found["start"][order], begin),
        "stop": np.maximum.reduceat(found["stop"][order], begin),
        "state": words[codes[order][begin]],
        "n": np.add.reduceat(found["n"][order], begin),
    }
