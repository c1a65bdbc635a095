"""What became of pixels over the dark calibrations: births of hot pixels, flicker, and the warm-pixel trend.

Owns what these questions mean at one CCD temperature. Must not know how maps are stored.
See spec/aca-dark-hdr3-l0.md 8.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from astropy.table import Column, MaskedColumn, Table
from numpy.typing import NDArray

from longwatch.archive import Archive
from longwatch.cubes.lives import Level, Lives, restlessness, values_at, watch
from longwatch.domain.times import Instant
from longwatch.errors import NotFound
from longwatch.instruments.aca.aca_image import ACAImage
from longwatch.instruments.aca.dark_cal import date_to_dark_id, get_dark_cal_props
from longwatch.instruments.aca.dark_files import CUBE, DARK_RATE, ORIGIN, WARM
from longwatch.instruments.aca.dark_model import LAWS, REFERENCE_C, scaled_map
from longwatch.instruments.aca.dark_statistics import THRESHOLDS, dark_statistics
from longwatch.instruments.aca.flicker import usual_model
from longwatch.instruments.aca.monitors.warm_pixels import trend_figure
from longwatch.instruments.aca.opening import shown
from longwatch.instruments.aca.warm import hot_levels, modelled, temperatures, warm_pixels
from longwatch.plots.figure import Figure

JUMP_DEX: Final = 0.05
"""A pixel that changes by more than this from one calibration to the next, unlike its peers, has jumped."""

_QUADRANTS: Final = {
    "a": (slice(0, 512), slice(512, 1024)),
    "b": (slice(0, 512), slice(0, 512)),
    "c": (slice(512, 1024), slice(512, 1024)),
    "d": (slice(512, 1024), slice(0, 512)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """To what dark currents are brought before they are compared.

    Parameters
    ----------
    t_ccd
        CCD temperature [deg_C].
    law
        By which law, one of `dark_model.LAWS`.
    """

    t_ccd: float = REFERENCE_C
    law: str = LAWS[0]


USUAL: Final = Reference()
"""-14 deg_C by the law `global-2016`."""


def warm_trend(above: float = WARM, *, reference: Reference = USUAL, archive: Archive | None = None) -> Table:
    """Give the warm pixels of every calibration, see `warm.warm_pixels`, and of the histogram model, `model`."""
    with shown(archive) as site:
        table = warm_pixels(site, above=above, t_ccd_ref=reference.t_ccd, law=reference.law)
    table["model"] = modelled(table, above=above)
    return table


def warm_figure(above: float = WARM, *, reference: Reference = USUAL, archive: Archive | None = None) -> Figure:
    """Give the picture of warm pixels over the mission, as measured and at one temperature."""
    with shown(archive) as site:
        table = warm_pixels(site, above=above, t_ccd_ref=reference.t_ccd, law=reference.law)
    return trend_figure(table, above=above, t_ccd_ref=reference.t_ccd)


def births(
    above: float = WARM,
    *,
    start: Instant | None = None,
    stop: Instant | None = None,
    reference: Reference = USUAL,
    archive: Archive | None = None,
) -> Lives:
    """Give which pixels turned hot, when, and which healed.

    Parameters
    ----------
    above
        A pixel turns hot above this [electron / s at the reference], and stays so down to 0.8 of it.
    start, stop
        Days of the first and last calibration; None: all.
    reference
        Temperature and law; calibrations that do not say how warm the CCD was are left out.
    archive
        None: `$LONGWATCH_ARCHIVE`, else the folder one stands in.

    Returns
    -------
    Lives
        `births`, `hot_in` and `hot` as maps, `events` a row a birth: row, col, epoch (the dark id), and the dark
        current before and after [electron / s, as measured].
    """
    with shown(archive) as site:
        lives = watch(site.cubes[CUBE], DARK_RATE.name, _levels(site, above, start, stop, reference))
    for name in ("before", "after"):
        lives.events[name].unit = DARK_RATE.unit
    return lives


def flicker_candidates(
    above: float = WARM,
    *,
    start: Instant | None = None,
    stop: Instant | None = None,
    reference: Reference = USUAL,
    archive: Archive | None = None,
) -> Table:
    """Give pixels whose dark current goes up and down unlike that of pixels as bright.

    Parameters
    ----------
    above, start, stop, reference, archive
        As for `births`; pixels above it in at least half of the calibrations are looked at.

    Returns
    -------
    Table
        The most restless first: row, col, median [electron / s at the reference], scatter about what pixels as bright
        do [dex], and jumps, the number of changes down or up by more than 0.05 dex, whichever are fewer. Only pixels
        with a jump each way.
    """
    with shown(archive) as site:
        levels = _levels(site, above, start, stop, reference)
        cube = site.cubes[CUBE]
        places = watch(cube, DARK_RATE.name, levels).hot_at_least((len(levels) + 1) // 2)
        values = values_at(cube, DARK_RATE.name, list(levels), places)
        known = temperatures(site)
    for number, epoch in enumerate(levels):
        values[number] = scaled_map(values[number], known[epoch], reference.t_ccd, law=reference.law)
    scatter, jumps = restlessness(values, list(usual_model().edges), jump=JUMP_DEX)
    order = np.argsort(-scatter)
    order = order[jumps[order] > 0]
    return Table(
        [
            *(Column(places[order, axis], name=name) for axis, name in enumerate(("row", "col"))),
            Column(np.nanmedian(values[:, order], axis=0), name="median", unit="electron / s"),
            Column(scatter[order], name="scatter", unit="dex"),
            Column(jumps[order], name="jumps"),
        ]
    )


def pixel_life(row: int, col: int, *, reference: Reference = USUAL, archive: Archive | None = None) -> Table:
    """Give a pixel's life: dark_id, ccd_temp, dark current as measured and at the reference [electron / s]."""
    with shown(archive) as site:
        life = site.cubes[CUBE].history(DARK_RATE.name, row, col)
        known = temperatures(site)
    t_ccd = np.array([known.get(int(epoch), np.nan) for epoch in life["epoch"]])
    found = Table([life["epoch"]], names=["dark_id"])
    found["ccd_temp"] = MaskedColumn(np.ma.masked_invalid(t_ccd), unit="deg_C")
    found["dark_rate"] = life[DARK_RATE.name]
    values = np.ma.filled(np.ma.asarray(life[DARK_RATE.name]).astype(float), np.nan)
    brought = [
        scaled_map(np.array(v), t, reference.t_ccd, law=reference.law) for v, t in zip(values, t_ccd, strict=True)
    ]
    found["at_reference"] = MaskedColumn(np.ma.masked_invalid(np.array(brought, dtype=float)), unit=DARK_RATE.unit)
    return found


def difference(
    first: Instant, second: Instant, *, reference: Reference = USUAL, archive: Archive | None = None
) -> ACAImage:
    """Give how dark current changed from one calibration to another, both at one temperature [electron / s]."""
    with shown(archive) as site:
        before, after = (_at_reference(site, date, reference) for date in (first, second))
    return ACAImage(after - before, row0=ORIGIN[0], col0=ORIGIN[1])


def quadrants(date: Instant, *, archive: Archive | None = None) -> Table:
    """Give the published numbers of the calibration before a date for each quadrant, and for the whole CCD."""
    with shown(archive) as site:
        image = np.asarray(_props(site, date)["image"])
    found = {name: dark_statistics(image[part]) for name, part in _QUADRANTS.items()} | {"all": dark_statistics(image)}
    columns = [f"n{limit}" for limit in THRESHOLDS]
    rows = [(name, one.mean, one.peak, one.mean_near_peak, *one.warmer) for name, one in found.items()]
    return Table(rows=rows, names=["quadrant", "mean", "peak", "mean_near_peak", *columns])


def _levels(
    site: Archive, above: float, start: Instant | None, stop: Instant | None, reference: Reference
) -> dict[int, Level]:
    first, last = (0 if start is None else _number(start)), (10**7 if stop is None else _number(stop))
    known = hot_levels(site, above, t_ccd_ref=reference.t_ccd, law=reference.law)
    chosen = {epoch: level for epoch, level in known.items() if first <= epoch <= last}
    if not chosen:
        raise NotFound(
            f"No dark calibration with a CCD temperature from {start} to {stop}. See `longwatch aca dark list`."
        )
    return chosen


def _number(date: Instant) -> int:
    return int(str(date_to_dark_id(date)))


def _props(site: Archive, date: Instant) -> dict[str, object]:
    return get_dark_cal_props(date, archive=site, include_image=True, allow_negative=True)


def _at_reference(site: Archive, date: Instant, reference: Reference) -> NDArray[np.float64]:
    found = _props(site, date)
    if found.get("ccd_temp") is None:
        raise NotFound(f"Dark calibration {found['id']} does not say how warm the CCD was. Name another.")
    return scaled_map(np.asarray(found["image"]), float(str(found["ccd_temp"])), reference.t_ccd, law=reference.law)
