"""Foreign errors become ours, once."""

from __future__ import annotations

import errno

import pytest

from longwatch.errors import BadQuery, LongwatchError, NotFound, Refused, Unavailable
from longwatch.objects.faults import foreign_errors, translate


@pytest.mark.parametrize(
    ("code", "kind", "word"),
    [
        (errno.ENOSPC, Unavailable, "disk full"),
        (errno.EDQUOT, Unavailable, "disk full"),
        (errno.EACCES, Refused, "may not"),
        (errno.EROFS, Refused, "may not"),
        (errno.ENOENT, NotFound, "doctor"),
        (errno.EINVAL, BadQuery, "range"),
        (errno.EIO, Unavailable, "Try again"),
    ],
)
def test_each_code_has_its_error(code: int, kind: type[LongwatchError], word: str) -> None:
    fault = translate(OSError(code, "told"), "read object 12ab", "s3://bucket/site")
    assert type(fault) is kind
    assert all(part in str(fault) for part in (word, "read object 12ab", "s3://bucket/site"))


def test_errors_without_a_code_are_unavailable() -> None:
    assert type(translate(RuntimeError("odd"), "read", "here")) is Unavailable


def test_files_fail_as_os_errors() -> None:
    assert OSError in foreign_errors()
