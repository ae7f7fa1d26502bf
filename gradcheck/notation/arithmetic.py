"""The arithmetic of sizes: sums, products, small powers, quotients, remainders and extremes, as immutable trees.

A tree keeps what was written, so that it can be printed as it was said. Whether two trees are
equal for all integers is the business of `symbolic`.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

DIVISIONS = ("//", "%", "ceil")
EXTREMES = ("min", "max")

_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "//": 2, "%": 2, "**": 3, "ceil": 4, "min": 4, "max": 4}
_OPERATION: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "**": operator.pow,
    "//": operator.floordiv,
    "%": operator.mod,
    "ceil": lambda a, b: -(-a // b),
    "min": lambda a, b: (a + b - abs(a - b)) // 2,  # of arrays as well
    "max": lambda a, b: (a + b + abs(a - b)) // 2,
}


class Expr:
    """A size; `Int`, `Sym`, `Op` and `Group` are its forms."""

    __slots__ = ()

    def __add__(self, other: "Expr") -> "Expr":
        return Op("+", self, other)

    def __sub__(self, other: "Expr") -> "Expr":
        return Op("-", self, other)

    def __mul__(self, other: "Expr") -> "Expr":
        return Op("*", self, other)


@dataclass(frozen=True, slots=True)
class Int(Expr):
    """A number."""

    value: int

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Sym(Expr):
    """A size symbol or an index, an integer either way."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Op(Expr):
    """left op right, with op one of + - * ** // % ceil min max; ceil is the quotient rounded up."""

    op: str
    left: Expr
    right: Expr
    _hash: int = field(init=False, repr=False, compare=False)  # trees are keys of many caches

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.op, self.left, self.right)))

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        if self.op == "-" and self.left == ZERO:
            return f"-{_bracketed(self.right, _PRECEDENCE['**'])}"
        if self.op in EXTREMES:
            return f"{self.op}({self.left}, {self.right})"
        if self.op == "ceil":
            return f"ceil({_bracketed(self.left, _PRECEDENCE['*'])}/{_bracketed(self.right, _PRECEDENCE['**'])})"
        space = " " if self.op in "+-" else ""
        left = _bracketed(self.left, _PRECEDENCE[self.op])
        right = _bracketed(self.right, _PRECEDENCE[self.op] + (self.op != "+"))
        return f"{left}{space}{self.op}{space}{right}"


@dataclass(frozen=True, slots=True)
class Group(Expr):
    """A size that was written in brackets."""

    inner: Expr

    def __str__(self) -> str:
        return f"({self.inner})"


ZERO, ONE = Int(0), Int(1)


def _bracketed(e: Expr, least: int) -> str:
    loose = isinstance(e, Op) and _PRECEDENCE[e.op] < least
    return f"({e})" if loose or (isinstance(e, Int) and e.value < 0) else str(e)


def evaluate(e: Expr, at: Mapping[str, Any]) -> Any:
    """The value of `e` where each symbol has the value that `at` gives it (an int, or an array of ints)."""
    match e:
        case Int(value):
            return value
        case Sym(name):
            return at[name]
        case Group(inner):
            return evaluate(inner, at)
        case Op(op, left, right):
            return _OPERATION[op](evaluate(left, at), evaluate(right, at))
    raise TypeError(e)


def folded(e: Expr) -> Expr:
    """A number where there is nothing but numbers, else `e` as it is."""
    return e if symbols(e) else Int(int(evaluate(e, {})))


def replace(e: Expr, by: Mapping[str, Expr]) -> Expr:
    """`e` with each symbol that `by` names replaced."""
    match e:
        case Sym(name):
            return by.get(name, e)
        case Group(inner):
            return Group(replace(inner, by))
        case Op(op, left, right):
            return Op(op, replace(left, by), replace(right, by))
    return e


@cache
def symbols(e: Expr) -> tuple[str, ...]:
    """The names in `e`, in the order in which they are written, repeats included."""
    match e:
        case Sym(name):
            return (name,)
        case Group(inner):
            return symbols(inner)
        case Op(_, left, right):
            return symbols(left) + symbols(right)
    return ()


def affine(e: Expr, names: frozenset[str]) -> bool:
    """Whether `e` is written as a sum of multiples of these names, the factors being free of them."""
    match e:
        case Group(inner):
            return affine(inner, names)
        case Op("+" | "-", left, right):
            return affine(left, names) and affine(right, names)
        case Op("*", left, right) if names.isdisjoint(symbols(left)) or names.isdisjoint(symbols(right)):
            return affine(left, names) and affine(right, names)
        case Op():
            return names.isdisjoint(symbols(e))
    return True


def divisors(e: Expr) -> tuple[Expr, ...]:
    """What `e` divides by, innermost first."""
    match e:
        case Group(inner):
            return divisors(inner)
        case Op(op, left, right):
            return (*divisors(left), *divisors(right), *((right,) if op in DIVISIONS else ()))
    return ()
