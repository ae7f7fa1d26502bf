"""Sizes as formulas."""

from collections.abc import Collection, Sequence

from gradcheck.notation.arithmetic import ZERO, Expr, Group, Int, Op, Sym
from gradcheck.report.formula import Fence, Formula, Letter, Number, Script, Word, listed, row

LOOSE = ("+", "-", "%")  # what binds less than a product
PRODUCTS = ("*", "**")


def size(e: Expr) -> Formula:
    """A size as a formula: 2*(m - 1) without a sign for the product."""
    match e:
        case Int(value):
            return Number(value)
        case Sym(name):
            return Letter(name)
        case Group(Op("//" | "ceil" | "min" | "max") as inner):  # has brackets of its own
            return size(inner)
        case Group(inner):
            return Fence("(", size(inner))
        case Op("-", left, right) if left == ZERO:
            return row("minus", factor(right))
        case Op("-", left, right):
            return row(_bracketed(left, "%"), "-", _bracketed(right, LOOSE))
        case Op("+", left, right):
            return row(_bracketed(left, "%"), "+", _bracketed(right, "%"))
        case Op("**", left, right):
            return Script(_tight(left), None, size(right))
        case Op("//" | "ceil" as op, left, right):
            return Fence("floor" if op == "//" else "ceil", row(factor(left), "/", _tight(right)))
        case Op("%", left, right):
            return row(factor(left), "mod", _tight(right))
        case Op("min" | "max" as op):
            return row(op, Fence("(", listed("comma", [size(one) for one in _among(op, e)])))
        case Op(_, left, right):
            return row(factor(left), *_between_factors(left, right), factor(right))
    raise TypeError(e)


def _bracketed(e: Expr, operations: Collection[str]) -> Formula:
    """A size, in brackets where it is made by one of these operations."""
    return Fence("(", size(e)) if isinstance(e, Op) and e.op in operations else size(e)


def factor(e: Expr) -> Formula:
    """A size as a factor: in brackets where it is a sum, a remainder, or negative."""
    return Fence("(", size(e)) if isinstance(e, Int) and e.value < 0 else _bracketed(e, LOOSE)


def _tight(e: Expr) -> Formula:
    """A size as the base of a power or as a divisor: in brackets where it is a product as well."""
    return Fence("(", size(e)) if isinstance(e, Op) and e.op in PRODUCTS else factor(e)


def _among(op: str, e: Expr) -> tuple[Expr, ...]:
    """What the least, or the greatest, is taken of."""
    return (*_among(op, e.left), *_among(op, e.right)) if isinstance(e, Op) and e.op == op else (e,)


def _between_factors(left: Expr, right: Expr) -> list[str]:
    if starts_with_digit(right):
        return ["dot"]
    return [] if isinstance(left, Int) else ["product"]


def starts_with_digit(e: Expr) -> bool:
    """Whether a size as a factor would run into a number before it."""
    return starts_with_digit(e.left) if isinstance(e, Op) and e.op in PRODUCTS else isinstance(e, Int)


def dimensions(sizes: Sequence[Expr]) -> Formula:
    """Sizes with a times sign between them; an array without axes is a number."""
    if len(sizes) == 1:
        return size(sizes[0])
    return listed("x", [factor(e) for e in sizes]) if sizes else Word("a number")
