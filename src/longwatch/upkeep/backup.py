"""Backup: a consistent copy of database and objects, taken while a writer works.

Owns the order: the database as one moment shows it, then every object its rows name, then the manifest; so an
interrupted backup leaves the one before whole. Must not know what is stored.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from longwatch.catalog.audit import NamedObject, named_objects
from longwatch.catalog.catalog import Catalog
from longwatch.catalog.copying import copy_database, copy_form
from longwatch.catalog.versions import VersionInfo, all_linked
from longwatch.config import FILE_NAME
from longwatch.contracts.objectstore import ObjectStore, Staged
from longwatch.errors import NotFound, Refused
from longwatch.objects.folder import FolderStore
from longwatch.objects.names import Hashed, read_blocks
from longwatch.upkeep.manifest import Manifest, has_manifest, write_manifest
from longwatch.upkeep.site import Progress, Site, no_progress
from longwatch.upkeep.verify import Problem, check_linked, check_object

SETTINGS = "settings.toml"
"""The archive's settings in a backup, under a name that no archive opens."""

BATCH = 64
"""Objects made durable together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """What a backup did.

    Parameters
    ----------
    commit
        Newest commit in it.
    objects
        Stored objects its rows name: `objects = copied + present + problems with objects`.
    copied, present
        How many were copied now, and how many were in the backup already.
    bytes
        Size of those copied [bytes].
    linked
        Linked files, of which the backup keeps the path and the hash.
    included
        How many of them it also keeps as stored objects.
    problems
        Objects and linked files that could not be kept, and what to do.
    """

    commit: int
    objects: int
    copied: int
    present: int
    bytes: int
    linked: int
    included: int
    problems: tuple[Problem, ...]

    @property
    def well(self) -> bool:
        """Whether the backup holds all it should."""
        return not self.problems


def backup(site: Site, dest: Path, *, include_linked: bool = False, progress: Progress = no_progress) -> BackupReport:
    """Copy an archive into a folder, or bring an earlier backup there up to date; objects there are not copied again.

    Parameters
    ----------
    site
        The archive; a writer may work meanwhile.
    dest
        An empty or new folder, or an earlier backup.
    include_linked
        True: keep linked files as stored objects too, and `restore` makes them such; False: note path and hash.
    progress
        Told how many objects are done, and of how many.

    Returns
    -------
    BackupReport
        Problems do not stop it: what could be kept is kept.

    Raises
    ------
    Refused
        Raised if the folder holds something that is no backup.
    Unavailable
        Raised if the disk is full or a program for dumping is missing; the backup before stays as it was.
    """
    _begin(dest)
    form = copy_form(site.catalog.database)
    database = dest / f"catalog-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.{'db' if form == 'sqlite' else 'dump'}"
    copy_database(site.catalog, database)
    with _described(site, database, form) as catalog, catalog.read() as snapshot:
        commit, objects, linked = snapshot.commit, named_objects(snapshot), all_linked(snapshot)
    copier = _Copier(site.store, FolderStore(dest / "objects"))
    problems = list(copier.copy(objects, progress))
    included = copier.include(linked) if include_linked else {}
    problems += [problem for problem in included.values() if problem]
    kept = tuple(sorted(number for number, problem in included.items() if problem is None))
    if (settings := site.folder / FILE_NAME).exists():
        shutil.copyfile(settings, dest / SETTINGS)
    write_manifest(
        dest,
        Manifest(
            code_version=version("longwatch"),
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            commit=commit,
            form=form,
            database=database.name,
            sha256=file_hash(database),
            objects=len(objects),
            linked={str(one.path): str(one.oid) for one in linked},
            included=kept,
        ),
    )
    for older in set(dest.glob("catalog-*")) - {database}:
        older.unlink()
    return BackupReport(
        commit=commit,
        objects=len(objects),
        copied=copier.copied,
        present=copier.present,
        bytes=copier.bytes,
        linked=len(linked),
        included=len(kept),
        problems=tuple(problems),
    )


def file_hash(path: Path) -> str:
    """Give the SHA-256 of a file."""
    passing = Hashed(read_blocks(path))
    for _ in passing:
        pass
    return passing.oid


def _begin(dest: Path) -> None:
    dest.mkdir(parents=True, exist_ok=True)
    if has_manifest(dest):
        return
    if any(dest.iterdir()):
        raise Refused(f"{dest} is not empty and holds no backup. Name an empty or new folder, or an earlier backup.")
    write_manifest(dest, Manifest())


@contextmanager
def _described(site: Site, database: Path, form: str) -> Iterator[Catalog]:
    """Open the copied rows; where a server keeps them, its present rows name all that the copied ones do."""
    if form != "sqlite":
        yield site.catalog
        return
    copied = Catalog(f"sqlite:///{database}", writable=False)
    try:
        yield copied
    finally:
        copied.close()


class _Copier:
    """Copies objects from one store to another, and counts."""

    def __init__(self, source: ObjectStore, target: FolderStore) -> None:
        self._source = source
        self._target = target
        self._there = {info.oid: info.size for info in target.listing()}
        self.copied = self.present = self.bytes = 0

    def copy(self, objects: Sequence[NamedObject], progress: Progress) -> Iterator[Problem]:
        """Copy what is not there yet, in batches; gives what is missing or damaged."""
        for begin in range(0, len(objects), BATCH):
            batch = objects[begin : begin + BATCH]
            staged = []
            for named in batch:
                match self._stage(named):
                    case Staged() as one:
                        staged.append(one)
                    case Problem() as problem:
                        yield problem
                    case None:
                        self.present += 1
            self._target.settle(staged)
            self.copied += len(staged)
            self.bytes += sum(one.size for one in staged)
            progress(begin + len(batch), len(objects))

    def include(self, linked: Sequence[VersionInfo]) -> dict[int, Problem | None]:
        """Keep linked files as objects; gives for each version what is wrong with it, or None."""
        found: dict[int, Problem | None] = {}
        for one in linked:
            problem = check_linked(one)
            if problem is not None and problem.state == "touched":
                problem = None
            if problem is None and one.oid not in self._there:
                self._target.put_file(Path(str(one.path)))
            found[one.id] = problem
        return found

    def _stage(self, named: NamedObject) -> Staged | Problem | None:
        try:
            if self._there.get(named.oid) == self._source.size(named.oid):
                return None
            view = self._source.view(named.oid)
            staged = self._target.stage(self._source.get(named.oid) if view is None else view)
        except NotFound:
            return check_object(self._source, named)
        return staged if staged.oid == named.oid else check_object(self._source, named)
