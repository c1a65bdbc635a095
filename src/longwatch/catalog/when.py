"""Spans as people name them, epochs of a timeline among them.

Owns the look-up of epoch forms such as `"anneal:200"`. Must not know what happened in a span.
"""

from __future__ import annotations

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.epochs import epochs_of, timelines
from longwatch.domain.epoch import Epoch
from longwatch.domain.times import Instant, Now, is_epoch_form, parse_span, to_us
from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.errors import BadQuery, NotFound


def span_of(
    catalog: Catalog, start: Instant | None, stop: Instant | None, *, now: Now, commit: int | None = None
) -> Timespan:
    """Give the half-open span between two times, either of which may be an epoch.

    Parameters
    ----------
    catalog
        Where timelines are known.
    start, stop
        Any accepted form of a time, or an epoch (`"anneal:200"`, `"stis.anneal:200"`): as a start its beginning, as a
        stop its end, and as a start without a stop the whole epoch. None is an open end.
    now
        Gives the present, for relative times.
    commit
        The commit to speak for; None: the newest.

    Returns
    -------
    Timespan
        In microseconds of TAI.

    Raises
    ------
    BadQuery
        Raised if a time cannot be read, stop lies before start, or an epoch has no known end on that side.
    NotFound
        Raised if there is no such timeline or epoch.
    """
    first, last = _epoch(catalog, start, commit), _epoch(catalog, stop, commit)
    if first is None and last is None:
        return parse_span(start, stop, now=now)
    begin = _known(first, first.start_us) if first else MIN_US if start is None else to_us(start, now=now)
    if last:
        end = _known(last, last.stop_us)
    elif stop is not None:
        end = to_us(stop, now=now)
    else:
        end = _known(first, first.stop_us) if first else MAX_US
    if end < begin:
        raise BadQuery(f"The span from {start!s} to {stop!s} ends before it begins. Swap start and stop.")
    return Timespan(begin, end)


def _epoch(catalog: Catalog, value: Instant | None, commit: int | None) -> Epoch | None:
    match value:
        case str() if (form := is_epoch_form(value)) is not None:
            return _find(catalog, *form, commit)
        case _:
            return None


def _find(catalog: Catalog, name: str, number: int, commit: int | None) -> Epoch:
    with catalog.read(commit) as snapshot:
        known = timelines(snapshot)
        named = [timeline for timeline in known if timeline == name or timeline.endswith(f".{name}")]
        if len(named) != 1:
            what = f"{len(named)} timelines are" if named else "no timeline is"
            raise NotFound(f"{name}:{number}: {what} called {name!r}. There are: {', '.join(known) or 'none yet'}.")
        epochs = {epoch.number: epoch for epoch in epochs_of(snapshot, named[0])}
    if number not in epochs:
        there = f"it has {min(epochs)} to {max(epochs)}" if epochs else "it has none"
        raise NotFound(f"Timeline {named[0]} has no epoch {number}; {there}.")
    return epochs[number]


def _known(epoch: Epoch, edge: int | None) -> int:
    if edge is None:
        raise BadQuery(f"Epoch {epoch.number} of {epoch.timeline} has no known start or end there. Give a time.")
    return edge
