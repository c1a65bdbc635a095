"""The doctor: what is amiss in an archive, how bad it is, and what to do.

Owns the findings. Must not know what is stored, nor SQL; changes nothing (see `tidy`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from longwatch.catalog.audit import DERIVED, NamedObject, damage, dangling, journal_mode, named_objects, short_series
from longwatch.catalog.engine import NETWORK_FILE_SYSTEMS, file_system
from longwatch.catalog.runs import find_runs
from longwatch.catalog.snapshot import Snapshot
from longwatch.catalog.sources import quarantined
from longwatch.upkeep.processes import dead_runs
from longwatch.upkeep.site import Site
from longwatch.upkeep.tidy import DAY_S, MANY
from longwatch.upkeep.verify import MAKE_AGAIN

FREE_BYTES = 2**30
"""Less room than this on a disk is said [bytes]."""

TIDY = "Run `longwatch doctor --fix`; it removes nothing that a row names."
RESTORE = "Restore from a backup, or `longwatch retract` what is broken and ingest its files again."


class Severity(StrEnum):
    """How bad a finding is."""

    INFO = "info"
    """Good to know; all is well."""
    WARNING = "warning"
    """Nothing is lost, but something a person should see to."""
    ERROR = "error"
    """Something stored is lost or contradicts itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing the doctor saw.

    Parameters
    ----------
    severity
        How bad it is.
    what
        One sentence.
    next_step
        What to do; empty where there is nothing to do.
    fixable
        Whether `fix` takes care of it.
    """

    severity: Severity
    what: str
    next_step: str = ""
    fixable: bool = False


def examine(site: Site) -> list[Finding]:
    """Look at everything that can be amiss, without reading objects (`verify` does) and without changing anything.

    Parameters
    ----------
    site
        The archive.

    Returns
    -------
    list of Finding
        The worst first; an archive in which nothing is worse than `INFO` is well.
    """
    found = list(_schema(site))
    if not found:
        with site.catalog.read() as snapshot:
            looks: list[Callable[[Site, Snapshot], Iterator[Finding]]] = [_database, _objects, _runs, _quarantine]
            found += [finding for look in looks for finding in look(site, snapshot)]
    found += [*_plugins(site), *_rights(site), *_room(site)]
    return sorted(found, key=lambda f: list(Severity).index(f.severity), reverse=True)


def is_well(found: list[Finding]) -> bool:
    """Tell whether nothing a person must see to was found."""
    return all(finding.severity is Severity.INFO for finding in found)


def _schema(site: Site) -> Iterator[Finding]:
    there, newest = site.catalog.schema()
    if there != newest:
        step = "Run `longwatch migrate`." if there < newest else "Install a newer Longwatch."
        what = f"The catalogue has schema {there or 'none'}; this version of Longwatch wants {newest}."
        yield Finding(severity=Severity.ERROR, what=what, next_step=step)


def _database(site: Site, snapshot: Snapshot) -> Iterator[Finding]:
    for said in damage(snapshot):
        yield Finding(severity=Severity.ERROR, what=f"The database is damaged: {said}.", next_step=RESTORE)
    for said in [*dangling(snapshot), *short_series(snapshot)]:
        yield Finding(severity=Severity.ERROR, what=f"The catalogue contradicts itself: {said}.", next_step=RESTORE)
    if journal_mode(snapshot) == "wal" and (kind := file_system(site.folder)) in NETWORK_FILE_SYSTEMS:
        what = f"The catalogue lies on a network file system ({kind}) with a journal that is not safe there."
        step = "Run `longwatch migrate` while nobody else uses it: it changes the journal; or use PostgreSQL."
        yield Finding(severity=Severity.WARNING, what=what, next_step=step)


def _objects(site: Site, snapshot: Snapshot) -> Iterator[Finding]:
    present = {info.oid: info for info in site.store.listing()}
    named = {one.oid: one for one in named_objects(snapshot)}
    for oid in sorted(named.keys() - present.keys()):
        what = f"Object {oid}, {named[oid].role} of {named[oid].owner}, is not in {site.store.location}."
        yield _lost(named[oid], what)
    unnamed = [present[oid] for oid in present.keys() - named.keys()]
    if unnamed:
        size = sum(info.size for info in unnamed)
        what = f"{len(unnamed):,} objects ({size:,} bytes) are named by no row, as after a crash or a `--prune`."
        step = f"{TIDY} What is younger than a day stays: a writer may be about to name it."
        yield Finding(severity=Severity.INFO, what=what, next_step=step, fixable=True)
    if left := site.store.leftovers(older_than_s=DAY_S):
        what = f"{left:,} files in staging are older than a day, as after a crash."
        yield Finding(severity=Severity.INFO, what=what, next_step=TIDY, fixable=True)


def _lost(named: NamedObject, what: str) -> Finding:
    if named.role == DERIVED:
        return Finding(severity=Severity.WARNING, what=what, next_step=MAKE_AGAIN)
    return Finding(severity=Severity.ERROR, what=what, next_step=RESTORE)


def _runs(_site: Site, snapshot: Snapshot) -> Iterator[Finding]:
    running = find_runs(snapshot, state="running", limit=MANY)
    dead = dead_runs(running)
    for run in dead:
        what = f"Run {run.id} ({run.action} by {run.who}) died before its end; what it committed is whole."
        step = f"Run the {run.action} again to go on. {TIDY}"
        yield Finding(severity=Severity.INFO, what=what, next_step=step, fixable=True)
    for run in running:
        if run not in dead:
            what = f"Run {run.id} ({run.action} by {run.who}) is at work on {run.host}, process {run.pid}."
            yield Finding(severity=Severity.INFO, what=what)


def _quarantine(_site: Site, snapshot: Snapshot) -> Iterator[Finding]:
    if count := len(quarantined(snapshot)):
        step = "See why with `longwatch quarantine list`."
        yield Finding(severity=Severity.INFO, what=f"{count:,} files are in quarantine.", next_step=step)


def _plugins(site: Site) -> Iterator[Finding]:
    for error in site.broken:
        step = "Correct or update it, or name it in `disabled_plugins`."
        yield Finding(severity=Severity.WARNING, what=str(error), next_step=step)


def _rights(site: Site) -> Iterator[Finding]:
    if not site.catalog.writable:
        yield Finding(severity=Severity.INFO, what="The archive is open for reading only.")
    elif not site.store.writable:
        what = f"This account may write to the database, but not to the objects in {site.store.location}."
        step = "Give it the right to write there too, or to neither."
        yield Finding(severity=Severity.WARNING, what=what, next_step=step)


def _room(site: Site) -> Iterator[Finding]:
    places = {site.folder, *([Path(unquote(urlsplit(site.store.location).path))] if site.store.local else [])}
    for place in sorted(existing for existing in places if existing.exists()):
        free = shutil.disk_usage(place).free
        if free < FREE_BYTES:
            what = f"Only {free:,} bytes are left on the disk of {place}."
            step = "Make room before the next ingest; it would end with an error, and lose nothing."
            yield Finding(severity=Severity.WARNING, what=what, next_step=step)
