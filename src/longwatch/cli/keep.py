"""Keeping an archive well: `migrate`.

Owns what is asked of the upkeep and how its findings are told. Must not know how anything is checked or copied.
"""

from __future__ import annotations

import typer

from longwatch.cli.options import KEEP, ArchiveOption, example
from longwatch.cli.output import write
from longwatch.cli.site import folder_of

APP = typer.Typer()


@APP.command("migrate", rich_help_panel=KEEP, epilog=example("longwatch backup copies/today", "longwatch migrate"))
def migrate(archive: ArchiveOption = None) -> None:
    """Bring an older archive to the schema of this version."""
    from longwatch.archive import create_archive

    create_archive(folder_of(archive)).close()
    write("The schema is the newest.")
