"""The contract of series as tests: subclass `SeriesTests`, give a `catalog` and a `store`, and run it.

Owns what reading rows must give on every database and store, and the plain model it is compared with.
Must not know any database or store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

import numpy as np
import pytest
from astropy.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longwatch.catalog.catalog import Catalog
from longwatch.contracts.objectstore import ObjectStore
from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.testing.series_site import SeriesSite

STEP_S = 9 * 86_400.0
"""Distance of the model's times, so that a handful of them spans months [s]."""

Row: TypeAlias = tuple[int, int, float, str]
"""Step of time, slot, value, state."""
File: TypeAlias = tuple[int, int, list[Row]]
"""Product, version, rows."""

_ROWS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 1), st.floats(0, 9, width=16), st.sampled_from(["ON", "OFF", ""])),
    min_size=1,
    max_size=9,
)
_FILES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), _ROWS), min_size=1, max_size=3)
_STEPS = st.lists(st.one_of(_FILES, st.integers(0, 20), st.none()), min_size=2, max_size=8)
_CHANGES: Sequence[list[File] | int | None] = (
    [(0, 0, [(0, 0, 1.0, "ON"), (0, 1, 2.0, "ON"), (4, 1, 3.0, "")])],
    [(1, 0, [(3, 0, 4.0, "OFF"), (4, 0, 5.0, "ON"), (0, 1, 9.0, "ON")])],
    [(0, 1, [(0, 0, 7.0, "ON")])],
    0,
    None,
    [(2, 0, [(1, 1, 8.0, "ON")])],
)
_NUMBERS = count()
_SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]


def spec_named(name: str, scale: TimeScale = TimeScale.CXC) -> SeriesSpec:
    """Give the declaration of a small series with a key."""
    return SeriesSpec(
        name=name,
        description="A series made for tests.",
        columns=(
            Column(name="time", unit="s", description="Time"),
            Column(name="slot", unit="", description="Slot", dtype="u1"),
            Column(name="value", unit="deg_C", description="Value; masked where the state is empty"),
            Column(name="state", unit="", description="State", dtype="str"),
        ),
        scale=scale,
        key=("slot",),
        instrument="lab",
    )


def columns_of(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """Give rows as columns."""
    mask = [state == "" for *_, state in rows]
    return {
        "time": np.array([step * STEP_S for step, *_ in rows], dtype=np.float64),
        "slot": np.array([slot for _, slot, *_ in rows], dtype=np.uint8),
        "value": np.ma.MaskedArray([value for *_, value, _ in rows], mask, dtype=np.float64),
        "state": np.array([state for *_, state in rows], dtype=str),
    }


@dataclass
class Model:
    """What reading must give, in plain Python: versions by number, and those retracted."""

    versions: dict[int, tuple[str, int, dict[tuple[int, int], Row]]] = field(default_factory=dict)
    retracted: set[int] = field(default_factory=set)

    def bring(self, number: int, file: File) -> None:
        """Take in a version's rows; of rows with an equal key the last one stays."""
        product, version, rows = file
        self.versions[number] = (str(product), version, {(row[0], row[1]): row for row in rows})

    def answer(self) -> list[Row]:
        """Give the rows that answer, by time and slot."""
        seats: dict[str, tuple[int, int]] = {}
        for number, (product, version, _) in self.versions.items():
            if number not in self.retracted:
                seats[product] = max(seats.get(product, (-1, -1)), (version, number))
        found: dict[tuple[int, int], Row] = {}
        for _, number in sorted(seats.values()):
            found |= self.versions[number][2]
        return [found[key] for key in sorted(found)]


def rows_of(table: Table) -> list[Row]:
    """Give a fetched table as rows of the model."""
    values = np.ma.filled(np.ma.asanyarray(table["value"].data), np.nan)
    missing = np.ma.getmaskarray(np.ma.asanyarray(table["value"].data))
    assert np.array_equal(missing, table["state"] == "")
    steps = np.rint(np.asarray(table["time"]) / STEP_S).astype(int).tolist()
    return list(zip(steps, table["slot"].tolist(), values.tolist(), table["state"].tolist(), strict=True))


def same(found: Sequence[Row], wanted: Sequence[Row]) -> bool:
    """Tell whether rows are equal but for values that are missing."""
    return [(*r[:2], r[3] and r[2], r[3]) for r in found] == [(*r[:2], r[3] and r[2], r[3]) for r in wanted]


class SeriesTests:
    """What series must do on every database and store.

    A subclass overrides the fixtures `catalog`, with its tables created, and `store`.
    """

    @pytest.fixture
    def catalog(self) -> Catalog:
        """Give an empty catalogue with its tables."""
        raise NotImplementedError

    @pytest.fixture
    def store(self) -> ObjectStore:
        """Give an empty, writable store."""
        raise NotImplementedError

    @pytest.fixture
    def site(self, catalog: Catalog, store: ObjectStore) -> SeriesSite:
        """Give the archive the tests work on."""
        return SeriesSite(catalog, store)

    @settings(max_examples=15, deadline=None, suppress_health_check=_SHARED)
    @given(steps=_STEPS, span=st.tuples(st.integers(0, 8), st.integers(0, 8)))
    def test_answers_as_the_model_does(
        self, site: SeriesSite, steps: list[list[File] | int | None], span: tuple[int, int]
    ) -> None:
        """Late, duplicate, superseded, retracted, merged: every commit answers as the model did then."""
        spec = spec_named(f"lab.s{next(_NUMBERS)}")
        site.declare(spec)
        model, wanted = Model(), {}
        for step in steps:
            _take(site, spec, model, step)
            wanted[site.catalog.head()] = model.answer()
        low, high = min(span), max(span)
        for commit, rows in wanted.items():
            series = site.room(commit)[spec.name]
            inside = [row for row in rows if low <= row[0] < high]
            assert same(rows_of(series.fetch()), rows)
            assert same(rows_of(series.fetch(None, low * STEP_S, high * STEP_S)), inside)
            assert same(rows_of(series.fetch(where={"slot": 1})), [row for row in rows if row[1] == 1])
            assert same(rows_of(series.fetch(limit=2)), rows[:2])
            several = series.spans(None, [(low * STEP_S, high * STEP_S), (0.0, 8 * STEP_S)])
            assert same(rows_of(several), [*inside, *rows])
            assert several["span"].tolist() == [0] * len(inside) + [1] * len(rows)

    @pytest.mark.parametrize("scale", [TimeScale.CXC, TimeScale.MJD_UTC])
    def test_gives_back_what_was_brought(self, site: SeriesSite, scale: TimeScale) -> None:
        """Values, masks, words and units survive."""
        spec = spec_named(f"lab.{scale}", scale)
        site.bring(spec, ("a", "", columns_of([(0, 0, 1.5, "ON"), (0, 1, 2.5, ""), (1, 0, 3.5, "OFF")])))
        table = site.room()[spec.name].fetch()
        assert rows_of(table)[::2] == [(0, 0, 1.5, "ON"), (1, 0, 3.5, "OFF")]
        assert table["value"].unit == "deg_C"

    def test_statistics_follow_what_answers(self, site: SeriesSite, monkeypatch: pytest.MonkeyPatch) -> None:
        """Those that are kept too: after late rows, a newer version, a retraction and a merge, and as of before."""
        monkeypatch.setattr("longwatch.series.maker.WORTH", 0)
        spec = spec_named("lab.counted")
        model, wanted = Model(), {}
        for step in _CHANGES:
            _take(site, spec, model, step)
            site.room()[spec.name].summarise()
            wanted[site.catalog.head()] = model.answer()
        for commit, rows in wanted.items():
            for where in (None, {"slot": 1}):
                table = site.room(commit)[spec.name].fetch("value", stat="daily", where=where)
                found = zip(table["count_value"], table["min_value"], table["max_value"], strict=True)
                assert [(int(n), low, high) for n, low, high in found] == _counted(rows, where)

    def test_merging_changes_no_answer(self, site: SeriesSite) -> None:
        """Before, after, and as of before."""
        spec = spec_named("lab.merged")
        for number in range(9):
            rows = [(step, number % 2, float(number), "ON") for step in range(number, number + 5)]
            site.bring(spec, ("a" + str(number % 4), str(number), columns_of(rows)))
        before, commit = rows_of(site.room()[spec.name].fetch()), site.catalog.head()
        assert site.fold(spec.name) > 2
        assert rows_of(site.room()[spec.name].fetch()) == before
        assert rows_of(site.room(commit)[spec.name].fetch()) == before


def _counted(rows: Sequence[Row], where: Mapping[str, int] | None) -> list[tuple[int, float, float]]:
    """Give number, smallest and largest value of each step of time, which are days of their own."""
    by_step: dict[int, list[float]] = {}
    for step, slot, value, state in rows:
        if state and (where is None or slot == where["slot"]):
            by_step.setdefault(step, []).append(value)
    return [(len(by_step[step]), min(by_step[step]), max(by_step[step])) for step in sorted(by_step)]


def _take(site: SeriesSite, spec: SeriesSpec, model: Model, step: list[File] | int | None) -> None:
    """Do one step: bring files, retract a version, or merge."""
    match step:
        case list():
            brought = [(f"{spec.name}/{product}", str(version), columns_of(rows)) for product, version, rows in step]
            for number, file in zip(site.bring(spec, *brought), step, strict=True):
                model.bring(number, file)
        case int():
            numbers = sorted(model.versions)
            if numbers:
                number = numbers[step % len(numbers)]
                site.retract(number)
                model.retracted.add(number)
        case None:
            site.fold(spec.name)
