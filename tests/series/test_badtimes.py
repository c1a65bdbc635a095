"""What is left out as bad."""

from __future__ import annotations

import numpy as np
from astropy.table import Column as TableColumn
from astropy.table import MaskedColumn

from longwatch.domain.column import Column
from longwatch.domain.times import us_from_cxc
from longwatch.series.badtimes import BadSpans, masked
from longwatch.series.intervals import present
from longwatch.series.plan import Plans
from longwatch.series.read import Reader
from longwatch.series.segment import SegmentFiles
from longwatch.testing.series import spec_named
from longwatch.testing.series_site import SeriesSite


def test_where_nothing_is_registered_nothing_is_bad(site: SeriesSite) -> None:
    spec = spec_named("lab.some")
    rows = {"time": np.array([1.0, 2]), "slot": np.array([0, 0]), "value": np.array([1.0, 2])}
    site.bring(spec, ("a", "", rows))
    plans = Plans(site.catalog)
    bad, commit = BadSpans(plans, Reader(plans, SegmentFiles(site.store))), site.catalog.head()
    table = site.room()["lab.some"].fetch()
    assert bad.bad_rows(table, spec, commit).tolist() == [False, False]
    assert bad.of("lab.some", ("", "value"), commit)[0].tolist() == []


def test_a_masked_copy_leaves_the_original(site: SeriesSite) -> None:
    column = TableColumn([1.0, 2, 3], name="temp", unit="K", description="Temperature")
    found = masked(column, np.array([False, True, False]))
    assert found.tolist() == [1, None, 3]
    assert (str(found.unit), found.description) == ("K", "Temperature")
    assert column.tolist() == [1, 2, 3]


def test_a_list_is_masked_as_a_whole(site: SeriesSite) -> None:
    columns = {"hits": Column(name="hits", unit="", description="", dtype="f4", ragged=True), "temp": "K"}
    series = site.room().create("lab.lists", columns=columns)
    hits = np.empty(3, object)
    hits[:] = [np.array(row, "f4") for row in ([1], [2, 3], [])]
    us = us_from_cxc(np.arange(3.0) + 1e8)
    series.append({"time": us, "hits": hits, "temp": [1.0, 2, 3]})
    site.room().bad_times.add("lab.lists", [(1e8, 1e8 + 2)], channel="hits", reason="x")
    found = series.fetch(filter_bad=True)["hits"]
    assert found.mask.tolist() == [True, True, False]
    assert found.data.data.tolist()[:2] == [None, None]
    assert series.fetch("hits", filter_bad=True)["time"].tolist() == us[2:].tolist()
    assert [len(row) for row in series.fetch("hits")["hits"]] == [1, 2, 0]


def test_an_image_is_there_while_one_pixel_is() -> None:
    pixels = MaskedColumn(np.zeros((3, 2)), mask=[[True, True], [True, False], [False, False]], name="image")
    assert present(pixels).tolist() == [False, True, True]
    assert present(TableColumn(np.zeros((2, 2)), name="image")).tolist() == [True, True]
    assert present(TableColumn(np.zeros((0, 2)), name="image")).tolist() == []
