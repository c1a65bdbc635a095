"""What is stored says what was given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from longwatch.contracts.reading import Plane
from longwatch.cubes.casting import fit_plane, fitted_plane
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.errors import BadFile

SPEC = CubeSpec(
    name="lab.ccd",
    description="",
    shape=(4, 5),
    properties=tuple(Column(name=d, unit="", description="x", dtype=d) for d in ("u1", "i2", "i4", "f4", "f8")),
    timeline="lab.ccd",
    origin=(-2, 0),
)


def plane(name: str, image: np.ndarray, origin: tuple[int, int] | None = None) -> Plane:
    return Plane(cube="lab.ccd", epoch=1, property=name, image=image, origin=origin)


@given(
    values=hnp.arrays("i8", (4, 5), elements=st.integers(-32768, 32767)),
    missing=hnp.arrays(bool, (4, 5)),
)
def test_integers_come_back_with_their_gaps(values, missing):
    fitted = fit_plane(SPEC, plane("i2", np.ma.array(values, mask=missing)))
    assert (fitted.null is None) == (not missing.any())
    np.testing.assert_array_equal(fitted.values == fitted.null, missing)
    np.testing.assert_array_equal(fitted.values[~missing], values[~missing])


def test_a_null_value_is_one_no_pixel_has():
    image = np.ma.array(np.arange(20).reshape(4, 5) + 236, mask=False)
    image[0, 0] = np.ma.masked
    fitted = fit_plane(SPEC, plane("u1", image))
    assert fitted.null == 236
    assert fitted.values[3, 4] == 255


def test_no_free_number_is_said():
    spec = CubeSpec(name="c", description="", shape=(257, 1), properties=SPEC.properties, timeline="c")
    image = np.ma.array(np.minimum(np.arange(257), 255).reshape(257, 1), mask=False)
    image[256] = np.ma.masked
    with pytest.raises(BadFile, match="wider type"):
        fit_plane(spec, Plane(cube="c", epoch=1, property="u1", image=image))


def test_a_masked_float_is_nan():
    fitted = fit_plane(SPEC, plane("f4", np.ma.masked_equal(np.arange(20.0).reshape(4, 5), 3)))
    assert np.isnan(fitted.values[0, 3])
    assert np.count_nonzero(np.isnan(fitted.values)) == 1


def test_a_float_that_overflows_is_refused_and_infinity_is_not():
    with pytest.raises(BadFile, match="f8"):
        fit_plane(SPEC, plane("f4", np.full((4, 5), 1e300)))
    assert np.isinf(fit_plane(SPEC, plane("f4", np.full((4, 5), np.inf))).values).all()


def test_whole_floats_and_truths_fit_integers():
    assert fit_plane(SPEC, plane("i2", np.full((4, 5), -3.0))).values.dtype == np.dtype("i2")
    assert fit_plane(SPEC, plane("u1", np.ones((4, 5), dtype=bool))).values.sum() == 20


@pytest.mark.parametrize(("name", "value"), [("i2", 0.5), ("i2", np.nan), ("u1", -1), ("i4", 2**31), ("i2", np.inf)])
def test_what_an_integer_cannot_hold_is_named(name, value):
    with pytest.raises(BadFile, match="cannot hold"):
        fit_plane(SPEC, plane(name, np.full((4, 5), value)))


def test_a_sub_array_lies_on_the_detector():
    assert fit_plane(SPEC, plane("f4", np.zeros((4, 5)))).origin == (-2, 0)
    assert fit_plane(SPEC, plane("f4", np.zeros((1, 1)), (1, 4))).origin == (1, 4)
    for origin in ((2, 4), (-3, 0), (0, 5)):
        with pytest.raises(BadFile, match="does not lie"):
            fit_plane(SPEC, plane("f4", np.zeros((1, 1)), origin))


def test_fitting_twice_changes_nothing():
    once = fitted_plane(SPEC, plane("i2", np.ma.masked_equal(np.arange(20).reshape(4, 5), 7)))
    twice = fitted_plane(SPEC, once)
    np.testing.assert_array_equal(np.ma.getmaskarray(once.image), np.ma.getmaskarray(twice.image))
    assert once.image.dtype == twice.image.dtype
    assert once.origin == (-2, 0)
