"""Statistics of telemetry under the names older scripts know."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.errors import BadQuery
from longwatch.instruments.aca import aca_hdr3, aca_l0

SPAN = ("2023:095", "2023:097:11:00:00")


def test_days_of_a_column_are_those_of_its_good_rows(watched: Archive) -> None:
    days = aca_l0.MSID("tempccd", 3, *SPAN, archive=watched, stat="daily")
    assert (days.msid, days.slot, days.stat) == ("TEMPCCD", 3, "daily")
    assert len(days.vals) == 2
    for number, day in enumerate(("2023:095", "2023:096")):
        one = aca_l0.MSID("tempccd", 3, day, f"{day}:23:59:59.999", archive=watched).filter_bad()
        assert days.samples[number] == len(one.vals)
        assert (days.mins[number], days.maxes[number]) == (one.vals.min(), one.vals.max())
        assert days.vals[number] == days.means[number] == pytest.approx(one.vals.astype(float).mean())
        assert days.p50s[number] == pytest.approx(np.median(one.vals))
        assert days.midvals[number] == one.vals[len(one.vals) // 2]
        assert days.times[number] == pytest.approx((one.times[0] + one.times[-1]) / 2, abs=600)
    assert days.indexes.tolist() == [int(time // 86400) for time in days.times]
    assert not days.bads.any()
    assert days.tstart < days.times[0]


def test_five_minutes_are_328_seconds_counted_from_1998(watched: Archive) -> None:
    bins = aca_l0.MSID("TEMPCCD", 3, "2023:095:01:00:00", "2023:095:02:00:00", archive=watched, stat="5min")
    assert np.allclose(bins.times / 328 % 1, 0.5)
    assert bins.indexes.tolist() == np.floor(bins.times / 328).astype(int).tolist()
    assert len(bins.vals) in {10, 11}
    assert not hasattr(bins, "p50s")
    samples = aca_l0.MSID("TEMPCCD", 3, bins.times[0] - 164, bins.times[-1] + 163.999, archive=watched).filter_bad()
    assert bins.samples.sum() == len(samples.vals)


def test_header_3_has_them_too(watched: Archive) -> None:
    hours = aca_hdr3.MSID("ad_5v_ps", *SPAN, archive=watched, stat="hour")
    samples = aca_hdr3.Msid("ad_5v_ps", *SPAN, archive=watched)
    assert hours.msid == "ad_5v_ps"
    assert hours.samples.sum() == len(samples.vals)
    if len(samples.vals):
        assert hours.maxes.max() == samples.vals.max()
    assert aca_hdr3.Msid("ccd_temp", *SPAN, archive=watched, stat="daily").vals.dtype == np.float64


def test_words_and_images_have_none(watched: Archive) -> None:
    with pytest.raises(BadQuery, match="no mean"):
        aca_l0.MSID("IMGRAW", 3, *SPAN, archive=watched, stat="daily")
    with pytest.raises(BadQuery, match="no statistics 'weekly'"):
        aca_l0.MSID("TEMPCCD", 3, *SPAN, archive=watched, stat="weekly")
