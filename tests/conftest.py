"""What every test may ask for."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import fsspec
import pytest
from hypothesis import settings

from longwatch import plugins

pytest_plugins = ["servers"]

collect_ignore = ["example_instrument"]
"""A project of its own: `.ci/run` installs it and runs its tests."""

ROOT = Path(__file__).parents[1]

settings.register_profile("loaded", deadline=None)
settings.load_profile("loaded")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real observatory files; skips where it is absent."""
    folder = Path(os.environ.get("LONGWATCH_REAL_DATA", ROOT.parent / "shared" / "data" / "real"))
    if not folder.is_dir():
        pytest.skip(f"no real files at {folder}; set LONGWATCH_REAL_DATA")
    return folder


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give the folder of simulated files of an instrument in the box, made once."""

    @cache
    def simulate(name: str) -> Path:
        folder = tmp_path_factory.mktemp(f"simulated-{name}")
        (where,) = [one.simulate for one in plugins.load().instruments if one.name == name]
        module, function = where.split(":")
        getattr(import_module(module), function)(folder, seed=7, small=True)
        return folder

    return simulate


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The URL of an S3 server on the loopback, for the whole session."""
    moto = pytest.importorskip(
        "moto.server", reason="moto is not installed; install it with: pip install 'moto[server]'"
    )
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_options(s3_server: str) -> dict[str, object]:
    """fsspec storage options of the S3 server."""
    return {
        "key": "test",
        "secret": "test",
        "endpoint_url": s3_server,
        "client_kwargs": {"region_name": "us-east-1"},
    }


@pytest.fixture
def s3_url(s3_options: dict[str, object]) -> str:
    """The URL of an empty place in a fresh bucket."""
    bucket = f"longwatch-{secrets.token_hex(6)}"
    fsspec.filesystem("s3", **s3_options).call_s3("create_bucket", Bucket=bucket)
    return f"s3://{bucket}/site"
