from __future__ import annotations

import sys
from types import ModuleType

import pytest
import typer

from longwatch import plugins
from longwatch.cli import app as command_line
from longwatch.cli.plugged import instrument_app
from longwatch.contracts.instrument import Command, Instrument
from longwatch.errors import PluginError


@pytest.fixture
def dial(monkeypatch: pytest.MonkeyPatch) -> Instrument:
    """An instrument that brings a command."""
    words = typer.Typer()

    @words.command("turn")
    def turn(angle: int) -> None:
        typer.echo(f"turned by {angle}")

    @words.command("stop")
    def stop() -> None:
        typer.echo("stopped")

    module = ModuleType("dial_commands")
    vars(module)["APP"] = words
    monkeypatch.setitem(sys.modules, "dial_commands", module)
    commands = (
        Command(name="dial", help="Turn the dial.", app="dial_commands:APP"),
        Command(name="lost", help="Is not there.", app="dial_commands:NOTHING"),
        Command(name="odd", help="Is no application.", app="dial_commands:__name__"),
    )
    instrument = Instrument(name="dial", title="A dial", commands=commands)
    monkeypatch.setattr(plugins, "load", lambda **_: plugins.Loaded(instruments=(instrument,), broken=()))
    monkeypatch.setattr(command_line.APP, "registered_groups", list(command_line.APP.registered_groups))
    return instrument


def test_a_command_is_found_by_its_word(dial: Instrument) -> None:
    found = instrument_app("dial")
    assert found is not None
    assert found.help == "Turn the dial."
    assert instrument_app("other") is None


@pytest.mark.parametrize("word", ["lost", "odd"])
def test_a_broken_command_is_named(dial: Instrument, word: str) -> None:
    with pytest.raises(PluginError, match="dial"):
        instrument_app(word)


def test_it_runs_under_its_word(cli, dial: Instrument) -> None:
    assert cli("dial", "turn", 3).out == "turned by 3\n"
    assert cli("lost").code == 13
