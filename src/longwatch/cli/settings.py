"""Settings and plug-ins, as they are.

Owns `config show` and `plugins`. Must not know what settings do.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from longwatch.cli.codes import FINDINGS
from longwatch.cli.options import KEEP, ArchiveOption, JsonOption, example
from longwatch.cli.output import say, write_grid, write_json
from longwatch.cli.site import folder_of

if TYPE_CHECKING:
    from longwatch.contracts.instrument import Instrument

APP = typer.Typer()

HEADER = ("name", "title", "kinds", "series", "cubes", "monitors", "commands")
"""What `plugins` says of an instrument."""
_GROUP = typer.Typer(no_args_is_help=True, rich_markup_mode=None, epilog=example("longwatch config show --origins"))
APP.add_typer(_GROUP, name="config", rich_help_panel=KEEP, help="Settings of the archive: show.")


@_GROUP.command("show", epilog=example("longwatch config show --origins"))
def show(
    archive: ArchiveOption = None,
    origins: Annotated[bool, typer.Option("--origins", help="Also where each value came from.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show every setting, what it means, and where it came from. Secrets stay hidden."""
    from longwatch.config import FILE_NAME, Config

    home = folder_of(archive)
    found = Config.load(home).origins()
    if as_json:
        write_json([asdict(one) for one in found])
        return
    header = ("setting", "value", *(("from",) if origins else ()), "meaning")
    write_grid(header, [(o.name, o.value, *((o.origin,) if origins else ()), o.description) for o in found])
    say(f"Change one in {home / FILE_NAME}, or by the environment variable LONGWATCH_NAME.")


@APP.command("plugins", rich_help_panel=KEEP, epilog=example("longwatch plugins"))
def show_plugins(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List instruments, what they bring, and plug-ins that are broken."""
    from longwatch import plugins
    from longwatch.config import Config

    loaded = plugins.load(disabled=Config.load(folder_of(archive)).disabled_plugins)
    rows = [_brought(one) for one in loaded.instruments]
    if as_json:
        broken = [{"plugin": error.plugin, "reason": str(error)} for error in loaded.broken]
        write_json({"instruments": [dict(zip(HEADER, row, strict=True)) for row in rows], "broken": broken})
    else:
        write_grid(HEADER, [[", ".join(cell) if isinstance(cell, list) else cell for cell in row] for row in rows])
    for error in loaded.broken:
        say(str(error))
    if loaded.broken:
        raise typer.Exit(FINDINGS)


def _brought(one: Instrument) -> list[str | list[str]]:
    return [
        one.name,
        one.title,
        [kind.name for kind in one.kinds],
        [series.name for series in one.series],
        [cube.name for cube in one.cubes],
        [monitor.name for monitor in one.monitors],
        [command.name for command in one.commands],
    ]
