"""The desk: the parts that answer a question about a series, and the commit it speaks for.

Owns pinning and who may write. Must not know what is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from astropy.time import Time

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.when import span_of
from longwatch.contracts.writer import Writer
from longwatch.domain.times import Instant, to_us
from longwatch.domain.timespan import Timespan
from longwatch.errors import Refused
from longwatch.series.badtimes import BadSpans
from longwatch.series.derivations import Derivations
from longwatch.series.maker import Maker
from longwatch.series.plan import Plans
from longwatch.series.read import Reader
from longwatch.series.relative import RelativeReader
from longwatch.series.summaries import Summaries


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What answering a question takes.

    Parameters
    ----------
    catalog, plans, reader, relative, summaries
        The parts that read.
    maker
        Keeps statistics.
    derivations, bad
        Derived channels and bad times.
    commit
        The commit that is spoken for; None: the newest one at each question.
    writer
        Takes one's own rows; None: nothing may be written.
    now
        What relative times count from.
    """

    catalog: Catalog
    plans: Plans
    reader: Reader
    relative: RelativeReader
    summaries: Summaries
    maker: Maker
    derivations: Derivations
    bad: BadSpans
    commit: int | None
    writer: Writer | None
    now: Callable[[], Time]

    def commit_of(self, as_of: Instant | None) -> int:
        """Give the commit a question speaks for."""
        if as_of is None:
            return self.catalog.head() if self.commit is None else self.commit
        asked = self.catalog.commit_at(to_us(as_of, now=self.now()))
        return asked if self.commit is None else min(asked, self.commit)

    def span(self, start: Instant | None, stop: Instant | None, commit: int) -> Timespan:
        """Give the span between two times, either of which may be an epoch as a commit shows it."""
        return span_of(self.catalog, start, stop, now=self.now, commit=commit)

    def writing(self) -> Writer:
        """Give the writer; raises `Refused` where there is none."""
        if self.writer is None:
            raise Refused("This view of the archive only reads. Open the archive for writing, and without `as_of`.")
        return self.writer
