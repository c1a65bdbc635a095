"""Whether the process behind a run is still at work."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from longwatch.catalog.catalog import now_us
from longwatch.catalog.runs import RunInfo
from longwatch.upkeep.processes import dead_runs


def a_run(pid: int, *, host: str = "", started_us: int | None = None) -> RunInfo:
    return RunInfo(
        id=1,
        action="ingest",
        who="somebody",
        host=host or socket.gethostname(),
        pid=pid,
        state="running",
        code_version="0",
        started_us=now_us() if started_us is None else started_us,
        stopped_us=None,
        parameters={},
    )


@pytest.fixture
def ended() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


def test_a_run_of_this_process_is_at_work() -> None:
    assert dead_runs([a_run(os.getpid())]) == []


def test_a_run_of_an_ended_process_is_dead(ended: int) -> None:
    assert [run.pid for run in dead_runs([a_run(ended)])] == [ended]


def test_of_another_computer_nothing_is_known(ended: int) -> None:
    assert dead_runs([a_run(ended, host="elsewhere")]) == []


def test_another_process_may_have_taken_the_number() -> None:
    long_ago = a_run(os.getpid(), started_us=now_us() - 10**13)
    assert dead_runs([long_ago]) == [long_ago]
