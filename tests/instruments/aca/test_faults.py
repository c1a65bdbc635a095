"""Faults as they come in telemetry, each with the one thing that must follow. See spec/aca-dark-hdr3-l0.md 9.1 and 9.4.

Missing packets, repeated frames and dumps are in `test_downlink`; overlaps, the first image of a file in `test_aca_l0`;
changes of image size in `test_aca_hdr3`; files without rows in `test_readers`; damaged calibrations in `test_dark_cal`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aca_files import Rows, l0_rows, write_l0
from longwatch.archive import Archive
from longwatch.domain.times import cxc_from_us, to_us
from longwatch.domain.timespan import Timespan
from longwatch.instruments.aca import aca_hdr3, aca_l0
from longwatch.instruments.aca.monitors.coverage import PRESENT, Coverage
from longwatch.instruments.aca.simulate import START

SPAN = (START - 10.0, START + 1000.0)


def taken_in(site: Archive, folder: Path, *files: Rows) -> Archive:
    for rows in files:
        write_l0(folder, rows)
    assert site.ingest(*map(str, folder.glob("*.gz"))).quarantined == 0
    return site


def at(rows: Rows, date: str) -> Rows:
    """Move rows in time, so that the first lies 60 s before a date."""
    moved = float(cxc_from_us(to_us(date))) - 60.0 - rows["time"][0]
    return rows | {name: rows[name] + moved for name in ("time", "end_integ_time")}


def test_rows_of_bad_quality_stay_but_are_not_believed(site: Archive, tmp_path: Path) -> None:
    rows = l0_rows(0, np.arange(0, 80, 4))
    rows["quality"] = np.where(np.arange(20) == 5, 1, 0)
    taken_in(site, tmp_path, rows)
    assert len(aca_l0.get_slot_data(*SPAN, slot=0, archive=site)) == 20
    assert len(aca_l0.get_l0_images(*SPAN, slot=0, archive=site)) == 19
    assert len(aca_l0.get_aca_images(*SPAN, archive=site)) == 19
    assert np.flatnonzero(aca_hdr3.MSID("ad_5v_ps", *SPAN, archive=site).vals.mask).tolist() == [5, 19]


def test_files_without_diagnostics_bring_images_only(site: Archive, tmp_path: Path) -> None:
    taken_in(site, tmp_path, l0_rows(3, np.arange(0, 80, 2)), l0_rows(6, np.arange(0, 80)))
    assert len(site.series["aca.l0"].fetch(["time"])) == 40 + 80
    assert len(aca_hdr3.MSID("ad_5v_ps", *SPAN, archive=site).vals) == 0


def test_a_missing_slot_leaves_the_coarse_temperature(site: Archive, tmp_path: Path) -> None:
    taken_in(site, tmp_path, l0_rows(6, np.arange(0, 80, 4), size=8))
    values = aca_hdr3.Msid("ccd_temp", *SPAN, archive=site).vals
    assert len(values) == 19
    assert np.abs(values * 100 - np.rint(values * 100)).max() < 1e-6
    assert aca_hdr3.MSID("zero_off32_quad_c", *SPAN, archive=site).vals.mask.all()


def test_a_longer_integration_breaks_the_cadence(site: Archive, tmp_path: Path) -> None:
    """At 3.2 s the images are 8.2 s apart; no header-3 sample counts then, and one sees that it does not."""
    rows = l0_rows(0, np.arange(0, 160, 8))
    rows["integ"] = np.full(20, 3.2)
    taken_in(site, tmp_path, rows)
    found = aca_hdr3.MSID("ad_5v_ps", *SPAN, archive=site)
    assert (len(found.vals), found.vals.mask.all()) == (20, True)


@pytest.mark.parametrize("date", ["2017-01-01", "2024-01-01"], ids=["leap second", "year"])
def test_nothing_is_lost_at_the_turn_of_a_year(site: Archive, tmp_path: Path, date: str) -> None:
    taken_in(site, tmp_path, at(l0_rows(0, np.arange(0, 160, 4)), date))
    t_first = float(cxc_from_us(to_us(date))) - 61.0
    rows = aca_l0.get_slot_data(t_first, t_first + 300.0, slot=0, archive=site)
    assert len(rows) == 40
    assert np.diff(np.ma.getdata(rows["TIME"])) == pytest.approx(np.full(39, 4.1))
    before = site.series["aca.l0"].fetch(["time"], stop=date)
    assert len(before) == 15
    assert len(before) + len(site.series["aca.l0"].fetch(["time"], start=date)) == 40


def test_a_gap_of_a_major_frame_and_more_is_seen(site: Archive, tmp_path: Path) -> None:
    """A gap of 32.8 s is within what a change of image size leaves; one of 65.6 s is a gap."""
    early, late = (
        at(l0_rows(0, np.arange(0, 4000, 4)), "2023-05-01"),
        at(l0_rows(1, np.arange(0, 4000, 4)), "2023-05-01"),
    )
    for rows, missing in ((early, 8), (late, 16)):
        keep = np.ones(1000, bool)
        keep[500 : 500 + missing - 1] = False
        write_l0(tmp_path, {name: values[keep] for name, values in rows.items()})
    site.ingest(*map(str, tmp_path.glob("*.gz")))
    (window,) = Timespan(to_us("2023-05-01"), to_us("2023-05-01") + 1).windows("day")
    share = {m.subject: m.value for m in Coverage().measure(site, window) if m.metric == PRESENT.name}
    assert (share["slot=0"] - share["slot=1"]) * 86_400 == pytest.approx(16 * 4.1, abs=0.5)


def test_a_slot_that_is_silent_is_a_gap_of_a_day(site: Archive, tmp_path: Path) -> None:
    taken_in(site, tmp_path, at(l0_rows(0, np.arange(0, 400, 4)), "2023-05-01"))
    (window,) = Timespan(to_us("2023-05-01"), to_us("2023-05-01") + 1).windows("day")
    share = {m.subject: m.value for m in Coverage().measure(site, window) if m.metric == PRESENT.name}
    assert share["slot=5"] == 0.0
    assert share["slot=0"] > 0.0
