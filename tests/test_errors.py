"""Errors: one tree, stable names, and the fitting built-in beside each."""

from __future__ import annotations

import pickle

import pytest

from longwatch import errors
from longwatch.errors import LongwatchError, NoSuchName, PluginError

EVERY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LongwatchError)]


def test_each_error_is_documented_and_named() -> None:
    assert all(kind.__doc__ for kind in EVERY)
    assert all(kind.slug.islower() for kind in EVERY)


def test_the_root_is_no_value_error() -> None:
    assert not issubclass(LongwatchError, ValueError)


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.NotFound, LookupError),
        (errors.NoSuchName, KeyError),
        (errors.BadQuery, ValueError),
        (errors.BadConfig, ValueError),
        (errors.Unavailable, OSError),
        (errors.Refused, PermissionError),
    ],
)
def test_code_that_knows_only_the_builtin_catches_it(kind: type[LongwatchError], builtin: type[Exception]) -> None:
    with pytest.raises(builtin):
        raise kind("no")


def test_a_missing_name_is_said_in_words_not_in_quotes() -> None:
    assert str(NoSuchName("No series 'x'.")) == "No series 'x'."


def test_a_plugin_error_names_the_plugin() -> None:
    error = PluginError("cos", "it breaks.")
    assert (error.plugin, str(error)) == ("cos", "Plug-in 'cos': it breaks.")


@pytest.mark.parametrize("kind", [kind for kind in EVERY if kind is not PluginError])
def test_errors_travel_between_processes(kind: type[LongwatchError]) -> None:
    error = pickle.loads(pickle.dumps(kind("said so")))
    assert (type(error), str(error)) == (kind, "said so")


def test_a_plugin_error_travels_too() -> None:
    error = pickle.loads(pickle.dumps(PluginError("cos", "it breaks.")))
    assert (error.plugin, str(error)) == ("cos", "Plug-in 'cos': it breaks.")
