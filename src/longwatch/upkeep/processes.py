"""Whether the process behind a run is still at work.

Owns the look at the processes of this computer. Must not know what runs do.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

from longwatch.catalog.catalog import now_us
from longwatch.catalog.runs import RunInfo

_SLACK_US = 60_000_000
"""Clocks of the boot and of runs may differ by so much [us]."""


def dead_runs(running: list[RunInfo]) -> list[RunInfo]:
    """Give those runs whose process was on this computer and is gone."""
    here = socket.gethostname()
    return [run for run in running if run.host == here and not _works(run)]


def _works(run: RunInfo) -> bool:
    """Tell whether the process of a run is there, and is not another one with the same number."""
    try:
        os.kill(run.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    age_s = _age_s(run.pid)
    return age_s is None or now_us() - int(age_s * 1e6) <= run.started_us + _SLACK_US


def _age_s(pid: int) -> float | None:
    """Give how long a process has existed [s]; None where the system does not tell."""
    try:
        uptime = float(Path("/proc/uptime").read_text("ascii").split()[0])
        after_name = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2]
    except OSError:
        return None
    return uptime - int(after_name.split()[19]) / os.sysconf("SC_CLK_TCK")
