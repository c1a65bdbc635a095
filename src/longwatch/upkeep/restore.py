"""Restore: a backup becomes an archive again, and proves itself.

Owns the order: objects first, the database last, so that half a restore is no archive. Must not know what is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from longwatch.catalog.audit import adopt
from longwatch.catalog.catalog import Catalog
from longwatch.catalog.copying import copy_form, restore_database
from longwatch.config import CATALOG_FILE, FILE_NAME, OBJECT_FOLDER, Config
from longwatch.contracts.objectstore import ObjectStore
from longwatch.errors import BadFile, Conflict, Refused
from longwatch.objects.folder import FolderStore
from longwatch.objects.open import open_store
from longwatch.upkeep.backup import BATCH, SETTINGS, file_hash
from longwatch.upkeep.manifest import Manifest, read_manifest
from longwatch.upkeep.site import Progress, no_progress
from longwatch.upkeep.verify import VerifyReport, verify

_PLAIN = "# Settings of this archive; `longwatch config show` lists them all.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreReport:
    """What a restore did.

    Parameters
    ----------
    commit
        Newest commit of the restored archive.
    objects
        How many objects were brought back.
    proof
        What verifying the restored archive found.
    """

    commit: int
    objects: int
    proof: VerifyReport

    @property
    def well(self) -> bool:
        """Whether everything is as it was."""
        return self.proof.well


def restore(source: Path, dest: Path, *, progress: Progress = no_progress) -> RestoreReport:
    """Make an archive from a backup, and verify all of it.

    Parameters
    ----------
    source
        The backup.
    dest
        An empty or new folder. It may hold a `longwatch.toml`, which then says where database and objects go; both
        must be empty.
    progress
        Told how many objects are verified, and of how many.

    Returns
    -------
    RestoreReport
        With the proof.

    Raises
    ------
    Refused
        Raised if the place is not empty; nothing was changed.
    NotFound
        Raised if the source is no finished backup.
    BadFile
        Raised if the backup's database is not the one that was written.
    Conflict
        Raised if the backup is of another kind of database.
    """
    manifest = read_manifest(source)
    if file_hash(source / manifest.database) != manifest.sha256:
        raise BadFile(f"The database in the backup {source} is damaged: its hash differs. Use another backup.")
    _check_folder(dest)
    config = Config.load(dest)
    url = config.database_url() or f"sqlite:///{dest.resolve() / CATALOG_FILE}"
    store = open_store(config.objects or dest / OBJECT_FOLDER, config.object_settings())
    catalog = Catalog(url)
    try:
        _check_empty(manifest, catalog, store, dest)
        _write_settings(source, dest)
        count = _bring(FolderStore(source / "objects"), store)
        restore_database(url, source / manifest.database)
        catalog.create()
        if manifest.included:
            with catalog.run("restore") as run, catalog.change(run) as change:
                adopt(change, manifest.included)
        proof = verify(catalog, store, progress=progress)
    finally:
        catalog.close()
    return RestoreReport(commit=manifest.commit, objects=count, proof=proof)


def _check_folder(dest: Path) -> None:
    dest.mkdir(parents=True, exist_ok=True)
    there = sorted(entry.name for entry in dest.iterdir() if entry.name != FILE_NAME)
    if there:
        raise Refused(f"{dest} is not empty: it holds {', '.join(there[:3])}. Restore into an empty or new folder.")


def _check_empty(manifest: Manifest, catalog: Catalog, store: ObjectStore, dest: Path) -> None:
    """Refuse a database or a store that holds anything."""
    wanted = copy_form(catalog.database)
    if wanted != manifest.form:
        raise Conflict(
            f"The backup is of a {manifest.form} database, and {dest / FILE_NAME} names {wanted}. "
            f"Name an empty {manifest.form} database there."
        )
    if wanted != "sqlite" and catalog.schema()[0]:
        raise Refused(f"The database {catalog.url} already holds an archive. Name an empty one in {dest / FILE_NAME}.")
    if any(True for _ in store.listing()):
        raise Refused(f"The store {store.location} already holds objects. Name an empty one in {dest / FILE_NAME}.")


def _write_settings(source: Path, dest: Path) -> None:
    """Bring the settings back, unless they point to the database or store of the archive that was backed up."""
    settings, kept = dest / FILE_NAME, source / SETTINGS
    if settings.exists():
        return
    text = kept.read_text("utf-8") if kept.exists() else _PLAIN
    settings.write_text(text, "utf-8")
    config = Config.load(dest)
    origins = {config.read_from.get("database"), config.read_from.get("objects")}
    if str(settings) in origins:
        settings.write_text(_PLAIN, "utf-8")


def _bring(source: FolderStore, target: ObjectStore) -> int:
    oids = [info.oid for info in source.listing()]
    for begin in range(0, len(oids), BATCH):
        target.settle(target.stage(source.get(oid)) for oid in oids[begin : begin + BATCH])
    return len(oids)
