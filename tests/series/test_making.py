"""Making statistics to be kept, a few days at a time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.series import making
from longwatch.series.bins import Level
from longwatch.series.inputs import span_of_month
from longwatch.series.making import month_summaries, stretches
from longwatch.series.read import Reader
from longwatch.series.summary import encode
from longwatch.testing.series_site import SeriesSite

DAY_S = 86_400.0
JANUARY = 199801
SPEC = SeriesSpec(
    name="lab.a",
    description="",
    columns=(
        Column(name="time", unit="s", description=""),
        Column(name="slot", unit="", description="", dtype="i2"),
        Column(name="value", unit="K", description=""),
        Column(name="state", unit="", description="", dtype="str"),
        Column(name="word", unit="", description="", dtype="str"),
    ),
    scale=TimeScale.CXC,
    key=("slot",),
    instrument="lab",
)


def bring(site: SeriesSite) -> None:
    """Bring five rows an hour of ten weeks, first of slot 0 alone, and each day with a few words of its own."""
    time = np.arange(0, 70 * DAY_S, 12.0 * 60)
    day = (time // DAY_S).astype(int)
    rng = np.random.default_rng(1)
    rows = {
        "time": time,
        "slot": np.where(day > 9, rng.integers(0, 3, len(time)), 0).astype("i2"),
        "value": rng.normal(size=len(time)),
        "state": rng.choice(["ON", "OFF"], len(time)),
        "word": np.array([f"{number}.{at % 3}" for at, number in enumerate(day.tolist())]),
    }
    site.bring(SPEC, ("a", "", rows))


def made(site: SeriesSite) -> list[bytes]:
    desk = site.room()["lab.a"]._desk
    plan = desk.plans.plan("lab.a", site.catalog.head())
    return [encode(*one) for one in month_summaries(desk.reader, plan, JANUARY, SPEC.columns[2:])]


def test_statistics_are_the_same_however_few_rows_are_read_at_once(
    site: SeriesSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(site)
    monkeypatch.setattr(making, "FEW", 1)
    at_once = made(site)
    most, read = 0, Reader.rows

    def rows(self: Reader, *asked: object) -> object:
        nonlocal most
        table = read(self, *asked)
        most = max(most, table.num_rows)
        return table

    monkeypatch.setattr(Reader, "rows", rows)
    monkeypatch.setattr(making, "VALUES", 5 * 240)
    assert made(site) == at_once
    assert most < 4 * 120


def test_a_month_is_cut_into_whole_days_by_its_rows(site: SeriesSite, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(site)
    plan = site.room()["lab.a"]._desk.plans.plan("lab.a", site.catalog.head())
    month = span_of_month(JANUARY)
    assert stretches(plan, JANUARY, 4) == [month]
    monkeypatch.setattr(making, "VALUES", 1)
    days = stretches(plan, JANUARY, 4)
    assert len(days) == 31
    assert (days[0].start_us, days[-1].stop_us) == (month.start_us, month.stop_us)
    assert all(one.stop_us == other.start_us for one, other in pairwise(days))


def test_statistics_that_are_not_kept_are_made_a_few_days_at_a_time_too(
    site: SeriesSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(site)
    asked = [(name, level) for name in ("value", "state") for level in Level]
    span = ("1998-01-05T03:04:05", "1998-02-20T06:07:08")
    want = [site.room()["lab.a"].fetch(name, *span, stat=level) for name, level in asked]
    monkeypatch.setattr(making, "VALUES", 1)
    got = [site.room()["lab.a"].fetch(name, *span, stat=level) for name, level in asked]
    for one, other in zip(want, got, strict=True):
        assert all(np.array_equal(one[name], other[name]) for name in one.colnames)
