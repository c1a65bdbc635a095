"""Throw-away database servers for contract tests, on Unix sockets in temporary folders.

Owns starting and stopping them. Must not know what is stored in them.

Tests take `postgres_url` or `mariadb_url` (an empty database for each test), or `postgres_server` and
`mariadb_server` (one server a session) and ask them for databases.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
import pymysql
import pytest

NO_REAL_DATA = "no real files"
"""How the reason of a skip begins where the real observatory files are absent."""

_PATIENCE_S = 90
_FOLDERS = (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/sbin"), Path("/usr/libexec"))
_INSTALL = {"postgres": "apt-get install postgresql", "mariadb": "apt-get install mariadb-server"}


def find_program(*names: str) -> Path | None:
    """Give the first of these programs that is installed, where distributions put it or on the path."""
    found = [folder / name for name in names for folder in _FOLDERS if (folder / name).is_file()]
    return next(iter([*found, *(Path(where) for name in names if (where := shutil.which(name)))]), None)


def missing_servers() -> list[str]:
    """Name the servers contract tests want and cannot have here."""
    programs = {"postgres": find_program("postgres"), "mariadb": find_program("mariadbd", "mysqld")}
    return [
        *(name for name, program in programs.items() if program is None),
        *(["s3"] if find_spec("moto") is None else []),
    ]


@dataclass(frozen=True)
class Server:
    """A running server.

    Parameters
    ----------
    folder
        Where its data and its socket lie.
    url_form
        SQLAlchemy URL with `{database}` in it.
    execute
        Runs one administrative statement.
    """

    folder: Path
    url_form: str
    execute: Callable[[str], None]
    create: str
    _numbers: Iterator[int]

    def new_database(self) -> tuple[str, str]:
        """Make an empty database; give its name and its URL."""
        name = f"longwatch_{next(self._numbers)}"
        self.execute(self.create.format(database=name))
        return name, self.url_form.format(database=name)


def _demanded(name: str, *programs: str) -> Path:
    """Give the program, or skip (fail in CI) and say how to install it."""
    program = find_program(*programs)
    if program is not None:
        return program
    message = f"{name} is not installed; install it with: {_INSTALL[name]}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def _user(*names: str) -> str | None:
    """Give the unprivileged user to run as when we are root; None: as we are."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in (*names, "nobody") if name in known)


@dataclass(frozen=True)
class _Place:
    """A temporary folder and the user who owns it.

    Parameters
    ----------
    folder
        Short, since the path of a socket may not exceed 107 bytes.
    user
        Whom commands run as; None: as we are.
    """

    folder: Path
    user: str | None

    def popen(self, *command: object) -> subprocess.Popen[bytes]:
        """Start a command there; what it says goes to `log`."""
        groups: list[int] | None = None if self.user is None else []
        group = None if self.user is None else pwd.getpwnam(self.user).pw_gid
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [str(word) for word in command],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.user,
                group=group,
                extra_groups=groups,
                env={**os.environ, "HOME": str(self.folder), "LC_ALL": "C"},
            )

    def run(self, *command: object) -> None:
        """Run a command there to its end; fail with what it said."""
        if self.popen(*command).wait(timeout=_PATIENCE_S):
            pytest.fail(f"{command[0]} failed:\n{self.log()}")

    def log(self) -> str:
        """Give the end of what commands said."""
        return (self.folder / "log").read_text(errors="replace")[-3000:]


def _make_place(*users: str) -> _Place:
    folder, user = Path(tempfile.mkdtemp(prefix="lw-")), _user(*users)
    if user is not None:
        shutil.chown(folder, user)
    return _Place(folder=folder, user=user)


def _serve(place: _Place, command: list[object], server: Server, probe: str) -> Iterator[Server]:
    """Start a server, wait until it answers, hand it out, stop it and take its folder away."""
    process = place.popen(*command)
    try:
        _wait(place, process, server, probe)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(place.folder, ignore_errors=True)


def _wait(place: _Place, process: subprocess.Popen[bytes], server: Server, probe: str) -> None:
    last = ""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.execute(probe)
        except (psycopg.OperationalError, pymysql.MySQLError, OSError) as error:
            last = str(error)
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{process.args[0]!r} does not answer ({last}):\n{place.log()}")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server of one's own."""
    program = _demanded("postgres", "postgres")
    place = _make_place("postgres")
    data = place.folder / "data"
    login = ["-U", "longwatch", "-A", "trust", "-E", "UTF8", "--locale=C"]
    place.run(program.resolve().with_name("initdb"), "-D", data, *login, "--no-sync")

    def execute(statement: str) -> None:
        with psycopg.connect(host=str(place.folder), user="longwatch", dbname="postgres", autocommit=True) as link:
            link.execute(statement.encode())

    url = f"postgresql+psycopg://longwatch@/{{database}}?host={place.folder}"
    server = Server(place.folder, url, execute, "CREATE DATABASE {database}", count(1))
    options = ["listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off"]
    settings = [word for option in options for word in ("-c", option)]
    yield from _serve(place, [program, "-D", data, "-k", place.folder, *settings], server, "SELECT 1")


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    """A MariaDB server of one's own."""
    program = _demanded("mariadb", "mariadbd", "mysqld")
    install = _demanded("mariadb", "mariadb-install-db", "mysql_install_db")
    place = _make_place("mysql")
    data, socket = place.folder / "data", place.folder / "s"
    plain = "--auth-root-authentication-method=normal"
    place.run(install, "--no-defaults", f"--datadir={data}", plain, "--skip-test-db")

    def execute(statement: str) -> None:
        if not socket.exists():
            raise FileNotFoundError(socket)  # pymysql leaves its own socket open when nobody answers
        link = pymysql.connect(unix_socket=str(socket), user="root")
        try:
            link.cursor().execute(statement)
        finally:
            link.close()

    url = f"mysql+pymysql://root@localhost/{{database}}?unix_socket={socket}&charset=utf8mb4"
    create = "CREATE DATABASE {database} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    server = Server(place.folder, url, execute, create, count(1))
    settings = ["--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=128M"]
    own = [f"--datadir={data}", f"--socket={socket}", f"--pid-file={place.folder / 'pid'}"]
    yield from _serve(place, [program, "--no-defaults", *own, *settings], server, "SELECT 1")


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped after the test."""
    name, url = postgres_server.new_database()
    yield url
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def mariadb_url(mariadb_server: Server) -> Iterator[str]:
    """The URL of an empty MariaDB database, dropped after the test."""
    name, url = mariadb_server.new_database()
    yield url
    mariadb_server.execute(f"DROP DATABASE {name}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let nothing skip in CI, but what needs real files that are not there."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail") and "real" not in item.keywords:
        reason = str(report.longrepr)
        if NO_REAL_DATA not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped, and in CI nothing may skip: {reason}"
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say in the very last line which contract tests this machine could not run."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    missing = missing_servers()
    if missing and reporter is not None and not hasattr(config, "workerinput"):
        reporter.write_line(f"contract: NOT RUN ({', '.join(missing)}: not installed here)")
