"""COS from files to figure: OSM shifts equal spec/cos.md 5.2 row by row, through every room of the house."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import Archive, create_archive
from longwatch.instruments.cos.flashes import found_flashes
from longwatch.instruments.cos.monitors.osm_shift import OsmShift
from longwatch.plots.render import render_png

TRUTH = """
lb4c10niq NUVA 1    4.32     -23.672340 -23.67234  -0.26817
lb4c10niq NUVB 1    4.32     -23.992914 -23.99291   0.18319
lb4c10niq NUVC 1    4.32     -24.230333 -24.23033  -1.91945
lb4c10niq NUVA 2 2404.35205  -23.854080 -23.85408  -0.38894
lb4c10niq NUVB 2 2404.35205  -23.902611 -23.90261   0.18381
lb4c10niq NUVC 2 2404.35205  -24.094299 -24.09430  -1.72491
lbhx97ijq FUVA 1    3.808    -10.462816 -10.462816 -2.36770
lbhx97ijq FUVA 2  604.06403  -10.467349 -10.467349 -2.48533
lcwj02qvq NUVA 1   12.864     16.985197 -32.85762  -0.17434
lcwj02qvq NUVB 1   12.864     17.088602 -33.56704  -0.48517
lcwj02qvq NUVC 1   12.864     16.315189 -35.58422  -0.97257
lcwj05egq NUVA 1   12.896     17.023874 -32.81894   0.36860
lcwj05egq NUVB 1   12.896     16.994612 -33.66103   0.24444
lcwj05egq NUVC 1   12.896     16.260309 -35.63910  -0.06594
ld1ce1rcq FUVA 1    6.976   -430.783295  57.89073   0.39116
ld1ce1rcq FUVA 2 2406.52808 -433.961182  54.71285   0.36489
ld1ce1rcq FUVB 1    6.72    -430.171722  58.19031   0.31965
ld1ce1rcq FUVB 2 2406.81592 -433.325623  55.03641   0.54253
ld1ce2j1q FUVA 1    6.336    275.146698 -31.79479  -0.78909
ld1ce2j1q FUVA 2 2406.62402  269.426208 -37.51528  -0.61938
ld1ce2j1q FUVB 1    6.496    276.152008 -31.04024  -0.04618
ld1ce2j1q FUVB 2 2406.59204  270.889130 -36.30312  -0.03652
ld1ce4dkq FUVA 1    6.848   -249.857193 -10.33287   0.26890
ld1ce4dkq FUVA 2 2406.62402 -249.850327 -10.32600   0.18820
ld1ce4dkq FUVB 1    6.528   -251.003006  -9.83195   0.36045
ld1ce4dkq FUVB 2 2406.49609 -250.871231  -9.70017  -0.02762
lddm01tlq FUVA 1   12.8      -31.624048 -31.624048 -51.44782
lddm01tlq FUVB 1   12.704    -30.501040 -30.501040 -47.29193
"""
"""Rootname, segment, flash, elapsed [s], SHIFT_DISP, corrected for FP-POS, SHIFT_XDISP [pix]; found spectra only."""


@pytest.fixture(scope="module")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with create_archive(tmp_path_factory.mktemp("cos")) as archive:
        archive.ingest(real_data / "cos")
        yield archive


@pytest.mark.real
def test_nothing_real_is_refused(real: Archive, real_data: Path) -> None:
    report = real.ingest(real_data / "cos")
    assert [Path(r.path).name for r in report.refusals if not Path(r.path).name.startswith("bad_")] == []
    assert report.unchanged + report.quarantined == report.seen
    found = real.products.find(instrument="cos")
    assert set(found["kind"]) == {f"cos.{k}" for k in ("lampflash", "rawacq", "spt", "jit", "sms", "lamptab", "wcptab")}


@pytest.mark.real
def test_osm_shifts_equal_the_truth_row_by_row(real: Archive) -> None:
    rows = real.series["cos.lampflash"].fetch()
    rows = rows[np.asarray(rows["spec_found"], dtype=bool)]
    stored = {(r["rootname"], r["segment"], int(r["flash"])): r for r in rows}
    flashes = found_flashes(real)
    names = zip(flashes.rootname.tolist(), flashes.segment.tolist(), flashes.flash.tolist(), strict=True)
    corrected = dict(zip(names, flashes.corrected.tolist(), strict=True))
    truth = [line.split() for line in TRUTH.strip().splitlines()]
    assert len(stored) == len(corrected) == len(truth)
    for root, segment, flash, *numbers in truth:
        key = root, segment, int(flash)
        elapsed, shift, without_fp, across = map(float, numbers)
        assert stored[key]["elapsed"] == pytest.approx(elapsed, abs=1e-4), key
        assert stored[key]["shift_disp"] == pytest.approx(shift, abs=1e-5), key
        assert stored[key]["shift_xdisp"] == pytest.approx(across, abs=1e-5), key
        assert corrected[key] == pytest.approx(without_fp, abs=1e-5), key


@pytest.mark.real
def test_flashes_come_at_their_absolute_time(real: Archive) -> None:
    series = real.series["cos.lampflash"]
    for root, segment, start in (
        ("lb4c10niq", "NUVA", "2010-01-06T11:35:37.627"),
        ("ld1ce1rcq", "FUVA", "2015-11-04T03:46:36.868"),
        ("lddm01tlq", "FUVA", "2016-12-29T01:09:18.816"),
    ):
        first = series.fetch(where={"rootname": root, "segment": segment}, limit=1)
        assert abs(series.times(first)[0].utc.unix - _unix(start)) < 0.002


def _unix(text: str) -> float:
    return float(np.datetime64(text, "ms").astype("i8")) / 1000


@pytest.mark.real
def test_the_monitor_measures_them_and_draws_its_picture(real: Archive) -> None:
    report = real.monitors.run("cos.osm_shift")
    assert report.failed == ()
    shifts = real.measurements("cos.osm_shift.shift_disp", detector="FUV", opt_elem="G130M")
    november = shifts[[t.startswith("2015-11") for t in shifts["start"].isot]]
    assert november["value"].tolist() == pytest.approx([np.median([57.89073, 54.71285, 58.19031, 55.03641])], abs=1e-5)
    (figure,) = OsmShift().figures(real)
    assert render_png(figure).startswith(b"\x89PNG")
    assert "cos.osm_shift" in real.monitors.report()
    assert real.monitors.run("cos.osm_shift").counts.windows == 0


@pytest.mark.real
def test_jitter_finds_its_time_through_the_support_file(real: Archive) -> None:
    jitter = real.series["cos.jitter"]
    placed = jitter.fetch(["obs_id"])
    assert set(placed["obs_id"]) == {"ldngz2szq"}
    assert jitter.times(placed)[0].utc.isot == "2019-01-03T04:36:25.691"
    assert jitter.unplaced() == 1354
    assert len(jitter.fetch(where={"obs_id": "ldxe02svq"})) == 268


def test_simulated_files_come_back_as_their_truth(simulated: Callable[[str], Path], tmp_path: Path) -> None:
    folder = simulated("cos")
    truth = json.loads((folder / "cos_truth.json").read_text())["flashes"]
    with create_archive(tmp_path / "site") as archive:
        report = archive.ingest(folder)
        assert report.quarantined == 0
        rows = archive.series["cos.lampflash"].fetch()
        stored = {(r["rootname"], r["segment"], int(r["flash"])): r for r in rows}
        assert len(stored) == len(truth)
        for one in truth:
            row = stored[one["rootname"], one["segment"], one["flash"]]
            assert bool(row["spec_found"]) == one["found"]
            assert float(row["shift_disp"]) == pytest.approx(one["shift_disp"], abs=1e-4) or not one["found"]
        assert archive.monitors.run("cos.osm_shift").failed == ()
        slopes = archive.measurements("cos.osm_shift.shift_disp")
        assert len(slopes) > 1
        assert archive.ingest(folder).stored == 0
