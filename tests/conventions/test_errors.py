"""Errors: one slug each, and every slug mapped where people or programs see it."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module

from longwatch import errors
from longwatch.errors import LongwatchError
from source_tree import PACKAGE


def every_error(root: type[LongwatchError] = LongwatchError) -> Iterator[type[LongwatchError]]:
    yield root
    for child in root.__subclasses__():
        yield from every_error(child)


def own_errors() -> set[type[LongwatchError]]:
    return {error for error in every_error() if error.__module__.startswith("longwatch.")}


def test_no_two_errors_share_a_slug() -> None:
    slugs = [error.slug for error in own_errors()]
    assert sorted(set(slugs)) == sorted(slugs)


def test_errors_live_in_one_module() -> None:
    assert {error.__module__ for error in own_errors()} == {errors.__name__}


def test_every_slug_has_an_exit_code() -> None:
    found = pkgutil.iter_modules([str(PACKAGE / "cli")], "longwatch.cli.")
    modules = [import_module(one.name) for one in found]
    slugs = {error.slug for error in own_errors()}
    tables = [value for module in modules for value in vars(module).values() if isinstance(value, Mapping)]
    assert not modules or any(slugs <= set(table) for table in tables), "no table in cli maps every slug"
