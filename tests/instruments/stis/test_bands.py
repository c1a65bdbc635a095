"""Bands give what the whole gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from longwatch.fits.file import parse
from longwatch.instruments.stis import bands
from longwatch.instruments.stis.bands import Opened, derive_images, frames_of
from longwatch.instruments.stis.dark_files import imsets
from longwatch.instruments.stis.dark_writer import Setup, Shot, flt_file
from longwatch.instruments.stis.detector import Detector, Frame, Ways
from longwatch.instruments.stis.properties import life_properties, old_properties, with_measured_growth
from longwatch.instruments.stis.selection import USUAL, Growth

N = 16


def written(ways: Ways, **cards: object) -> tuple[list[Opened], list[Frame]]:
    detector = Detector(rows=slice(500, 580), cols=slice(500, 512), rng=np.random.default_rng(4), ways=ways)
    plan = detector.begin(58022.0, 58050.0, n_frames=N)
    frames, opened = [detector.expose(plan, number) for number in range(N)], []
    for number, frame in enumerate(frames):
        temp_c, mjd = float(plan.frames.temp_c[number]), float(plan.frames.mjd[number])
        shot = Shot(mjd=mjd, exptime_s=1100.0, temp_c=temp_c, bias=f"b{plan.frames.bias[number]}")
        setup = Setup(rootname=f"o{number:08d}", cards=cards)
        scale = 1 + 0.07 * (temp_c - 18) if cards else 1.0
        stored = replace(frame, sci=np.float32(frame.sci / scale), err=np.float32(frame.err / scale))
        data = flt_file(setup, [(shot, stored)])
        opened += [Opened(imset=imset, data=memoryview(data)) for imset in imsets(parse(data, name="x"))]
    return opened, frames


def derived(opened: list[Opened], growth: Growth = Growth.RATE) -> dict[str, np.ndarray]:
    frames = frames_of(opened, start_mjd=58022.0, stop_mjd=58050.0)
    old, life = derive_images(opened, frames, replace(USUAL, growth=growth))
    return old | life


@pytest.mark.parametrize("growth", Growth)
@pytest.mark.parametrize("flagged", [True, False])
def test_bands_with_halos_give_what_the_whole_gives(
    monkeypatch: pytest.MonkeyPatch, growth: Growth, *, flagged: bool
) -> None:
    opened, _ = written(Ways(births=9, flagged=flagged))
    monkeypatch.setattr(bands, "ROWS", 8)
    by_bands = derived(opened, growth)
    monkeypatch.setattr(bands, "ROWS", 1024)
    whole = derived(opened, growth)
    assert all(np.array_equal(by_bands[name], whole[name], equal_nan=True) for name in whole)


def test_the_images_are_those_of_the_definitions() -> None:
    opened, frames = written(Ways(births=9))
    found = derived(opened)
    stack = bands.Stack(
        sci=np.array([f.sci for f in frames]),
        err=np.array([f.err for f in frames]),
        dq=np.array([f.dq for f in frames]),
    )
    taken, good = frames_of(opened, start_mjd=58022.0, stop_mjd=58050.0), stack.good()
    old = old_properties(stack, taken, good)
    life = life_properties(stack, with_measured_growth(taken, old["sci_mean"]), good)
    for name, image in (old | life).items():
        assert np.allclose(found[name], image, equal_nan=True, rtol=1e-5), name


def test_files_that_were_scaled_by_temperature_already_give_the_same() -> None:
    plain, scaled = (derived(written(Ways(), **cards)[0]) for cards in ({}, {"TEMPCORR": "COMPLETE"}))
    for name in ("sci_mean", "err_mean", "readnoise", "dark_rate"):
        assert np.allclose(plain[name], scaled[name], rtol=1e-4, atol=1e-5, equal_nan=True), name


def test_files_without_flags_are_rejected_by_our_own_rule() -> None:
    opened, frames = written(Ways(flagged=False, halos=False, births=0, telegraph=0))
    found = derived(opened)
    hit = np.array([frame.cosmic for frame in frames]).sum(axis=0)
    assert (found["nan_count"] - hit).mean() == pytest.approx(0, abs=0.15)
    assert found["nan_count"][hit > 0].mean() > 0.97
