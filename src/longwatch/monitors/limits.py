"""Limit tables: read from TOML, checked for sense, and chosen for a measurement.

Owns the schema of a limits file and which limit speaks. Must not know what a metric means.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import combinations
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from longwatch.domain.limit import Limit, Verdict, verdict
from longwatch.domain.metric import Measurement
from longwatch.domain.times import parse_span
from longwatch.errors import BadConfig, BadQuery

_NEXT = "Correct it there; no limit of this folder was loaded."


class _Entry(BaseModel):
    """One `[[limit]]` of a file. Eras are of the data, half-open, in any accepted form of a time."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, arbitrary_types_allowed=True)

    metric: str = Field(min_length=1)
    subject: str = ""
    alarm_low: float | None = None
    caution_low: float | None = None
    caution_high: float | None = None
    alarm_high: float | None = None
    era_start: str | datetime | date | None = None
    era_stop: str | datetime | date | None = None
    source: str = Field(min_length=1)


def load_limits(folder: Path) -> tuple[Limit, ...]:
    """Give the limits of every TOML file in a folder.

    Parameters
    ----------
    folder
        Holds files of `[[limit]]` tables with `metric`, `subject`, `alarm_low`, `caution_low`, `caution_high`,
        `alarm_high` (in the metric's unit), `era_start`, `era_stop` and `source`.

    Returns
    -------
    tuple of Limit
        In order of file name and place in the file.

    Raises
    ------
    BadConfig
        Raised if a file is no such table, or two limits speak of one subject at one time with equal right; the
        message names the file, the entry and the reason.
    """
    placed = [found for path in sorted(folder.glob("*.toml")) for found in _of_file(path)]
    _refuse_ties(placed)
    return tuple(limit for _, limit in placed)


def limit_for(limits: Iterable[Limit], measurement: Measurement) -> Limit | None:
    """Give the limit that holds for a measurement at the time its window begins, or None.

    Of several, the one whose subject has most words speaks: `detector=FUV segment=FUVA` before `detector=FUV`.
    """
    holding = [
        limit
        for limit in limits
        if limit.metric == measurement.metric and limit.holds_for(measurement.subject, measurement.window.start_us)
    ]
    return max(holding, key=_words, default=None)


def judge(limits: Iterable[Limit], measurement: Measurement) -> Verdict:
    """Say what the limits say of a measurement."""
    return verdict(measurement.value, limit_for(limits, measurement))


def _words(limit: Limit) -> int:
    return len(set(limit.subject.split()))


def _of_file(path: Path) -> Iterator[tuple[str, Limit]]:
    """Give the limits of a file, each with the place it was read from."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"Limits file {path.name}: not TOML, {error}. {_NEXT}") from error
    entries = content.get("limit", [])
    if set(content) - {"limit"} or not isinstance(entries, list):
        raise BadConfig(f"Limits file {path.name}: it holds {sorted(content)}, but only [[limit]] is known. {_NEXT}")
    for number, entry in enumerate(entries, start=1):
        place = f"Limits file {path.name}, entry {number}"
        yield place, _limit(entry, place)


def _limit(entry: Mapping[str, JsonValue], place: str) -> Limit:
    try:
        read = TypeAdapter(_Entry).validate_python(entry)
        spoken = read.model_dump(exclude={"era_start", "era_stop"})
        bounded = any(value is not None for name, value in spoken.items() if name.endswith(("_low", "_high")))
        era = None
        if read.era_start is not None or read.era_stop is not None:
            era = parse_span(read.era_start, read.era_stop)
        limit = Limit(**spoken, era=era)
    except ValidationError as error:
        reasons = "; ".join(f"{'.'.join(map(str, e['loc'][:1]))}: {e['msg']}" for e in error.errors())
        raise BadConfig(f"{place}: {reasons}. {_NEXT}") from error
    except (BadConfig, BadQuery) as error:
        raise BadConfig(f"{place}: {error}") from error
    if not bounded:
        raise BadConfig(f"{place}: it has no bound. Give alarm_low, caution_low, caution_high or alarm_high. {_NEXT}")
    return limit


def _refuse_ties(placed: Sequence[tuple[str, Limit]]) -> None:
    by_metric = defaultdict(list)
    for place, limit in placed:
        by_metric[limit.metric].append((place, limit))
    for rivals in by_metric.values():
        for (here, one), (there, other) in combinations(rivals, 2):
            if _words(one) == _words(other) and _meet(one, other):
                spoken = [f"{limit.metric!r} for {limit.subject or 'every subject'!r}" for limit in (one, other)]
                raise BadConfig(
                    f"{there}: {spoken[1]} overlaps {spoken[0]} ({here}) with equal right. "
                    "Part their eras, or make one subject more specific."
                )


def _meet(one: Limit, other: Limit) -> bool:
    """Tell whether one subject at one time could be spoken of by both."""
    contrary = any(
        a != b and a.partition("=")[0] == b.partition("=")[0]
        for a in one.subject.split()
        for b in other.subject.split()
    )
    return not contrary and (one.era is None or other.era is None or one.era.overlaps(other.era))
