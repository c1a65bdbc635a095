"""Connections to SQLite, PostgreSQL and MariaDB, and what differs between them.

Owns engines, transaction beginnings and the writer's lock. Must not know what is written.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url, select, text, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from longwatch.catalog import tables as t
from longwatch.errors import BadConfig, Unavailable

_NEWEST = "SELECT n FROM commit_counter WHERE id = 1"

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "gpfs", "beegfs", "fuse.sshfs", "9p"}
)
"""File systems on which SQLite's shared-memory journal is not safe."""


def open_engine(url: str, *, writable: bool) -> Engine:
    """Open the database behind a URL; nothing is written.

    Parameters
    ----------
    url
        SQLAlchemy URL: `sqlite:///...`, `postgresql+psycopg://...` or `mysql+pymysql://...`.
    writable
        False opens an SQLite file in a folder one may only read.

    Returns
    -------
    Engine
        Ready to connect.

    Raises
    ------
    BadConfig
        Raised if the URL names another database, or its driver is not installed.
    """
    parsed = make_url(url)
    try:
        match parsed.get_backend_name():
            case "sqlite":
                return _sqlite(parsed, writable=writable)
            case "postgresql":
                return create_engine(parsed, isolation_level="READ COMMITTED", pool_pre_ping=True)
            case "mysql" | "mariadb":
                return create_engine(parsed, isolation_level="READ COMMITTED", pool_pre_ping=True, pool_recycle=3600)
            case other:
                raise BadConfig(
                    f"The database URL names {other!r}. Longwatch keeps its catalogue in SQLite, PostgreSQL "
                    "(postgresql+psycopg://) or MariaDB (mysql+pymysql://)."
                )
    except ModuleNotFoundError as error:
        extra = "postgres" if parsed.get_backend_name() == "postgresql" else "mysql"
        raise BadConfig(
            f"The driver for {parsed.render_as_string()} is not installed. "
            f'Install it with: pip install "longwatch[{extra}]"'
        ) from error


def _sqlite(url: URL, *, writable: bool) -> Engine:
    path = Path(url.database or "")
    if writable:
        engine = create_engine(url, connect_args={"timeout": 0.05, "check_same_thread": False}, pool_size=8)
        event.listen(engine, "connect", _prepare_sqlite_writer)
    else:
        engine = create_engine("sqlite://", creator=lambda: _read_only(path), poolclass=NullPool)
        event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _read_only(path: Path) -> sqlite3.Connection:
    """Open an SQLite file without a write right to its folder.

    With a journal beside the file a writer is at work and SQLite can share it; without one the file is at rest,
    and only `immutable` opens it, because SQLite may not create the journal.
    """
    mode = "mode=ro" if Path(f"{path}-wal").exists() else "immutable=1"
    return sqlite3.connect(f"file:{path}?{mode}", uri=True, timeout=5, check_same_thread=False)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA cache_size=-65536")
    cursor.execute("PRAGMA mmap_size=1073741824")
    cursor.execute("PRAGMA case_sensitive_like=ON")
    cursor.close()


def _prepare_sqlite_writer(connection: sqlite3.Connection, record: object) -> None:
    _prepare_sqlite(connection, record)
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=50")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Begin a reader's transaction; a writer begins its own in `take_lock`, where it may have to try again."""
    if not connection.get_execution_options().get("writer", False):
        connection.exec_driver_sql("BEGIN")


def journal_for(path: Path) -> str:
    """Give the journal mode that is safe where a file lies: `wal`, or `delete` on a network file system."""
    return "delete" if file_system(path) in NETWORK_FILE_SYSTEMS else "wal"


def file_system(path: Path) -> str:
    """Give the type of the file system a path lies on; empty where the system does not tell."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return ""
    best = ("", "")
    target = str(path.resolve())
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _, point, kind, *_ = line.split()
        if (target + "/").startswith(point.rstrip("/") + "/") and len(point) > len(best[0]):
            best = (point, kind)
    return best[1]


def begin_alone(connection: Connection) -> bool:
    """Begin a transaction that locks the whole database, where one can: in SQLite."""
    if connection.dialect.name != "sqlite":
        return False
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    return True


def hold_lock(connection: Connection) -> int:
    """Take the writer's lock and give the newest commit; raises `OperationalError` while another holds it."""
    counter = t.commit_counter
    query = select(counter.c.n).where(counter.c.id == 1)
    if not begin_alone(connection):
        query = query.with_for_update(nowait=True)
    return int(connection.execute(query).scalar_one())


def take_lock(connection: Connection) -> int:
    """Take the writer's lock and give the next commit number; raises `OperationalError` while another holds it."""
    counter = t.commit_counter
    number = hold_lock(connection) + 1
    connection.execute(update(counter).where(counter.c.id == 1).values(n=number))
    return number


def newest_number(engine: Engine) -> int:
    """Give the number of the newest commit.

    Every question of a series or a cube begins here, so the driver is asked past SQLAlchemy, which takes seven times as
    long; where the driver fails, SQLAlchemy asks again and says what is wrong.
    """
    drivers = engine.dialect.loaded_dbapi
    with suppress(drivers.Error), closing(engine.raw_connection()) as link:
        cursor = link.cursor()
        cursor.execute(_NEWEST)
        return int(cursor.fetchall()[0][0])
    with engine.connect() as connection:
        return int(connection.exec_driver_sql(_NEWEST).scalar_one())


def is_lock(error: SQLAlchemyError) -> bool:
    """Tell whether an error only says that another writer is at work."""
    said = str(error).lower()
    return any(word in said for word in ("database is locked", "could not obtain lock", "nowait is set", "lock wait"))


def unavailable(error: SQLAlchemyError, url: str) -> Unavailable:
    """Turn a database error into ours, without a password."""
    cause = str(getattr(error, "orig", error)).strip().splitlines()
    where = make_url(url).render_as_string(hide_password=True)
    return Unavailable(
        f"The database {where} did not answer as asked: {cause[0] if cause else error}. "
        "What was committed before is safe; check that the server runs and the disk has room, then run again."
    )


def reachable(engine: Engine) -> bool:
    """Tell whether a database answers at all."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError:
        return False
    return True
