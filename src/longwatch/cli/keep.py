"""Keeping an archive well: `verify`, `doctor`, `backup`, `restore`, `migrate`.

Owns what is asked of the upkeep and how its findings are told. Must not know how anything is checked or copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longwatch.cli import words
from longwatch.cli.codes import FINDINGS
from longwatch.cli.options import KEEP, ArchiveOption, JsonOption, example
from longwatch.cli.output import say, write, write_json
from longwatch.cli.progress import Meter
from longwatch.cli.site import folder_of, opened
from longwatch.errors import Conflict

if TYPE_CHECKING:
    from longwatch.archive import Archive
    from longwatch.upkeep.doctor import Finding
    from longwatch.upkeep.verify import Problem, VerifyReport

APP = typer.Typer()

NAMED = 20
"""So many problems are told one by one; JSON has all."""


@APP.command("verify", rich_help_panel=KEEP, epilog=example("longwatch verify", "longwatch verify --sample 1000"))
def verify(
    archive: ArchiveOption = None,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="Read only so many, chosen at random.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read every stored byte again and compare it with its hash.

    Ends with 0 only when all is well.
    """
    from longwatch.upkeep.verify import verify as read_again

    with opened(archive) as site, Meter("objects") as meter:
        found = read_again(site.catalog, site.store, progress=meter.show, sample=sample)
    if as_json:
        write_json(asdict(found) | {"well": found.well})
    else:
        _tell(found)
    _end(well=found.well)


@APP.command(
    "doctor",
    rich_help_panel=KEEP,
    epilog=example("longwatch doctor", "longwatch doctor --fix", "longwatch doctor --prune -1yr"),
)
def doctor(
    archive: ArchiveOption = None,
    fix: Annotated[bool, typer.Option("--fix", help="Tidy up what crashes left; removes nothing in use.")] = False,
    prune: Annotated[
        str | None,
        typer.Option("--prune", metavar="TIME", help="Forget what was replaced or retracted before this time."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Look for what is amiss, and say what to do.

    Ends with 0 only when all is well. Objects are not read again: `verify` does that.
    """
    from longwatch.upkeep.doctor import examine, is_well

    with opened(archive) as site:
        if fix or prune is not None:
            _tidy(site, prune)
        found = examine(site.upkeep)
    if as_json:
        write_json({"well": is_well(found), "findings": [asdict(finding) for finding in found]})
    else:
        _tell_findings(found, well=is_well(found))
    _end(well=is_well(found))


@APP.command("backup", rich_help_panel=KEEP, epilog=example("longwatch backup /backups/site"))
def backup(
    dest: Annotated[Path, typer.Argument(metavar="FOLDER", help="New, empty, or an earlier backup.")],
    archive: ArchiveOption = None,
    include_linked: Annotated[bool, typer.Option("--include-linked", help="Keep linked files too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy database and objects, while others may write.

    An earlier backup in the folder is brought up to date; what is there is not copied again.
    """
    from longwatch.upkeep.backup import backup as copy

    with opened(archive) as site, Meter("objects") as meter:
        done = copy(site.upkeep, dest, include_linked=include_linked, progress=meter.show)
    if as_json:
        write_json(asdict(done) | {"well": done.well})
    else:
        write(
            f"Backup of commit {done.commit} in {dest}: {words.count(done.objects, 'object')}, of which "
            f"{done.copied:,} were copied now ({words.size(done.bytes)})."
        )
        if done.linked > done.included:
            left_out = words.count(done.linked - done.included, "linked file")
            say(f"{left_out} stay where they lie; --include-linked keeps them too.")
        _tell_problems(done.problems)
    _end(well=done.well)


@APP.command("restore", rich_help_panel=KEEP, epilog=example("longwatch restore /backups/site new-site"))
def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="A folder made by `backup`.")],
    dest: Annotated[Path, typer.Argument(metavar="FOLDER", help="New or empty.")],
    as_json: JsonOption = False,
) -> None:
    """Make an archive from a backup, and prove it with `verify`."""
    from longwatch.upkeep.restore import restore as bring

    with Meter("objects") as meter:
        done = bring(source, dest, progress=meter.show)
    if as_json:
        write_json(asdict(done) | {"well": done.well})
    else:
        write(f"Restored commit {done.commit} in {dest}: {words.count(done.objects, 'object')}.")
        _tell(done.proof)
        say(f"Next: longwatch status --archive {dest}")
    _end(well=done.well)


@APP.command("migrate", rich_help_panel=KEEP, epilog=example("longwatch backup /backups/site", "longwatch migrate"))
def migrate(archive: ArchiveOption = None) -> None:
    """Bring an older archive to the schema of this version."""
    from longwatch.archive import create_archive, open_archive

    home = folder_of(archive)
    try:
        open_archive(home).close()
    except Conflict as older:
        say(str(older))
    create_archive(home).close()
    write("The schema is the newest.")


def _tidy(site: Archive, prune: str | None) -> None:
    from astropy.time import Time

    from longwatch.domain.times import to_us
    from longwatch.upkeep.tidy import fix, prune_before

    if prune is None:
        done = fix(site.upkeep)
    else:
        done = prune_before(site.upkeep, site.catalog.commit_at(to_us(prune, now=Time.now)))
        say(f"Forgot {words.count(done.rows, 'row')}. The earliest commit that can be asked is now {done.earliest}.")
    say(
        f"Removed {words.count(done.objects, 'object')} nobody names ({words.size(done.bytes)}) and "
        f"{words.count(done.leftovers, 'leftover')}; marked {words.count(done.runs, 'run')} as died."
    )


def _tell(found: VerifyReport) -> None:
    write(
        f"{found.sound:,} of {found.checked:,} are sound; commit {found.commit} names "
        f"{words.count(found.objects, 'object')} and {words.count(found.linked, 'linked file')}."
    )
    _tell_problems(found.problems)


def _tell_problems(problems: Sequence[Problem]) -> None:
    for problem in problems[:NAMED]:
        write(f"{problem.state:<10}  {problem.name}")
        write(f"            {problem.what} {problem.next_step}")
    if len(problems) > NAMED:
        say(f"... and {words.count(len(problems) - NAMED, 'problem')} more: add --json.")


def _tell_findings(found: Sequence[Finding], *, well: bool) -> None:
    for finding in found:
        write(f"{finding.severity:<8} {finding.what}")
        if finding.next_step:
            write(f"         {finding.next_step}")
    write("All is well." if well else "Something needs you: see above.")


def _end(*, well: bool) -> None:
    if not well:
        raise typer.Exit(FINDINGS)
