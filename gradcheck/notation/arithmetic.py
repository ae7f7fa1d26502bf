"""The arithmetic of sizes: integers, symbols, sums, products and small powers, as immutable trees.

A tree keeps what was written, so that it can be printed as it was said. Whether two trees are
equal for all integers is the business of `symbolic`.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gradcheck.errors import NotationError
from gradcheck.notation.scanner import Scanner

MAX_DEGREE = 12
MAX_TERMS = 300  # monomials an expression may have once multiplied out

_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "**": 3}
_OPERATION: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "**": operator.pow,
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
    """left op right, with op one of + - * **."""

    op: str
    left: Expr
    right: Expr

    def __str__(self) -> str:
        if self.op == "-" and self.left == ZERO:
            return f"-{_bracketed(self.right, _PRECEDENCE['**'])}"
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


def degree(e: Expr, names: frozenset[str] | None = None) -> int:
    """An upper bound on the degree of `e` in `names` (in all its symbols when None)."""
    match e:
        case Sym(name):
            return int(names is None or name in names)
        case Group(inner):
            return degree(inner, names)
        case Op("**", left, Int(power)):
            return power * degree(left, names)
        case Op("*", left, right):
            return degree(left, names) + degree(right, names)
        case Op(_, left, right):
            return max(degree(left, names), degree(right, names))
    return 0


def _terms(e: Expr) -> int:
    """An upper bound on the monomials of `e` multiplied out."""
    match e:
        case Group(inner):
            return _terms(inner)
        case Op("**", left, Int(power)):
            return int(_terms(left) ** power)
        case Op("*", left, right):
            return _terms(left) * _terms(right)
        case Op(_, left, right):
            return _terms(left) + _terms(right)
    return 1


def _has_power(e: Expr) -> bool:
    if isinstance(e, Group):
        return _has_power(e.inner)
    return isinstance(e, Op) and (e.op == "**" or _has_power(e.left) or _has_power(e.right))


def parse_size(scanner: Scanner) -> Expr:
    """A size, such as n - m + 1; raises NotationError with the place where it goes wrong."""
    start = scanner.next
    e = _sum(scanner)
    if degree(e) > MAX_DEGREE or _terms(e) > MAX_TERMS:
        raise NotationError("this size is too large to multiply out", scanner.text, start.place)
    return e


def _sum(scanner: Scanner) -> Expr:
    e = _product(scanner)
    while scanner.sees("+", "-"):
        e = Op(scanner.take().text, e, _product(scanner))
    return e


def _product(scanner: Scanner) -> Expr:
    e = _power(scanner)
    while scanner.accept("*"):
        e = Op("*", e, _power(scanner))
    if scanner.sees("/", "//", "%"):
        raise scanner.error("sizes have no division: expected '+', '-', '*' or '**'")
    return e


def _power(scanner: Scanner) -> Expr:
    e = _atom(scanner)
    if not scanner.accept("**"):
        return e
    if _has_power(e):
        raise scanner.error("a power of a power is not allowed")
    if scanner.next.kind != "number" or not 1 <= int(scanner.next.text) <= MAX_DEGREE:
        raise scanner.error(f"expected an exponent from 1 to {MAX_DEGREE}")
    return Op("**", e, Int(int(scanner.take().text)))


def _atom(scanner: Scanner) -> Expr:
    if scanner.next.kind == "number":
        return Int(int(scanner.take().text))
    if scanner.next.kind == "name":
        return Sym(scanner.take().text)
    if scanner.accept("-") and not scanner.sees("-"):
        return Op("-", ZERO, _power(scanner))
    if not scanner.sees("("):
        raise scanner.error("expected a number, a symbol or '('")
    scanner.open("(")
    e = _sum(scanner)
    scanner.close(")")
    return Group(e) if isinstance(e, Op) else e
