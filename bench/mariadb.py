"""A throw-away MariaDB server with as much memory as it likes, and the old pixel database's table in it."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pymysql

TABLE = """
CREATE TABLE HAS_PROPERTIES_IN (
  AnnealNumber INT, RowNum INT, ColumnNum INT,
  Stability FLOAT, Sci_Mean FLOAT, Err_Mean FLOAT, NaN_Count INT, Readnoise FLOAT,
  PRIMARY KEY (AnnealNumber, RowNum, ColumnNum), KEY pixel (RowNum, ColumnNum))
"""
NAMES = "AnnealNumber, RowNum, ColumnNum, Stability, Sci_Mean, Err_Mean, Readnoise, NaN_Count"
INSERT = f"INSERT INTO HAS_PROPERTIES_IN ({NAMES}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"


@contextlib.contextmanager
def server() -> Iterator[pymysql.Connection]:
    """Start a server on a socket in a temporary folder, and connect to a fresh database with the table."""
    program = next(found for name in ("mariadbd", "mysqld") if (found := shutil.which(name, path=_path())))
    install = shutil.which("mariadb-install-db", path=_path())
    folder = Path(tempfile.mkdtemp(prefix="lw-"))
    user = "mysql" if os.geteuid() == 0 and any(entry.pw_name == "mysql" for entry in pwd.getpwall()) else None
    if user:
        shutil.chown(folder, user)
    own = ["--no-defaults", f"--datadir={folder / 'data'}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "user": user}
    subprocess.run([str(install), *own, "--auth-root-authentication-method=normal"], check=True, **quiet)
    memory = [
        "--innodb-buffer-pool-size=4G",
        "--innodb-log-file-size=1G",
        "--max-allowed-packet=64M",
        "--local-infile=1",
    ]
    process = subprocess.Popen([program, *own, f"--socket={folder / 's'}", "--skip-networking", *memory], **quiet)
    try:
        with _connected(folder / "s") as link:
            yield link
    finally:
        process.terminate()
        process.wait(timeout=120)
        shutil.rmtree(folder, ignore_errors=True)


def insert(link: pymysql.Connection, epoch: int, images: dict[str, np.ndarray]) -> None:
    """Add an epoch as the old database does: a row a pixel, in two halves."""
    rows = _rows(epoch, images)
    with link.cursor() as cursor:
        for half in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
            cursor.executemany(INSERT, half)
            link.commit()


def load(link: pymysql.Connection, epoch: int, images: dict[str, np.ndarray], path: Path) -> float:
    """Add an epoch from a text file by LOAD DATA; gives how long that took without writing the file [s]."""
    np.savetxt(path, np.array(_rows(epoch, images)), fmt=["%d"] * 3 + ["%.9g"] * 4 + ["%d"])
    began = time.perf_counter()
    with link.cursor() as cursor:
        query = f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE HAS_PROPERTIES_IN FIELDS TERMINATED BY ' ' ({NAMES})"
        cursor.execute(query)
    link.commit()
    return time.perf_counter() - began


def _rows(epoch: int, images: dict[str, np.ndarray]) -> list[tuple[float, ...]]:
    rows, cols = np.indices(next(iter(images.values())).shape)
    arrays = [np.full(rows.size, epoch), rows.ravel(), cols.ravel(), *(image.ravel() for image in images.values())]
    return list(zip(*(array.tolist() for array in arrays), strict=True))


@contextlib.contextmanager
def _connected(socket: Path) -> Iterator[pymysql.Connection]:
    for _ in range(300):
        if socket.exists():
            with contextlib.suppress(pymysql.MySQLError, OSError):
                link = pymysql.connect(unix_socket=str(socket), user="root", local_infile=True)
                break
        time.sleep(0.1)
    with link, link.cursor() as cursor:
        cursor.execute("CREATE DATABASE pixels")
        cursor.execute("USE pixels")
        cursor.execute(TABLE)
        yield link


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/usr/libexec"
