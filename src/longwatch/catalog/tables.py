"""The tables of the catalogue.

Owns their columns and indexes. Must not know how they are queried.

`c_from` is the commit that added a row and `c_to` the commit that retired it (NULL: current). `_us` columns are
microseconds of TAI. Ids are handed out by the writer, who is alone.
"""

from __future__ import annotations

import os
from pathlib import PurePath
from urllib.parse import unquote_to_bytes

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects.mysql import LONGTEXT, MEDIUMBLOB
from typing_extensions import override

METADATA = MetaData()

NAME = 255
"""Longest name, key or subject [characters]; MariaDB can still index two of them."""

_BLOB = LargeBinary().with_variant(MEDIUMBLOB(), "mysql", "mariadb")
_JSON = Text().with_variant(LONGTEXT(), "mysql", "mariadb")


class _Path(TypeDecorator[str]):
    """A path of any bytes, as Python spells it; one that is no UTF-8 is kept as a `file://` URL."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value):
            return value
        return PurePath(value).as_uri()

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or not value.startswith("file://"):
            return value
        return os.fsdecode(unquote_to_bytes(value.removeprefix("file://")))


def _table(name: str, *parts: Column[object] | Index | UniqueConstraint) -> Table:
    return Table(name, METADATA, *parts, mysql_charset="utf8mb4", mysql_collate="utf8mb4_bin", mysql_engine="InnoDB")


_ROW_ID = BigInteger().with_variant(Integer(), "sqlite")
"""In SQLite only an INTEGER primary key is the row's own address."""


def _id(name: str = "id") -> Column[object]:
    return Column(name, _ROW_ID, primary_key=True, autoincrement=False)


def _big(name: str, *, optional: bool = False) -> Column[object]:
    return Column(name, BigInteger, nullable=optional)


def _int(name: str, *, optional: bool = False) -> Column[object]:
    return Column(name, Integer, nullable=optional)


def _text(name: str, length: int = NAME, *, optional: bool = False) -> Column[object]:
    return Column(name, String(length), nullable=optional)


def _of(name: str, kind: Text | LargeBinary | Double[float] | _Path, *, optional: bool = False) -> Column[object]:
    return Column(name, kind, nullable=optional)


def _life() -> tuple[Column[object], Column[object]]:
    return _big("c_from"), _big("c_to", optional=True)


# --- order of events -------------------------------------------------------------------------------------------------

commit_counter = _table("commit_counter", _id(), _big("n"), _big("earliest"))
"""One row: the newest commit, and the earliest one that can still be asked. Every writer locks it first."""

commits = _table("commits", _id("n"), _big("t_us"), _big("run_id"), Index("ix_commits_t", "t_us"))

runs = _table(
    "runs",
    _id(),
    _text("action", 64),
    _text("who"),
    _text("host"),
    _int("pid"),
    _text("state", 16),
    _text("code_version", 64),
    _big("started_us"),
    _big("stopped_us", optional=True),
    _of("parameters", _JSON),
    _of("outcome", _JSON, optional=True),
    Index("ix_runs_action", "action", "id"),
)

# --- products --------------------------------------------------------------------------------------------------------

products = _table(
    "products",
    _id(),
    _text("instrument", 64),
    _text("kind", 128),
    _text("key"),
    _big("c_from"),
    UniqueConstraint("kind", "key", "instrument", name="uq_products_identity"),
)

versions = _table(
    "versions",
    _id(),
    _big("product_id"),
    _text("instrument", 64),
    _text("kind", 128),
    _text("key"),
    _text("version"),
    _text("name"),
    _text("oid", 64, optional=True),
    _text("content", 64),
    _big("size"),
    _of("path", _Path(), optional=True),
    _of("link", _JSON, optional=True),
    _big("t_min_us", optional=True),
    _big("t_max_us", optional=True),
    _int("duration_class", optional=True),
    _big("run_id"),
    *_life(),
    Index("ix_versions_product", "product_id"),
    Index("ix_versions_content", "content"),
    Index("ix_versions_time", "kind", "duration_class", "t_min_us"),
    Index("ix_versions_newest", "kind", "t_min_us"),
    Index("ix_versions_run", "run_id"),
)
"""One row a version. `oid` is NULL for a linked file and for rows a person appended."""

tenures = _table(
    "tenures",
    _id(),
    _big("version_id"),
    _big("product_id"),
    *_life(),
    Index("ix_tenures_version", "version_id", "c_from"),
    Index("ix_tenures_product", "product_id", "c_from"),
    Index("ix_tenures_from", "c_from"),
    Index("ix_tenures_to", "c_to"),
)
"""The commits during which a version is the one that answers for its product."""

duration_classes = _table(
    "duration_classes",
    Column("kind", String(128), primary_key=True),
    Column("duration_class", Integer, primary_key=True, autoincrement=False),
)
"""Which duration classes occur in a kind, so that an overlap query asks only for those."""

headers = _table("headers", _id("version_id"), _int("hdus"), _of("cards", _BLOB))
"""Whole headers: raw cards of all HDUs, compressed, lossless."""

keyword_values = _table(
    "keyword_values",
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("keyword", String(68), primary_key=True),
    _text("kind", 128),
    _of("num", Double(), optional=True),
    _text("txt", optional=True),
    _big("t_min_us", optional=True),
    Index("ix_keyword_num", "keyword", "kind", "num", "t_min_us"),
    Index("ix_keyword_txt", "keyword", "kind", "txt", "t_min_us"),
)

indexed_keywords = _table(
    "indexed_keywords",
    Column("kind", String(128), primary_key=True),
    Column("keyword", String(68), primary_key=True),
)
"""Which keywords can be searched in which kind; any other is scanned in the raw headers."""

exposures = _table(
    "exposures",
    _id(),
    _text("instrument", 64),
    _text("obs_id", 128),
    _big("version_id"),
    _big("t_min_us"),
    _big("t_max_us"),
    _of("attributes", _JSON),
    Index("ix_exposures_obs", "obs_id", "instrument"),
    Index("ix_exposures_time", "instrument", "t_min_us"),
    Index("ix_exposures_version", "version_id"),
)

# --- files on disk ---------------------------------------------------------------------------------------------------

sources = _table(
    "sources",
    _id(),
    _text("folder", 64),
    _text("path_key", 64),
    _of("path", _Path()),
    _big("size"),
    _big("mtime_ns"),
    _big("ctime_ns"),
    _big("inode"),
    _text("state", 16),
    _text("stamp", 64),
    _big("version_id", optional=True),
    *_life(),
    Index("ix_sources_folder", "folder", "c_to"),
    Index("ix_sources_path", "path_key"),
    Index("ix_sources_version", "version_id"),
)
"""Files ingest has seen where they lie; `folder` and `path_key` are hashes of the paths."""

quarantine = _table(
    "quarantine",
    _id(),
    _text("path_key", 64),
    _of("path", _Path()),
    _text("kind", 128),
    _text("slug", 32),
    _of("reason", Text()),
    _of("traceback", _JSON),
    _int("attempts"),
    _big("run_id"),
    *_life(),
    Index("ix_quarantine_path", "path_key"),
    Index("ix_quarantine_life", "c_to"),
)

# --- timelines -------------------------------------------------------------------------------------------------------

epochs = _table(
    "epochs",
    _id(),
    _text("timeline", 128),
    _int("number"),
    _big("start_us", optional=True),
    _big("stop_us", optional=True),
    _of("attributes", _JSON),
    _big("version_id"),
    *_life(),
    Index("ix_epochs_number", "timeline", "number"),
    Index("ix_epochs_version", "version_id"),
)

members = _table(
    "members",
    _id(),
    _text("timeline", 128),
    _int("number"),
    _text("member", 128),
    _big("t_us", optional=True),
    _of("attributes", _JSON),
    _big("version_id"),
    *_life(),
    Index("ix_members_number", "timeline", "number"),
    Index("ix_members_version", "version_id"),
)

# --- series ----------------------------------------------------------------------------------------------------------

series = _table("series", _id(), _text("name", 128), _of("spec", _JSON), *_life(), Index("ix_series_name", "name"))

segments = _table(
    "segments",
    _id(),
    _big("series_id"),
    _int("month"),
    _text("oid", 64),
    _big("size"),
    _big("n_rows"),
    _big("t_min_us"),
    _big("t_max_us"),
    _int("plain"),
    *_life(),
    Index("ix_segments_month", "series_id", "month"),
    Index("ix_segments_oid", "oid"),
)
"""Parquet files of rows. `plain` = 1: sorted, no key twice."""

segment_exposures = _table(
    "segment_exposures",
    Column("segment_id", BigInteger, primary_key=True, autoincrement=False),
    Column("obs_id", String(128), primary_key=True),
    Index("ix_segment_exposures_obs", "obs_id"),
)

version_rows = _table(
    "version_rows",
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("series_id", BigInteger, primary_key=True, autoincrement=False),
    _big("n_rows"),
    _big("t_min_us", optional=True),
    _big("t_max_us", optional=True),
    Index("ix_version_rows_series", "series_id", "t_min_us"),
)
"""Which version brought how many rows to which series; the span is NULL in a relative series."""

hidden_rows = _table(
    "hidden_rows",
    _id(),
    _big("series_id"),
    _big("version_id"),
    _big("t_min_us", optional=True),
    _big("t_max_us", optional=True),
    *_life(),
    Index("ix_hidden_series", "series_id", "t_min_us"),
    Index("ix_hidden_version", "version_id"),
)
"""Commits during which the rows of a version do not answer although segments hold them."""

summaries = _table(
    "summaries",
    Column("series_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel", String(NAME), primary_key=True),
    Column("block", Integer, primary_key=True, autoincrement=False),
    _text("digest", 64),
    _text("oid", 64),
    _big("size"),
)
"""Statistics of a channel in a month (YYYYMM) or a year (YYYY), and a digest of all they were made from.

They are derived, so they have no life: a reader whose inputs have the digest may use them, at whatever commit.
"""

# --- cubes -----------------------------------------------------------------------------------------------------------

cubes = _table("cubes", _id(), _text("name", 128), _of("spec", _JSON), *_life(), Index("ix_cubes_name", "name"))

slabs = _table(
    "slabs",
    _id(),
    _big("cube_id"),
    _int("epoch"),
    _text("plane_key"),
    _text("property", 64),
    _text("oid", 64),
    _big("byte_offset"),
    _text("dtype", 8),
    _int("n_row"),
    _int("n_col"),
    _int("row0"),
    _int("col0"),
    _of("null_value", Double(), optional=True),
    _big("version_id"),
    *_life(),
    Index("ix_slabs_cube", "cube_id", "epoch"),
    Index("ix_slabs_version", "version_id"),
    Index("ix_slabs_oid", "oid"),
)

# --- monitors --------------------------------------------------------------------------------------------------------

measurements = _table(
    "measurements",
    _id(),
    _text("monitor", 128),
    _text("metric", 128),
    _text("subject"),
    _big("start_us"),
    _big("stop_us"),
    _of("value", Double(), optional=True),
    _of("uncertainty", Double(), optional=True),
    _text("unit", 64),
    _big("run_id"),
    *_life(),
    Index("ix_measurements_metric", "metric", "start_us"),
    Index("ix_measurements_window", "monitor", "start_us"),
)

windows = _table(
    "windows",
    _id(),
    _text("monitor", 128),
    _big("start_us"),
    _big("stop_us"),
    _big("commit_read"),
    _text("code_version", 64),
    _big("run_id"),
    *_life(),
    Index("ix_windows_monitor", "monitor", "start_us"),
)

figures = _table(
    "figures",
    _id(),
    _text("monitor", 128),
    _text("name", 128),
    _of("title", Text()),
    _of("caption", Text()),
    _text("picture", 64),
    _text("data", 64),
    _big("run_id"),
    *_life(),
    Index("ix_figures_monitor", "monitor"),
)
