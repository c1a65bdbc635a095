"""Beginning: an empty archive, and files to try it with.

Owns `init` and `simulate`. Must not know how archives are made or files are simulated.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from longwatch.cli.options import TAKE_IN, ArchiveOption, example
from longwatch.cli.output import say, write
from longwatch.cli.site import folder_of
from longwatch.errors import NotFound

APP = typer.Typer()


@APP.command("init", rich_help_panel=TAKE_IN, epilog=example("longwatch init site"))
def init(
    place: Annotated[
        str | None, typer.Argument(metavar="FOLDER", help="Where; made if it is not there.", show_default=False)
    ] = None,
    archive: ArchiveOption = None,
) -> None:
    """Make an empty archive in a folder.

    An archive that is there already stays as it is. The first `ingest` makes one too.
    """
    from longwatch.archive import create_archive, open_archive

    folder = folder_of(place or archive)
    try:
        open_archive(folder).close()
    except NotFound:
        create_archive(folder).close()
        write(f"Made an empty archive in {folder}.")
    else:
        write(f"There is an archive in {folder} already; nothing was changed.")
    say(f"Next: longwatch ingest PLACE --archive {folder}")


@APP.command(
    "simulate",
    rich_help_panel=TAKE_IN,
    epilog=example("longwatch simulate cos incoming/cos", "longwatch ingest incoming"),
)
def simulate(
    instrument: Annotated[str, typer.Argument(help="Which instrument: cos, aca, stis, or one of a plug-in.")],
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write; made if it is not there.")],
    seed: Annotated[int, typer.Option("--seed", help="Equal seeds give equal files.")] = 1,
    small: Annotated[bool, typer.Option("--small/--full", help="A few files, or years of them.")] = True,
) -> None:
    """Write simulated files of an instrument, with the truth."""
    from longwatch import plugins

    known = {one.name: one.simulate for one in plugins.load().instruments if one.simulate}
    if instrument not in known:
        raise NotFound(f"No simulator for {instrument!r}. There are: {', '.join(known)}. Name one of them.")
    module, _, function = known[instrument].partition(":")
    getattr(import_module(module), function)(out, seed=seed, small=small)
    write(str(out))
    say(f"Next: longwatch ingest {out}")
