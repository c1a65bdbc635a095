"""What stands on a report is gathered at one commit."""

from __future__ import annotations

from pathlib import Path

from longwatch.catalog.measurements import figures_of
from longwatch.catalog.sources import Quarantined, add_quarantined
from longwatch.monitors.report import Page, gather
from longwatch.monitors.status import status
from longwatch.monitors.watch import Watch
from toy_archive import LIMIT, T0, Mean, Toy


def gathered(toy: Toy, *, commit: int | None = None) -> Page:
    with toy.catalog.read(commit) as snapshot:
        statuses = [status(snapshot, Mean(), [LIMIT], now_us=T0)]
        return gather(snapshot, toy.store, statuses, title="Toy", now_us=T0, broken=["one broke"])


def test_everything_is_there(toy: Toy) -> None:
    toy.put("a", [(T0, 1)])
    toy.runner(Watch(monitors=(Mean(),))).run()
    refused = Quarantined(
        id=0, path="/in/x.fits", kind="", slug="bad-file", reason="cut", traceback="", attempts=0, run_id=0
    )
    with toy.catalog.run("ingest") as run, toy.catalog.change(run) as change:
        add_quarantined(change, [refused])
    page = gathered(toy)
    (held,) = page.holdings
    assert (held.kind, held.count, held.first_us) == ("toy.rows", 1, T0)
    assert [run.action for run in page.runs] == ["ingest", "monitor", "ingest"]
    assert [q.path for q in page.quarantine] == ["/in/x.fits"]
    assert page.figures[0].png is not None
    assert page.broken == ("one broke",)
    assert page.commit == toy.catalog.head()


def test_missing_picture_does_not_cost_the_page(toy: Toy, tmp_path: Path) -> None:
    toy.put("a", [(T0, 1)])
    toy.runner(Watch(monitors=(Mean(),))).run()
    with toy.catalog.read() as snapshot:
        oid = figures_of(snapshot)[0].picture
    for path in tmp_path.rglob(oid[2:]):
        path.unlink()
    assert gathered(toy).figures[0].png is None
