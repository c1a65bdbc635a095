"""The contract of an object store as tests: subclass `ObjectStoreTests`, give a `store`, and run it.

Owns what every store must do. Must not know any store; the two hooks go behind the back of the one under test.
"""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import TypeVar, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longwatch.contracts.objectstore import ObjectStore
from longwatch.errors import BadQuery, NotFound

ABSENT = hashlib.sha256(b"never stored").hexdigest()
DATA = bytes(range(256)) * 40
DAY_S = 86_400.0

T = TypeVar("T")


def travel(value: T) -> T:
    """Send a value through what carries values to worker processes."""
    return cast("T", ForkingPickler.loads(ForkingPickler.dumps(value)))


class ObjectStoreTests:
    """What every object store must do.

    A subclass overrides the fixture `store` with one that gives an empty, writable store, and the hook `spoil`; where
    the age of an object can be set from outside, the hook `age` as well.
    """

    @pytest.fixture
    def store(self) -> ObjectStore:
        """Give an empty, writable store."""
        raise NotImplementedError

    def spoil(self, store: ObjectStore, oid: str, data: bytes) -> None:
        """Put other bytes under the name of an object, behind the back of the store."""
        raise NotImplementedError

    def age(self, store: ObjectStore, oid: str, seconds: float) -> None:
        """Make an object look as if it was last touched so long ago, behind the back of the store."""
        pytest.skip(f"{store.location}: object {oid} cannot be made {seconds} s old from outside")

    def test_name_is_the_sha256_of_the_bytes(self, store: ObjectStore) -> None:
        """An object is named by what it holds, so nobody has to be asked for a name."""
        assert store.put(DATA) == hashlib.sha256(DATA).hexdigest()

    @pytest.mark.parametrize("data", [b"", b"\0", DATA, memoryview(DATA)[3:700]], ids=["none", "one", "many", "view"])
    def test_gives_back_what_was_put(self, store: ObjectStore, data: bytes | memoryview) -> None:
        """What goes in comes out, down to no bytes at all."""
        oid = store.put(data)
        assert store.get(oid) == bytes(data)
        assert store.size(oid) == len(data)
        assert store.exists(oid)

    def test_puts_files_as_it_puts_bytes(self, store: ObjectStore, tmp_path: Path) -> None:
        """A file and its bytes are the same object."""
        large = DATA * 300
        path = tmp_path / "file"
        path.write_bytes(large)
        oid = store.put_file(path)
        assert oid == hashlib.sha256(large).hexdigest()
        assert store.get(oid) == large
        assert store.put(large) == oid

    def test_a_missing_file_is_not_found(self, store: ObjectStore, tmp_path: Path) -> None:
        """A file that is not there is the caller's mistake, said as such."""
        with pytest.raises(NotFound, match="no such file"):
            store.put_file(tmp_path / "absent")

    def test_the_same_bytes_are_one_object(self, store: ObjectStore) -> None:
        """Putting twice stores once."""
        assert store.put(DATA) == store.put(DATA)
        assert len(list(store.listing())) == 1

    def test_a_batch_settles_together(self, store: ObjectStore) -> None:
        """Workers stage, the writer settles, and staged values travel between them."""
        items = [DATA, b"", b"one", b"two", DATA]
        staged = [store.stage(item) for item in items]
        oids = store.settle(travel(staged))
        assert [store.get(oid) for oid in oids] == items
        assert oids == [one.oid for one in staged]
        assert [one.size for one in staged] == [len(item) for item in items]

    def test_settling_again_or_nothing_is_harmless(self, store: ObjectStore) -> None:
        """A commit that failed half way may be tried again."""
        staged = [store.stage(DATA)]
        assert store.settle(staged) == store.settle(staged)
        assert store.settle([]) == []

    def test_staged_files_settle_too(self, store: ObjectStore, tmp_path: Path) -> None:
        """Files are staged as bytes are."""
        path = tmp_path / "file"
        path.write_bytes(DATA)
        assert store.get(store.settle([store.stage_file(path)])[0]) == DATA

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )
    @given(data=st.binary(max_size=600), ends=st.tuples(st.integers(-3, 640), st.integers(-3, 640)))
    def test_a_range_is_a_slice_or_refused(self, store: ObjectStore, data: bytes, ends: tuple[int, int]) -> None:
        """A range read is a slice, on the first touch and on every later one; beyond the end is an error."""
        start, stop = ends
        oid = store.put(data)
        if 0 <= start <= stop <= len(data):
            assert [store.read(oid, start, stop - start) for _ in range(3)] == [data[start:stop]] * 3
        else:
            with pytest.raises(BadQuery, match=f"{len(data)} bytes"):
                store.read(oid, start, stop - start)

    def test_views_are_read_only_and_whole(self, store: ObjectStore) -> None:
        """A local store maps, another says None; nobody can write through a map."""
        oid = store.put(DATA)
        view = store.view(oid)
        assert (view is not None) == store.local
        if view is not None:
            assert view.readonly
            assert view == DATA

    def test_views_outlive_the_object(self, store: ObjectStore) -> None:
        """An array made over a view stays good when its object is removed."""
        oid = store.put(DATA)
        view = store.view(oid)
        assert store.remove(oid, older_than_s=0)
        assert view is None or view == DATA

    def test_what_is_absent_is_not_found(self, store: ObjectStore) -> None:
        """An absent object is named in the error."""
        store.put(DATA)
        assert not store.exists(ABSENT)
        for ask in (store.get, store.size, store.verify, lambda oid: store.read(oid, 0, 1)):
            with pytest.raises(NotFound, match=ABSENT):
                ask(ABSENT)

    def test_an_empty_store_lists_nothing_and_has_nothing(self, store: ObjectStore) -> None:
        """A store nobody wrote to answers, without being made first."""
        assert list(store.listing()) == []
        assert not store.exists(ABSENT)
        assert not store.remove(ABSENT, older_than_s=0)
        assert store.leftovers(older_than_s=0) == 0
        assert store.sweep_staging(older_than_s=0) == 0

    @pytest.mark.parametrize("name", ["", "../../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 33, "ab" * 32 + "\n"])
    def test_what_is_no_name_is_refused(self, store: ObjectStore, name: str) -> None:
        """No name leads out of the store."""
        for ask in (store.get, store.size, store.exists, store.view, lambda oid: store.remove(oid, older_than_s=0)):
            with pytest.raises(BadQuery, match="SHA-256"):
                ask(name)

    def test_listing_names_every_object(self, store: ObjectStore) -> None:
        """A listing gives every object, its size and when it was last touched."""
        before = time.time()
        sizes = {store.put(DATA[:n]): n for n in (0, 5, 700)}
        found = {info.oid: info for info in store.listing()}
        assert {oid: info.size for oid, info in found.items()} == sizes
        assert all(abs(info.mtime - before) < 60 for info in found.values())

    def test_verify_tells_damage(self, store: ObjectStore) -> None:
        """Bytes that changed behind our back no longer have their name."""
        oid = store.put(DATA)
        assert store.verify(oid)
        self.spoil(store, oid, DATA[:-1] + b"?")
        assert not store.verify(oid)

    def test_a_cut_object_is_healed_by_putting_it_again(self, store: ObjectStore) -> None:
        """An object of the wrong length is not reused but replaced."""
        oid = store.put(DATA)
        self.spoil(store, oid, DATA[:-1])
        assert store.put(DATA) == oid
        assert store.verify(oid)

    def test_young_objects_are_not_removed(self, store: ObjectStore) -> None:
        """An object that a writer may be about to name is safe."""
        oid = store.put(DATA)
        assert not store.remove(oid, older_than_s=DAY_S)
        assert store.get(oid) == DATA

    def test_old_objects_are_removed(self, store: ObjectStore) -> None:
        """An object nobody touched for long may go, once."""
        oid = store.put(DATA)
        self.age(store, oid, 2 * DAY_S)
        assert store.remove(oid, older_than_s=DAY_S)
        assert not store.exists(oid)
        assert not store.remove(oid, older_than_s=DAY_S)

    @pytest.mark.parametrize("again", ["put", "stage"])
    def test_using_an_old_object_again_makes_it_young(self, store: ObjectStore, again: str) -> None:
        """Reuse protects an object from being removed under the writer that reuses it."""
        oid = store.put(DATA)
        self.age(store, oid, 2 * DAY_S)
        store.put(DATA) if again == "put" else store.stage(DATA)
        assert not store.remove(oid, older_than_s=DAY_S)

    def test_a_store_travels_to_workers(self, store: ObjectStore) -> None:
        """A store can be sent to another process, and what it stages there can be settled here."""
        oid = store.put(DATA)
        copy = travel(store)
        assert copy.get(oid) == DATA
        assert copy.settle([store.stage(b"staged here, settled there")]) == [store.put(b"staged here, settled there")]
        assert copy.location == store.location

    def test_many_threads_put_and_read_at_once(self, store: ObjectStore) -> None:
        """One store serves many threads."""
        items = [DATA[:n] for n in (0, 1, 50, 999)] * 5
        with ThreadPoolExecutor(4) as pool:
            oids = list(pool.map(store.put, items))
            assert list(pool.map(store.get, oids)) == items
        assert len(list(store.listing())) == 4

    def test_says_where_it_is_and_that_it_may_be_written(self, store: ObjectStore) -> None:
        """A store says where it is and whether it may be written."""
        assert "://" in store.location
        assert store.writable
