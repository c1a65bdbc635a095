"""Words whose halves come in two slots. Truth: spec/aca-dark-hdr3-l0.md 4.3 and 6.3."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.instruments.aca.hdr3_channels import CCD_TEMP, CHANNELS, QUAD_C
from longwatch.instruments.aca.hdr3_decode import lose_unfollowed
from longwatch.instruments.aca.hdr3_join import joined_samples, joined_values
from longwatch.instruments.aca.samples import samples
from longwatch.instruments.aca.simulate import START


def test_joined_words_fall_back_or_are_masked() -> None:
    low = np.ma.MaskedArray([0x69DA, 0], mask=[False, True])
    joined = joined_values(CCD_TEMP, np.ma.MaskedArray([-11.63, -11.63], mask=False), low)
    assert joined.tolist() == [pytest.approx(-11.625865, abs=5e-7), -11.63]
    offset = joined_values(QUAD_C, np.ma.MaskedArray([31.0, 31.0], mask=False), low)
    assert offset.mask.tolist() == [False, True]


def test_halves_read_together_are_those_joined_later(watched: Archive) -> None:
    series = watched.series["aca.hdr3"]
    span = (START + 3 * 86_400, START + 5 * 86_400)
    for joined in (CCD_TEMP, QUAD_C):
        slots = [next(one.slot for one in CHANNELS if one.name == name) for name in (joined.high, joined.low)]
        names = (joined.high, joined.low)
        high, low = (
            series.blocks([name, "quality"], *span, where={"slot": slot})
            for name, slot in zip(names, slots, strict=True)
        )
        together = joined_samples(joined, high, low, after=span[1])
        apart = [samples(one, name, "f8") for one, name in ((high, joined.high), (low, joined.low))]
        assert together is not None
        later = joined_values(joined, *(np.ma.MaskedArray(one.values, mask=one.lost) for one in apart))
        lost = np.ma.getmaskarray(later).copy()
        lose_unfollowed(apart[0].time, lost, span[1])
        assert np.array_equal(together.lost, lost)
        assert np.array_equal(together.values[~lost], later.data[~lost])
        assert 1000 < len(together.time) == len(high)
        assert joined_samples(joined, high, series.blocks([joined.low, "quality"], *span), after=0.0) is None
