"""Every accepted form of a time, against astropy; what is refused; and how fast the common forms are."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from astropy.time import Time, TimeDelta
from erfa import ErfaWarning
from hypothesis import given
from hypothesis import strategies as st

from longwatch.domain.times import (
    cxc_from_us,
    from_us,
    is_epoch_form,
    mjd,
    parse_span,
    to_time,
    to_us,
    us_from_cxc,
    us_from_mjd,
    us_from_time,
)
from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.errors import BadQuery

NOW = Time("2020-01-31T00:00:00", scale="utc")
ZERO = Time("1970-01-01", scale="tai")
SECOND = 1_000_000


def by_astropy(time: Time) -> int:
    """Microseconds since the zero point, by astropy's own difference, whole days and the rest apart."""
    since = time.tai - ZERO
    return round(since.jd1) * 86_400 * SECOND + round((since.jd1 % 1 + since.jd2) * 86_400 * SECOND)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2016-12-31 23:59:60", "2016-12-31T23:59:60.000000"),
        ("2016-12-31T23:59:60", "2016-12-31T23:59:60.000000"),
        ("2016:366:23:59:60", "2016-12-31T23:59:60.000000"),
        ("2016-12-31T23:59:60.999999", "2016-12-31T23:59:60.999999"),
        ("2016-12-31T23:59:59.9999999", "2016-12-31T23:59:60.000000"),
        ("2011-01-15T12:00:00Z", "2011-01-15T12:00:00.000000"),
        ("2011-01-15 12:00", "2011-01-15T12:00:00.000000"),
        ("2011-1-5", "2011-01-05T00:00:00.000000"),
        ("  2011-01-15  ", "2011-01-15T00:00:00.000000"),
        ("2007:006", "2007-01-06T00:00:00.000000"),
        ("2007:006:01:02", "2007-01-06T01:02:00.000000"),
        ("2007:006:01:02:03", "2007-01-06T01:02:03.000000"),
        ("2007:006:01:02:03.25", "2007-01-06T01:02:03.250000"),
        ("2007006", "2007-01-06T00:00:00.000000"),
        ("2012001.123456789", "2012-01-01T12:34:56.789000"),
        ("2012001.12", "2012-01-01T12:00:00.000000"),
        ("2012001123456789", "2012-01-01T12:34:56.789000"),
        (378691266.184, "2010-01-01T00:00:00.000000"),
        (np.float64(63072064.184), "2000-01-01T00:00:00.000000"),
        (757382469.307, "2022-01-01T00:00:00.123000"),
        (467055635, "2012-10-19T17:39:27.816000"),
        (np.int64(467055635), "2012-10-19T17:39:27.816000"),
        (datetime.fromisoformat("2020-02-29T01:02:03.000004"), "2020-02-29T01:02:03.000004"),
        (datetime(2020, 2, 29, 1, tzinfo=UTC), "2020-02-29T01:00:00.000000"),
        (datetime(2020, 2, 29, 1, tzinfo=timezone(timedelta(hours=2))), "2020-02-28T23:00:00.000000"),
        (date(2020, 2, 29), "2020-02-29T00:00:00.000000"),
        (np.datetime64("2020-02-29"), "2020-02-29T00:00:00.000000"),
        (np.datetime64("1969-12-31T23:59:59.000001"), "1969-12-31T23:59:59.000001"),
        (np.datetime64("2020-02-29T01:02:03.123456789"), "2020-02-29T01:02:03.123456"),
        (Time("2020:060", scale="utc"), "2020-02-29T00:00:00.000000"),
        ("now", "2020-01-31T00:00:00.000000"),
        ("-30d", "2020-01-01T00:00:00.000000"),
        ("-2d 12hr", "2020-01-28T12:00:00.000000"),
        ("+1yr 2d 3hr 4.2min 10.25s", "2021-02-01T09:04:22.250000"),
        ("- .5d", "2020-01-30T12:00:00.000000"),
    ],
)
def test_accepted_forms(value: object, expected: str) -> None:
    time = to_time(value, now=NOW).copy()
    time.precision = 6
    assert time.scale == "utc"
    assert time.isot == expected
    assert to_us(value, now=NOW) == by_astropy(Time(expected, scale="utc"))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "2016-13-01",
        "2016-02-30",
        "2015:366",
        "2016:000",
        "2016-12-31T24:00:00",
        "2016-12-31T23:60:00",
        "2016-12-31T22:59:60",
        "2017-12-31T23:59:60",
        "2016-12-31T23:59:61",
        "0000-01-01",
        "2016-12-31T12",
        "2016-12-31T12:00:00+01:00",
        "30d",
        "+30 parsecs",
        "+",
        "anneal:200",
        "٢٠١٦:001",
        True,
        None,
        float("nan"),
        float("inf"),
        10**400,
        np.datetime64("NaT"),
        [["2016:001"], 3],
        Time("2016:001", scale="ut1"),
        Time("2016:001", scale="local"),
    ],
)
def test_what_is_refused_says_what_would_do(value: object) -> None:
    with pytest.raises(BadQuery) as caught:
        to_us(value, now=NOW)
    assert len(str(caught.value)) > 60


def test_the_message_names_value_and_forms() -> None:
    with pytest.raises(BadQuery, match=r"'2015:366' .* 2015 has no day 366.*'2016:366'.*'-2d 12hr'.*mjd"):
        to_us("2015:366")


def test_relative_forms_need_now() -> None:
    with pytest.raises(BadQuery, match="Pass now"):
        to_us("-30d")
    assert to_us("-30d", now=lambda: NOW) == to_us("2020-01-01")


def test_the_clock_is_asked_only_if_need_be() -> None:
    def clock() -> Time:
        raise AssertionError

    assert to_us("2020-01-01", now=clock) == to_us("2020-01-01")


def test_legacy_reads_as_chandra_time_before_4() -> None:
    assert to_us("2011:015", legacy=True) == to_us("2011:015:12:00:00")
    assert to_us("2011:015:00:00", legacy=True) == to_us("2011:015")
    assert to_us("2011-01-15", legacy=True) == to_us("2011-01-15")
    assert to_us("2011015", legacy=True) == to_us("2011-01-15")
    assert to_us("2011-01-15 12:00:00", legacy=True) == to_us("2011-01-15 12:00:00")
    assert to_us("2011-01-15T12:00:00", legacy=True) == by_astropy(Time("2011-01-15T12:00:00", scale="tt"))


@pytest.mark.parametrize("scale", ["utc", "tai", "tt"])
def test_text_in_another_scale(scale: str) -> None:
    text = "1998-01-01T00:00:00.5"
    assert to_us(text, scale=scale) == by_astropy(Time(text, scale=scale))
    assert from_us(to_us(text, scale=scale), scale).isot == "1998-01-01T00:00:00.500"
    assert from_us(0, scale).scale == scale


def test_another_scale_has_no_leap_second() -> None:
    with pytest.raises(BadQuery, match="23:59:60"):
        to_us("2016-12-31T23:59:60", scale="tt")
    with pytest.raises(BadQuery, match="'tdb'"):
        to_us("2016-12-31", scale="tdb")
    with pytest.raises(BadQuery, match="'ut1'"):
        from_us(0, "ut1")


@given(st.integers(-378_691_200 * SECOND, 4_102_444_800 * SECOND))
@pytest.mark.filterwarnings("ignore::erfa.ErfaWarning")
def test_us_agree_with_astropy_from_1958_to_2100(us: int) -> None:
    exact = ZERO + TimeDelta(us // SECOND, us % SECOND / SECOND, format="sec", scale="tai")
    assert us_from_time(exact) == us_from_time(exact.tt) == us
    assert abs(us_from_time(exact.utc) - us) <= (us < 63_072_010 * SECOND)
    for scale in ("tai", "tt", "utc"):
        assert abs(us_from_time(from_us(us, scale)) - us) <= (us < 63_072_010 * SECOND)
        assert abs((getattr(exact, scale) - from_us(us, scale)).sec) < 2e-6


@given(st.datetimes(datetime.fromisoformat("1972-01-01"), datetime.fromisoformat("2100-01-01")))
def test_every_way_to_write_an_instant_gives_the_same(moment: datetime) -> None:
    us = to_us(moment)
    assert us == to_us(moment.isoformat()) == to_us(f"{moment:%Y:%j:%H:%M:%S.%f}") == to_us(np.datetime64(moment))
    assert us == us_from_time(from_us(us))
    assert abs(to_us(float(cxc_from_us(us))) - us) <= 1


def test_distant_dates_warn_of_nothing() -> None:
    assert to_us("2100-01-01") - to_us("2017-01-01") == (date(2100, 1, 1) - date(2017, 1, 1)).days * 86_400 * SECOND
    assert to_us("1958-01-01") == -4383 * 86_400 * SECOND
    with pytest.warns(ErfaWarning, match="dubious"):
        assert by_astropy(Time("2100-01-01", scale="utc")) == to_us("2100-01-01")


def test_many_at_once_keep_their_shape() -> None:
    texts = np.array([["2016:001", "2016:002"], ["2016:003", "2016:366:23:59:60"]])
    times = to_time(texts)
    assert times.shape == (2, 2)
    assert times[1, 1].yday == "2016:366:23:59:60.000"
    assert to_time(["2016:001", 0.0, date(2020, 1, 1)]).shape == (3,)
    assert to_time(np.array(["2016-01-01"], dtype="M8[s]")).isot.tolist() == ["2016-01-01T00:00:00.000"]
    assert to_time(np.array([0.0, 1.0])).cxcsec == pytest.approx([0.0, 1.0], abs=1e-6)
    assert to_time(np.array([[0], [1]])).isot[1, 0] == "1997-12-31T23:58:57.816"
    assert to_time([]).shape == (0,)
    assert to_time(times) is times


def test_mission_seconds_and_mjd_arrays() -> None:
    seconds = np.array([[0.0, 378691266.184], [599616067.184, 599616068.184]])
    us = us_from_cxc(seconds)
    assert us.dtype == np.int64
    assert from_us(us).isot[1].tolist() == ["2016-12-31T23:59:59.000", "2016-12-31T23:59:60.000"]
    np.testing.assert_allclose(cxc_from_us(us), seconds, rtol=0, atol=1e-6)
    days = np.array([40_587.0, 51_544.25, 57_753.5, 57_754.0])
    expected = [by_astropy(Time(day, format="mjd", scale="utc")) for day in days[1:]]
    assert us_from_mjd(days)[1:].tolist() == expected
    assert us_from_mjd(57_754.0) == expected[-1] == us_from_time(mjd(57_754.0))
    assert mjd(days).mjd == pytest.approx(days)
    for refused in (us_from_cxc, us_from_mjd):
        with pytest.raises(BadQuery, match="NaN"):
            refused(np.array([0.0, np.nan]))


def test_masked_times_are_refused() -> None:
    time = Time(["2016:001", "2016:002"], scale="utc")
    time[0] = np.ma.masked
    with pytest.raises(BadQuery, match="masked"):
        us_from_time(time)


def test_spans() -> None:
    assert parse_span("2016:001", "2016:002") == Timespan(to_us("2016:001"), to_us("2016:002"))
    assert parse_span("-1d", "now", now=NOW).duration_s == 86_400
    assert parse_span(None, None) == Timespan(MIN_US, MAX_US)
    with pytest.raises(BadQuery, match=r"2016:002 to 2016:001 .* Swap"):
        parse_span("2016:002", "2016:001")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anneal:200", ("anneal", 200)),
        ("stis.anneal:7", ("stis.anneal", 7)),
        (" hv_era:3 ", ("hv_era", 3)),
        ("2016:200", None),
        ("anneal", None),
        ("anneal:", None),
        ("anneal:two", None),
    ],
)
def test_epoch_form(text: str, expected: tuple[str, int] | None) -> None:
    assert is_epoch_form(text) == expected


@pytest.mark.parametrize("convert", [us_from_mjd, us_from_cxc])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, -1e300, 1e15])
def test_numbers_beyond_all_dates_are_refused(convert, value):
    with pytest.raises(BadQuery, match="beyond all dates"):
        convert(np.array([0.0, value]))
