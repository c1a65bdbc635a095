"""What instruments bring is gathered and found by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.contracts.instrument import Instrument
from longwatch.errors import NotFound
from longwatch.monitors.watch import Watch, watch_of
from toy_archive import COUNT, MEAN, Mean


def test_gathers_monitors_and_limits() -> None:
    limits = Path(__file__).with_name("data") / "good"
    watch = watch_of([Instrument(name="toy", title="Toy", monitors=(Mean(),), limits=limits)])
    assert [monitor.name for monitor in watch.monitors] == ["toy.mean"]
    assert len(watch.limits) == 5


def test_finds_by_name() -> None:
    watch = Watch(monitors=(Mean(),))
    assert watch.named("toy.mean").monitors == watch.monitors
    assert watch.named(None) is watch
    assert watch.metric("toy.mean.count") is COUNT


def test_unknown_names_what_is_near() -> None:
    with pytest.raises(NotFound, match=r"no metric 'toy\.mean\.men'.*toy\.mean\.mean"):
        Watch(monitors=(Mean(),)).metric("toy.mean.men")
    with pytest.raises(NotFound, match="No plug-in brings any"):
        Watch().metric(MEAN.name)
