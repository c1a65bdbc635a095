"""One segment a month and commit, whatever number of files brought the rows."""

from __future__ import annotations

import numpy as np

from longwatch.catalog.declared import declared_series
from longwatch.catalog.segments import segments_of
from longwatch.testing.series import STEP_S, columns_of, spec_named
from longwatch.testing.series_site import SeriesSite

SPEC = spec_named("lab.written")


def test_rows_of_many_files_stand_in_one_segment_a_month(site: SeriesSite) -> None:
    files = [(f"f{number}", "", columns_of([(step, 0, 1.0, "ON") for step in range(number, 9)])) for number in range(3)]
    site.bring(SPEC, *files)
    with site.catalog.read() as snapshot:
        found = segments_of(snapshot, declared_series(snapshot)[SPEC.name].id)
    assert [segment.month for segment in found] == [199712, 199801, 199802, 199803]
    assert sum(segment.n_rows for segment in found) == 9 + 8 + 7
    assert [segment.plain for segment in found] == [True, False, False, False]
    assert found[1].span[1] - found[1].span[0] == 2 * STEP_S * 1e6


def test_files_without_rows_leave_no_segment(site: SeriesSite) -> None:
    site.bring(SPEC, ("a", "", columns_of([])), ("b", "", {}))
    assert len(site.room()[SPEC.name].fetch()) == 0
    site.bring(SPEC, ("a", "2", {"time": np.array([1.0]), "slot": np.array([1])}))
    assert len(site.room()[SPEC.name].fetch()) == 1
