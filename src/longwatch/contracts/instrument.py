"""An instrument: the one value a plug-in registers.

Owns the declaration of what an instrument brings. Must not know any instrument.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from longwatch.contracts.kind import FileKind
from longwatch.contracts.monitor import Derivation, Monitor
from longwatch.domain.cube import CubeSpec
from longwatch.domain.series import SeriesSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A counting of epochs that cubes and queries follow.

    Parameters
    ----------
    name
        `stis.anneal`; `"anneal:200"` names epoch 200 of the one timeline whose name ends so.
    description
        One sentence, with the source of the rule that cuts the epochs.
    """

    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A group of commands an instrument adds to the command line.

    Parameters
    ----------
    name
        The word after `longwatch`.
    help
        One sentence.
    app
        `module:attribute` of a Typer application, imported only when the command is used.
    """

    name: str
    help: str
    app: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """Everything one instrument brings.

    Parameters
    ----------
    name
        One lower-case word: `cos`.
    title
        As people write it: `HST/COS`.
    kinds, series, cubes, timelines, monitors, derivations, commands
        What it declares; names begin with `name` and a dot.
    limits
        Folder of TOML files with limits, or None.
    simulate
        `module:function` that writes simulated files: `function(out: Path, *, seed: int, small: bool) -> None`;
        empty if there is none.
    """

    name: str
    title: str
    kinds: tuple[FileKind, ...] = ()
    series: tuple[SeriesSpec, ...] = ()
    cubes: tuple[CubeSpec, ...] = ()
    timelines: tuple[Timeline, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    commands: tuple[Command, ...] = ()
    limits: Path | None = None
    simulate: str = ""
