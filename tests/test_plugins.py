"""Plug-ins: found, held to the contract, and named when they break."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from longwatch import plugins
from longwatch.contracts.instrument import Instrument, Timeline
from longwatch.contracts.kind import FileKind, Source
from longwatch.contracts.reading import Reading
from longwatch.errors import PluginError
from toy_archive import Mean
from toy_instrument import TOY

(KIND,) = TOY.kinds
(ROWS,) = TOY.series
(MAP,) = TOY.cubes


def claim_loosely(*_args: object) -> float:
    return 0.0


def claim_little(_name: str) -> float:
    return 0.0


def _inside() -> FileKind:
    def read(source: Source) -> Reading:
        return Reading(key=source.name)

    return replace(KIND, read=read)


class Silent(Mean):
    """A monitor that names no metric."""

    metrics = ()


class Doubled(Mean):
    """A monitor whose metrics share a name."""

    metrics = (Mean.metrics[0], Mean.metrics[0])


BROKEN: dict[str, tuple[Instrument, str]] = {
    "prefix": (replace(TOY, name="other"), "must begin with 'other.'"),
    "twice": (replace(TOY, kinds=(KIND, KIND)), "declared 2 times"),
    "series-and-cube": (replace(TOY, cubes=(replace(MAP, name=ROWS.name),)), "declared 2 times"),
    "loose": (replace(TOY, kinds=(replace(KIND, claim=claim_loosely),)), r"takes \*args"),
    "arguments": (replace(TOY, kinds=(replace(KIND, claim=claim_little),)), "takes 1 arguments; the contract has 3"),
    "inside": (replace(TOY, kinds=(_inside(),)), "module level"),
    "lambda": (replace(TOY, kinds=(replace(KIND, version_key=lambda _header: ""),)), "module level"),
    "timeline": (replace(TOY, timelines=()), "follows timeline"),
    "other-timeline": (replace(TOY, timelines=(Timeline(name="toy.week", description="Weeks."),)), "follows timeline"),
    "no-metric": (replace(TOY, monitors=(Silent(),)), "names no metric"),
    "metric-twice": (replace(TOY, monitors=(Doubled(),)), "declared 2 times"),
    "owner": (replace(TOY, series=(replace(ROWS, instrument="cos"),)), "belongs to 'cos'"),
}


def test_a_sound_instrument_has_no_problems() -> None:
    assert list(plugins.problems(replace(TOY, monitors=(Mean(),)))) == []


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_the_contract_is_said(name: str) -> None:
    instrument, words = BROKEN[name]
    with pytest.raises(PluginError, match=words) as told:
        plugins.check(instrument)
    assert told.value.plugin == instrument.name


def test_a_name_is_taken_once() -> None:
    with pytest.raises(PluginError, match="taken by another"):
        plugins.check(TOY, others=[TOY])


def test_the_box_keeps_the_contract() -> None:
    loaded = plugins.load()
    assert loaded.broken == ()
    assert {"aca", "cos", "generic", "stis"} <= {instrument.name for instrument in loaded.instruments}


def test_a_disabled_plugin_is_left_out() -> None:
    assert "cos" not in {instrument.name for instrument in plugins.load(disabled=["cos"]).instruments}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with plug-ins that break in three ways."""
    info = tmp_path / "odd-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    entries = ["absent = odd_absent:INSTRUMENT", "raising = odd_raising:INSTRUMENT", "wrong = odd_wrong:INSTRUMENT"]
    (info / "entry_points.txt").write_text("\n".join(["[longwatch.instruments]", *entries]))
    (tmp_path / "odd_raising.py").write_text("raise RuntimeError('no licence')\n")
    (tmp_path / "odd_wrong.py").write_text("INSTRUMENT = 'cos'\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def test_a_broken_plugin_is_named_and_the_rest_works(installed: Path) -> None:
    loaded = plugins.load()
    said = {error.plugin: str(error) for error in loaded.broken}
    assert set(said) == {"absent", "raising", "wrong"}
    assert "No module named" in said["absent"]
    assert "no licence" in said["raising"]
    assert "is a str; it must be an `Instrument`" in said["wrong"]
    assert "cos" in {instrument.name for instrument in loaded.instruments}
