"""Sizes as formulas."""

from collections.abc import Sequence

from gradcheck.notation.arithmetic import ZERO, Expr, Group, Int, Op, Sym
from gradcheck.report.formula import Fence, Formula, Letter, Number, Script, Word, listed, row


def size(e: Expr) -> Formula:
    """A size as a formula: 2*(m - 1) without a sign for the product."""
    match e:
        case Int(value):
            return Number(value)
        case Sym(name):
            return Letter(name)
        case Group(inner):
            return Fence("(", size(inner))
        case Op("-", left, right) if left == ZERO:
            return row("minus", factor(right))
        case Op("-", left, right):
            return row(size(left), "-", factor(right) if _is_sum(right) else size(right))
        case Op("+", left, right):
            return row(size(left), "+", size(right))
        case Op("**", left, right):
            return Script(Fence("(", size(left)) if isinstance(left, Op) else factor(left), None, size(right))
        case Op(_, left, right):
            return row(factor(left), *_between_factors(left, right), factor(right))
    raise TypeError(e)


def _is_sum(e: Expr) -> bool:
    return isinstance(e, Op) and e.op in "+-"


def factor(e: Expr) -> Formula:
    """A size as a factor: in brackets where it is a sum, or negative."""
    return Fence("(", size(e)) if _is_sum(e) or (isinstance(e, Int) and e.value < 0) else size(e)


def _between_factors(left: Expr, right: Expr) -> list[str]:
    if starts_with_digit(right):
        return ["dot"]
    return [] if isinstance(left, Int) else ["product"]


def starts_with_digit(e: Expr) -> bool:
    """Whether a size as a factor would run into a number before it."""
    return starts_with_digit(e.left) if isinstance(e, Op) and not _is_sum(e) else isinstance(e, Int)


def dimensions(sizes: Sequence[Expr]) -> Formula:
    """Sizes with a times sign between them; an array without axes is a number."""
    if len(sizes) == 1:
        return size(sizes[0])
    return listed("x", [factor(e) for e in sizes]) if sizes else Word("a number")
