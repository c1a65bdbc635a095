"""What was measured, and the page that shows it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

HEAD = """# Benchmarks

What Longwatch needs for a question, what the same question costs the way it is done today, and what the hardware needs
for the same bytes. All sides were measured in one run on the machine named below. Times are medians of public calls in
one warm process, every call at another random place, the returned Table or array included; p95 where it says so.

{machine}

To measure again: `make bench`, or a part of it at a tenth of the size with `make bench ARGS="--only {names} --tenth"`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One question.

    Parameters
    ----------
    what
        The question.
    ours
        What Longwatch needs at each size of the section, the last one the full size [s]; in a rate: [1 / s].
    old
        What the old way needs; None: it has no answer to it.
    limit
        What the hardware needs for the same bytes.
    target, target_ratio
        What was promised: at most so long (a rate: at least so many), at least so many times the old way.
    rate
        Whether the numbers are rates.
    """

    what: str
    ours: Sequence[float]
    old: float | None = None
    limit: float | None = None
    target: float | None = None
    target_ratio: float | None = None
    rate: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times faster than the old way."""
        if self.old is None:
            return None
        return self.ours[-1] / self.old if self.rate else self.old / self.ours[-1]

    @property
    def met(self) -> bool | None:
        """Whether the promise was kept; None where nothing was promised."""
        kept = []
        if self.target is not None:
            kept.append(self.ours[-1] >= self.target if self.rate else self.ours[-1] <= self.target)
        if self.target_ratio is not None and self.ratio is not None:
            kept.append(self.ratio >= self.target_ratio)
        return all(kept) if kept else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The questions to one kind of store.

    Parameters
    ----------
    title
        Heading.
    sizes
        What was stored when each of `Line.ours` was measured.
    lines
        The questions.
    notes
        What one has to know to read the table.
    """

    title: str
    sizes: Sequence[str]
    lines: Sequence[Line]
    notes: Sequence[str] = field(default=())


def lines(
    measured: Sequence[dict[str, float]], beside: dict[str, dict[str, float | bool]], *, rate: bool = False
) -> list[Line]:
    """Give one line for each question that was measured at every size, with what stands beside it."""
    return [
        Line(what=what, ours=[at[what] for at in measured], rate=rate, **beside.get(what, {})) for what in measured[-1]
    ]


def write(sections: dict[str, Section], page: Path, numbers: Path) -> None:
    """Write the page, and the numbers as JSON. Sections that were not measured now are taken from the JSON."""
    known = json.loads(numbers.read_text("utf-8")) if numbers.exists() else {}
    known |= {name: asdict(section) | {"machine": machine()} for name, section in sections.items()}
    numbers.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
    parts = [HEAD.format(machine=machine(), names=",".join(known))]
    for section in known.values():
        made = Section(**{k: v for k, v in section.items() if k not in {"machine", "lines"}}, lines=())
        parts.append(_section(made, [Line(**line) for line in section["lines"]]))
    page.write_text("\n".join(parts), "utf-8")


def machine() -> str:
    """Say what this was measured on."""
    processor = next(
        (line.split(":")[1].strip() for line in _words("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"Machine: {os.cpu_count()} cores ({processor}), {memory:.0f} GB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, numpy {version('numpy')}, pyarrow {version('pyarrow')}, "
        f"astropy {version('astropy')}; {datetime.now(UTC):%Y-%m-%d}."
    )


def _words(path: str) -> list[str]:
    return Path(path).read_text("utf-8").splitlines() if Path(path).exists() else []


def _section(section: Section, found: Sequence[Line]) -> str:
    columns = ["question", *section.sizes, "old way", "ratio", "physical limit", "target", ""]
    rows = [columns, ["---"] * len(columns), *(_row(line) for line in found)]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    notes = "\n".join(f"- {note}" for note in section.notes)
    return f"## {section.title}\n\n{table}\n\n{notes}\n"


def _row(line: Line) -> list[str]:
    verdict = {None: "", True: "met", False: "**not met**"}[line.met]
    ratio = "" if line.ratio is None else f"{_number(line.ratio)} x"
    target = " and ".join(
        [
            *([] if line.target is None else [f"{'≥' if line.rate else '≤'} {_shown(line, line.target)}"]),
            *([] if line.target_ratio is None else [f"≥ {line.target_ratio:,.0f} x"]),
        ]
    )
    measured = [_shown(line, value) for value in (*line.ours, line.old)]
    return [line.what, *measured, ratio, _shown(line, line.limit), target, verdict]


def _shown(line: Line, value: float | None) -> str:
    if value is None:
        return ""
    if line.rate:
        return f"{value:,.0f} / s"
    return f"{_number(value)} s" if value >= 1 else f"{_number(value * 1e3)} ms"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"
