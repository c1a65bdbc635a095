"""Reading in SQL, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.errors import BadQuery
from longwatch.instruments.stis.sql import TABLES, ReadOnlySql

LIMITS = {"max_rows": 1000, "timeout_s": 5.0}


@pytest.fixture
def sql() -> ReadOnlySql:
    found = ReadOnlySql()
    found.fill("DARKS", [("odbridnaq", 200), ("odbriengq", 200), ("oc4w6xh3q", 147)])
    found.fill("ANNEAL_PERIOD", [(200, "2017-09-26", "2017-10-25", 58), (201, "2017-10-25", None, None)])
    found.fill(
        "HAS_PROPERTIES_IN", [(200, 0, col, 1.5, None if col == 2 else col * 10.0, 8.5, col, 6.5) for col in range(4)]
    )
    found.close_to_writing()
    return found


def test_names_and_numbers_come_back(sql: ReadOnlySql) -> None:
    table = sql.query(
        "SELECT ColumnNum, Sci_Mean AS dn FROM HAS_PROPERTIES_IN WHERE RowNum = ? ORDER BY 1", (0,), **LIMITS
    )
    assert table.colnames == ["ColumnNum", "dn"]
    assert table["ColumnNum"].tolist() == [0, 1, 2, 3]
    assert table["dn"].dtype == np.float64
    assert np.isnan(table["dn"][2])
    named = sql.query("SELECT count(*) AS n, count(*) AS n FROM DARKS WHERE AnnealNumber = :k", {"k": 200}, **LIMITS)
    assert named.colnames == ["n", "n_2"]
    assert named["n"].tolist() == [2]


def test_nulls_are_masked_and_an_empty_answer_has_its_columns(sql: ReadOnlySql) -> None:
    table = sql.query("SELECT * FROM ANNEAL_PERIOD ORDER BY 1", **LIMITS)
    assert table["NumberOfDarks"].mask.tolist() == [False, True]
    assert table["EndDate"].mask.tolist() == [False, True]
    empty = sql.query("SELECT * FROM DARKS WHERE AnnealNumber = 5", **LIMITS)
    assert len(empty) == 0
    assert empty.colnames == ["Darks", "AnnealNumber"]


@pytest.mark.parametrize(
    "statement",
    [
        "DROP *",
        "DROP TABLE DARKS",
        "DELETE FROM DARKS",
        "UPDATE DARKS SET AnnealNumber = 1",
        "INSERT INTO DARKS VALUES ('x', 1)",
        "CREATE TABLE mine (a)",
        "CREATE TEMP TABLE mine (a)",
        "ATTACH DATABASE '/tmp/x.db' AS x",
        "PRAGMA query_only = OFF",
        "PRAGMA writable_schema = 1",
        "VACUUM INTO '/tmp/x.db'",
        "BEGIN",
        "SELECT load_extension('x')",
        "SELECT 1; DELETE FROM DARKS",
        "WITH gone AS (SELECT 1) DELETE FROM DARKS",
        "ALTER TABLE DARKS ADD COLUMN x",
        "REINDEX",
        "ANALYZE",
        "",
        "SELECT nonsense FROM DARKS",
    ],
)
def test_nothing_can_be_written(sql: ReadOnlySql, statement: str) -> None:
    with pytest.raises(BadQuery):
        sql.query(statement, **LIMITS)
    assert sql.query("SELECT count(*) AS n FROM DARKS", **LIMITS)["n"].tolist() == [3]
    names = sql.query("SELECT name FROM sqlite_master WHERE type = 'table'", **LIMITS)["name"].tolist()
    assert sorted(names) == sorted(TABLES)


def test_values_are_never_part_of_the_statement(sql: ReadOnlySql) -> None:
    table = sql.query("SELECT * FROM DARKS WHERE Darks = ?", ("x' OR 1=1 --",), **LIMITS)
    assert len(table) == 0


def test_rows_time_and_size_are_capped(sql: ReadOnlySql) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n"
    with pytest.raises(BadQuery, match="more than 1000 rows"):
        sql.query(endless.format("i"), **LIMITS)
    with pytest.raises(BadQuery, match=r"longer than 0\.2 s"):
        sql.query(endless.format("max(i)"), max_rows=10, timeout_s=0.2)
    with pytest.raises(BadQuery, match="cannot be answered"):
        sql.query("SELECT zeroblob(1000000000)", **LIMITS)
    assert len(sql.query("SELECT * FROM DARKS", **LIMITS)) == 3
