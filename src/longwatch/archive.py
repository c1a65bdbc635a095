"""The archive: the one place that names concrete classes and puts the parts together.

Owns `Archive` and `open_archive`. Must not know how any part works: it has no logic of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from astropy.table import Table
from astropy.time import Time
from typing_extensions import override

from longwatch import plugins
from longwatch.catalog.catalog import Catalog, say_nothing
from longwatch.catalog.when import span_of
from longwatch.config import CATALOG_FILE, FILE_NAME, OBJECT_FOLDER, Config
from longwatch.contracts.instrument import Instrument
from longwatch.contracts.objectstore import ObjectStore
from longwatch.contracts.reading import Reading
from longwatch.cubes.face import CubeRoom
from longwatch.cubes.timelines import TimelineRoom
from longwatch.domain.product import Identity
from longwatch.domain.times import Instant, to_us
from longwatch.errors import Conflict, NotFound
from longwatch.ingest.hand import HandWriter
from longwatch.ingest.preview import Preview, preview
from longwatch.ingest.report import IngestReport
from longwatch.ingest.retract import Target, retract_target
from longwatch.ingest.run import Intake, Progress, ingest, no_progress
from longwatch.ingest.together import ingest_together
from longwatch.ingest.watch import EVERY_S, Tell, tell_nobody, watch
from longwatch.monitors.face import Monitors
from longwatch.objects.open import open_store
from longwatch.products.face import Products
from longwatch.series.face import SeriesRoom
from longwatch.upkeep.site import Site

ENVIRONMENT = "LONGWATCH_ARCHIVE"
"""Names the archive where none is given."""


class Archive:
    """An archive, as its newest commit or a pinned one shows it.

    Parameters
    ----------
    site
        Its folder.
    config
        Its settings.
    catalog, store
        Its parts.
    commit
        The commit to speak for; None: the newest at each call.
    instruments
        Instruments in place of those registered as plug-ins.
    """

    def __init__(
        self,
        site: Path,
        config: Config,
        catalog: Catalog,
        store: ObjectStore,
        *,
        commit: int | None = None,
        instruments: Sequence[Instrument] | None = None,
    ) -> None:
        self.site = site
        self.config = config
        self.catalog = catalog
        self.store = store
        self.commit = commit
        self._instruments = instruments

    @override
    def __repr__(self) -> str:
        """Say where it is and which commit it shows."""
        shown = "newest commit" if self.commit is None else f"commit {self.commit}"
        return f"<Archive {self.site} at its {shown}: {len(self.series)} series, {len(self.cubes)} cubes>"

    def __enter__(self) -> Self:
        """Use it in a `with` block, which closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the connections to its database."""
        self.catalog.close()

    # --- parts ---

    @cached_property
    def plugins(self) -> plugins.Loaded:
        """Instruments that were loaded, and plug-ins that broke."""
        if self._instruments is not None:
            return plugins.Loaded(instruments=tuple(self._instruments), broken=())
        return plugins.load(disabled=self.config.disabled_plugins)

    @cached_property
    def products(self) -> Products:
        """Files with identity, versions and headers."""
        return Products(self.catalog, self.store, commit=self.commit, now=Time.now)

    @cached_property
    def series(self) -> SeriesRoom:
        """Rows over time, by name."""
        return SeriesRoom(self.catalog, self.store, commit=self.commit, writer=self.writer, now=Time.now)

    @cached_property
    def cubes(self) -> CubeRoom:
        """Properties of every pixel, by name."""
        return CubeRoom(self.catalog, self.store, commit=self.commit, writer=self.writer, now=Time.now)

    @cached_property
    def timelines(self) -> TimelineRoom:
        """Numbered spans of time, by name."""
        return TimelineRoom(self.catalog, commit=self.commit, now=Time.now)

    @cached_property
    def monitors(self) -> Monitors:
        """Monitors of the loaded instruments."""
        return Monitors(
            self.catalog,
            self.store,
            self.plugins.instruments,
            view_at=self.at_commit,
            writer=self.writer,
            commit=self.commit,
            now=Time.now,
        )

    @cached_property
    def writer(self) -> HandWriter | None:
        """The door for rows, planes and epochs that come from no file; None where nothing can be changed."""
        if self.commit is not None or not self.catalog.writable:
            return None
        return HandWriter(self.catalog, self.store)

    @property
    def _intake(self) -> Intake:
        return Intake(
            catalog=self.catalog,
            store=self.store,
            instruments=self.plugins.instruments,
            config=self.config,
            home=self.site,
        )

    @property
    def upkeep(self) -> Site:
        """What `longwatch.upkeep` (verify, doctor, backup) looks after."""
        return Site(folder=self.site, catalog=self.catalog, store=self.store, broken=self.plugins.broken)

    # --- time ---

    def at_commit(self, commit: int) -> Archive:
        """Give the archive as a commit shows it; nothing can be changed through it.

        Raises
        ------
        NotFound
            Raised if there is no such commit, or its state was pruned.
        """
        self.catalog.check_commit(commit)
        return Archive(self.site, self.config, self.catalog, self.store, commit=commit, instruments=self._instruments)

    def as_of(self, when: Instant) -> Archive:
        """Give the archive as it was at a moment; nothing can be changed through it.

        Raises
        ------
        NotFound
            Raised if the archive did not exist yet.
        """
        return self.at_commit(self.catalog.commit_at(to_us(when, now=Time.now)))

    # --- in and out ---

    def ingest(
        self,
        *places: str | Path,
        link: bool | None = None,
        progress: Progress = no_progress,
        again: Iterable[str] = (),
    ) -> IngestReport:
        """Take files in: folders, files, glob patterns.

        Parameters
        ----------
        *places
            What to take in.
        link
            True: leave files where they lie; False: copy them; None: as the configuration says.
        progress
            Told how many files are settled, and of how many.
        again
            Paths to read even if they were refused before and look the same.

        Returns
        -------
        IngestReport
            `seen = stored + unchanged + unknown + quarantined`.

        Raises
        ------
        NotFound
            Raised if a place does not exist.
        Unavailable
            Raised if disk or database fail; what was committed before stays.
        """
        return ingest(self._intake, places, link=link, progress=progress, again=again)

    def ingest_with(self, path: str | Path, identity: Identity, reading: Reading) -> bool:
        """Take one file in together with a reading that stands in no file, in one commit; False where both were known.

        Raises
        ------
        NotFound
            Raised if there is no such file.
        BadFile
            Raised if the file cannot be stored; nothing is then.
        """
        return ingest_together(self._intake, path, identity, reading)

    def watch(
        self,
        folder: str | Path,
        *,
        every: float = EVERY_S,
        stop: Event | None = None,
        link: bool | None = None,
        tell: Tell = tell_nobody,
        say: Callable[[str], None] = say_nothing,
    ) -> int:
        """Take in what comes into a folder: a file once it has stopped growing.

        Parameters
        ----------
        folder
            With all below it.
        every
            Time between two looks [s]; a file is taken in when it looks the same at two of them in a row.
        stop
            Set it, from another thread, to end; None: Ctrl-C does.
        link
            As for `ingest`.
        tell
            Told what each look brought in.
        say
            Told in a sentence when folder, disk or database are away; the next look tries again.

        Returns
        -------
        int
            How many files were stored. The same call goes on after a stop: what is here already is passed over.

        Raises
        ------
        NotFound
            Raised if the folder does not exist.
        """
        wait = partial((stop or Event()).wait, every)
        return watch(self._intake, folder, wait, link=link, tell=tell, say=say)

    def preview(self, *places: str | Path) -> Iterator[Preview]:
        """Say which kind would claim each file, and store nothing."""
        kinds = [kind for instrument in self.plugins.instruments for kind in instrument.kinds]
        return preview(kinds, places, limit=self.config.inflate_limit, avoid=self.site)

    def retract(
        self,
        *,
        run: int = 0,
        kind: str = "",
        key: str = "",
        version: str = "",
        start: Instant | None = None,
        stop: Instant | None = None,
        dry_run: bool = False,
    ) -> list[str]:
        """Retract what came in by mistake: a run, a product (or one version of it), or a window of a kind.

        Returns
        -------
        list of str
            The versions, as `kind/key version`; older states stay askable with `as_of`.

        Raises
        ------
        NotFound
            Raised if nothing there is to be retracted.
        BadQuery
            Raised if not exactly one thing is named.
        """
        span = None if start is None and stop is None else span_of(self.catalog, start, stop, now=Time.now)
        target = Target(run=run, kind=kind, key=key, version=version, span=span)
        return retract_target(self.catalog, target, dry_run=dry_run)

    def measurements(
        self,
        metric: str,
        *,
        start: Instant | None = None,
        stop: Instant | None = None,
        as_of: Instant | None = None,
        **subject: str,
    ) -> Table:
        """Give what monitors measured; see `longwatch.monitors.face.Monitors.measurements`."""
        return self.monitors.measurements(metric, start=start, stop=stop, as_of=as_of, **subject)


def open_archive(
    site: str | Path | None = None,
    *,
    as_of: Instant | None = None,
    create: bool = False,
    read_only: bool = False,
    say: Callable[[str], None] = say_nothing,
    instruments: Sequence[Instrument] | None = None,
) -> Archive:
    """Open an archive. Opening never writes, unless it is created.

    Parameters
    ----------
    site
        Its folder; None: `$LONGWATCH_ARCHIVE`, else the folder one stands in.
    as_of
        Show it as it was then; nothing can be changed through it.
    create
        Make it if it is not there yet.
    read_only
        Refuse changes even where they would be possible.
    say
        Told one sentence when a writer has to wait for another.
    instruments
        Instruments in place of those registered as plug-ins.

    Returns
    -------
    Archive
        The archive.

    Raises
    ------
    NotFound
        Raised if there is no archive at that place.
    Conflict
        Raised if its database was written by another version of the schema.
    """
    folder = Path(site or os.environ.get(ENVIRONMENT) or ".").expanduser().resolve()
    config = Config.load(folder)
    here = bool(config.database) or (folder / CATALOG_FILE).exists()
    if create and not here:
        _make(folder, config)
    elif not here:
        raise NotFound(
            f"No archive at {folder}: it holds no {CATALOG_FILE}. Make one with `longwatch init {folder}`, "
            f"name another with --archive, or set ${ENVIRONMENT}."
        )
    catalog, store = _parts(folder, config, writable=not read_only and as_of is None, say=say)
    archive = Archive(folder, config, catalog, store, instruments=instruments)
    _check_schema(archive)
    return archive if as_of is None else archive.as_of(as_of)


def create_archive(site: str | Path, *, instruments: Sequence[Instrument] | None = None) -> Archive:
    """Make an archive in a folder, or open the one that is there; brings an older schema up to date."""
    folder = Path(site).expanduser().resolve()
    _make(folder, Config.load(folder))
    return open_archive(folder, instruments=instruments)


def _make(folder: Path, config: Config) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / FILE_NAME
    if not settings.exists():
        settings.write_text("# Settings of this archive; `longwatch config show` lists them all.\n", encoding="utf-8")
    catalog = Catalog(_database(folder, config))
    catalog.create()
    catalog.close()


def _parts(folder: Path, config: Config, *, writable: bool, say: Callable[[str], None]) -> tuple[Catalog, ObjectStore]:
    url = _database(folder, config)
    may_write = writable and (bool(config.database) or _may_write(folder))
    catalog = Catalog(url, writable=may_write, lock_timeout_s=config.lock_timeout_s, say=say)
    return catalog, open_store(config.objects or folder / OBJECT_FOLDER, config.object_settings())


def _database(folder: Path, config: Config) -> str:
    return config.database_url() or f"sqlite:///{folder / CATALOG_FILE}"


def _may_write(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and os.access(folder / CATALOG_FILE, os.W_OK)


def _check_schema(archive: Archive) -> None:
    found, newest = archive.catalog.schema()
    if found == newest:
        return
    step = "run `longwatch migrate`" if found < newest else "install a newer Longwatch"
    raise Conflict(
        f"The catalogue {archive.catalog.url} has schema {found or 'none'}, this version of Longwatch wants {newest}: "
        f"{step}. Nothing was changed."
    )
