"""Walking: every file once, in order, whatever else lies about."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from longwatch.errors import NotFound, Refused, Unavailable
from longwatch.ingest.walk import state_of, walk


def _make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def _listed(folder: Path, *places: str | Path, avoid: Path | None = None) -> list[str]:
    found = [path for part in walk(places, avoid=avoid) for path in part.files]
    return [str(Path(path).relative_to(folder)) for path in found]


def test_a_folder_gives_all_below_it_in_order_of_name(tmp_path: Path) -> None:
    _make(tmp_path, "b.fits", "a.fits", "night2/d.fits", "night1/c.fits", "night1/deep/e.fits")
    assert _listed(tmp_path, tmp_path) == [
        "a.fits",
        "b.fits",
        "night1/c.fits",
        "night1/deep/e.fits",
        "night2/d.fits",
    ]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    _make(tmp_path, "a.fits", ".hidden.fits", ".git/config")
    assert _listed(tmp_path, tmp_path) == ["a.fits"]


def test_the_archive_does_not_eat_itself(tmp_path: Path) -> None:
    _make(tmp_path, "a.fits", "site/catalog.db", "site/objects/ab/cd")
    assert _listed(tmp_path, tmp_path, avoid=tmp_path / "site") == ["a.fits"]


def test_links_to_files_are_followed_and_links_to_folders_are_not(tmp_path: Path) -> None:
    _make(tmp_path, "real/a.fits")
    (tmp_path / "link.fits").symlink_to(tmp_path / "real" / "a.fits")
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "dangling.fits").symlink_to(tmp_path / "nowhere")
    assert _listed(tmp_path, tmp_path) == ["link.fits", "real/a.fits"]


def test_a_pattern_gives_what_matches(tmp_path: Path) -> None:
    _make(tmp_path, "a_jit.fits", "b_spt.fits", "deep/c_jit.fits")
    assert _listed(tmp_path, tmp_path / "*_jit.fits") == ["a_jit.fits"]
    assert _listed(tmp_path, str(tmp_path / "**" / "*_jit.fits")) == ["a_jit.fits", "deep/c_jit.fits"]


def test_a_name_with_brackets_is_a_name_before_it_is_a_pattern(tmp_path: Path) -> None:
    _make(tmp_path, "odd[1].fits")
    assert _listed(tmp_path, tmp_path / "odd[1].fits") == ["odd[1].fits"]


def test_a_file_named_twice_is_one_file(tmp_path: Path) -> None:
    _make(tmp_path, "night/a.fits", "night/b.fits")
    night = tmp_path / "night"
    assert _listed(tmp_path, night, night) == ["night/a.fits", "night/b.fits"]
    assert sorted(_listed(tmp_path, night, night / "a.fits", tmp_path)) == ["night/a.fits", "night/b.fits"]


def test_a_place_that_is_not_there_is_named_with_what_is(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nothing\.fits.*exists"):
        list(walk([tmp_path / "nothing.fits"]))
    with pytest.raises(NotFound, match="neither does"):
        list(walk([tmp_path / "no" / "nothing.fits"]))


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    _make(tmp_path, "a.fits", "night/b.fits")
    listing = walk([tmp_path])
    next(listing)
    (tmp_path / "night").rename(tmp_path.parent / "elsewhere")
    with pytest.raises(Unavailable, match="night cannot be listed"):
        next(listing)


def test_state_tells_a_changed_file_from_the_old_one(tmp_path: Path) -> None:
    _make(tmp_path, "a.fits")
    before = state_of((tmp_path / "a.fits").stat())
    os.utime(tmp_path / "a.fits", ns=(1, 1))
    assert state_of((tmp_path / "a.fits").stat()) != before
    (files,) = [part.files for part in walk([tmp_path])]
    assert files[str(tmp_path / "a.fits")] == state_of((tmp_path / "a.fits").stat())


def test_a_link_to_itself_is_no_file(tmp_path: Path) -> None:
    _make(tmp_path, "a.fits")
    (tmp_path / "loop.fits").symlink_to(tmp_path / "loop.fits")
    assert _listed(tmp_path, tmp_path) == ["a.fits"]


@pytest.mark.parametrize("place", ["site", "site/objects", "site/objects/objects/ab"])
def test_the_archive_is_not_taken_into_itself_when_it_is_named(tmp_path: Path, place: str) -> None:
    _make(tmp_path, "site/catalog.db", "site/objects/objects/ab/cd", "site/incoming/a.fits")
    assert _listed(tmp_path, tmp_path / "site" / "incoming", avoid=tmp_path / "site") == ["site/incoming/a.fits"]
    with pytest.raises(Refused, match="belongs to the archive itself"):
        _listed(tmp_path, tmp_path / place, avoid=tmp_path / "site")
