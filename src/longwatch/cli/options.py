"""Arguments that many commands take, each declared once.

Owns their names and help. Must not know what commands do with them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from longwatch.errors import BadQuery

TAKE_IN, ASK, WATCH, KEEP = "Begin and take in", "Ask", "Watch", "Keep"
"""Sections of the help, in order."""

ArchiveOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--archive",
        "-A",
        metavar="FOLDER",
        help="The archive. Without it: $LONGWATCH_ARCHIVE, else the folder you stand in.",
    ),
]
AsOfOption: TypeAlias = Annotated[
    str | None, typer.Option("--as-of", metavar="TIME", help="Answer as the archive would have answered then.")
]
StartOption: TypeAlias = Annotated[
    str | None, typer.Option("--start", metavar="TIME", help="From this time on: ISO, YYYY:DDD, or -30d.")
]
StopOption: TypeAlias = Annotated[str | None, typer.Option("--stop", metavar="TIME", help="Up to, without, this time.")]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Write JSON.")]
CsvOption: TypeAlias = Annotated[bool, typer.Option("--csv", help="Write CSV.")]
EcsvOption: TypeAlias = Annotated[bool, typer.Option("--ecsv", help="Write ECSV: CSV with units and descriptions.")]
VersionOption: TypeAlias = Annotated[
    str | None, typer.Option("--version", metavar="VERSION", help="A version, or the first digits of its SHA-256.")
]
LimitOption: TypeAlias = Annotated[
    int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="At most so many rows.")
]
ProductArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="KIND/KEY", help="The product, as `find` shows it; KEY alone where it is unique.")
]
OutOption: TypeAlias = Annotated[Path | None, typer.Option("--output", "-o", metavar="PATH", help="Where to write it.")]
WhereOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--where", "-w", metavar="NAME=VALUE", help="Only where NAME has this value; can be repeated."),
]


def example(*lines: str, then: str = "") -> str:
    """Give the examples at the end of a command's help, and what follows them, kept line by line."""
    title = "Example:" if len(lines) == 1 else "Examples:"
    return "\b\n" + "\n".join([title, *(f"  $ {line}" for line in lines)]) + (f"\n\n\b\n{then}" if then else "")


def product_of(text: str) -> tuple[str, str]:
    """Part `KIND/KEY` into kind and key; the kind is empty where only a key is given."""
    kind, slash, key = text.partition("/")
    return (kind, key) if slash else ("", text)


def conditions(texts: Sequence[str] | None, *, taken: Collection[str] = ()) -> dict[str, str | int | float | bool]:
    """Read `NAME=VALUE` texts; a value is a number where it looks like one, and T or F a flag.

    Raises
    ------
    BadQuery
        Raised if there is no `=`, or the name is taken by the command itself.
    """
    return {name: value_of(text) for name, text in _pairs(texts, taken)}


def ranged_conditions(
    texts: Sequence[str] | None, *, taken: Collection[str] = ()
) -> dict[str, str | int | float | bool | tuple[float | None, float | None]]:
    """Read `NAME=VALUE` and `NAME=LOW..HIGH` texts, where a side of a range may be left open.

    Raises
    ------
    BadQuery
        Raised if there is no `=`, or a range is not of numbers.
    """
    return {name: _range(text) if ".." in text else value_of(text) for name, text in _pairs(texts, taken)}


def value_of(text: str) -> str | int | float | bool:
    """Give text as the number or flag it looks like; in quotes it stays text."""
    if text in {"T", "F"}:
        return text == "T"
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _pairs(texts: Sequence[str] | None, taken: Collection[str]) -> list[tuple[str, str]]:
    pairs = []
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise BadQuery(f"--where {text!r} names no value. Write it as NAME=VALUE, such as detector=FUV.")
        if name.lower() in taken:
            raise BadQuery(f"--where {text!r}: {name} is a word of the command itself. Use its own option, see --help.")
        pairs.append((name, value))
    return pairs


def _range(text: str) -> tuple[float | None, float | None]:
    low, _, high = text.partition("..")
    try:
        return (float(low) if low else None, float(high) if high else None)
    except ValueError as error:
        raise BadQuery(f"{text!r} is no range of numbers. Write LOW..HIGH, such as 1..5 or ..5.") from error
