"""A toy archive for monitors: files of (time, value) rows in a real catalogue and a real folder of objects."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from astropy.table import Table

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.find import Question, find
from longwatch.catalog.versions import NewVersion, add_versions, retract, versions_of
from longwatch.contracts.reading import Reading
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.limit import Limit
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.product import Identity
from longwatch.domain.series import SeriesSpec
from longwatch.domain.times import parse_span, to_us
from longwatch.domain.timespan import Timespan
from longwatch.errors import NotFound
from longwatch.monitors.run import MonitorRunner
from longwatch.monitors.watch import Watch
from longwatch.objects.folder import FolderStore
from longwatch.plots.figure import Axis, Figure, Panel, Trace

DAY = 86_400_000_000
T0 = to_us("2020-01-01")

KIND, CALIBRATION, SUMS = "toy.rows", "toy.calibration", "toy.sums"
SPEC = SeriesSpec(
    name=KIND,
    description="Rows of a toy.",
    columns=(
        Column(name="time", unit="us", dtype="i8", description="Time"),
        Column(name="value", unit="adu", dtype="f8", description="Value"),
    ),
)

MEAN = Metric(name="toy.mean.mean", unit="adu", description="Mean value")
COUNT = Metric(name="toy.mean.count", unit="", description="Number of rows")


class Toy:
    """The archive: `put` and `take` files, `view` one commit; also the writer of derived rows."""

    def __init__(self, folder: Path) -> None:
        self.catalog = Catalog(f"sqlite:///{folder / 'catalog.db'}")
        self.catalog.create()
        self.store = FolderStore(folder / "objects")

    def put(self, key: str, rows: Iterable[tuple[int, float]], kind: str = KIND, *, timed: bool = True) -> None:
        rows = sorted((int(t), float(v)) for t, v in rows)
        data = json.dumps(rows).encode()
        span = (rows[0][0], rows[-1][0]) if rows and timed else None
        version = NewVersion(
            identity=Identity("toy", kind, key),
            version="",
            name=key,
            content=hashlib.sha256(data).hexdigest(),
            oid=self.store.put(data),
            size=len(data),
            span=span,
        )
        with self.catalog.run("ingest") as run, self.catalog.change(run) as change:
            add_versions(change, [version])

    def take(self, key: str, kind: str = KIND) -> None:
        """Retract every version of a file."""
        with self.catalog.run("retract") as run, self.catalog.change(run) as change:
            retract(change, [v.id for v in versions_of(change, Identity("toy", kind, key))])

    def view(self, commit: int) -> ToyView:
        return ToyView(self, commit)

    def declare(self, spec: SeriesSpec | CubeSpec) -> None:
        raise NotImplementedError(spec.name)

    def store_rows(self, identity: Identity, reading: Reading) -> bool:
        rows = [pair for rows in reading.rows for pair in zip(rows.columns["time"], rows.columns["value"], strict=True)]
        self.put(identity.key, rows, identity.kind)
        return True

    def runner(self, watch: Watch) -> MonitorRunner:
        return MonitorRunner(self.catalog, self.store, watch=watch, view_at=self.view, writer=ToyWriter(self))


class ToyWriter:
    def __init__(self, toy: Toy) -> None:
        self._toy = toy

    def declare(self, spec: SeriesSpec | CubeSpec) -> None:
        raise NotImplementedError(spec.name)

    def store(self, identity: Identity, reading: Reading) -> bool:
        return self._toy.store_rows(identity, reading)


class ToySeries:
    spec = SPEC

    def __init__(self, view: ToyView, kind: str) -> None:
        self._view, self._kind = view, kind

    def fetch(
        self,
        columns: Sequence[str] | None = None,
        start: object = None,
        stop: object = None,
        *,
        filter_bad: bool = False,
    ) -> Table:
        span = parse_span(start, stop)
        rows = sorted(row for row in self._view.rows(self._kind) if span.contains(row[0]))
        return Table({"time": [t for t, _ in rows], "value": np.array([v for _, v in rows], dtype=float)})


class ToyView:
    def __init__(self, toy: Toy, commit: int) -> None:
        self._toy, self.commit = toy, commit

    def rows(self, kind: str) -> list[tuple[int, float]]:
        with self._toy.catalog.read(self.commit) as snapshot:
            found = find(snapshot, Question(kind=kind))
        return [tuple(row) for f in found for row in json.loads(self._toy.store.get(f.oid or ""))]

    @property
    def series(self) -> Mapping[str, ToySeries]:
        return {kind: ToySeries(self, kind) for kind in (KIND, CALIBRATION, SUMS)}

    @property
    def products(self) -> None:
        raise NotFound("A toy has no products.")

    @property
    def cubes(self) -> Mapping[str, None]:
        return {}


class Mean:
    """How bright the toy is.

    Question: is the toy as bright as ever?
    Inputs: rows and a calibration without a time.
    Method: mean of the rows of a window, plus the calibration.
    Output: mean [adu], and the number of rows.
    Cadence: as set.
    Limits: 0 to 100 adu.
    Action: buy another toy.
    """

    name = "toy.mean"
    inputs = (KIND, CALIBRATION)
    metrics = (MEAN, COUNT)

    def __init__(self, cadence: str = "day", fail_at: int | None = None) -> None:
        self.cadence = cadence
        self.fail_at = fail_at
        self.asked: list[Timespan] = []

    def measure(self, view: ToyView, window: Timespan) -> list[Measurement]:
        self.asked.append(window)
        if self.fail_at is not None and window.contains(self.fail_at):
            raise ZeroDivisionError("the toy broke")
        rows = [v for t, v in view.rows(KIND) if window.contains(t)]
        offset = sum(v for _, v in view.rows(CALIBRATION))
        mean = float(np.mean(sorted(rows))) + offset if rows else None
        subject = "detector=TOY"
        return [
            Measurement(metric=MEAN.name, subject=subject, window=window, value=mean, uncertainty=float("inf")),
            Measurement(metric=COUNT.name, subject=subject, window=window, value=len(rows)),
        ]

    def figures(self, view: ToyView) -> list[Figure]:
        rows = sorted(view.rows(KIND))
        trace = Trace(x=np.array([t for t, _ in rows], dtype=float), y=np.array([v for _, v in rows]), label="rows")
        panel = Panel(x=Axis(label="Time", time=True), y=Axis(label="Value", unit="adu"), traces=(trace,))
        return [Figure(name="toy.mean.trend", title="The toy", panels=(panel,), caption="All rows.")] if rows else []


LIMIT = Limit(metric=MEAN.name, alarm_low=0.0, caution_low=1.0, caution_high=90.0, alarm_high=100.0, source="the box")
