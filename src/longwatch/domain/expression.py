"""Expressions over the channels of one series, such as `ccd_temp > -10 and state == 'ON'`: read, checked, evaluated.

Owns the small language and its rule for missing values. Must not know where channels come from.

The text is parsed by `ast` and walked node by node; nothing of it is ever run as Python.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, NamedTuple, NoReturn, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longwatch.errors import BadQuery

Channels: TypeAlias = Mapping[str, NDArray[np.generic]]
"""Arrays of equal length by name; masked where elements are missing."""

LONGEST: Final = 2_000
"""Longest text that is read [characters]."""

DEEPEST: Final = 100
"""How many parts may lie in each other, a sum of so many terms among them."""

_BIGGEST: Final = 2**53
_WIDEST: Final = 2**63


def _exact(function: np.ufunc) -> Callable[..., ArrayLike]:
    """Give a function that takes whole numbers as such where every result fits in 64 bits, else as floats."""

    def reckoned(*given: ArrayLike) -> ArrayLike:
        sides = [np.asarray(side) for side in given]
        whole = all(side.dtype.kind == "i" and side.size for side in sides)
        found: ArrayLike = function(*(given if not whole or _fits(function, sides) else map(np.float64, sides)))
        return found

    return reckoned


def _fits(function: np.ufunc, sides: Sequence[NDArray[np.generic]]) -> bool:
    """Give whether sums, differences or products of whole numbers surely fit in 64 bits: those of the extremes do."""
    ends = np.ix_(*(np.array([int(side.min()), int(side.max())], dtype=object) for side in sides))
    return all(abs(end) < _WIDEST for end in function(*ends).ravel())


def _bit(word: ArrayLike, number: ArrayLike) -> ArrayLike:
    """Give whether a bit of a word is set; what is no whole number of 64 bits, such as NaN, has none."""
    words, numbers = np.asarray(word), np.asarray(number)
    known = (numbers >= 0) & (numbers < 64) & ((words.dtype.kind != "f") | (np.abs(words) < _WIDEST))
    found: ArrayLike = known & (words.astype(np.int64) >> np.clip(numbers.astype(np.int64), 0, 63) & 1 == 1)
    return found


FUNCTIONS: Final[Mapping[str, tuple[int, Callable[..., ArrayLike]]]] = {
    "abs": (1, _exact(np.abs)),
    "sqrt": (1, np.sqrt),
    "exp": (1, np.exp),
    "log": (1, np.log),
    "log10": (1, np.log10),
    "sin": (1, np.sin),
    "cos": (1, np.cos),
    "floor": (1, np.floor),
    "isnan": (1, np.isnan),
    "min": (2, np.minimum),
    "max": (2, np.maximum),
    "bit": (2, _bit),
}
"""Functions by name: how many arguments, and what gives them; `bit(word, 0)` is the lowest bit of a word."""

_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[ArrayLike, ArrayLike], ArrayLike]]] = {
    ast.Add: _exact(np.add),
    ast.Sub: _exact(np.subtract),
    ast.Mult: _exact(np.multiply),
    ast.Div: np.true_divide,
    ast.Mod: lambda one, other: np.mod(np.asarray(one, dtype=np.float64), other),  # of whole numbers by 0 NaN, not 0
    ast.Pow: np.float_power,
}
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[ArrayLike, ArrayLike], ArrayLike]]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_LANGUAGE: Final = (
    "An expression has names of channels, numbers, words in quotes, + - * / % **, < <= > >= == !=, and, or, not, "
    f"parentheses, and the functions {', '.join(FUNCTIONS)}."
)


class _Part(NamedTuple):
    """Values of a part of an expression, and where they are missing."""

    values: NDArray[np.generic] | float | str
    missing: NDArray[np.bool_] | bool


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula or condition that was read.

    Parameters
    ----------
    text
        As it was written.
    names
        The channels it speaks of, in order.
    """

    text: str
    names: tuple[str, ...]
    _tree: ast.expr = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Read an expression.

        Parameters
        ----------
        text
            Such as `"-10 < ccd_temp and not saturated"`.

        Returns
        -------
        Expression
            Every part of it is known to be allowed.

        Raises
        ------
        BadQuery
            Raised if a part is not understood; the message names it.
        """
        tree = _tree(text)
        names = dict.fromkeys(_names(text.strip(), tree))
        return cls(text, tuple(names), tree)

    def check(self, known: Sequence[str], *, of: str) -> None:
        """Refuse names that are no channels of what is asked; raises `BadQuery` naming those near."""
        for name in self.names:
            if name not in known:
                near = get_close_matches(name, known, n=3, cutoff=0.5) or list(known)[:12]
                raise BadQuery(
                    f"{self.text!r} speaks of {name!r}, which is no channel of {of}. It has: {', '.join(near)}. "
                    f"A state is written in quotes: '{name}'."
                )

    def evaluate(self, channels: Channels, size: int) -> np.ma.MaskedArray:
        """Give the value of each row.

        Parameters
        ----------
        channels
            The channels it speaks of, (size,) each.
        size
            How many rows there are.

        Returns
        -------
        np.ma.MaskedArray
            (size,), masked where it cannot be known: a number made from a missing one is missing; `a and b` is false
            where either is false, `a or b` true where either is true, whatever the other is. NaN is a value, and no
            comparison with it but `!=` holds.

        Raises
        ------
        BadQuery
            Raised if words meet numbers; the message names the part.
        """
        with np.errstate(all="ignore"):
            values, missing = _Walk(self.text, channels).part(self._tree)
        whole = np.broadcast_to(np.asarray(values), (size,))
        return np.ma.MaskedArray(np.array(whole), mask=np.array(np.broadcast_to(missing, (size,))))

    def holds(self, channels: Channels, size: int) -> np.ma.MaskedArray:
        """Give whether the condition holds in each row, masked where it cannot be known.

        Raises
        ------
        BadQuery
            Raised if it is a number or a word, not a condition.
        """
        found = self.evaluate(channels, size)
        if found.dtype != bool:
            what = "words" if found.dtype.kind == "U" else "numbers"
            raise BadQuery(f"{self.text!r} gives {what}, not yes or no. Compare it: {self.text} > 0, or == 'ON'.")
        return found


def _tree(text: str) -> ast.expr:
    if len(text) > LONGEST:
        raise BadQuery(f"An expression of {len(text):,} characters is too long; {LONGEST:,} are read. Derive channels.")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        where = text.strip()[max((error.offset or 1) - 1, 0) :][:20] or "the end"
        hint = " Equality is written ==." if "=" in text else ""
        raise BadQuery(f"{text!r} cannot be read at {where!r}.{hint} {_LANGUAGE}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise BadQuery(f"{text[:60]!r} cannot be read ({error}). {_LANGUAGE}") from error


def _names(text: str, node: ast.expr, depth: int = 0) -> Iterator[str]:
    """Give the channels below a node; refuse the first part that is not of the language."""
    if depth > DEEPEST:
        raise BadQuery(f"{text[:60]!r}... is nested more than {DEEPEST} deep. Derive channels from parts of it.")
    match node:
        case ast.Name(id=name):
            yield name
            return
        case ast.Constant(value=bool() | int() | float() | str() as value):
            _check_size(text, value)
            return
        case ast.BoolOp(values=below):
            parts = below
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.UAdd(), operand=operand):
            parts = [operand]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            parts = [left, right]
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _COMPARISONS for op in ops):
            parts = [left, *others]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if FUNCTIONS.get(name, (-1,))[0] == len(args):
            parts = args
        case _:
            _refuse(text, node)
    for part in parts:
        yield from _names(text, part, depth + 1)


def _check_size(text: str, value: float | str) -> None:
    match value:
        case int() if value > sys.float_info.max:
            raise BadQuery(f"{text[:60]!r}... has a number beyond {sys.float_info.max:.3g}. Write a smaller one.")


def _refuse(text: str, node: ast.expr) -> NoReturn:
    part = ast.get_source_segment(text, node) or text
    match node:
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr()) | ast.UnaryOp(op=ast.Invert()):
            hint = " Write and, or, not; `bit(word, 3)` looks at a bit."
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
            hint = f" {name} takes {FUNCTIONS[name][0]} value(s)."
        case _:
            hint = ""
    raise BadQuery(f"{part!r} in {text!r} is not understood.{hint} {_LANGUAGE}")


@dataclass(frozen=True, slots=True)
class _Walk:
    """Gives the parts of an expression over some channels."""

    text: str
    channels: Channels

    def part(self, node: ast.expr) -> _Part:
        """Give values and missing elements of a part."""
        match node:
            case ast.Name(id=name):
                found = _channel(name, self.channels[name])
            case ast.Constant(value=bool() | int() | float() | str() as value):
                found = _Part(_constant(value), missing=False)
            case ast.BoolOp(op=op, values=parts):
                found = self._joined([self.part(one) for one in parts], parts, every=type(op) is ast.And)
            case ast.UnaryOp(op=op, operand=operand):
                found = self._signed(op, operand)
            case ast.BinOp(left=left, op=op, right=right):
                found = self._called(_ARITHMETIC[type(op)], [left, right])
            case ast.Call(func=ast.Name(id=name), args=args):
                found = self._called(FUNCTIONS[name][1], args)
            case ast.Compare(left=left, ops=ops, comparators=others):
                found = self._compared([left, *others], ops)
            case _:
                _refuse(self.text, node)
        return found

    def _signed(self, op: ast.unaryop, operand: ast.expr) -> _Part:
        match op:
            case ast.Not():
                flags = self._flags(self.part(operand), operand)
                return _Part(~np.asarray(flags.values), flags.missing)
            case ast.USub():
                return _negative(self._number(operand))
            case _:
                return self._number(operand)

    def _called(self, function: Callable[..., ArrayLike], args: Sequence[ast.expr]) -> _Part:
        found = [self._number(arg) for arg in args]
        values = np.asarray(function(*(one.values for one in found)))
        return _Part(values, _either(found))

    def _compared(self, nodes: Sequence[ast.expr], ops: Sequence[ast.cmpop]) -> _Part:
        """Compare neighbours; `a < b < c` holds where both do."""
        parts = [self.part(node) for node in nodes]
        kinds = {_is_text(one) for one in parts}
        if len(kinds) > 1:
            said = " and ".join(self._said(node) for node in nodes)
            raise BadQuery(f"{said} in {self.text!r} cannot be compared: one is words, the other numbers.")
        pairs = zip(ops, parts, parts[1:], strict=False)
        found = [
            _Part(np.asarray(_COMPARISONS[type(op)](one.values, other.values)), _either([one, other]))
            for op, one, other in pairs
        ]
        return found[0] if len(found) == 1 else self._joined(found, nodes, every=True)

    def _joined(self, parts: Sequence[_Part], nodes: Sequence[ast.expr], *, every: bool) -> _Part:
        """Join conditions by `and` (every) or `or`; what is known to decide is not spoilt by what is missing."""
        flags = [self._flags(part, node) for part, node in zip(parts, nodes, strict=False)]
        decided = [(np.asarray(one.values) != every) & ~np.asarray(one.missing) for one in flags]
        settled = np.logical_or.reduce(np.broadcast_arrays(*decided)) if len(decided) > 1 else decided[0]
        return _Part(settled != every, ~settled & _either(flags))

    def _flags(self, part: _Part, node: ast.expr) -> _Part:
        if np.asarray(part.values).dtype != bool:
            raise BadQuery(f"{self._said(node)} in {self.text!r} is no condition. Compare it: > 0, or == 'ON'.")
        return part

    def _number(self, node: ast.expr) -> _Part:
        """Give a part as numbers that neither wrap nor round: whole ones in 64 bits."""
        found = self.part(node)
        if _is_text(found):
            raise BadQuery(f"{self._said(node)} in {self.text!r} is words, and cannot be reckoned with. Compare it.")
        values = np.asarray(found.values)
        return _Part(values.astype(np.int64) if values.dtype.kind in "iub" else found.values, found.missing)

    def _said(self, node: ast.expr) -> str:
        return repr(ast.get_source_segment(self.text.strip(), node) or self.text)


def _channel(name: str, given: NDArray[np.generic]) -> _Part:
    values = np.ma.getdata(given)
    if values.ndim != 1 or values.dtype.kind not in "biufU":
        raise BadQuery(f"Channel {name!r} holds arrays or lists, which an expression cannot take. Fetch it instead.")
    return _Part(values, np.ma.getmaskarray(given) if np.ma.is_masked(given) else False)


def _constant(value: float | str) -> NDArray[np.generic] | float | str:
    match value:
        case bool():
            return np.asarray(value)
        case int() if abs(value) > _BIGGEST:
            return float(value)
        case _:
            return value


def _negative(part: _Part) -> _Part:
    match part.values:
        case float() as number:
            return _Part(-number, part.missing)
        case values:
            return _Part(np.asarray(_exact(np.negative)(values)), part.missing)


def _is_text(part: _Part) -> bool:
    return np.asarray(part.values).dtype.kind == "U"


def _either(parts: Sequence[_Part]) -> NDArray[np.bool_] | bool:
    """Give where any of some parts is missing; plain False where nothing is."""
    masks = [part.missing for part in parts if part.missing is not False]
    return np.logical_or.reduce(np.broadcast_arrays(*masks)) if masks else False
