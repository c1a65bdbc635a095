"""OSM shifts equal the truth of spec/cos.md 5.2, row by row, and the defects of 6.1 are absent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from longwatch.instruments.cos.flashes import found_flashes
from longwatch.instruments.cos.monitors.osm_shift import segment_difference, segment_drift
from longwatch.instruments.cos.osm import (
    FpShifts,
    SearchRange,
    Setting,
    compute_trend,
    drift_pairs,
    flash_numbers,
    search_margin,
    segment_differences,
)

# root, segment, flash, time [s], SHIFT_DISP, corrected, SHIFT_XDISP; rows in file order
ROWS = [
    ("lb4c10niq", "NUVA", 1, 4.32, -23.672340, -23.67234, -0.26817),
    ("lb4c10niq", "NUVB", 1, 4.32, -23.992914, -23.99291, 0.18319),
    ("lb4c10niq", "NUVC", 1, 4.32, -24.230333, -24.23033, -1.91945),
    ("lb4c10niq", "NUVA", 2, 2404.35205, -23.854080, -23.85408, -0.38894),
    ("lb4c10niq", "NUVB", 2, 2404.35205, -23.902611, -23.90261, 0.18381),
    ("lb4c10niq", "NUVC", 2, 2404.35205, -24.094299, -24.09430, -1.72491),
    ("lbhx97ijq", "FUVA", 1, 3.808, -10.462816, -10.462816, -2.36770),
    ("lbhx97ijq", "FUVA", 2, 604.06403, -10.467349, -10.467349, -2.48533),
    ("lcwj02qvq", "NUVA", 1, 12.864, 16.985197, -32.85762, -0.17434),
    ("lcwj02qvq", "NUVB", 1, 12.864, 17.088602, -33.56704, -0.48517),
    ("lcwj02qvq", "NUVC", 1, 12.864, 16.315189, -35.58422, -0.97257),
    ("lcwj05egq", "NUVA", 1, 12.896, 17.023874, -32.81894, 0.36860),
    ("lcwj05egq", "NUVB", 1, 12.896, 16.994612, -33.66103, 0.24444),
    ("lcwj05egq", "NUVC", 1, 12.896, 16.260309, -35.63910, -0.06594),
    ("ld1ce1rcq", "FUVA", 1, 6.976, -430.783295, 57.89073, 0.39116),
    ("ld1ce1rcq", "FUVA", 2, 2406.52808, -433.961182, 54.71285, 0.36489),
    ("ld1ce1rcq", "FUVB", 1, 6.72, -430.171722, 58.19031, 0.31965),
    ("ld1ce1rcq", "FUVB", 2, 2406.81592, -433.325623, 55.03641, 0.54253),
    ("ld1ce2j1q", "FUVA", 1, 6.336, 275.146698, -31.79479, -0.78909),
    ("ld1ce2j1q", "FUVA", 2, 2406.62402, 269.426208, -37.51528, -0.61938),
    ("ld1ce2j1q", "FUVB", 1, 6.496, 276.152008, -31.04024, -0.04618),
    ("ld1ce2j1q", "FUVB", 2, 2406.59204, 270.889130, -36.30312, -0.03652),
    ("ld1ce4dkq", "FUVA", 1, 6.848, -249.857193, -10.33287, 0.26890),
    ("ld1ce4dkq", "FUVA", 2, 2406.62402, -249.850327, -10.32600, 0.18820),
    ("ld1ce4dkq", "FUVB", 1, 6.528, -251.003006, -9.83195, 0.36045),
    ("ld1ce4dkq", "FUVB", 2, 2406.49609, -250.871231, -9.70017, -0.02762),
    ("lddm01tlq", "FUVA", 1, 12.8, -31.624048, -31.624048, -51.44782),
    ("lddm01tlq", "FUVB", 1, 12.704, -30.501040, -30.501040, -47.29193),
]
DIFFERENCES = {
    "ld1ce1rcq": ([-0.611572, -0.635559], [0.071507, -0.177636]),
    "ld1ce2j1q": ([-1.005310, -1.462921], [-0.742904, -0.582865]),
    "ld1ce4dkq": ([1.145813, 1.020905], [-0.091554, 0.215826]),
    "lddm01tlq": ([-1.123009], [-4.155884]),
    "lbhx97ijq": ([], []),
}
NUV_DIFFERENCES = {
    "lb4c10niq": ([0.237419, 0.191689], [-0.557993, -0.240219]),
    "lcwj02qvq": ([2.017187], [-2.726603]),
    "lcwj05egq": ([1.978077], [-2.820160]),
}
DRIFTS = {
    ("ld1ce1rcq", "FUVA"): (-1.3243667e-3, -1.0948e-5),
    ("ld1ce1rcq", "FUVB"): (-1.3140725e-3, 9.2860e-5),
    ("ld1ce2j1q", "FUVA"): (-2.3832513e-3, 7.0702e-5),
    ("ld1ce2j1q", "FUVB"): (-2.1927783e-3, 4.0272e-6),
    ("ld1ce4dkq", "FUVA"): (2.86129e-6, -3.3626e-5),
    ("ld1ce4dkq", "FUVB"): (5.4906939e-5, -1.6170e-4),
    ("lbhx97ijq", "FUVA"): (-7.5514678e-6, -1.9598e-4),
    ("lb4c10niq", "NUVA"): (-7.5723908e-5, -5.0323e-5),
    ("lb4c10niq", "NUVB"): (3.7625923e-5, 2.5818e-7),
    ("lb4c10niq", "NUVC"): (5.6680081e-5, 8.1054e-5),
}


@pytest.fixture(scope="module")
def flashes(real_view: Any) -> Any:
    return found_flashes(real_view)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}")
def test_shift_of_every_row(flashes: Any, row: Any) -> None:
    root, segment, flash, elapsed, measured, corrected, xdisp = row
    at = (flashes.rootname == root) & (flashes.segment == segment) & (flashes.flash == flash)
    assert at.sum() == 1
    found = [values[at][0] for values in (flashes.shift_disp, flashes.corrected, flashes.shift_xdisp)]
    assert found == pytest.approx([measured, corrected, xdisp], abs=1e-5)
    assert flashes.elapsed[at][0] == pytest.approx(elapsed, abs=5e-6)


def test_spectra_that_were_not_found_are_left_out(flashes: Any) -> None:
    assert len(flashes.time) == len(ROWS)
    assert set(flashes.segment[flashes.rootname == "lbhx97ijq"]) == {"FUVA"}


@pytest.mark.parametrize(("root", "expected"), DIFFERENCES.items())
def test_fuv_segment_differences(flashes: Any, root: str, expected: Any) -> None:
    rows = flashes.where(flashes.rootname == root)
    np.testing.assert_allclose(segment_difference(rows, ("FUVA", "FUVB")), expected[0], atol=1e-5)
    first, second = segment_differences(rows.flash, rows.segment, ("FUVA", "FUVB"))
    np.testing.assert_allclose(rows.shift_xdisp[first] - rows.shift_xdisp[second], expected[1], atol=1e-5)


@pytest.mark.parametrize(("root", "expected"), NUV_DIFFERENCES.items())
def test_nuv_stripe_differences(flashes: Any, root: str, expected: Any) -> None:
    rows = flashes.where(flashes.rootname == root)
    np.testing.assert_allclose(segment_difference(rows, ("NUVB", "NUVC")), expected[0], atol=1e-5)
    np.testing.assert_allclose(segment_difference(rows, ("NUVC", "NUVA")), expected[1], atol=1e-5)


@pytest.mark.parametrize(("which", "expected"), DRIFTS.items(), ids=lambda which: "-".join(map(str, which)))
def test_drift_of_each_segment_since_its_own_first_flash(flashes: Any, which: Any, expected: Any) -> None:
    rows = flashes.where((flashes.rootname == which[0]) & (flashes.segment == which[1]))
    np.testing.assert_allclose(segment_drift(rows), [expected[0]], rtol=1e-4, atol=1e-9)
    first, later = drift_pairs(np.zeros(len(rows.time), int), rows.elapsed)
    drift = (rows.shift_xdisp[later] - rows.shift_xdisp[first]) / (rows.elapsed[later] - rows.elapsed[first])
    np.testing.assert_allclose(drift, [expected[1]], rtol=2e-4, atol=1e-9)


@pytest.mark.parametrize("root", ["lcwj02qvq", "lcwj05egq", "lddm01tlq"])
def test_one_flash_has_no_drift(flashes: Any, root: str) -> None:
    assert segment_drift(flashes.where(flashes.rootname == root)).size == 0


def test_flash_numbers_with_unequal_flashes() -> None:
    on = np.array([0.6, 600.6, 2400.6, 600.9])
    assert flash_numbers(on, on + 12).tolist() == [1, 2, 3, 2]
    assert flash_numbers(np.array([]), np.array([])).size == 0


def test_flash_numbers_do_not_depend_on_the_order_of_rows() -> None:
    on = np.array([0.6, 0.9, 600.6, 600.7, 2400.6])
    order = np.random.default_rng(5).permutation(5)
    assert flash_numbers(on[order], on[order] + 12).tolist() == np.array([1, 1, 2, 2, 3])[order].tolist()


def test_unequal_flashes_pair_by_flash_and_not_by_row() -> None:
    exposure, segment = np.array([1, 2, 3, 2]), np.array(["FUVA", "FUVA", "FUVA", "FUVB"])
    assert segment_differences(exposure, segment, ("FUVA", "FUVB")).tolist() == [[1], [3]]


def test_fp_shift_of_a_table_without_fpoffset_is_zero_and_of_an_unknown_setting_not_known() -> None:
    setting = Setting("FUVA", "G130M", 1291, 1)
    assert FpShifts(pixels={}, by_fpoffset=False).of(setting) == 0.0
    assert FpShifts(pixels={}).of(setting) is None


def test_trend_of_a_line_and_of_one_moment() -> None:
    t = np.array([57000.0, 57100.0, 57250.0])
    trend = compute_trend(t, 3 - 0.02 * (t - 57000))
    assert (trend.slope, trend.slope_error) == (pytest.approx(-0.02), pytest.approx(0, abs=1e-9))
    assert compute_trend(t[:1], t[:1]) is None
    assert compute_trend(np.full(3, 57000.0), t) is None


G225M = [
    (57299.49579449, 12.864, (-32.85762, -33.56704, -35.58422)),
    (57433.65586375, 12.896, (-32.81894, -33.66103, -35.63910)),
    (57489.63359597, 12.864, (6.38817, 6.76914, 7.00327)),
]
G230L = [
    (55202.48302439, 4.32, (-23.67234, -23.99291, -24.23033)),
    (55202.48302439, 2404.35205, (-23.85408, -23.90261, -24.09430)),
]


@pytest.mark.parametrize(("exposures", "slope"), [(G225M, 0.17491073), (G225M + G230L, 0.0021602252)])
def test_trend_equals_the_reference_fit(exposures: Any, slope: Any) -> None:
    points = [(round(start + t / 86400, 5), shift) for start, t, shifts in exposures for shift in shifts]
    mjd, shift = np.array(points).T
    trend = compute_trend(mjd, shift)
    assert trend.slope == pytest.approx(slope, rel=1e-5)


def test_trend_over_the_real_rows_of_one_grating(flashes: Any) -> None:
    rows = flashes.of("NUV", "G225M")
    trend = compute_trend(rows.time, rows.corrected)
    slope, intercept = np.polyfit(rows.time - rows.time.mean(), rows.corrected, 1)
    assert trend.slope == pytest.approx(slope)
    assert trend.intercept == pytest.approx(intercept - slope * rows.time.mean())


def test_margin_is_negative_outside() -> None:
    margins = search_margin(np.array([-33.0, -101.0, 81.0, np.nan]), SearchRange(-100.0, 80.0))
    np.testing.assert_array_equal(margins, [67, -1, -1, np.nan])
