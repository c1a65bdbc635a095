"""Measurements as tables: units, masks, subject words."""

from __future__ import annotations

import numpy as np

from longwatch.catalog.measurements import StoredMeasurement
from longwatch.domain.limit import Severity, Verdict
from longwatch.domain.metric import Measurement
from longwatch.domain.timespan import Timespan
from longwatch.monitors.tables import measurement_table, status_table, verdict_table
from toy_archive import DAY, MEAN, T0

WINDOW = Timespan(T0, T0 + DAY)


def stored(subject: str, value: float | None, window: Timespan = WINDOW) -> StoredMeasurement:
    one = Measurement(metric=MEAN.name, subject=subject, window=window, value=value)
    return StoredMeasurement(id=1, measurement=one, unit="adu", run_id=7)


def test_subject_words_become_columns() -> None:
    table = measurement_table(MEAN, [stored("detector=FUV segment=FUVA", 1.0), stored("detector=NUV", None)])
    assert table.colnames == ["start", "stop", "detector", "segment", "value", "uncertainty", "run"]
    assert table["value"].unit == "adu"
    assert table["value"].mask.tolist() == [False, True]
    assert table["segment"].mask.tolist() == [False, True]
    assert table["uncertainty"].mask.all()
    assert table["start"][0].isot == "2020-01-01T00:00:00.000"
    assert table["run"].tolist() == [7, 7]


def test_word_that_is_a_column_already_is_told_apart() -> None:
    assert "subject_run" in measurement_table(MEAN, [stored("run=3", 1.0)]).colnames


def test_open_window_is_masked() -> None:
    table = measurement_table(MEAN, [stored("a=1", 1.0, Timespan())])
    assert np.all(table["start"].mask)
    assert np.all(table["stop"].mask)


def test_empty_tables_keep_their_columns() -> None:
    assert measurement_table(MEAN, []).colnames == ["start", "stop", "value", "uncertainty", "run"]
    assert len(status_table([])) == 0
    assert len(verdict_table([])) == 0


def test_verdicts_stand_beside_values() -> None:
    table = verdict_table([("toy.mean", stored("a=1", 2.0), Verdict(severity=Severity.ALARM, reason="too high"))])
    assert table["severity"].tolist() == ["alarm"]
    assert table["reason"].tolist() == ["too high"]
    assert table["unit"].tolist() == ["adu"]
