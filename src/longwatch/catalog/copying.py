"""A consistent copy of the whole database, taken while writers work, and the way back.

Owns SQLite's backup and the calls of `pg_dump`, `pg_restore`, `mariadb-dump` and `mariadb`. Must not know tables.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.engine import open_engine, unavailable
from longwatch.errors import Unavailable


def copy_form(url: str) -> str:
    """Give the form a copy of the database behind a URL has: `sqlite`, `postgresql` or `mariadb`."""
    name = make_url(url).get_backend_name()
    return "mariadb" if name == "mysql" else name


def copy_database(catalog: Catalog, target: Path) -> None:
    """Write the database as one moment shows it into a new file.

    Parameters
    ----------
    catalog
        The catalogue; others may write meanwhile.
    target
        The file: an SQLite database, or what `pg_dump` or `mariadb-dump` write.

    Raises
    ------
    Unavailable
        Raised if the program it needs is not installed, or the database does not answer.
    """
    url = make_url(catalog.database)
    match copy_form(catalog.database):
        case "sqlite":
            _copy_sqlite(catalog, target)
        case "postgresql":
            to_file = ["--format=custom", f"--file={target}", f"--dbname={_libpq(url)}"]
            _run("pg_dump", [*to_file, "--no-owner"], {"PGPASSWORD": url.password})
        case _:
            options = ["--single-transaction", "--quick", "--hex-blob", f"--result-file={target}"]
            _run("mariadb-dump", [*_mariadb(url), *options, str(url.database)], {"MYSQL_PWD": url.password})


def restore_database(url: str, source: Path) -> None:
    """Bring a copy back into an empty database.

    Parameters
    ----------
    url
        The database; an SQLite file must not exist yet.
    source
        What `copy_database` wrote, from the same kind of database.

    Raises
    ------
    Unavailable
        Raised if the program it needs is not installed, or the database does not take it.
    """
    there = make_url(url)
    match copy_form(url):
        case "sqlite":
            _restore_sqlite(Path(there.database or ""), source)
        case "postgresql":
            options = [f"--dbname={_libpq(there)}", "--no-owner", "--exit-on-error", "--single-transaction"]
            _run("pg_restore", [*options, str(source)], {"PGPASSWORD": there.password})
        case _:
            command = [*_mariadb(there), str(there.database), f"--execute=source {source}"]
            _run("mariadb", command, {"MYSQL_PWD": there.password})


def _copy_sqlite(catalog: Catalog, target: Path) -> None:
    engine = open_engine(catalog.database, writable=catalog.writable)
    try:
        with closing(engine.raw_connection()) as source, closing(sqlite3.connect(target)) as copy:
            connection = source.driver_connection
            assert isinstance(connection, sqlite3.Connection)
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise _fault(error, catalog.database) from error
    finally:
        engine.dispose()
    _sync(target)


def _restore_sqlite(target: Path, source: Path) -> None:
    beginning = target.with_name(target.name + ".restoring")
    shutil.copyfile(source, beginning)
    _sync(beginning)
    beginning.rename(target)
    _sync(target.parent)


def _fault(error: SQLAlchemyError | sqlite3.Error, url: str) -> Unavailable:
    match error:
        case SQLAlchemyError():
            return unavailable(error, url)
        case _:
            return Unavailable(f"The database could not be copied: {error}. Check that the disk has room; run again.")


def _libpq(url: URL) -> str:
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return bare.render_as_string(hide_password=False)


def _mariadb(url: URL) -> list[str]:
    named = {
        "user": url.username,
        "host": url.host,
        "port": url.port,
        "socket": url.query.get("unix_socket"),
    }
    return ["--no-defaults", *(f"--{name}={value}" for name, value in named.items() if value)]


def _run(program: str, arguments: Sequence[str], secrets: Mapping[str, str | None]) -> None:
    path = shutil.which(program)
    if path is None:
        raise Unavailable(
            f"Copying this database needs the program {program}, which is not installed here. "
            "Install the client programs of the database, or use your server's own backup."
        )
    known = {name: value for name, value in secrets.items() if value}
    done = subprocess.run(  # the program is found on the path, and no shell is asked
        [path, *arguments], env=os.environ | known, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Unavailable(
            f"{program} ended with {done.returncode}: {said[-1] if said else 'it said nothing'}. "
            "Check that the database answers, and that it is of the same kind and version; then run again."
        )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
