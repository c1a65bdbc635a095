"""Frames to packets: which groups are whole, which images are complete. Truth: spec/aca-dark-hdr3-l0.md 6.3."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.instruments.aca import downlink


def kept(counter: list[int]) -> list[int]:
    values = np.array(counter)
    starts = downlink.whole_groups(values)
    return [int(n) for start in starts for n in values[start : start + 4]]


@pytest.mark.parametrize(
    ("counter", "expected"),
    [
        ([*range(1, 10)], [4, 5, 6, 7]),
        ([0, *range(2, 10)], [4, 5, 6, 7]),
        ([0, 1, 2, 3, 5, 6, 7], [0, 1, 2, 3]),
        ([4, 5, 6, 6, 7, 8, 9, 10, 11], [8, 9, 10, 11]),
        ([*range(16777204, 16777216), *range(8)], [*range(16777204, 16777216), *range(8)]),
        ([*range(16777212, 16777216), *range(14396, 14400)], [*range(16777212, 16777216), *range(14396, 14400)]),
        ([8, 9, 10, 11, 4, 5, 6, 7], [8, 9, 10, 11]),
        ([0, 1], []),
    ],
)
def test_only_whole_groups_in_order_are_kept(counter: list[int], expected: list[int]) -> None:
    assert kept(counter) == expected


def packet(kind: int, rng: np.random.Generator) -> np.ndarray:
    data = rng.integers(0, 256, 224, dtype=np.uint8)
    word = sum(kind << (21 - 3 * slot) for slot in range(8))
    data[5:8] = [word >> 16, word >> 8 & 255, word & 255]
    data[8:224:27] &= 0x7F
    return data


def images(kinds: list[int], counter: list[int]) -> list[tuple[int, int]]:
    rng = np.random.default_rng(1)
    data = np.stack([packet(kind, rng) for kind in kinds])
    time = 1.025 * np.arange(len(kinds))
    return [
        (rows["imgraw"].shape[1], len(rows["time"])) for rows in downlink.slot_rows(0, data, np.array(counter), time)
    ]


def test_images_need_all_their_packets_in_a_row() -> None:
    assert images([4, 5, 6, 7], [120, 124, 128, 132]) == [(8, 1)]
    assert images([6, 7, 4, 5, 6, 7], [0, 4, 8, 12, 16, 20]) == [(8, 1)]
    assert images([4, 5, 6, 7], [0, 4, 12, 16]) == []
    assert images([0, 1, 2, 0], [0, 4, 8, 12]) == [(4, 2), (6, 1)]
    assert images([3, 3], [0, 4]) == []


def test_an_image_may_span_the_restart_of_the_counter() -> None:
    top = 131071 * 128
    assert images([4, 5, 6, 7], [top + 120, top + 124, 0, 4]) == [(8, 1)]


def test_ring_of_a_six_by_six() -> None:
    rng = np.random.default_rng(1)
    data = np.stack([packet(1, rng), packet(2, rng)])
    data[0, 8 + 4 : 8 + 6] = [1, 0]
    ring = np.arange(16)
    bits = "".join(f"{value:010b}" for value in ring)
    data[1, 15:35] = [int(bits[i : i + 8], 2) for i in range(0, 160, 8)]
    (rows,) = downlink.slot_rows(0, data, np.array([0, 4]), np.array([0.0, 1.025]))
    counts = np.rint((rows["imgraw"][0] + 50) * 32 / rows["imgscale"][0])
    assert counts[0, 1:5].tolist() == [0, 1, 2, 3]
    assert counts[1:5, 5].tolist() == [4, 5, 6, 7]
    assert counts[5, 4:0:-1].tolist() == [8, 9, 10, 11]
    assert counts[4:0:-1, 0].tolist() == [12, 13, 14, 15]
    assert rows["imgraw"][0][[0, 0, 5, 5], [0, 5, 0, 5]].tolist() == [0, 0, 0, 0]
