"""What is watched: the monitors, derivations and limits that instruments bring.

Owns their gathering and finding by name. Must not know how they are run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from longwatch.contracts.instrument import Instrument
from longwatch.contracts.monitor import Derivation, Monitor
from longwatch.domain.limit import Limit
from longwatch.domain.metric import Metric
from longwatch.errors import NotFound
from longwatch.monitors.limits import load_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Everything that is asked again when its inputs change.

    Parameters
    ----------
    monitors, derivations
        In the order in which they run; derivations run first.
    limits
        What judges the measurements.
    """

    monitors: tuple[Monitor, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    limits: tuple[Limit, ...] = ()

    def named(self, name: str | None) -> Watch:
        """Give the part that has a name; None: all.

        Raises
        ------
        NotFound
            Raised if no monitor or derivation is called so; the message names what is near.
        """
        if name is None:
            return self
        monitors = tuple(m for m in self.monitors if m.name == name)
        derivations = tuple(d for d in self.derivations if d.name == name)
        if not monitors and not derivations:
            there = [m.name for m in self.monitors] + [d.name for d in self.derivations]
            raise NotFound(_unknown("monitor", name, there))
        return Watch(monitors=monitors, derivations=derivations, limits=self.limits)

    def metric(self, name: str) -> Metric:
        """Give a declared metric; raises `NotFound` naming what is near."""
        metrics = {metric.name: metric for monitor in self.monitors for metric in monitor.metrics}
        if name not in metrics:
            raise NotFound(_unknown("metric", name, list(metrics)))
        return metrics[name]


def watch_of(instruments: Iterable[Instrument]) -> Watch:
    """Gather what instruments bring; raises `BadConfig` where a limits file cannot be used."""
    known = list(instruments)
    return Watch(
        monitors=tuple(monitor for i in known for monitor in i.monitors),
        derivations=tuple(derivation for i in known for derivation in i.derivations),
        limits=tuple(limit for i in known if i.limits is not None for limit in load_limits(i.limits)),
    )


def _unknown(what: str, name: str, there: list[str]) -> str:
    near = get_close_matches(name, there, n=3, cutoff=0.4) or sorted(there)[:10]
    known = f"Near it there are: {', '.join(near)}." if near else "No plug-in brings any."
    return f"There is no {what} {name!r}. {known} List all with `longwatch monitor list`."
