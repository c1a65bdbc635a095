from __future__ import annotations

from longwatch.cli import codes
from longwatch.errors import LongwatchError


def ours() -> set[str]:
    def walk(error: type[LongwatchError]) -> list[type[LongwatchError]]:
        return [error, *(one for child in error.__subclasses__() for one in walk(child))]

    return {error.slug for error in walk(LongwatchError) if error.__module__.startswith("longwatch.")}


def test_every_error_has_a_code() -> None:
    assert ours() == set(codes.EXIT_CODES)


def test_no_error_looks_like_another_end() -> None:
    ends = {codes.OK, codes.FINDINGS, codes.USAGE, codes.UNEXPECTED, codes.INTERRUPTED}
    assert len(ends) == 5
    assert not ends & set(codes.EXIT_CODES.values())
    assert all(0 < code < 126 for code in codes.EXIT_CODES.values())
