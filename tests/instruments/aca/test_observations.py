"""Tables of dwells."""

from __future__ import annotations

import pytest

from longwatch.contracts.kind import Source
from longwatch.domain.times import to_us
from longwatch.errors import BadFile
from longwatch.instruments.aca import observations

LINES = "obsid,start,stop\n8008,2007:002:01:00:00,2007:002:02:00:00\n8008,2007:002:06:00:00,2007:002:07:00:00\n"


def test_an_observation_reaches_from_its_first_dwell_to_its_last() -> None:
    reading = observations.read(Source(name="obs.csv", data=LINES.encode()))
    (epoch,) = reading.epochs
    assert (epoch.number, epoch.attributes) == (8008, {"dwells": 2})
    assert epoch.start_us == to_us("2007:002:01:00:00")
    assert epoch.stop_us == to_us("2007:002:07:00:00")
    assert observations.claim("any", LINES.encode(), None) == 1.0
    assert observations.claim("any", b"id,start", None) == 0.0


@pytest.mark.parametrize("line", ["x,2007:001,2007:002", "1,nonsense,2007:002", "1,2007:001"])
def test_wrong_lines_are_named(line: str) -> None:
    with pytest.raises(BadFile, match="line 2"):
        observations.read(Source(name="obs.csv", data=f"obsid,start,stop\n{line}\n".encode()))
