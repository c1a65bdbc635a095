"""Pictures of channels at any zoom: the mean with the range from the smallest to the largest value; states as lanes.

Owns what is drawn of pieces. Must not know where they come from.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.contracts.reading import Columns
from longwatch.domain.column import Column
from longwatch.domain.utc import Ints
from longwatch.plots.figure import Axis, Panel, Trace

GAP: Final = 5.0
"""A line is broken where the next piece is so many times further away than its neighbours are from theirs."""

_LANE: Final = 0.35


def channel_panel(channel: Column, pieces: Columns, *, title: str = "") -> Panel:
    """Give the panel of one channel.

    Parameters
    ----------
    channel
        The channel.
    pieces
        As `drawing` gives them.
    title
        Of the panel.
    """
    if "state" in pieces:
        words = tuple(str(word) for word in np.unique(pieces["state"]))
        traces = tuple(_lane(number, _of(pieces, word)) for number, word in enumerate(words))
        axis = Axis(label=channel.name, words=words)
    else:
        traces = (_course(channel, pieces),) if len(pieces["start"]) else ()
        axis = Axis(label=channel.name, unit=channel.unit)
    return Panel(x=Axis(label="Date", time=True), y=axis, traces=traces, title=title)


def _course(channel: Column, pieces: Columns) -> Trace:
    """Give the mean as a line, and the range about it where pieces hold more than one value."""
    middle = (pieces["start"] + pieces["stop"] - 1) // 2
    at = _breaks(middle)
    x, mean, low, high = (
        np.insert(values.astype(np.float64), at, np.nan)
        for values in (middle, pieces["mean"], pieces["min"], pieces["max"])
    )
    if np.array_equal(low, high, equal_nan=True):
        return Trace(x=x, y=mean, label=channel.name, style="line")
    return Trace(x=x, y=mean, label="mean, and smallest to largest value", style="line", low=low, high=high)


def _breaks(middle: Ints) -> NDArray[np.intp]:
    """Give before which pieces a line is broken; never on both sides of one, which would then not be seen."""
    steps = np.diff(middle)
    padded = np.concatenate([[0], steps, [0]])
    beside = np.maximum(padded[:-2], padded[2:])
    return np.flatnonzero((beside > 0) & (steps > GAP * beside)) + 1


def _lane(number: int, pieces: Columns) -> Trace:
    """Give one state: a box for each piece in which it occurs."""
    ends = np.stack([pieces["start"], pieces["stop"], pieces["stop"]], axis=1).astype(np.float64)
    ends[:, 2] = np.nan
    x = ends.ravel()
    height = np.where(np.isnan(x), np.nan, float(number))
    return Trace(x=x, y=height, style="line", low=height - _LANE, high=height + _LANE)


def _of(pieces: Columns, word: str) -> Columns:
    """Give the pieces of a state, each reaching to the next one of any state, as a state lasts until it changes."""
    begun = np.append(np.unique(pieces["start"]), pieces["stop"].max())
    mine = pieces["state"] == word
    start, stop = pieces["start"][mine], pieces["stop"][mine]
    after = begun[np.minimum(np.searchsorted(begun, start, side="right"), len(begun) - 1)]
    usual = np.median(np.diff(begun)) if len(begun) > 1 else 0
    reach = np.where(after - stop <= GAP * max(float(usual), 1.0), np.maximum(after, stop), stop)
    begin = np.flatnonzero(np.append(True, start[1:] > reach[:-1]))  # those that touch are one
    return {"start": start[begin], "stop": np.maximum.reduceat(reach, begin)}
