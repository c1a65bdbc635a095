"""Periods cut by the observatory's rule, against its real table."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.domain.times import to_us
from longwatch.instruments.stis.boundaries import DAY_US, belongs, cut_periods, period_of
from longwatch.instruments.stis.periods import parse_darks, parse_periods


def test_boundaries_are_five_days_apart() -> None:
    days = [0, 0.3, 4.9, 5.0, 6, 30, 31, 36]
    cuts = cut_periods([round(day * DAY_US) for day in reversed(days)])
    assert [(cut.start_us / DAY_US, cut.stop_us / DAY_US) for cut in cuts] == [
        (-60, 0),
        (0, 5),
        (5, 30),
        (30, 36),
        (36, 96),
    ]
    assert [cut.number for cut in cuts] == [0, 1, 2, 3, 4]
    assert [cut.provisional for cut in cuts] == [False] * 4 + [True]
    ends = [None if cut.annealed_us is None else cut.annealed_us / DAY_US for cut in cuts]
    assert ends == [None, 4.9, 6, 31, 36]


def test_the_last_period_begins_at_the_last_exposure_and_leaves_a_gap() -> None:
    cuts = cut_periods([0, 28 * DAY_US, 29 * DAY_US])
    assert cuts[-1].start_us == 29 * DAY_US
    assert period_of(cuts, 28 * DAY_US + 1) is None
    assert period_of(cuts, 29 * DAY_US) == 2
    assert cut_periods([]) == ()


@pytest.mark.parametrize(
    ("exptime_s", "proposid", "programs", "answer"),
    [(60, 14819, (), False), (960, 14819, (), True), (1100, 1, (14819,), False), (1800, 7092, (14819,), True)],
)
def test_darks_of_the_monitor(exptime_s: float, proposid: int, programs: tuple[int, ...], answer: bool) -> None:
    assert belongs(exptime_s, proposid, programs) is answer


@pytest.mark.real
def test_t2_the_rule_reproduces_the_real_table(real_data: Path) -> None:
    folder = real_data / "stis"
    table = parse_periods((folder / "stis_anneal_periods.csv").read_bytes(), name="periods")
    darks = parse_darks((folder / "stis_anneal_darks.csv").read_bytes(), name="darks")
    # The anneal exposures themselves are not in the list; each boundary is one, and some come in pairs.
    anneals = [epoch.start_us for epoch in table[1:]] + [table[-2].stop_us]
    pairs = [at + DAY_US // 2 for at in anneals[:-2]]
    cuts = cut_periods([*anneals, *pairs])
    assert [(cut.start_us, cut.stop_us) for cut in cuts] == [(epoch.start_us, epoch.stop_us) for epoch in table]
    members: dict[int, list[str]] = {}
    for dark in darks:
        members.setdefault(period_of(cuts, dark.t_us), []).append(dark.member)
    counts = [len(members[cut.number]) for cut in cuts]
    assert counts[:8] == [40, 23, 37, 28, 21, 35, 22, 45]
    assert counts == [epoch.attributes["n_darks"] for epoch in table]
    assert members[0][0], members[0][-1] == ("o3sl01pcq", "o3sl59kgq")
    assert all(belongs(dark.attributes["exptime"], dark.attributes["proposid"]) for dark in darks)
    for text, number in (("1997-12-15 16:32:15", 9), ("2009-01-01", 91), ("2013-09-15", 147), ("2017-08-02", None)):
        assert period_of(cuts, to_us(text)) == number
