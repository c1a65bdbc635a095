"""ACA from files to figure: level-0 values equal spec/aca-dark-hdr3-l0.md 6.3, through ingest and fetch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import Archive, create_archive
from longwatch.instruments.aca.monitors.ccd_temperature import CcdTemperature
from longwatch.plots.render import render_png

FIRST_LAST = {
    0: ((-183, -169, 24), (-183, -169, 25)),
    1: ((370, 211, 70), (370, 211, 71)),
    2: ((-75, 341, 46), (-75, 341, 47)),
    3: ((131, 279, 71), (131, 280, 34)),
    6: ((297, 270, 17), (297, 271, 39)),
}
"""Slot: (first row, first column, background) of the first and of the last image."""

NORM = {0: (34137.3, 33980.3), 1: (33464.4, 33559.3), 2: (34014.6, 33865.1)}
"""Slot: DN above the background in the first and the last 8x8 image."""

COUNTS = """
10 10 21 15 17 16 11 22  12 12 16 28 35 21 30 16  18 28 66 144 84 48 24 20  25 70 347 1021 545 116 36 17
18 73 292 907 511 119 43 28  25 30 57 108 78 59 35 27  29 17 27 45 42 24 23 17  8 11 14 22 17 12 11 11
"""
"""Ten-bit counts of the first image of slot 0."""


@pytest.fixture(scope="module")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with create_archive(tmp_path_factory.mktemp("aca")) as archive:
        report = archive.ingest(real_data / "aca" / "l0")
        assert (report.stored, report.quarantined) == (5, 0)
        yield archive


@pytest.mark.real
@pytest.mark.parametrize("slot", FIRST_LAST)
def test_images_of_a_slot_come_as_they_were_taken(real: Archive, slot: int) -> None:
    rows = real.series["aca.l0"].fetch(where={"slot": slot})
    n, step, size = (10, 4.1, 8) if slot < 3 else (19, 2.05, 6)
    assert len(rows) == n
    assert np.diff(rows["time"]) == pytest.approx(step, abs=1e-6)
    assert [rows["time"][0], rows["time"][-1]] == pytest.approx([686111012.493093, 686111049.393095], abs=1e-6)
    assert set(rows["imgsize"]) == {size}
    ends = [tuple(int(rows[name][i]) for name in ("imgrow0", "imgcol0", "bgdavg")) for i in (0, -1)]
    assert tuple(ends) == FIRST_LAST[slot]


@pytest.mark.real
@pytest.mark.parametrize("slot", NORM)
def test_brightness_above_the_background_is_the_truth(real: Archive, slot: int) -> None:
    rows = real.series["aca.l0"].fetch(["imgraw", "bgdavg"], where={"slot": slot})
    mouse = _mouse_bitten()
    for i, norm in zip((0, -1), NORM[slot], strict=True):
        image = np.asarray(rows["imgraw"][i], dtype=float) - float(rows["bgdavg"][i])
        assert image[mouse].sum() == pytest.approx(norm, abs=0.06)


def _mouse_bitten() -> np.ndarray:
    """Give the pixels that count: a 6x6 square in the middle of the image without its corners."""
    mask = np.zeros((8, 8), bool)
    mask[1:7, 1:7] = True
    mask[[1, 1, 6, 6], [1, 6, 1, 6]] = False
    return mask


@pytest.mark.real
def test_the_first_image_inverts_to_its_counts(real: Archive) -> None:
    (row,) = real.series["aca.l0"].fetch(["imgraw", "imgscale"], where={"slot": 0}, limit=1)
    image = np.asarray(row["imgraw"], dtype=float)
    assert ((image + 50) * 32 / row["imgscale"]).ravel().tolist() == [float(word) for word in COUNTS.split()]
    assert (image.sum(), image.max()) == (37344.6875, 7288.4375)


@pytest.mark.real
def test_temperatures_come_with_unit_and_time(real: Archive) -> None:
    series = real.series["aca.l0"]
    rows = series.fetch(["tempccd", "temphous", "tempprim", "tempsec"], "2019:272:02:23", "2019:272:02:24")
    assert 0 < len(rows) < len(series.fetch(["tempccd"]))
    assert {round(float(t), 2) for t in series.fetch(["tempccd"])["tempccd"]} == {263.55, 263.95}
    assert str(rows["tempccd"].unit) == "K"
    assert series.times(rows)[0].utc.isot.startswith("2019-09-29T02:2")
    for name, kelvin in {"temphous": 304.75, "tempprim": 304.35, "tempsec": 303.55}.items():
        assert np.asarray(rows[name]) == pytest.approx(kelvin, abs=1e-4)


@pytest.mark.real
def test_the_monitor_tells_the_temperature_of_the_day(real: Archive) -> None:
    assert real.monitors.run("aca.ccd_temperature").failed == ()
    (low,) = real.measurements("aca.ccd_temperature.min")["value"]
    (high,) = real.measurements("aca.ccd_temperature.max")["value"]
    assert (low, high) == (pytest.approx(-9.6, abs=1e-4), pytest.approx(-9.2, abs=1e-4))
    (figure,) = CcdTemperature().figures(real)
    assert render_png(figure).startswith(b"\x89PNG")


def test_simulated_days_come_back_as_their_truth(simulated: Callable[[str], Path], tmp_path: Path) -> None:
    folder = simulated("aca")
    truth = np.load(folder / "truth" / "aca_l0.npz")
    chosen = sorted((folder / "l0").glob("*.fits.gz"))[:16]
    with create_archive(tmp_path / "site") as archive:
        report = archive.ingest(*chosen)
        assert (report.stored, report.quarantined) == (len(chosen), 0)
        rows = archive.series["aca.l0"].fetch(["tempccd", "imgsize", "slot"])
        known = ~np.ma.getmaskarray(np.ma.asarray(rows["tempccd"]))
        expected = np.interp(np.asarray(rows["time"])[known], truth["time"], truth["tempccd"])
        assert np.abs(np.asarray(rows["tempccd"])[known] - expected).max() <= 0.41
        assert set(rows["imgsize"][~known].tolist()) <= {4}
        assert archive.monitors.run("aca.ccd_temperature").failed == ()
        assert len(archive.measurements("aca.ccd_temperature.mean")) > 0
        assert archive.ingest(*chosen).unchanged == len(chosen)
