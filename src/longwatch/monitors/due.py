"""Which windows are due: calendar windows whose inputs moved since they were read.

Owns the rule and the plan of a run. Must not know how a window is measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from longwatch.catalog.measurements import Touch, WindowRead, input_versions, touches, windows_of
from longwatch.catalog.runs import find_runs
from longwatch.catalog.snapshot import Snapshot
from longwatch.domain.epoch import Scalar
from longwatch.domain.series import LEDGERS
from longwatch.domain.times import from_us
from longwatch.domain.timespan import MAX_US, MIN_US, Cadence, Timespan

MISSION = "mission"
"""The cadence of one window over all."""

ACTION = "monitor"
"""What the runs of monitors and derivations are called in the catalogue."""

Span = tuple[int, int]
"""First and last instant [microseconds of TAI]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What decides when a monitor or a derivation is due.

    Parameters
    ----------
    name
        Of the monitor or derivation.
    names
        Kinds, series and cubes it reads, and ledgers of what people say of them.
    cadence
        `hour`, `day`, `week`, `month`, `year` or `mission`.
    """

    name: str
    names: tuple[str, ...]
    cadence: str

    @property
    def data(self) -> tuple[str, ...]:
        """Those that hold what is measured."""
        return tuple(name for name in self.names if name not in LEDGERS)

    @property
    def ledgers(self) -> tuple[str, ...]:
        """Those that only say what to make of it."""
        return tuple(name for name in self.names if name in LEDGERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A window to be measured.

    Parameters
    ----------
    window
        Its span.
    holds_input
        Whether any input still answers in it; where none does, its measurements are retired.
    known
        Whether it was read before.
    """

    window: Timespan
    holds_input: bool
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run has to do.

    Parameters
    ----------
    windows
        The windows that are due, in order of time.
    moved
        Whether any input moved since every window was known to be right: then figures are drawn anew.
    """

    windows: tuple[Due, ...]
    moved: bool


def plan(snapshot: Snapshot, inputs: Inputs, *, within: Timespan, rerun: bool = False) -> Plan:
    """Give the windows that are due at a commit.

    Parameters
    ----------
    snapshot
        The commit that is going to be read.
    inputs
        What is read, and in which windows.
    within
        Windows that do not overlap it wait.
    rerun
        True: every window that holds input is due.
    """
    known = windows_of(snapshot, inputs.name)
    since = 0 if rerun else checked_commit(snapshot, inputs)
    moved = touches(snapshot, inputs.data, since=since)
    said = touches(snapshot, inputs.ledgers, since=since) if inputs.ledgers else []
    due = touched_windows(moved, {} if rerun else known, inputs.cadence, within)
    due |= {window for window in spoken_of(said, known) if window.overlaps(within)}
    held = windows_meeting((t.span for t in moved if t.answers), inputs.cadence, within)
    if due - held:
        hull = Timespan(min(w.start_us for w in due - held), max(w.stop_us for w in due - held))
        held |= windows_meeting(input_versions(snapshot, inputs.data, hull).values(), inputs.cadence, within)
    windows = (Due(window=w, holds_input=w in held, known=w in known) for w in sorted(due) if w in held or w in known)
    return Plan(windows=tuple(windows), moved=bool(moved or said))


def asked_of(inputs: Inputs, within: Timespan) -> dict[str, Scalar]:
    """Give what a run notes of its question: monitor, cadence and span (UTC; None: open)."""
    ends = [None if us in {MIN_US, MAX_US} else str(from_us(us).isot) for us in (within.start_us, within.stop_us)]
    return {"monitor": inputs.name, "cadence": inputs.cadence, "start": ends[0], "stop": ends[1]}


def checked_commit(snapshot: Snapshot, inputs: Inputs) -> int:
    """Give the newest commit at which every window was right: what the last whole run read; 0 before the first."""
    done = find_runs(snapshot, action=ACTION, state="done", parameters=asked_of(inputs, Timespan()), limit=1)
    return int(str(done[0].parameters["commit"])) if done else 0


def windows_meeting(spans: Iterable[Span | None], cadence: str, within: Timespan) -> set[Timespan]:
    """Give the windows of a cadence that hold an instant of any span and overlap `within`.

    Parameters
    ----------
    spans
        First and last instant of some inputs; those without a time or without an end are in no window of their own.
    cadence
        `hour`, `day`, `week`, `month`, `year`, or `mission`: one window over all, wherever there is any input.
    within
        Windows that do not overlap it are left out.
    """
    if cadence == MISSION:
        return {Timespan() for _ in spans}
    found: set[Timespan] = set()
    for span in set(spans):
        inside = Timespan(span[0], span[1] + 1).intersection(within) if span and is_bounded(span) else None
        if inside is not None:
            found.update(inside.windows(cast("Cadence", cadence)))
    return found


def is_bounded(span: Span | None) -> bool:
    """Tell whether a span begins and ends somewhere."""
    return span is not None and span[0] > MIN_US and span[1] < MAX_US


def touched_windows(
    touches: Iterable[Touch], measured: Mapping[Timespan, WindowRead], cadence: str, within: Timespan
) -> set[Timespan]:
    """Give the windows in which an input began or ceased to answer after the commit they were read at.

    Parameters
    ----------
    touches
        Inputs that moved since the last commit at which every window was known to be right.
    measured
        Windows read before, by span. One without an entry was never read.
    cadence, within
        As for `windows_meeting`.
    """
    newest: dict[Timespan, int] = {}
    for touch in touches:
        for window in _touched(touch, measured, cadence, within):
            newest[window] = max(touch.commit, newest.get(window, 0))
    return {
        window for window, commit in newest.items() if window not in measured or measured[window].commit_read < commit
    }


def spoken_of(said: Sequence[Touch], measured: Mapping[Timespan, WindowRead]) -> Iterator[Timespan]:
    """Give the windows of which something was said, or taken back, after the commit they were read at."""
    spans = [(_whole(touch.span), touch.commit) for touch in said]
    for window, note in measured.items():
        if any(commit > note.commit_read and window.overlaps(span) for span, commit in spans):
            yield window


def _whole(span: Span | None) -> Timespan:
    return Timespan() if span is None else Timespan(span[0], min(span[1] + 1, MAX_US))


def _touched(
    touch: Touch, measured: Mapping[Timespan, WindowRead], cadence: str, within: Timespan
) -> Iterator[Timespan]:
    if cadence == MISSION or is_bounded(touch.span):
        yield from windows_meeting([touch.span], cadence, within)
    else:
        yield from (window for window in measured if window.overlaps(within))
