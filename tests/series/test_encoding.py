"""What gains by compression is compressed, and nothing else."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from longwatch.series.encoding import encode
from longwatch.series.layout import Layout

N = 4_000
RNG = np.random.default_rng(1)
NOISE = RNG.normal(size=(N, 8)).astype("f4")


def codec_of(values: pa.Array) -> str:
    """Tell how a column beside a time is compressed."""
    table = pa.table({"time": np.arange(len(values), dtype="f8"), "value": values})
    data = encode(Layout(schema=table.schema, order=["time"], time="time", pieces=[table], group=N))
    kept = pq.read_metadata(io.BytesIO(data)).row_group(0)
    assert kept.column(0).compression == "UNCOMPRESSED"
    assert pq.read_table(io.BytesIO(data)).equals(table)
    return str(kept.column(1).compression)


def arrays(flat: pa.Array) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(flat, 8)


@pytest.mark.parametrize(
    ("values", "codec"),
    [
        (pa.array(NOISE[:, 0]), "UNCOMPRESSED"),
        (pa.array(np.repeat(NOISE[::8, 0], 8)), "LZ4"),
        (pa.array(np.repeat(NOISE[::5, 0], 5)), "LZ4"),
        (pa.array(RNG.integers(0, 200, N).astype("u1")), "LZ4"),
        (pa.array(NOISE[:, 0], mask=np.arange(N) == 7), "LZ4"),
        (pa.array(NOISE[:100, 0]), "LZ4"),
        (arrays(pa.array(NOISE.ravel())), "UNCOMPRESSED"),
        (arrays(pa.array(NOISE.ravel(), mask=np.arange(8 * N) % 8 > 3)), "UNCOMPRESSED"),
        (arrays(pa.array(np.round(50 * NOISE.ravel()))), "UNCOMPRESSED"),
        (arrays(pa.array(np.repeat(NOISE.ravel()[::5], 5))), "UNCOMPRESSED"),
        (arrays(pa.array((NOISE.ravel() > 2.5).astype("f4"))), "LZ4"),
        (arrays(pa.array(NOISE.ravel(), mask=np.ones(8 * N, bool))), "LZ4"),
    ],
    ids=[
        "noise",
        "steps",
        "short steps",
        "bytes",
        "gaps",
        "short",
        "images",
        "gappy images",
        "counts",
        "short steps of images",
        "flags",
        "no images",
    ],
)
def test_what_gains_is_compressed(values: pa.Array, codec: str) -> None:
    assert codec_of(values) == codec
