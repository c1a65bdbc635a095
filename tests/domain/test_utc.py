"""UTC arithmetic against astropy, and its own inverse."""

import subprocess
import sys

import numpy as np
import pytest
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from longwatch.domain.utc import DAY_US, day_length_us, us_from_utc, utc_from_us

YEAR_US = 365 * DAY_US


@given(st.integers(-60 * YEAR_US, 400 * YEAR_US))
def test_utc_and_back(us: int) -> None:
    day, us_of_day = utc_from_us(us)
    assert 0 <= us_of_day < day_length_us(day) + 200_000  # the day of a step before 1972 counts its drift
    assert abs(us_from_utc(day, us_of_day) - us) <= (us < 2 * YEAR_US + DAY_US)


def test_a_leap_second_belongs_to_the_day_before() -> None:
    leap = us_from_utc(17_166, DAY_US - 1) + np.array([0, 1, 1_000_000, 1_000_001])
    days, us_of_day = utc_from_us(leap)
    assert days.tolist() == [17_166, 17_166, 17_166, 17_167]
    assert us_of_day.tolist() == [DAY_US - 1, DAY_US, DAY_US + 999_999, 0]
    assert day_length_us(17_166) == DAY_US + 1_000_000
    assert day_length_us(17_167) == DAY_US


@pytest.mark.parametrize("year", range(1960, 2027))
def test_midnights_agree_with_astropy(year: int) -> None:
    utc = Time([f"{year}-01-01", f"{year}-02-01", f"{year}-06-30T23:59:59.25", f"{year}-12-31T12:00:00"], scale="utc")
    since = utc.tai - Time("1970-01-01", scale="tai")
    whole = np.floor(since.jd1)
    expected = whole.astype(np.int64) * DAY_US + np.rint((since.jd1 - whole + since.jd2) * DAY_US).astype(np.int64)
    day = np.floor(utc.mjd).astype(np.int64) - 40_587
    us_of_day = np.array([0, 0, DAY_US - 750_000, DAY_US // 2])
    assert np.abs(us_from_utc(day, us_of_day) - expected).max() <= (year < 1972)


def test_the_network_is_never_asked() -> None:
    program = (
        "import socket\n"
        "def refuse(*args, **kwargs): raise SystemExit('asked the network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from astropy.utils import iers\n"
        "iers.conf.auto_max_age = -100_000\n"  # every table at hand is now too old for astropy
        "from longwatch.domain.times import to_time\n"
        "from astropy.time import Time\n"
        "to_time('2026-11-21T00:00:00').tai\n"
        "to_time(Time('2026-11-21')).tai.tt.utc\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=120)
