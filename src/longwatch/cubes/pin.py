"""Which commit a question speaks for, and the plans already made for it.

Owns the cache of plans. Must not know how planes are read.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from astropy.time import Time

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.declared import Declared, declared_cubes
from longwatch.catalog.epochs import epochs_of
from longwatch.catalog.slabs import cube_changed, slabs_of
from longwatch.catalog.snapshot import Snapshot
from longwatch.cubes.plan import Plan, make_plan
from longwatch.domain.cube import CubeSpec
from longwatch.domain.times import Instant, parse_span, to_us
from longwatch.domain.timespan import Timespan
from longwatch.errors import BadQuery, NoSuchName, NotFound

PLANS = 8
"""Plans held at most; one of a cube with 1,500 planes takes about a megabyte."""


class Plans:
    """The plans of an archive's cubes.

    Parameters
    ----------
    catalog
        Where planes are known.
    commit
        The commit to speak for; None: the newest at each call.
    now
        Gives the present, for relative times.
    """

    def __init__(self, catalog: Catalog, *, commit: int | None, now: Callable[[], Time]) -> None:
        self._catalog = catalog
        self._commit = commit
        self._now = now
        self._newest: dict[str, Plan] = {}
        self._past: OrderedDict[tuple[str, int], Plan] = OrderedDict()

    def instant(self, value: Instant) -> int:
        """Give a time as microseconds of TAI."""
        return to_us(value, now=self._now())

    def span(self, start: Instant | None, stop: Instant | None) -> Timespan | None:
        """Give the span of an epoch, or None where neither end is given; `BadQuery` for one end alone."""
        if start is None and stop is None:
            return None
        if start is None or stop is None:
            raise BadQuery("An epoch needs both `start` and `stop`, or neither where the timeline knows it.")
        return parse_span(start, stop, now=self._now())

    def commit(self, as_of: Instant | None) -> int:
        """Give the commit that answers: of a moment in the past, the pinned one, or the newest."""
        if as_of is not None:
            return self._catalog.commit_at(self.instant(as_of))
        return self._catalog.head() if self._commit is None else self._commit

    def declared(self) -> dict[str, Declared[CubeSpec]]:
        """Give every declared cube by name."""
        with self._catalog.read(self._commit) as snapshot:
            return declared_cubes(snapshot)

    def get(self, name: str, as_of: Instant | None = None) -> Plan:
        """Give a cube's plan; raises `NotFound` if no such cube was declared by then."""
        commit = self.commit(as_of)
        held = self._newest.get(name)
        if held is None or held.commit < commit:
            held = self._newest[name] = self._made(name, commit, held)
        if held.commit == commit:
            return held
        return self._earlier(name, commit)

    def _earlier(self, name: str, commit: int) -> Plan:
        plan = self._past.pop((name, commit), None) or self._made(name, commit, None)
        self._past[name, commit] = plan
        while len(self._past) > PLANS:
            self._past.popitem(last=False)
        return plan

    def _made(self, name: str, commit: int, before: Plan | None) -> Plan:
        """Make a plan, or carry the one before over where nothing of it changed since."""
        with self._catalog.read(commit) as snapshot:
            cubes = declared_cubes(snapshot)
            if name not in cubes:
                raise unknown_cube(name, list(cubes))
            found = cubes[name]
            if before is not None and before.spec == found.spec and not _changed(snapshot, before):
                return replace(before, commit=commit, templates={})
            return make_plan(
                found.id,
                found.spec,
                commit,
                slabs=slabs_of(snapshot, found.id),
                timeline=epochs_of(snapshot, found.spec.timeline),
            )


def unknown_cube(name: str, known: list[str]) -> NotFound:
    """Give the error for a cube nobody declared."""
    there = f"There are: {', '.join(known)}." if known else "There are none yet."
    return NoSuchName(f"No cube {name!r}. {there} Make one with `archive.cubes.create`.")


def _changed(snapshot: Snapshot, plan: Plan) -> bool:
    return cube_changed(snapshot, plan.cube_id, plan.spec.timeline, since=plan.commit)
