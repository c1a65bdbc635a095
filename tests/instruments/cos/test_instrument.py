"""The declaration keeps the contract, and what the readers give fits the series it declares."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longwatch.contracts.kind import Source
from longwatch.instruments.cos.instrument import INSTRUMENT
from longwatch.monitors.limits import load_limits
from longwatch.plugins import check
from longwatch.series.rows import to_table


def test_the_declaration_keeps_the_contract() -> None:
    check(INSTRUMENT)


def test_its_limits_load_and_speak_of_its_metrics() -> None:
    limits = load_limits(INSTRUMENT.limits)
    assert {limit.metric for limit in limits} <= {m.name for monitor in INSTRUMENT.monitors for m in monitor.metrics}
    assert limits


@pytest.mark.parametrize("kind", INSTRUMENT.kinds, ids=lambda kind: kind.name)
def test_kinds_travel_to_worker_processes(kind: Any) -> None:
    assert pickle.loads(pickle.dumps(kind)) == kind


@pytest.mark.parametrize(
    "path",
    ["lb4c10niq_lampflash.fits.gz", "lbhx97ijq_lampflash.fits.gz", "ldngz2szj_jit.fits.gz", "sms/152717t0.txt"],
)
def test_rows_fit_their_series(real_cos: Path, open_source: Callable[[Path], Source], path: Any) -> None:
    source = open_source(real_cos / path)
    header = source.fits.primary.header if source.fits else None
    kind = max(INSTRUMENT.kinds, key=lambda kind: kind.claim(source.name, source.data[:28800], header))
    specs = {spec.name: spec for spec in INSTRUMENT.series}
    for rows in kind.read(source).rows:
        table = to_table(specs[rows.series], rows)
        assert table.num_rows == len(next(iter(rows.columns.values())))
        missing = {name: int(np.ma.count_masked(values)) for name, values in rows.columns.items()}
        assert {name: table[name].null_count for name in missing} == missing
