"""Tidying: what crashes left is removed, and what a person wants forgotten is pruned.

Owns the rule of what may be removed: only what no row names and nobody touched for a day.
Must not know what is stored, nor SQL.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from longwatch.catalog.audit import named_objects, prune
from longwatch.catalog.runs import find_runs, mark_died
from longwatch.errors import BadQuery
from longwatch.upkeep.processes import dead_runs
from longwatch.upkeep.site import Site

DAY_S = 86_400.0
"""What nobody touched for so long, no writer is about to name [s]."""

MANY = 1_000_000
"""More runs than are ever at work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidied:
    """What was removed or corrected.

    Parameters
    ----------
    objects, bytes
        Objects no row names that were removed.
    leftovers
        Files in staging that were removed.
    runs
        Runs that were marked as died.
    rows
        Rows that were pruned.
    earliest
        The earliest commit that can still be asked, where rows were pruned; else 0.
    """

    objects: int = 0
    bytes: int = 0
    leftovers: int = 0
    runs: int = 0
    rows: int = 0
    earliest: int = 0


def fix(site: Site, *, older_than_s: float = DAY_S) -> Tidied:
    """Remove what crashes left behind; nothing a row names, and nothing younger than a day.

    Parameters
    ----------
    site
        The archive; writers may work meanwhile.
    older_than_s
        Age from which what no row names may go [s]; shorter than a day only where surely nobody writes.

    Returns
    -------
    Tidied
        What was done.

    Raises
    ------
    Refused
        Raised if the archive is open for reading only.
    """
    present = list(site.store.listing())
    with site.catalog.run("doctor") as run, site.catalog.change(run) as change:
        dead = dead_runs(find_runs(change, state="running", limit=MANY))
        for one in dead:
            mark_died(change, one.id)
        named = {one.oid for one in named_objects(change)}
        unnamed = [info for info in present if info.oid not in named]
        gone = [info for info in unnamed if site.store.remove(info.oid, older_than_s=older_than_s)]
    leftovers = site.store.sweep_staging(older_than_s=older_than_s)
    return Tidied(objects=len(gone), bytes=sum(info.size for info in gone), leftovers=leftovers, runs=len(dead))


def prune_before(site: Site, commit: int, *, older_than_s: float = DAY_S) -> Tidied:
    """Forget what was retired at or before a commit, then remove the objects no row names any more.

    Parameters
    ----------
    site
        The archive.
    commit
        The earliest commit that can be asked afterwards; what it shows stays whole.
    older_than_s
        As in `fix`.

    Returns
    -------
    Tidied
        With the new earliest commit; `as_of` an earlier moment says so.

    Raises
    ------
    BadQuery
        Raised if there is no such commit.
    Refused
        Raised if the archive is open for reading only.
    """
    newest = site.catalog.head()
    if not 0 < commit <= newest:
        raise BadQuery(f"Cannot prune before commit {commit}: the archive has commits 1 to {newest}. Name one of them.")
    with site.catalog.run("prune", {"before": commit}) as run, site.catalog.change(run) as change:
        rows = prune(change, commit)
    return replace(fix(site, older_than_s=older_than_s), rows=rows, earliest=commit)
