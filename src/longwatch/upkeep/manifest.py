"""The page that says what a backup holds.

Owns its fields and its file. Must not know how backups are made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from longwatch.errors import BadFile, NotFound

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds.

    Parameters
    ----------
    format
        Version of this page.
    code_version
        Version of Longwatch that wrote it.
    made
        When [ISO, UTC].
    commit
        Newest commit in it.
    form
        `sqlite`, `postgresql` or `mariadb`.
    database
        File of the database copy; empty while the first backup is not finished.
    sha256
        Hash of that file.
    objects
        How many stored objects its rows name.
    linked
        Linked files: path and SHA-256. They are not in the backup unless they are in `included`.
    included
        Numbers of the linked versions whose bytes are in the backup as stored objects.
    """

    format: int = FORMAT
    code_version: str = ""
    made: str = ""
    commit: int = 0
    form: str = ""
    database: str = ""
    sha256: str = ""
    objects: int = 0
    linked: Mapping[str, str] = field(default_factory=dict)
    included: tuple[int, ...] = ()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the page into a folder, all at once."""
    beginning = folder / f"{NAME}.new"
    with beginning.open("w", encoding="utf-8") as file:
        json.dump(asdict(manifest), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    beginning.replace(folder / NAME)


def has_manifest(folder: Path) -> bool:
    """Tell whether a folder holds a backup, finished or not."""
    return (folder / NAME).is_file()


def read_manifest(folder: Path) -> Manifest:
    """Give the page of a backup.

    Raises
    ------
    NotFound
        Raised if the folder holds no finished backup.
    BadFile
        Raised if the page cannot be read, or a newer version wrote it.
    """
    path = folder / NAME
    try:
        fields = json.loads(path.read_text("utf-8"))
        manifest = Manifest(**fields | {"included": tuple(fields["included"])})
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(
            f"{folder} is no backup: it has no {NAME}. Name the folder given to `longwatch backup`."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadFile(f"{path} cannot be read ({error}). Use another backup, or a newer Longwatch.") from error
    if manifest.format > FORMAT:
        raise BadFile(
            f"{path} was written by Longwatch {manifest.code_version}, in a newer form. Install that version."
        )
    if not manifest.database:
        raise NotFound(f"The backup in {folder} was never finished. Run `longwatch backup {folder}` again.")
    return manifest
