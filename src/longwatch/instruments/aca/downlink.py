"""The camera's downlink: telemetry frames to packets, packets to the images and bytes of the slots.

Owns the layout of frames and packets. Must not know files or series. See spec/aca-dark-hdr3-l0.md 2.6.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.instruments.aca import columns as c

Bytes = NDArray[np.uint8]
Rows = dict[str, np.ndarray]

FRAME_BYTES: Final = 1025
COUNTER: Final = 2**24
"""Where the counter of frames starts anew."""

_PARTS: Final = ((18, 14), (274, 14), (530, 14), (780, 14))
_PER_PACKET: Final = 4
_LONGEST_RESTART: Final = COUNTER - 14400
_PACKET_S: Final = 1.025
_INTEG_STEP_S: Final = 0.016
_SLOT_BYTES: Final = 27
_SIZES: Final = {0: 4, 1: 6, 4: 8}
_PIXTLM: Final = np.array(["ORIG", "DYNB", "DIFF", "ERR3"])
_BGDTYP: Final = np.array(["FLAT", "DYNB"])
_RING: Final = (
    *((1, col) for col in range(2, 6)),
    *((row, 6) for row in range(2, 6)),
    *((6, col) for col in range(5, 1, -1)),
    *((row, 1) for row in range(5, 1, -1)),
)


def counters(frames: Bytes) -> NDArray[np.int64]:
    """Give the frame counter of each frame, (n, 1025) bytes."""
    return frames[:, 2].astype(np.int64) << 16 | frames[:, 3].astype(np.int64) << 8 | frames[:, 4]


def whole_groups(counter: NDArray[np.int64]) -> NDArray[np.intp]:
    """Give where complete groups of four frames begin: 4k, 4k+1, 4k+2, 4k+3 in this order, each once.

    Parameters
    ----------
    counter
        (n,) frame counters as they came.

    Returns
    -------
    np.ndarray
        Indices of the first frame of each group; a group that repeats or steps back is left out.
    """
    if len(counter) < _PER_PACKET:
        return np.zeros(0, np.intp)
    runs = np.ones(len(counter) - _PER_PACKET + 1, bool)
    for step in range(1, _PER_PACKET):
        runs &= counter[step : step + len(runs)] == counter[: len(runs)] + step
    starts = np.flatnonzero(runs & (counter[: len(runs)] % _PER_PACKET == 0))
    kept, last = [], -1
    for start in starts:
        if counter[start] > last or counter[start] - last <= -_LONGEST_RESTART:
            kept.append(start)
            last = counter[start]
    return np.array(kept, np.intp)


def packets(frames: Bytes, starts: NDArray[np.intp]) -> Bytes:
    """Give packets of the camera, (m, 224) bytes, from groups of frames (n, 1025) that begin at `starts`."""
    each = np.concatenate([frames[:, first : first + size] for first, size in _PARTS], axis=1)
    return np.asarray(each[starts[:, None] + np.arange(_PER_PACKET)].reshape(len(starts), -1))


def slot_rows(slot: int, data: Bytes, counter: NDArray[np.int64], time: NDArray[np.float64]) -> list[Rows]:
    """Give the images of a slot, size by size.

    Parameters
    ----------
    slot
        Image slot.
    data
        (m, 224) packets in order.
    counter
        (m,) frame counter of each packet.
    time
        (m,) time of each packet [Chandra seconds].

    Returns
    -------
    list of dict
        For each image size that occurs, all columns of a level-0 file by name in lower case, `imgraw`
        (n, size, size) [DN] among them. Images whose packets are not all there are left out.
    """
    types = _image_types(data)[:, slot]
    return [
        _rows(slot, size, data[index], counter[index[:, 0]], time[index[:, 0]])
        for kind, size in _SIZES.items()
        if len(index := _complete(kind, types, counter))
    ]


def _image_types(data: Bytes) -> NDArray[np.int64]:
    word = data[:, 5].astype(np.int64) << 16 | data[:, 6].astype(np.int64) << 8 | data[:, 7]
    return word[:, None] >> (21 - 3 * np.arange(c.SLOTS)) & 7


def _complete(kind: int, types: NDArray[np.int64], counter: NDArray[np.int64]) -> NDArray[np.intp]:
    """Give the packets of each complete image, (n, parts)."""
    parts = {0: 1, 1: 2, 4: 4}[kind]
    n = len(types) - parts + 1
    good = np.ones(max(n, 0), bool)
    for part in range(parts if n > 0 else 0):
        good &= types[part : part + n] == kind + part
        good &= (counter[part : part + n] - counter[:n]) % COUNTER == _PER_PACKET * part
    return np.flatnonzero(good)[:, None] + np.arange(parts)


def _rows(slot: int, size: int, data: Bytes, counter: NDArray[np.int64], time: NDArray[np.float64]) -> Rows:
    """Give the rows of complete images; data is (n, parts, 224)."""
    first = data[:, 0]
    start = 8 + _SLOT_BYTES * slot
    heads = data[:, :, start : start + 7]
    integ = ((first[:, 0].astype(np.int64) & 3) << 8 | first[:, 1]) * _INTEG_STEP_S
    end = time - _PACKET_S
    rows = {
        "time": end - integ / 2,
        "end_integ_time": end,
        "integ": integ,
        "quality": np.zeros(len(time), np.int32),
        "mjf": counter >> 7,
        "mnf": counter & 127,
        "glbstat": first[:, 2],
        "commcnt": first[:, 3],
        "commprog": first[:, 4],
        "pixtlm": _PIXTLM[first[:, 0] >> 6],
        "bgdtyp": _BGDTYP[first[:, 0] >> 5 & 1],
        **_header_1(heads[:, 0]),
        **{name: values for part in range(heads.shape[1]) for name, values in _identity(part, heads[:, part]).items()},
    }
    if size > 4:
        rows |= _header_2(heads[:, 1])
    if size == c.FULL:
        rows |= dict(zip(c.HEADER_3, np.moveaxis(heads[:, 2:, 1:].reshape(len(time), -1), 1, 0), strict=True))
    counts = _counts(data[:, :, start + 7 : start + _SLOT_BYTES])
    rows["imgraw"] = _image(size, counts * (rows["imgscale"] / 32)[:, None, None] - 50)
    return rows


def _identity(part: int, head: Bytes) -> Rows:
    flags = head[:, 0]
    return {f"imgfid{part + 1}": flags >> 7, f"imgnum{part + 1}": flags >> 4 & 7, f"imgfunc{part + 1}": flags >> 2 & 3}


def _header_1(head: Bytes) -> Rows:
    word = np.zeros(len(head), np.int64)
    for byte in head.T:
        word = word << 8 | byte
    return {
        "imgstat": word >> 44 & 63,
        "imgrow0": _signed(word >> 34 & 1023),
        "imgcol0": _signed(word >> 24 & 1023),
        "imgscale": word >> 10 & 16383,
        "bgdavg": word & 1023,
    }


def _signed(value: NDArray[np.int64]) -> NDArray[np.int64]:
    return value - 1024 * (value >= 512)


def _header_2(head: Bytes) -> Rows:
    celsius = head[:, 2:6].view(np.int8) * 0.4 + c.KELVIN
    names = ("tempccd", "temphous", "tempprim", "tempsec")
    return {
        "bgdrms": (head[:, 0].astype(np.int64) & 3) << 8 | head[:, 1],
        **dict(zip(names, celsius.T, strict=True)),
        "bgdstat": head[:, 6],
    }


def _counts(data: Bytes) -> NDArray[np.int64]:
    """Give (n, parts, 16) ten-bit numbers from (n, parts, 20) bytes."""
    wide = data.reshape(*data.shape[:2], 4, 5).astype(np.int64)
    word = sum(wide[..., byte] << (32 - 8 * byte) for byte in range(5))
    tens = np.asarray(word)[..., None] >> np.array([30, 20, 10, 0]) & 1023
    return np.asarray(tens.reshape(*data.shape[:2], 16))


def _image(size: int, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give (n, size, size) images from (n, parts, 16) pixels; the corners of 6x6 are 0."""
    if size == 4:
        return pixels.reshape(-1, 4, 4)
    if size == c.FULL:
        return pixels.reshape(-1, c.FULL, c.FULL)
    image = np.zeros((len(pixels), 6, 6))
    image[:, 1:5, 1:5] = pixels[:, 0].reshape(-1, 4, 4)
    row, col = np.array(_RING).T - 1
    image[:, row, col] = pixels[:, 1]
    return image
