"""The report's look: one self-contained HTML page, without scripts and without links to the network.

Owns the page. Must not know where its content comes from; whatever it is given is escaped.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template

import numpy as np
from astropy import units

from longwatch.catalog.measurements import StoredMeasurement
from longwatch.catalog.runs import RunInfo
from longwatch.catalog.sources import Quarantined
from longwatch.domain.limit import Limit, Severity
from longwatch.domain.times import from_us
from longwatch.domain.timespan import MAX_US, MIN_US
from longwatch.monitors.due import MISSION
from longwatch.monitors.freshness import Freshness, State
from longwatch.monitors.report import Holding, Page, Shown
from longwatch.monitors.status import Status
from longwatch.plots.figure import Band, Trace

_TEMPLATE = Path(__file__).with_name("page.html")
_TREND_PX = (160, 36)
_MOST_REFUSED = 200

_SEVERITIES = {
    Severity.OK: ("✓", "OK"),
    Severity.CAUTION: ("▲", "Caution"),
    Severity.ALARM: ("✖", "Alarm"),
    Severity.UNKNOWN: ("?", "No verdict"),
}
_STATES = {
    State.FRESH: ("●", "Fresh"),
    State.LATE: ("◐", "Late"),
    State.FAILED: ("✖", "Failed"),
    State.NEVER: ("○", "Nothing yet"),
}
_CADENCES = {MISSION: "over the whole mission"}
_RUN_STATES = {"done": ("✓", "ok"), "running": ("●", "fresh"), "failed": ("✖", "alarm"), "died": ("✖", "alarm")}
_NEXT = {
    "bad-file": "Mend, rename or replace it as the reason says and ingest it again; or longwatch quarantine drop.",
    "conflict": "Keep one of the two files, or name the kind; then longwatch quarantine retry.",
    "plugin": "Tell whoever maintains the plug-in; after its update, longwatch quarantine retry.",
    "unavailable": "Nothing is wrong with the file: longwatch quarantine retry.",
}
_ELSE = "See longwatch quarantine list for the traceback; longwatch quarantine retry when it is mended."


def render_page(page: Page) -> str:
    """Give a report as HTML.

    Parameters
    ----------
    page
        What stands on it.

    Returns
    -------
    str
        A whole document with style and pictures inside; what no UTF-8 can hold, as in a damaged path, is shown as `?`.
    """
    html = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=escape(page.title),
        when=_when(page.now_us),
        commit=page.commit,
        summary=_summary(page),
        broken="".join(f'<p class="note alarm">✖ Plug-in left out: {escape(reason)}</p>' for reason in page.broken),
        monitors=_table(
            "monitors",
            ("Monitor", "State", "Latest value", "Trend", "Freshness"),
            (_monitor_cells(status) for status in page.statuses),
            empty="No plug-in brings a monitor.",
        ),
        figures="\n".join(map(_figure, page.figures)) or '<p class="empty">No figure yet: longwatch monitor run.</p>',
        holdings=_table(
            "holdings",
            ("Kind", "Files", "Size", "First data", "Newest data"),
            map(_holding_cells, page.holdings),
            empty="Nothing came in yet: longwatch ingest FOLDER.",
        ),
        runs=_table("runs", ("Run", "What", "State", "Began", "By"), map(_run_cells, page.runs), empty="No run yet."),
        quarantine=_quarantine(page.quarantine),
    )
    return html.encode("utf-8", "replace").decode("utf-8")


# --- sections --------------------------------------------------------------------------------------------------------


def _summary(page: Page) -> str:
    """Say in one line how things stand."""
    said = Counter(status.verdict.severity for status in page.statuses)
    parts = [_badge(severity, *_SEVERITIES[severity], count=said[severity]) for severity in Severity if said[severity]]
    behind = sum(status.freshness.state is not State.FRESH for status in page.statuses)
    parts += [f'<span class="fact"><b>{behind}</b> not fresh</span>'] if behind else []
    files = sum(holding.count for holding in page.holdings)
    parts.append(f'<span class="fact"><b>{files:,}</b> files</span>')
    parts.append(f'<span class="fact"><b>{len(page.quarantine):,}</b> in quarantine</span>')
    parts.append(f'<span class="fact"><b>{page.unknown:,}</b> unknown</span>')
    return " ".join(parts)


def _monitor_cells(status: Status) -> tuple[str, ...]:
    severity, cadence = status.verdict.severity, status.monitor.cadence
    state = _badge(severity, *_SEVERITIES[severity]) + _small(status.verdict.reason)
    name = f"<b>{escape(status.monitor.name)}</b>{_small(_CADENCES.get(cadence, f'every {cadence}'))}"
    return name, state, _value(status.latest), _trend(status), _freshness(status.freshness)


def _value(latest: StoredMeasurement | None) -> str:
    if latest is None:
        return '<span class="none">none yet</span>'
    one = latest.measurement
    number = "cannot tell" if one.value is None else f"{one.value:.5g}"
    error = "" if one.uncertainty is None else f" ± {one.uncertainty:.2g}"
    unit = escape(units.Unit(latest.unit).to_string("unicode")) if latest.unit else ""
    since = "" if one.window.start_us == MIN_US else f" · from {_day(one.window.start_us)}"
    return f'<span class="number">{number}{error}</span> {unit}' + _small(f"{one.metric} · {one.subject}{since}")


def _trend(status: Status) -> str:
    from longwatch.plots.render import thumbnail_png

    told = [s.measurement for s in status.trend if s.measurement.value is not None]
    if not told:
        return '<span class="none">no trend yet</span>'
    x = np.array([m.window.start_us for m in told], dtype=float)
    trace = Trace(x=x, y=np.array([m.value for m in told], dtype=float), label=told[0].metric)
    width, height = _TREND_PX
    png = thumbnail_png(trace, band=_band(status.limit), width_px=width * 3 // 2, height_px=height * 3 // 2)
    return _image(png, f"Trend of {told[0].metric}, {len(told)} values", f'width="{width}" height="{height}"')


def _band(limit: Limit | None) -> Band | None:
    """Give the range in which all is well; a side without a limit is open."""
    if limit is None:
        return None
    low = limit.alarm_low if limit.caution_low is None else limit.caution_low
    high = limit.alarm_high if limit.caution_high is None else limit.caution_high
    return Band(low=-np.inf if low is None else low, high=np.inf if high is None else high)


def _freshness(fresh: Freshness) -> str:
    state = _badge(fresh.state, *_STATES[fresh.state]) + _small(fresh.reason)
    facts = [("newest data", fresh.newest_data_us), ("last success", fresh.last_success_us)]
    if fresh.last_attempt_us != fresh.last_success_us:
        facts.append(("last attempt", fresh.last_attempt_us))
    return state + "".join(_small(f"{name} {_when(us)}") for name, us in facts)


def _figure(shown: Shown) -> str:
    info = shown.info
    picture = '<p class="note alarm">✖ The picture is missing from the object store: longwatch verify.</p>'
    if shown.png is not None:
        picture = _image(shown.png, info.title)
    told = f"<b>{escape(info.title)}</b> {escape(info.caption)}"
    source = f"{escape(info.name)} · run {info.run_id} · data {escape(info.data[:12])}"
    return f'<figure>{picture}<figcaption>{told}<span class="small">{source}</span></figcaption></figure>'


def _holding_cells(holding: Holding) -> tuple[str, ...]:
    size = _size(holding.size)
    return escape(holding.kind), f"{holding.count:,}", size, _when(holding.first_us), _when(holding.last_us)


def _run_cells(run: RunInfo) -> tuple[str, ...]:
    icon, look = _RUN_STATES.get(run.state, ("▲", "caution"))
    what = escape(run.action) + _small(", ".join(f"{k}={v}" for k, v in run.parameters.items() if v not in {None, ""}))
    state = _badge(look, icon, run.state) + _small(run.reason)
    return str(run.id), what, state, _when(run.started_us), escape(f"{run.who}@{run.host}, {run.code_version}")


def _quarantine(files: Sequence[Quarantined]) -> str:
    shown = files[-_MOST_REFUSED:]
    cells = (
        (
            f"<code>{escape(Path(q.path).name)}</code>{_small(str(Path(q.path).parent))}",
            escape(q.reason) + _small(f"{q.kind or 'no kind'} · {q.slug} · tried {q.attempts} times"),
            escape(_NEXT.get(q.slug, _ELSE)),
        )
        for q in reversed(shown)
    )
    table = _table("quarantine", ("File", "Reason", "Next step"), cells, empty="Empty: every file was taken in.")
    left = len(files) - len(shown)
    return table + (f'<p class="empty">{left:,} older ones: longwatch quarantine list.</p>' if left else "")


# --- parts -----------------------------------------------------------------------------------------------------------


def _table(name: str, heads: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> str:
    """Lay out cells that are HTML already; on a narrow screen each row becomes a card."""
    body = "\n".join(
        "<tr>"
        + "".join(f'<td data-head="{h}"><div>{c}</div></td>' for h, c in zip(heads, cells, strict=True))
        + "</tr>"
        for cells in rows
    )
    if not body:
        return f'<p class="empty">{escape(empty)}</p>'
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    return f'<table class="{name}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _badge(look: str, icon: str, word: str, *, count: int | None = None) -> str:
    number = "" if count is None else f"<b>{count}</b> "
    return f'<span class="badge {escape(look)}"><span aria-hidden="true">{icon}</span> {number}{escape(word)}</span>'


def _small(text: str) -> str:
    return f'<span class="small">{escape(text)}</span>' if text else ""


def _image(png: bytes, alt: str, size: str = "") -> str:
    data = base64.b64encode(png).decode("ascii")
    return f'<img src="data:image/png;base64,{data}" alt="{escape(alt)}" {size}>'


def _when(us: int | None) -> str:
    """Give an instant as `2026-03-01 12:30`, in UTC; a dash where there is none."""
    if us is None or not MIN_US < us < MAX_US:
        return "–"
    return str(from_us(us).isot)[:16].replace("T", " ")


def _day(us: int) -> str:
    return str(from_us(us).isot)[:10]


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
