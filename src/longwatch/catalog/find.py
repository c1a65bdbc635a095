"""Finding products: by kind, time, keyword and identity, at one commit.

Owns the overlap query and the keyword joins. Must not know what a keyword means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, exists, func, literal, or_, select, union_all

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import Snapshot
from longwatch.domain.epoch import Scalar
from longwatch.domain.timespan import Timespan

Wanted: TypeAlias = Scalar | tuple[float | None, float | None]
"""A value, or a closed range of numbers; None on a side is open."""

_US = 1_000_000
_FEW = 5000
"""Versions with a value are counted up to this: what is rarer is worth following first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is sought.

    Parameters
    ----------
    kind, instrument, key, obs_id
        Exact values; empty: any. In `key` an `*` stands for any characters.
    span
        Products whose time range overlaps it; None: any, those without a time too.
    keywords
        Indexed keyword to value; a pair (low, high) is a closed range, None on a side is open.
    versions
        True: every visible version, not only the one that answers.
    newest_first
        Order by start time, newest first; else by kind and key.
    limit
        At most so many rows; None: all.
    """

    kind: str = ""
    instrument: str = ""
    key: str = ""
    span: Timespan | None = None
    keywords: Mapping[str, Wanted] = field(default_factory=dict)
    versions: bool = False
    newest_first: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One version that answers a question."""

    version_id: int
    instrument: str
    kind: str
    key: str
    version: str
    name: str
    oid: str | None
    content: str
    size: int
    path: str | None
    linked: bool
    t_min_us: int | None
    t_max_us: int | None
    c_from: int


def find(snapshot: Snapshot, question: Question) -> list[Found]:
    """Give the versions that answer a question.

    Parameters
    ----------
    snapshot
        The snapshot.
    question
        What is sought; its keywords must be indexed for its kind.

    Returns
    -------
    list of Found
        In the order the question asks for.
    """
    return [_found(row) for row in snapshot.connection.execute(statement(snapshot, question)).all()]


def statement(snapshot: Snapshot, question: Question) -> Select[tuple[object, ...]]:
    """Give the SQL of a question, so that a test can read its plan."""
    versions = t.versions
    leading = _leading(snapshot, question)
    conditions = [snapshot.lives(versions), *_picked(snapshot, question, leading), *_keywords(question, leading)]
    if question.instrument:
        conditions.append(versions.c.instrument == question.instrument)
    if not question.versions:
        conditions.append(snapshot.tenured(versions.c.id))
    query = select(versions).where(*conditions)
    if leading:
        query = query.join(t.keyword_values, _holds(question.kind, leading, question.keywords[leading]))
    if question.newest_first:
        newest = (t.keyword_values if leading else versions).c.t_min_us.desc()
        if snapshot.connection.dialect.name == "postgresql":
            newest = newest.nulls_last()
        query = query.order_by(newest, versions.c.id.desc())
    else:
        kind = [] if question.kind else [versions.c.kind]
        query = query.order_by(*kind, versions.c.key, versions.c.version, versions.c.id)
    return query if question.limit is None else query.limit(question.limit)


def _picked(snapshot: Snapshot, question: Question, leading: str) -> list[ColumnElement[bool]]:
    """Pick versions by product, time or leading keyword, else by kind.

    The first three imply the kind, which is then not asked again: a database that has no statistics would rather walk
    through all of a kind than follow a list of ids.
    """
    versions = t.versions
    conditions: list[ColumnElement[bool]] = []
    if question.key and "*" not in question.key:
        conditions.append(versions.c.product_id.in_(_products(question)))
    if question.span is not None:
        conditions.append(_overlap(snapshot, question.kind, question.span))
    if question.kind and not conditions and not leading:
        conditions.append(versions.c.kind == question.kind)
    if "*" in question.key:
        pattern = question.key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
        conditions.append(versions.c.key.like(pattern, escape="\\"))
    return conditions


def _products(question: Question) -> Select[int]:
    products = t.products
    query = select(products.c.id).where(products.c.key == question.key)
    return query.where(products.c.kind == question.kind) if question.kind else query


def _leading(snapshot: Snapshot, question: Question) -> str:
    """Give the keyword whose index leads to the versions, in order of time; empty where none does.

    It is the rarest one, or any where all are frequent: the newest are found soon then. A frequent range does not lead,
    its index is in the order of the values.
    """
    if not question.kind:
        return ""
    counts = {
        keyword: (_count(snapshot, question.kind, keyword, wanted), _is_range(wanted))
        for keyword, wanted in question.keywords.items()
    }
    leading = min(counts, key=counts.__getitem__, default="")
    return "" if counts.get(leading) == (_FEW, True) else leading


def _count(snapshot: Snapshot, kind: str, keyword: str, wanted: Wanted) -> int:
    """Count the versions with a value, up to a few; a constant is selected, so that the index alone answers."""
    values = t.keyword_values
    few = select(literal(1)).where(values.c.keyword == keyword, values.c.kind == kind, *_meets(wanted))
    return snapshot.connection.execute(select(func.count()).select_from(few.limit(_FEW).subquery())).scalar_one()


def _is_range(wanted: Wanted) -> bool:
    match wanted:
        case tuple():
            return True
        case _:
            return False


def _holds(kind: str, keyword: str, wanted: Wanted) -> ColumnElement[bool]:
    """Ask whether a row of values belongs to the version and has the wanted value of a keyword."""
    values = t.keyword_values
    of_kind = [values.c.kind == kind] if kind else []
    return and_(values.c.version_id == t.versions.c.id, values.c.keyword == keyword, *of_kind, *_meets(wanted))


def _keywords(question: Question, leading: str) -> list[ColumnElement[bool]]:
    """Ask for every keyword but the leading one, whose row is at hand before the version is looked up."""
    values = t.keyword_values.alias()
    of = t.keyword_values.c.version_id if leading else t.versions.c.id
    return [
        exists().where(values.c.version_id == of, values.c.keyword == keyword, *_meets(wanted, values))
        for keyword, wanted in question.keywords.items()
        if keyword != leading
    ]


def _meets(wanted: Wanted, values: FromClause = t.keyword_values) -> list[ColumnElement[bool]]:
    """Ask whether a value is the wanted one, or in the wanted range."""
    match wanted:
        case (low, high):
            lower = [values.c.num >= low] if low is not None else []
            return lower + ([values.c.num <= high] if high is not None else [])
        case bool():
            return [values.c.txt == ("T" if wanted else "F")]
        case int() | float():
            return [values.c.num == float(wanted)]
        case None:
            return [values.c.num.is_(None), values.c.txt.is_(None)]
        case str():
            return [values.c.txt == wanted]


def _overlap(snapshot: Snapshot, kind: str, span: Timespan) -> ColumnElement[bool]:
    """Ask each duration class for the starts that can still reach into the span: a narrow range of an index."""
    versions = t.versions
    parts = [
        select(versions.c.id).where(
            versions.c.kind == a_kind,
            versions.c.duration_class == number,
            versions.c.t_min_us >= span.start_us - (1 << number) * _US,
            versions.c.t_min_us < span.stop_us,
            or_(versions.c.t_max_us > span.start_us, versions.c.t_min_us >= span.start_us),
        )
        for a_kind, number in _classes(snapshot, kind)
    ]
    if not parts:
        return versions.c.id.is_(None)
    return versions.c.id.in_(select(union_all(*parts).subquery().c.id))


def _classes(snapshot: Snapshot, kind: str) -> Sequence[tuple[str, int]]:
    classes = t.duration_classes
    query = select(classes.c.kind, classes.c.duration_class).order_by(classes.c.kind, classes.c.duration_class)
    if kind:
        query = query.where(classes.c.kind == kind)
    return [(str(a_kind), int(number)) for a_kind, number in snapshot.connection.execute(query)]


def kinds(snapshot: Snapshot) -> list[tuple[str, str, int, int, int | None, int | None]]:
    """Give (instrument, kind, products that answer, bytes, first, last instant) of every kind."""
    versions = t.versions
    query = (
        select(
            versions.c.instrument,
            versions.c.kind,
            func.count(),
            func.sum(versions.c.size),
            func.min(versions.c.t_min_us),
            func.max(versions.c.t_max_us),
        )
        .where(snapshot.lives(versions), snapshot.tenured(versions.c.id))
        .group_by(versions.c.instrument, versions.c.kind)
        .order_by(versions.c.instrument, versions.c.kind)
    )
    return [(i, k, int(n), int(size), low, high) for i, k, n, size, low, high in snapshot.connection.execute(query)]


def all_versions_of_kind(snapshot: Snapshot, kind: str) -> list[tuple[int, int | None]]:
    """Give (version id, start) of every visible version of a kind, for a scan of its headers."""
    versions = t.versions
    query = select(versions.c.id, versions.c.t_min_us).where(versions.c.kind == kind, snapshot.lives(versions))
    return [(int(number), low) for number, low in snapshot.connection.execute(query.order_by(versions.c.id))]


def _found(row: Row[tuple[object, ...]]) -> Found:
    return Found(
        version_id=row.id,
        instrument=row.instrument,
        kind=row.kind,
        key=row.key,
        version=row.version,
        name=row.name,
        oid=row.oid,
        content=row.content,
        size=row.size,
        path=row.path,
        linked=row.link is not None,
        t_min_us=row.t_min_us,
        t_max_us=row.t_max_us,
        c_from=row.c_from,
    )
