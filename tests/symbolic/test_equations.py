"""Equations compared: the same products, or not."""

from dataclasses import replace
from itertools import pairwise

import pytest

from gradcheck import read_document
from gradcheck.notation.arithmetic import ONE, Sym
from gradcheck.notation.sums import Equation, Guard
from gradcheck.symbolic.equations import contained, renamed
from gradcheck.symbolic.gradients import gradient
from gradcheck.symbolic.theory import theory

DOCUMENT = read_document()
KNOWN = theory(DOCUMENT.layer, DOCUMENT.where)
STEPS = [
    (before, after)
    for operand in ("X", "F")
    for before, after in pairwise(step.after for step in gradient(KNOWN, operand).steps)
    if isinstance(before, Equation) and isinstance(after, Equation) and before.left.at and after.reads[0].pad == ()
]


def same_products(a: Equation, b: Equation) -> bool:
    """Whether each equation is shown to have all the products of the other."""
    other = renamed(b)
    there, back = contained(a, other, KNOWN.facts), contained(other, a, KNOWN.facts)
    return bool(there and back and not there.needs.missing and not back.needs.missing)


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_a_step_keeps_the_products(before: Equation, after: Equation) -> None:
    """Deltas, guards and reversals change how a gradient is said, not what it sums."""
    assert same_products(before, after)


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_a_changed_step_does_not(before: Equation, after: Equation) -> None:
    """A sum that is one shorter, or a guard that is one tighter, is another sum."""
    shorter = replace(after, over=(replace(after.over[0], high=after.over[0].high - ONE), *after.over[1:]))
    assert not same_products(before, shorter)
    for guard in (c for c in after.where if isinstance(c, Guard)):
        tighter = replace(after, where=(*after.where, replace(guard, low=guard.low + ONE)))
        assert not same_products(before, tighter)


def test_other_factors_do_not_match() -> None:
    """Equations that read other tensors are not compared."""
    first, second = (gradient(KNOWN, operand).gather for operand in ("X", "F"))
    assert contained(first, renamed(second), KNOWN.facts) is None


def test_an_index_that_no_read_carries_is_not_matched() -> None:
    """A sum over an index that nothing reads counts products, which is not compared."""
    gather = gradient(KNOWN, "F").gather
    more = replace(gather, over=(*gather.over, replace(gather.over[0], index="t")))
    assert contained(gather, renamed(more), KNOWN.facts) is None


def test_renaming_keeps_the_equation() -> None:
    """Renamed indices are all new, the tensors and sizes are the same."""
    gather = gradient(KNOWN, "F").gather
    assert str(renamed(gather)) == "dF[j*,i*,u*,v*] = sum_{a*,b*} dY[j*,a*,b*] X[i*, a* + u*, b* + v*]"
    assert renamed(gather).free[0].high == Sym("p") - ONE
