"""Commands that instruments bring.

Owns finding one by its word. Must not know any instrument.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

import typer

from longwatch import plugins
from longwatch.errors import PluginError


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugged:
    """A command an instrument brings: its application and what it says of itself."""

    app: typer.Typer
    help: str


def instrument_app(word: str) -> Plugged | None:
    """Give the command an instrument brings under a word; None where none does.

    Raises
    ------
    PluginError
        Raised if the command is declared but cannot be imported.
    """
    for instrument in plugins.load().instruments:
        for command in instrument.commands:
            if command.name == word:
                return Plugged(app=_import(instrument.name, command.app), help=command.help)
    return None


def _import(plugin: str, place: str) -> typer.Typer:
    module, _, name = place.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise PluginError(plugin, f"its command {place!r} cannot be imported: {error}.") from error
    match found:
        case typer.Typer():
            return found
        case _:
            raise PluginError(plugin, f"{place!r} is a {type(found).__name__}; a command is a `typer.Typer`.")
