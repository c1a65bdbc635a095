"""Statistics of rows at hand agree with those of all rows."""

from __future__ import annotations

import numpy as np

from longwatch.testing.series import spec_named
from longwatch.testing.series_site import SeriesSite

SPEC = spec_named("lab.some")


def test_selecting_everything_changes_no_statistics(site: SeriesSite, rng: np.random.Generator) -> None:
    seconds = np.sort(rng.uniform(0, 4 * 86_400, 300))
    value = np.ma.MaskedArray(rng.normal(size=300), rng.random(300) < 0.1)
    state = rng.choice(["ON", "OFF"], 300)
    site.bring(SPEC, ("a", "", {"time": seconds, "slot": np.zeros(300, int), "value": value, "state": state}))
    series = site.room()["lab.some"]
    for stat in ("5min", "hour", "daily"):
        plain = series.fetch(["value", "state"], stat=stat)
        again = series.fetch(["value", "state"], stat=stat, select=[(None, None)])
        assert again.colnames == plain.colnames
        for name in plain.colnames:
            assert np.ma.allequal(np.ma.asanyarray(again[name].data), np.ma.asanyarray(plain[name].data)), name
