"""The page is self-contained, well-formed, and escapes whatever it is given."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from typing_extensions import override

from longwatch.catalog.runs import RunInfo
from longwatch.catalog.sources import Quarantined
from longwatch.domain.limit import Limit
from longwatch.monitors.page import render_page
from longwatch.monitors.report import Holding, Page, gather
from longwatch.monitors.status import status
from longwatch.monitors.watch import Watch
from toy_archive import DAY, LIMIT, T0, Mean, Toy

HOSTILE = "<script>alert('1')</script>\"><img src=x onerror=alert(2)>&amp;$title${when}\u202e\ud800"
VOID = {"meta", "img", "br"}


class Strict(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(html: str) -> Strict:
    parser = Strict()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def page(**parts: object) -> Page:
    empty: dict[str, object] = {
        "title": "Toy",
        "now_us": T0,
        "commit": 1,
        "statuses": (),
        "figures": (),
        "holdings": (),
        "runs": (),
        "quarantine": (),
        "unknown": 0,
        "broken": (),
    }
    return Page(**(empty | parts))


def test_empty_archive_says_what_to_do_next() -> None:
    html = render_page(page())
    parsed(html)
    for said in ("longwatch ingest FOLDER", "longwatch monitor run", "every file was taken in"):
        assert said in html


def full(toy: Toy, limit: Limit) -> str:
    toy.put("a", [(T0 + n * DAY, 10 * n) for n in range(5)])
    monitor = Mean()
    toy.runner(Watch(monitors=(monitor,))).run()
    with toy.catalog.read() as snapshot:
        told = status(snapshot, monitor, [limit], now_us=T0 + 5 * DAY)
        return render_page(gather(snapshot, toy.store, [told], title="Toy", now_us=T0))


def test_everything_is_inside(toy: Toy) -> None:
    html = full(toy, LIMIT)
    parser = parsed(html)
    assert "script" not in parser.seen
    assert "link" not in parser.seen
    assert all(link.startswith(("data:image/png;base64,", "#")) for link in parser.links)
    assert parser.seen.count("img") == 2
    for said in ("toy.mean", "40", "adu", "✓", "OK", "Fresh", "newest data 2020-01-05 00:00", "All rows."):
        assert said in html


def test_state_is_told_by_icon_and_word(toy: Toy) -> None:
    html = full(toy, Limit(metric="toy.mean.mean", alarm_high=30.0, source="the box"))
    assert "✖</span> Alarm" in html
    assert "40 is above 30 (the box)" in html


@pytest.mark.parametrize("place", ["title", "path", "reason", "kind", "action", "broken"])
def test_hostile_text_stays_text(place: str) -> None:
    said = {name: HOSTILE if name == place else "x" for name in ("title", "path", "reason", "kind", "action", "broken")}
    refused = Quarantined(
        id=1,
        path=said["path"],
        kind=said["kind"],
        slug="bad-file",
        reason=said["reason"],
        traceback="",
        attempts=1,
        run_id=1,
    )
    run = RunInfo(
        id=1,
        action=said["action"],
        who=said["action"],
        host="h",
        pid=1,
        state="failed",
        code_version="1",
        started_us=T0,
        stopped_us=None,
        parameters={"place": said["path"]},
        reason=said["reason"],
    )
    held = Holding(kind=said["kind"], count=1, size=1, first_us=None, last_us=None)
    html = render_page(
        page(title=said["title"], quarantine=(refused,), runs=(run,), holdings=(held,), broken=(said["broken"],))
    )
    parser = parsed(html)
    assert "script" not in parser.seen
    assert "img" not in parser.seen
    html.encode()


def test_long_quarantine_is_cut() -> None:
    many = tuple(
        Quarantined(id=n, path=f"/in/{n}.fits", kind="", slug="x", reason="r", traceback="", attempts=1, run_id=1)
        for n in range(250)
    )
    html = render_page(page(quarantine=many))
    assert "50 older ones" in html
    assert html.count("<tr>") == 201
