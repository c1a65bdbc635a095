"""The simulator's truth comes back out of its files, and they are built as the real ones are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from longwatch.contracts.kind import Source
from longwatch.domain.timespan import Timespan, month_span
from longwatch.instruments.cos.flashes import found_flashes
from longwatch.instruments.cos.monitors.osm_shift import OsmShift
from longwatch.instruments.cos.osm import compute_trend, segment_differences
from longwatch.instruments.cos.readers import read_jit, read_lampflash
from longwatch.instruments.cos.simulate import TRUTH, many, rootname, simulate
from longwatch.instruments.cos.sms import read_sms


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: Any) -> Any:
    out = tmp_path_factory.mktemp("cos")
    simulate(out, seed=7, small=True)
    return out


@pytest.fixture(scope="module")
def truth(simulated: Any) -> Any:
    return json.loads((simulated / TRUTH).read_text())


@pytest.fixture(scope="module")
def view(simulated: Any, remember: Any) -> Any:
    return remember(sorted(path for path in simulated.iterdir() if path.name != TRUTH))


@pytest.fixture(scope="module")
def flashes(view: Any) -> Any:
    return found_flashes(view)


def key(root: str, segment: Any, flash: Any) -> Any:
    return f"{root} {segment} {flash}"


def test_every_row_of_the_truth_is_recovered(flashes: Any, truth: Any) -> None:
    found = {
        key(*row): values
        for *row, values in zip(
            flashes.rootname.tolist(),
            flashes.segment.tolist(),
            flashes.flash.tolist(),
            np.stack([flashes.time, flashes.corrected, flashes.shift_xdisp], axis=1).tolist(),
            strict=True,
        )
    }
    expected = {
        key(row["rootname"], row["segment"], row["flash"]): [
            row["mjd"],
            np.nan if row["corrected"] is None else row["corrected"],
            row["shift_xdisp"],
        ]
        for row in truth["flashes"]
        if row["found"]
    }
    assert found.keys() == expected.keys()
    np.testing.assert_allclose([found[k] for k in expected], list(expected.values()), rtol=0, atol=1e-9)


@pytest.mark.parametrize("opt_elem", ["G130M", "G225M"])
def test_injected_slope_and_segment_offsets_are_recovered(flashes: Any, truth: Any, opt_elem: Any) -> None:
    (setup,) = [setup for setup in truth["setups"] if setup["opt_elem"] == opt_elem]
    regular = flashes.where((flashes.opt_elem == opt_elem) & (flashes.flash == 1) & (flashes.rootname < rootname(999)))
    regular = regular.where(np.isfinite(regular.corrected))
    trend = compute_trend(regular.time, regular.corrected)
    assert abs(trend.slope - setup["slope"]) < 3 * trend.slope_error
    pair = ("FUVA", "FUVB") if opt_elem == "G130M" else ("NUVB", "NUVC")
    first, second = (setup["segments"][ord(name[-1]) - ord("A")] for name in pair)
    _, exposures = np.unique(regular.rootname, return_inverse=True)
    at_first, at_second = segment_differences(exposures, regular.segment, pair)
    measured = regular.corrected[at_first] - regular.corrected[at_second]
    assert np.median(measured) == pytest.approx(first - second, abs=0.2)


def test_monitor_tells_what_it_cannot(view: Any) -> None:
    measured = {(m.metric, m.subject): m.value for m in OsmShift().measure(view, Timespan())}
    assert measured["cos.osm_shift.n_uncorrected", "detector=FUV opt_elem=G130M"] == 6
    assert measured["cos.osm_shift.segment_difference", "detector=FUV opt_elem=G140L pair=FUVA-FUVB"] is None


def test_jitter_rows_and_masks(simulated: Any, truth: Any, open_source: Callable[[Path], Source]) -> None:
    for fact in truth["jitter"]:
        rows = next(
            part.columns
            for path in simulated.glob("*_jit.fits.gz")
            for part in read_jit(open_source(path)).rows
            if fact["rootname"] in part.columns["obs_id"]
        )
        mine = rows["obs_id"] == fact["rootname"]
        assert (int(mine.sum()), int(np.ma.count_masked(rows["si_v2_avg"][mine]))) == (fact["rows"], fact["lost"])


def test_report_is_read_but_for_its_damaged_line(
    simulated: Any, truth: Any, open_source: Callable[[Path], Source]
) -> None:
    (fact,) = truth["report"]
    reading = read_sms(open_source(simulated / f"{fact['file_id']}.txt"))
    assert (reading.keywords["n_exposures"], reading.keywords["n_bad_lines"]) == (fact["exposures"], 1)


def test_an_exposure_without_flashes_is_kept(simulated: Any, open_source: Callable[[Path], Source]) -> None:
    readings = [read_lampflash(open_source(path)) for path in simulated.glob("*_lampflash.fits.gz")]
    (empty,) = [reading for reading in readings if not len(reading.rows[0].columns["time"])]
    assert empty.exposures


def test_equal_seeds_give_equal_files(simulated: Any, tmp_path: Path) -> None:
    simulate(tmp_path, seed=7, small=True)
    names = sorted(path.name for path in simulated.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    assert all((simulated / name).read_bytes() == (tmp_path / name).read_bytes() for name in names)


def test_rootnames_are_as_long_as_real_ones() -> None:
    assert [rootname(0), rootname(36), rootname(36**5 - 1)] == ["lsm00000q", "lsm00010q", "lsmzzzzzq"]


def test_a_month_of_simulated_flashes_has_a_slope(view: Any) -> None:
    measured = {(m.metric, m.subject): m.value for m in OsmShift().measure(view, month_span(201601))}
    assert measured["cos.osm_shift.slope", "detector=FUV opt_elem=G130M"] == pytest.approx(-0.12, abs=0.2)


@pytest.mark.parametrize(
    ("pattern", "real"),
    [
        ("lsm00000q_lampflash", "ld1ce1rcq_lampflash"),
        ("lsm00002q_lampflash", "lcwj02qvq_lampflash"),
        ("lsm001jkq_rawacq", "ldng05huq_rawacq"),
        ("lsm001jlq_rawacq", "ldng01chq_rawacq"),
        ("lsm00001j_jit", "ldngz2szj_jit"),
        ("simfuv_lamp", "crds/24914347l_lamp"),
        ("simfuv_wcp", "crds/u1t1616ql_wcp"),
        ("simnuv_wcp", "crds/03p1706jl_wcp"),
    ],
)
def test_structure_is_that_of_the_real_file(simulated: Any, real_cos: Path, pattern: Any, real: Any) -> None:
    def structure(path: Any) -> Any:
        with fits.open(path) as hdus:
            return [
                (type(hdu).__name__, hdu.name, [(c.name, c.format.lstrip("1")) for c in getattr(hdu, "columns", ())])
                for hdu in hdus
            ]

    ours, theirs = structure(simulated / f"{pattern}.fits.gz"), structure(real_cos / f"{real}.fits.gz")
    assert ours == theirs


def test_astropy_finds_the_checksums_right(simulated: Any) -> None:
    for path in sorted(simulated.glob("*.fits.gz")):
        with fits.open(path, checksum=True) as hdus:
            hdus.verify("exception")
            assert all("CHECKSUM" in hdu.header for hdu in hdus)


@pytest.mark.parametrize(("name", "cards"), [("lsm00000q", 181), ("lsm00002q", 169)])
def test_headers_are_as_long_as_real_ones(simulated: Any, name: str, cards: Any) -> None:
    header = fits.getheader(simulated / f"{name}_lampflash.fits.gz")
    assert len(header) == cards


def test_many_files_for_the_benchmark(tmp_path: Path, open_source: Callable[[Path], Source]) -> None:
    many(tmp_path, 21, 3)
    kinds = sorted(path.name.split("_")[1].split(".")[0] for path in tmp_path.iterdir())
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"lampflash": 12, "rawacq": 6, "spt": 3}
    for path in tmp_path.glob("*_lampflash.fits.gz"):
        assert read_lampflash(open_source(path)).key == path.name[:9]
