"""Acquisition and guide models. Truth: spec/aca-dark-hdr3-l0.md 2.2, 2.3 and 6.1; a regression table of older code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table
from scipy.stats import norm

from longwatch.errors import BadQuery
from longwatch.instruments.aca import star_probs as sp

DAY = "2017:001:12:00:00"


@pytest.mark.real
@pytest.mark.parametrize("model", ["sota", "spline", "grid-floor-2018-11"])
def test_every_row_of_the_regression_table(real_data: Path, model: str) -> None:
    table = Table.read(real_data / "aca" / "acq_probs.dat", format="ascii.ecsv")
    rows = table[table["model"] == model]
    assert len(rows) == 48
    found = sp.acq_success_prob(
        "2018:001:12:00:00",
        *(np.asarray(rows[name], dtype=float) for name in ("t_ccd", "mag", "color")),
        spoiler=np.asarray(rows["spoiler"]),
        halfwidth=np.asarray(rows["halfwidth"], dtype=float),
        model=model,
    )
    assert found == pytest.approx(np.asarray(rows["prob"]), abs=1.1e-5)


def test_sota_by_temperature_date_and_magnitude() -> None:
    by_t = sp.acq_success_prob(DAY, [-16, -14, -12, -10], 10.3, model="sota")
    assert by_t == pytest.approx([0.87007558, 0.81918958, 0.75767782, 0.68643974], abs=1e-5)
    by_date = [sp.acq_success_prob(f"{year}:001:12:00:00", -10, 10.3, model="sota") for year in range(2014, 2018)]
    assert by_date == pytest.approx([0.76856955, 0.74345895, 0.71609812, 0.68643974], abs=1e-5)
    by_mag = sp.acq_success_prob(DAY, -10, [9, 10, 10.3, 10.6], model="sota")
    assert by_mag == pytest.approx([0.985, 0.86868674, 0.68643974, 0.3952578], abs=1e-5)
    by_color = sp.acq_success_prob(DAY, -10, 10.3, [0.7, 1.5], model="sota")
    assert by_color == pytest.approx([0.29475723, 0.29295036], abs=1e-5)


def test_sota_by_half_width() -> None:
    widths = sp.acq_success_prob("2018:001:12:00:00", -19, 10.3, halfwidth=[40, 80, 120, 180, 240], model="sota")
    assert widths / widths[2] == pytest.approx([1.07260318, 1.04512285, 1, 0.91312975, 0.83667405], abs=1e-5)


def test_stars_of_a_real_observation() -> None:
    mags = [9.142868, 9.3232698, 10.16424, 10.050572, 10.406073, 11.094579, 10.290914, 10.355055]
    widths = [160, 160, 120, 160, 120, 120, 120, 120]
    colors = [0.6, 0.6, 0.6, 0.6, 0.6, 1.5, 0.6, 0.6]
    sota = sp.acq_success_prob("2018:059", -11.2, mags, colors, halfwidth=widths, model="sota")
    assert sota == pytest.approx([0.977, 0.967, 0.793, 0.775, 0.606, 0.0004, 0.704, 0.651], abs=0.01)
    spline = sp.acq_success_prob("2018:059", -11.2, mags, colors, halfwidth=widths, model="spline")
    assert spline == pytest.approx([0.954, 0.936, 0.696, 0.739, 0.297, 1e-6, 0.491, 0.380], abs=0.01)


def test_warm_limits() -> None:
    few = sp.t_ccd_warm_limit([10.4] * 6, "2015:001:12:00:00", min_n_acq=(2, 8e-3), model="sota")
    assert few == (pytest.approx(-14.9924, abs=0.01), pytest.approx(8e-3, rel=0.01))
    five = sp.t_ccd_warm_limit([10.4] * 6, "2015:001:12:00:00", min_n_acq=5.0, model="sota")
    assert five == (pytest.approx(-14.851, abs=0.01), pytest.approx(5.0, abs=1e-3))
    spline = [
        sp.t_ccd_warm_limit([10.0] * 6, "2018:180:12:00:00", min_n_acq=n, model="spline")[0] for n in ((2, 8e-3), 5.0)
    ]
    assert spline == pytest.approx([-10.582, -10.491], abs=0.01)
    assert sp.t_ccd_warm_limit([6.0] * 8, DAY, model="sota")[0] == -5.0


def test_magnitude_of_a_probability() -> None:
    assert sp.mag_for_p_acq(0.5, "2015:001:12:00:00", -14, model="sota") == pytest.approx(10.848, abs=0.01)


def test_guide_stars() -> None:
    limits = [
        sp.t_ccd_warm_limit_for_guide(mags, warm_t_ccd=5, cold_t_ccd=-16)
        for mags in ([6, 6, 6, 10.3, 10.3], [10.3] * 5)
    ]
    assert limits == pytest.approx([-11.41, -12.86], abs=0.1)
    moved = {-10.9: 10.3, -8: 10.0192, -10: 10.2129, -12: 10.4065, -14: 10.6001}
    counts = [sp.guide_count([mag], t_ccd) for t_ccd, mag in moved.items()]
    assert counts == pytest.approx([0.25] * 5, abs=5e-4)
    assert sp.guide_count([9.95], -10.9) == pytest.approx(1.0)
    assert sp.guide_count([9.0, 9.2], -10.9, count_9th=True) == pytest.approx(1.75)


def test_relation_of_2013_as_computed_and_as_written() -> None:
    for version, expected in (
        ("code", (0.99522, 0.81446, 0.52041, 0.03704)),
        ("doc", (0.99316, 0.81446, 0.52547, 0.06016)),
    ):
        found = sp.acq_success_prob_2013([8.5, 10, 10.3, 10.6], [0.1, 0.1, 0.15, 0.2], version=version)
        assert found == pytest.approx(expected, abs=1e-5)


def test_numbers_of_stars() -> None:
    pmf, cumulative = sp.prob_n_acq([0.5, 0.5])
    assert pmf.tolist() == [0.25, 0.5, 0.25]
    assert cumulative.tolist() == [0.25, 0.75, 1.0]


def test_rates_from_counts() -> None:
    assert sp.binom_ppf(4, 5, [0.17, 0.84]) == pytest.approx([0.55463945, 0.87748177], abs=1e-8)
    assert sp.binomial_confidence_interval(4, 5) == pytest.approx((0.8, 0.57782044, 0.9157473), abs=1e-6)


def test_models_before_any_factor() -> None:
    assert sp.sota_model_acq_prob(8.0, 0.1) == 0.985
    probit = sp.spline_model_acq_prob(10.0, -12.0, probit=True)
    assert probit == pytest.approx(-1.20245)
    assert sp.spline_model_acq_prob(10.0, -12.0) == pytest.approx(norm.cdf(1.20245))
    with pytest.warns(UserWarning, match="-16"):
        sp.spline_model_acq_prob(10.0, -18.0)
    with pytest.raises(BadQuery, match="spline"):
        sp.acq_success_prob(model="crystal-ball")
