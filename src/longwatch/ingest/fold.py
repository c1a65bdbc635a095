"""Folding after a run: series that collected many small segments are merged, month by month.

Owns when it happens. Must not know how segments are merged.
"""

from __future__ import annotations

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.declared import declared_series
from longwatch.contracts.objectstore import ObjectStore
from longwatch.domain.run import Run
from longwatch.series.fold import fold, fold_due


def fold_series(catalog: Catalog, store: ObjectStore, run: Run) -> int:
    """Merge what is due, one commit a month of a series; gives how many segments were retired."""
    with catalog.read() as snapshot:
        series = declared_series(snapshot)
        due = [(found, month) for found in series.values() for month in fold_due(snapshot, found.id)]
    count = 0
    for found, month in due:
        with catalog.change(run) as change:
            count += fold(change, store, found.id, found.spec, month=month)
    return count
