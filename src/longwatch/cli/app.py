"""The command line as a whole: every verb in its section, and the words instruments add.

Owns the gathering of verbs. Must not know what any of them does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Annotated, Final, Protocol

import typer
from typer.core import TyperCommand, TyperGroup
from typing_extensions import override

from longwatch.cli import (
    badtimes,
    begin,
    derived,
    files,
    intake,
    keep,
    lasting,
    monitors,
    pixels,
    quarantine,
    rows,
    settings,
    status,
    watch,
    zooms,
)
from longwatch.cli.options import ASK, KEEP, TAKE_IN, WATCH, example

VERBS: Final = (
    begin.APP,
    intake.APP,
    watch.APP,
    status.APP,
    files.APP,
    rows.APP,
    zooms.APP,
    lasting.APP,
    pixels.APP,
    monitors.APP,
    quarantine.APP,
    badtimes.APP,
    derived.APP,
    keep.APP,
    settings.APP,
)


class Formatter(Protocol):
    """What writes help."""

    def section(self, name: str) -> AbstractContextManager[None]:
        """Open a section."""
        ...

    def write_dl(self, rows: Sequence[tuple[str, str]]) -> None:
        """Write names and their meanings."""
        ...


class Sections(TyperGroup):
    """Commands listed in sections."""

    @override
    def format_commands(self, ctx: object, formatter: Formatter) -> None:
        """Write the list of commands, section by section."""
        for section in (TAKE_IN, ASK, WATCH, KEEP):
            rows = [(name, text) for name, (there, text) in self._listed().items() if there == section]
            with formatter.section(section):
                formatter.write_dl(rows)

    def _listed(self) -> Mapping[str, tuple[str | None, str]]:
        found = {}
        for name, command in self.commands.items():
            match command:
                case TyperCommand() | TyperGroup():
                    found[name] = (command.rich_help_panel, command.get_short_help_str(80))
                case _:
                    pass
        return found


ABOUT: Final = """The archive and the long watch over telescope detectors.

Without a command: what is here, and what to do next.
Add --debug to any command to see the traceback of an error.
"""

ENDS: Final = """Ends with 0 when all is well, 1 when something needs you, 2 when the command line is wrong,
3 to 13 for an error (4: what was asked for is not there), 70 for a fault of ours, and
130 after Ctrl-C."""

APP: Final = typer.Typer(
    cls=Sections,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog=example(
        "longwatch ingest incoming/       take files in; makes the archive if there is none",
        "longwatch                        what is here, and what to do next",
        "longwatch find cos.lampflash",
        "longwatch monitor run",
        "longwatch report",
        then=ENDS,
    ),
)
"""The command line."""

for verb in VERBS:
    APP.add_typer(verb)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"longwatch {version('longwatch')}")
        raise typer.Exit


@APP.callback(help=ABOUT)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Say which version this is.")] = False,
) -> None:
    """Show what is here where no command is given."""
    _show_version(wanted=version)
    if context.invoked_subcommand is None:
        status.status()


def add_instrument_command(words: Sequence[str]) -> None:
    """Add the command an instrument brings under the first word, if no other command has it.

    Parameters
    ----------
    words
        The command line; plug-ins are only loaded where its first word is unknown.
    """
    word = next((word for word in words if not word.startswith("-")), "")
    if word and word not in _own_words():
        from longwatch.cli.plugged import instrument_app

        found = instrument_app(word)
        if found is not None:
            APP.add_typer(found.app, name=word, help=found.help)


def _own_words() -> set[str]:
    verbs = {info.name for verb in VERBS for info in verb.registered_commands}
    return {name for name in (*verbs, *(g.name for v in VERBS for g in v.registered_groups)) if name}
