"""Retracting: what came in by mistake no longer answers, and nothing of it is lost.

Owns the choice of versions to retract. Must not know what they hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.find import Found, Question, find
from longwatch.catalog.snapshot import Snapshot
from longwatch.catalog.versions import identities_of_kind_key, retract, versions_by_id, versions_of, versions_of_run
from longwatch.domain.timespan import Timespan
from longwatch.errors import BadQuery, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is to be retracted: exactly one of a run, a product, or a window of a kind.

    Parameters
    ----------
    run
        Everything a run brought; 0: not by run.
    kind, key
        A product (with `version`: only that version), or with `span` every product of a kind that begins in it.
    version
        A version of the product, or the first digits of its SHA-256; empty: all its versions.
    span
        Half-open window of data time.
    """

    run: int = 0
    kind: str = ""
    key: str = ""
    version: str = ""
    span: Timespan | None = None

    @override
    def __str__(self) -> str:
        """Say what is meant, as in `product cos.jit/ldngz2szj`."""
        words = [f"run {self.run}"] if self.run else []
        if self.key:
            words.append(f"product {self.kind or '*'}/{self.key} {self.version}".rstrip())
        if self.span is not None:
            words.append(f"what begins in {self.span} of kind {self.kind or '*'}")
        return ", ".join(words) or "nothing"


def retract_target(catalog: Catalog, target: Target, *, dry_run: bool = False) -> list[str]:
    """Retract versions; older states stay askable with `as_of`.

    Parameters
    ----------
    catalog
        The catalogue.
    target
        What to retract.
    dry_run
        True: only say what would be retracted.

    Returns
    -------
    list of str
        Each version as `kind/key version`.

    Raises
    ------
    NotFound
        Raised if nothing there is to be retracted.
    BadQuery
        Raised if the target is not exactly one thing, or its key is a product of several kinds.
    """
    with catalog.read() as snapshot:
        ids = _ids(snapshot, target)
        infos = versions_by_id(snapshot, ids)
    if not ids:
        raise NotFound(
            f"Nothing to retract: no version of {target} still answers or could. See `longwatch find --versions`."
        )
    said = [f"{infos[n].identity} {infos[n].version}".rstrip() for n in sorted(ids)]
    if not dry_run:
        with catalog.run("retract", {"target": str(target)}) as run, catalog.change(run) as change:
            retract(change, ids)
    return said


def _ids(snapshot: Snapshot, target: Target) -> Sequence[int]:
    match target:
        case Target(run=run, kind="", key="", span=None) if run:
            return versions_of_run(snapshot, run)
        case Target(run=0, kind=kind, key=key, span=None) if key:
            return _of_product(snapshot, kind, key, target.version)
        case Target(run=0, kind=kind, key="", span=Timespan() as span) if kind:
            found: list[Found] = find(snapshot, Question(kind=kind, span=span, versions=True))
            return [f.version_id for f in found if f.t_min_us is not None and span.contains(f.t_min_us)]
        case _:
            raise BadQuery("Name exactly one of: a run, a product (kind and key), or a kind with a start and a stop.")


def _of_product(snapshot: Snapshot, kind: str, key: str, version: str) -> list[int]:
    known = identities_of_kind_key(snapshot, kind, key)
    if len(known) > 1:
        raise BadQuery(f"{key!r} is a product of {len(known)} kinds: {', '.join(map(str, known))}. Name the kind.")
    found = [v for identity in known for v in versions_of(snapshot, identity)]
    if version:
        named = [v for v in found if v.version == version]
        found = named or [v for v in found if (v.oid or v.content).startswith(version)]
    return [v.id for v in found]
