"""The contract of object stores, on buckets in memory and on S3; and what only buckets can do wrong."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from longwatch.contracts.objectstore import ObjectStore
from longwatch.errors import BadConfig, NotFound, Refused, Unavailable
from longwatch.objects.bucket import BucketStore
from longwatch.testing.object_store import ABSENT, DATA, ObjectStoreTests


def key_of(store: ObjectStore, oid: str) -> str:
    return f"{store.location}/objects/{oid[:2]}/{oid[2:]}"


class TestMemory(ObjectStoreTests):
    @pytest.fixture
    def store(self) -> Iterator[ObjectStore]:
        url = f"memory://{secrets.token_hex(4)}"
        yield BucketStore(url)
        files = fsspec.filesystem("memory")
        if files.exists(url):
            files.rm(url, recursive=True)

    def spoil(self, store: ObjectStore, oid: str, data: bytes) -> None:
        fsspec.filesystem("memory").pipe_file(key_of(store, oid), data)

    def age(self, store: ObjectStore, oid: str, seconds: float) -> None:
        files = fsspec.filesystem("memory")
        kept = files.store[files._strip_protocol(key_of(store, oid))]
        kept.created = kept.modified = datetime.now(tz=UTC) - timedelta(seconds=seconds)


@pytest.mark.contract
class TestS3(ObjectStoreTests):
    @pytest.fixture
    def store(self, s3_url: str, s3_options: dict[str, object]) -> ObjectStore:
        return BucketStore(s3_url, s3_options)

    def spoil(self, store: ObjectStore, oid: str, data: bytes) -> None:
        assert isinstance(store, BucketStore)
        fsspec.filesystem("s3", **store._options).pipe_file(key_of(store, oid), data)

    def age(self, store: ObjectStore, oid: str, seconds: float) -> None:
        """The server runs in this process, so its clock marks can be reached; S3 itself gives no way."""
        from moto.s3.models import s3_backends

        bucket, _, name = key_of(store, oid).removeprefix("s3://").partition("/")
        (kept,) = s3_backends["123456789012"]["aws"].buckets[bucket].keys.getlist(name)
        kept.last_modified = kept.last_modified - timedelta(seconds=seconds)

    def test_a_bucket_that_is_not_there_is_said_to_be_missing(self, s3_options: dict[str, object]) -> None:
        with pytest.raises(Unavailable, match="no such bucket"):
            BucketStore("s3://never-created/site", s3_options).put(DATA)

    def test_a_server_that_does_not_answer_is_unavailable(self, s3_options: dict[str, object]) -> None:
        hasty = {**s3_options, "endpoint_url": "http://127.0.0.1:9", "config_kwargs": {"retries": {"max_attempts": 0}}}
        with pytest.raises(Unavailable, match="reachable"):
            BucketStore("s3://bucket/site", hasty).get(ABSENT)


def test_anonymous_users_only_read() -> None:
    assert not BucketStore("s3://public/site", {"anon": True}).writable


def test_an_unknown_protocol_is_a_bad_configuration() -> None:
    with pytest.raises(BadConfig, match="Check the URL"):
        BucketStore("nosuch://bucket").exists(ABSENT)


def test_foreign_refusals_are_ours() -> None:
    class Locked(MemoryFileSystem):
        protocol = "locked"

        def pipe_file(self, path: str, value: bytes, mode: str = "overwrite") -> None:
            raise PermissionError(13, "Access Denied")

    fsspec.register_implementation("locked", Locked, clobber=True)
    store = BucketStore("locked://bucket/site")
    with pytest.raises(Refused, match="may not"):
        store.put(DATA)
    with pytest.raises(NotFound):
        store.get(ABSENT)
