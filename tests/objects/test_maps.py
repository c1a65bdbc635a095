"""Maps: made on the second touch, bounded in number, good as long as anybody looks."""

from __future__ import annotations

import resource
from contextlib import ExitStack
from pathlib import Path

import pytest

from longwatch.objects.maps import MapCache, map_file


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [tmp_path / str(n) for n in range(6)]
    for n, path in enumerate(paths):
        path.write_bytes(bytes([n]) * 5000)
    return [str(path) for path in paths]


def test_the_second_touch_maps(files: list[str]) -> None:
    cache = MapCache()
    assert cache.touch([files[0]])[0] is None
    (second,) = cache.touch([files[0]])
    assert second is not None
    assert cache.touch([files[0]])[0] is second
    assert len(cache) == 1


def test_no_more_maps_than_room_and_the_least_used_goes_first(files: list[str]) -> None:
    cache = MapCache(maps=3)
    views = [cache.map(path) for path in files[:3]]
    assert cache.touch([files[0]])[0] is views[0]
    cache.map(files[3])
    assert len(cache) == 3
    assert cache.touch([files[0]])[0] is views[0]
    assert cache.touch([files[1]])[0] is None
    assert views[1] == bytes([1]) * 5000


def test_touches_are_forgotten_too(files: list[str]) -> None:
    cache = MapCache(touched=2)
    for path in files[:3]:
        cache.touch([path])
    assert cache.touch([files[0]])[0] is None


def test_dropped_maps_stay_good(files: list[str]) -> None:
    cache = MapCache()
    view = cache.map(files[2])
    cache.drop(files[2])
    Path(files[2]).unlink()
    assert len(cache) == 0
    assert view[:2] == bytes([2, 2])


@pytest.mark.parametrize("held_by_others", [0, 200])
def test_many_files_do_not_exhaust_descriptors(held_by_others: int, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    path = tmp_path / "one"
    path.write_bytes(b"x")
    with ExitStack() as others:
        for _ in range(held_by_others):
            others.enter_context(path.open("rb"))
        allowed = max(int(entry.name) for entry in Path("/proc/self/fd").iterdir()) + 40
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        others.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        cache = MapCache()
        for n in range(allowed):
            link = tmp_path / str(n)
            link.symlink_to(path)
            assert cache.map(str(link)) == b"x"
        assert 0 < len(cache) <= allowed // 2


def test_an_empty_file_has_an_empty_view(tmp_path: Path) -> None:
    (tmp_path / "none").touch()
    assert map_file(str(tmp_path / "none")) == b""


def test_a_missing_file_is_the_callers_to_explain(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        MapCache().map(str(tmp_path / "absent"))
