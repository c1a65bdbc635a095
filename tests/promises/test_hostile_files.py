"""Corrupted files: each is refused with a message a person can act on, memory stays bounded, the rest is stored."""

from __future__ import annotations

import contextlib
import gzip
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from archive_state import check_sound
from longwatch.archive import create_archive, open_archive
from longwatch.catalog.sources import quarantined
from longwatch.instruments.aca.simulate import many as aca_files
from longwatch.instruments.cos.simulate import simulate as cos_files

SEED = 7
BLOCK = 2880
LIMIT = 64 * 2**20
"""Most bytes a compressed file may unpack to in this test."""
MEMORY = 500 * 10**6

Damage = Callable[[bytes, random.Random], bytes]

PROGRAM = """
import sys
from longwatch.archive import open_archive
with open_archive(sys.argv[1]) as archive:
    report = archive.ingest(sys.argv[2])
print(report.seen, report.stored, report.unknown, report.quarantined, flush=True)
sys.stdin.read()
"""


def first_header(raw: bytes, keyword: bytes) -> int:
    """Where the first card with a keyword begins."""
    return next(i for i in range(0, len(raw), 80) if raw[i : i + 8] == keyword.ljust(8))


def card(raw: bytes, keyword: str, value: str, *, last: bool = False) -> bytes:
    """Another value on an existing card: the first one, or the last one in the file."""
    name = keyword.ljust(8).encode()
    places = [i for i in range(0, len(raw), 80) if raw[i : i + 9] == name + b"="]
    place = places[-1 if last else 0]
    return raw[:place] + f"{keyword:8}= {value:>20}".ljust(80).encode("latin-1")[:80] + raw[place + 80 :]


def cut_in_data(raw: bytes, rng: random.Random) -> bytes:
    return raw[: len(raw) - BLOCK - rng.randrange(1, BLOCK)]


def cut_in_header(raw: bytes, rng: random.Random) -> bytes:
    return raw[: rng.randrange(80, first_header(raw, b"END"))]


def flip_data_bit(raw: bytes, rng: random.Random) -> bytes:
    place = data_start(raw) + rng.randrange(8)
    return raw[:place] + bytes([raw[place] ^ 1 << rng.randrange(8)]) + raw[place + 1 :]


def data_start(raw: bytes) -> int:
    """Where the data of the first HDU that has some begin; raises `IndexError` where none has."""
    start = 0
    while raw[start : start + BLOCK]:
        stop = start + first_header(raw[start:], b"END")
        start = -(-(stop + 80) // BLOCK) * BLOCK
        if raw[start : start + 8] != b"XTENSION" and raw[start:]:
            return start
    raise IndexError


def without_end(raw: bytes, _rng: random.Random) -> bytes:
    place = first_header(raw, b"END")
    return raw[:place] + b" " * 80 + raw[place + 80 :]


def every_end_gone(raw: bytes, _rng: random.Random) -> bytes:
    return raw.replace(b"END".ljust(80), b"COMMENT".ljust(80))


def end_too_early(raw: bytes, _rng: random.Random) -> bytes:
    return raw[:160] + b"END".ljust(80) + raw[240:]


def noise_in_header(raw: bytes, rng: random.Random) -> bytes:
    return raw[:400] + rng.randbytes(1200) + raw[1600:]


def non_ascii(raw: bytes, rng: random.Random) -> bytes:
    place = 80 * rng.randrange(5, 12) + 1
    return raw[:place] + "é".encode("latin-1") + raw[place + 1 :]


def shifted(raw: bytes, rng: random.Random) -> bytes:
    return raw[:BLOCK] + rng.randbytes(rng.randrange(1, 79)) + raw[BLOCK:]


def followed(raw: bytes, rng: random.Random) -> bytes:
    return raw + rng.randbytes(rng.randrange(100, 5000))


def gz(raw: bytes) -> bytes:
    return gzip.compress(raw, 1, mtime=0)


def gz_cut(raw: bytes, rng: random.Random) -> bytes:
    packed = gz(raw)
    return packed[: rng.randrange(len(packed) // 4, len(packed) - 9)]


def gz_flipped(raw: bytes, rng: random.Random) -> bytes:
    packed = bytearray(gz(raw))
    packed[-8 + rng.randrange(4)] ^= 1 << rng.randrange(8)
    return bytes(packed)


def gz_followed(raw: bytes, rng: random.Random) -> bytes:
    return gz(raw) + b"x" + rng.randbytes(50)


def gz_bomb(raw: bytes, _rng: random.Random) -> bytes:
    return gz(raw[:BLOCK]) + gz(bytes(8 * LIMIT))


def gz_of_half(raw: bytes, rng: random.Random) -> bytes:
    return gz(cut_in_data(raw, rng))


PLAIN: dict[str, Damage] = {
    "cut_in_data": cut_in_data,
    "cut_in_header": cut_in_header,
    "without_end": without_end,
    "every_end_gone": every_end_gone,
    "end_too_early": end_too_early,
    "noise_in_header": noise_in_header,
    "non_ascii": non_ascii,
    "shifted": shifted,
    "followed": followed,
    "empty": lambda _raw, _rng: b"",
    "zeros": lambda raw, _rng: bytes(len(raw)),
    "naxis_absurd": lambda raw, _rng: card(raw, "NAXIS", "999999"),
    "naxis_negative": lambda raw, _rng: card(raw, "NAXIS", "-1"),
    "naxis_nan": lambda raw, _rng: card(raw, "NAXIS", "NaN"),
    "naxis_text": lambda raw, _rng: card(raw, "NAXIS", "'two'"),
    "naxis1_huge": lambda raw, _rng: card(raw, "NAXIS1", "99999999999999", last=True),
    "naxis1_negative": lambda raw, _rng: card(raw, "NAXIS1", "-5", last=True),
    "naxis1_nan": lambda raw, _rng: card(raw, "NAXIS1", "NaN", last=True),
    "naxis2_huge": lambda raw, _rng: card(raw, "NAXIS2", "2147483647", last=True),
    "bitpix_wrong": lambda raw, _rng: card(raw, "BITPIX", "17", last=True),
    "pcount_negative": lambda raw, _rng: card(raw, "PCOUNT", "-80", last=True),
    "pcount_huge": lambda raw, _rng: card(raw, "PCOUNT", "9" * 18, last=True),
    "gcount_wrong": lambda raw, _rng: card(raw, "GCOUNT", "99999", last=True),
}
PACKED: dict[str, Damage] = {
    "gz_cut": gz_cut,
    "gz_flipped": gz_flipped,
    "gz_followed": gz_followed,
    "gz_bomb": gz_bomb,
    "gz_of_half": gz_of_half,
}
SUMMED: dict[str, Damage] = {
    "flipped_bit": flip_data_bit,
    "datasum_wrong": lambda raw, _rng: card(raw, "DATASUM", "'1234567890'", last=True),
    "checksum_wrong": lambda raw, _rng: card(raw, "CHECKSUM", "'0123456789abcdef'", last=True),
}
"""Only for files that state sums, of kinds that hold to them."""


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Sound simulated files, uncompressed, one of each kind and by name; real ones too where they are present."""
    folder = tmp_path_factory.mktemp("bases")
    cos_files(folder / "cos", seed=SEED, small=True)
    aca_files(folder / "aca", 2, SEED)
    real = Path(os.environ.get("LONGWATCH_REAL_DATA", Path(__file__).parents[3] / "shared" / "data" / "real"))
    found = [*folder.rglob("*.fits*"), *real.rglob("*_*.fits.gz")]
    chosen: dict[tuple[str, str], Path] = {}
    for path in sorted(found):
        kind = re.sub(r"[0-9]+", "", path.name.split(".")[0].rpartition("_")[2])
        chosen.setdefault((str(path.is_relative_to(real)), kind), path)
    return {path.name.removesuffix(".gz"): opened(path) for path in chosen.values() if len(opened(path)) < LIMIT // 2}


def opened(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def variants(bases: dict[str, bytes], count: int) -> dict[str, bytes]:
    """So many damaged files by name, every damage about equally often."""
    rng = random.Random(SEED)
    summed = {name: raw for name, raw in bases.items() if b"DATASUM =" in raw and not re.search("L0|level0|aca", name)}
    pools = [(PLAIN, bases, ""), (PACKED, bases, ".gz"), (SUMMED, summed, "")]
    kinds = [(name, damage, pool, end) for damages, pool, end in pools if pool for name, damage in damages.items()]
    made: dict[str, bytes] = {}
    for number in range(count):
        name, damage, pool, end = kinds[number % len(kinds)]
        turn = number // len(kinds) + number
        for base in [*sorted(pool)[turn % len(pool) :], *sorted(pool)]:
            with contextlib.suppress(IndexError):  # a file without the card that is to be damaged
                made[f"v{number:03}_{name}_{base}{end}"] = damage(pool[base], rng)
                break
    assert len(made) == count
    return made


def peak_memory(session: int) -> dict[int, int]:
    """Give the highest memory each process of a session had [byte]."""
    peaks = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if os.getsid(int(status.parent.name)) == session:
                found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
                peaks[int(status.parent.name)] = int(found[1]) * 1024 if found else 0
        except (OSError, ProcessLookupError):
            continue
    return peaks


def ingest_watched(site: Path, incoming: Path) -> tuple[list[int], int]:
    """Ingest in a process of its own; give the report's numbers and the highest memory of any process [byte]."""
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(site), str(incoming)]
    said, peak = site.parent / "said", 0
    with (
        said.open("w") as file,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file, text=True, start_new_session=True) as process,
    ):
        while not said.read_text().endswith("\n") and process.poll() is None:
            peak = max(peak, *peak_memory(process.pid).values(), 0)
            time.sleep(0.05)
    assert process.returncode == 0
    return [int(word) for word in said.read_text().split()], peak


def check_refused(count: int, bases: dict[str, bytes], folder: Path) -> None:
    hostile = variants(bases, count)
    incoming = folder / "incoming"
    incoming.mkdir()
    for name, data in [*hostile.items(), *bases.items()]:
        (incoming / name).write_bytes(data)
    site = folder / "site"
    site.mkdir()
    (site / "longwatch.toml").write_text(f"workers = 2\ninflate_limit = {LIMIT}\n")
    create_archive(site).close()
    (seen, stored, unknown, refused), peak = ingest_watched(site, incoming)
    assert peak < MEMORY, f"{peak / 1e6:.0f} MB"
    with open_archive(site, read_only=True) as archive:
        check_sound(archive)
        with archive.catalog.read() as snapshot:
            reasons = {Path(q.path).name: q for q in quarantined(snapshot)}
        names = set(archive.products.find(versions=True)["name"])
    accepted = sorted(hostile.keys() - reasons.keys())
    assert not accepted, accepted
    assert names == set(bases)
    assert (seen, stored, unknown, refused) == (len(hostile) + len(bases), len(bases), 0, len(hostile))
    for name, entry in reasons.items():
        check_message(name, entry.slug, entry.reason)


def check_message(name: str, slug: str, reason: str) -> None:
    """It names the file, is no fault of ours, says a reason, and ends where a person can go on."""
    assert name in reason or name.removesuffix(".gz") in reason, (name, reason)
    assert slug != "bug", (name, reason)
    assert len(reason) > len(name) + 20, reason
    assert NEXT_STEP.search(reason), (name, reason)


NEXT_STEP = re.compile(
    r"\b(fetch|ask|ingest|retry|raise|write|correct|compare|check|report|look|read|bring|use|name|mend|add|split)\b",
    re.IGNORECASE,
)


def test_damaged_files_are_refused_one_by_one(bases: dict[str, bytes], tmp_path: Path) -> None:
    check_refused(40, bases, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_two_hundred_damaged_files_are_refused(bases: dict[str, bytes], tmp_path: Path) -> None:
    check_refused(200, bases, tmp_path)
