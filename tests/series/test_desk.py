"""The commit a question speaks for."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.time import Time

from longwatch.errors import NotFound
from longwatch.testing.series import spec_named
from longwatch.testing.series_site import SeriesSite

SPEC = spec_named("lab.past")


def test_the_past_is_asked_by_its_time_and_a_pinned_view_never_looks_ahead(site: SeriesSite) -> None:
    rows = {"time": np.array([1.0]), "slot": np.array([0])}
    site.bring(SPEC, ("a", "", rows))
    pinned, then = site.room(site.catalog.head()), Time.now()
    site.bring(SPEC, ("b", "", {**rows, "slot": np.array([1])}))
    series = site.room()[SPEC.name]
    assert len(series.fetch()) == 2
    assert len(series.fetch(as_of=then)) == 1
    assert len(pinned[SPEC.name].fetch(as_of="now")) == 1
    assert len(series.fetch(start="-1d", as_of="now")) == 0
    with pytest.raises(NotFound, match="No state of the archive"):
        series.fetch(as_of="2001-01-01")
