"""When segments are merged, and what is left of them."""

from __future__ import annotations

import io

import numpy as np
import pyarrow.parquet as pq
import pytest

from longwatch.catalog.declared import declared_series
from longwatch.catalog.segments import segments_of
from longwatch.series import fold as folding
from longwatch.series import layout
from longwatch.series.fold import fold_due
from longwatch.testing.series import spec_named
from longwatch.testing.series_site import SeriesSite

SPEC = spec_named("lab.folded")


def brought(site: SeriesSite, n_files: int) -> None:
    for number in range(n_files):
        columns = {
            "time": np.array([float(number)]),
            "slot": np.array([0], dtype="u1"),
            "value": np.array([number * 1.0]),
        }
        site.bring(SPEC, (f"f{number}", "", columns))


def state(site: SeriesSite) -> tuple[list[int], int]:
    """Months in which a fold is due, and how many segments there are."""
    with site.catalog.read() as snapshot:
        known = declared_series(snapshot)[SPEC.name]
        return fold_due(snapshot, known.id), len(segments_of(snapshot, known.id))


def test_nine_small_segments_in_a_month_are_due(site: SeriesSite) -> None:
    brought(site, 8)
    assert state(site) == ([], 8)
    brought(site, 1)
    assert state(site) == ([199712], 9)
    assert site.fold(SPEC.name) == 9
    assert state(site) == ([], 1)
    assert site.fold(SPEC.name) == 0


def test_a_fold_takes_in_a_bounded_number_of_bytes(site: SeriesSite, monkeypatch: pytest.MonkeyPatch) -> None:
    brought(site, 9)
    with site.catalog.read() as snapshot:
        size = segments_of(snapshot, declared_series(snapshot)[SPEC.name].id)[0].size
    monkeypatch.setattr(folding, "FOLDED", 4 * size - 9)
    site.fold(SPEC.name)
    assert state(site)[1] == 3
    assert site.room()[SPEC.name].fetch("value")["value"].tolist() == list(range(9))


def test_a_fold_piece_by_piece_keeps_every_row(
    site: SeriesSite, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    for name, value in (("RUN", 2), ("GROUP", 3), ("GROUP_OF_ARRAYS", 3)):
        monkeypatch.setattr(layout, name, value)
    monkeypatch.setattr(folding, "PIECE", 4)
    for number in range(6):
        columns = {
            "time": rng.integers(0, 30, 20).astype(float),
            "slot": rng.integers(0, 3, 20),
            "value": rng.random(20),
        }
        site.bring(SPEC, (f"f{number % 4}", str(number), columns))
    before, commit = site.room()[SPEC.name].fetch(), site.catalog.head()
    assert site.fold(SPEC.name) == 6
    for after in (site.room(), site.room(commit)):
        assert np.array_equal(after[SPEC.name].fetch().as_array(), before.as_array())
    with site.catalog.read() as snapshot:
        (segment,) = segments_of(snapshot, declared_series(snapshot)[SPEC.name].id)
    stored = pq.read_table(io.BytesIO(site.store.get(segment.oid)))
    assert stored["slot"].to_pylist() == sorted(stored["slot"].to_pylist())
    assert (segment.n_rows, segment.plain) == (stored.num_rows, False)
