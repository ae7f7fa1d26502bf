"""Equations compared: the same products, or not."""

from dataclasses import replace
from itertools import pairwise

import pytest
from derivations import CASES as DERIVED
from derivations import GENERAL, GROUPED, Case

from gradcheck import read_document
from gradcheck.notation.arithmetic import ONE, Sym
from gradcheck.notation.sums import Equation, Guard
from gradcheck.symbolic.bruteforce import gathered
from gradcheck.symbolic.equations import contained, plain, renamed
from gradcheck.symbolic.gradients import gradient
from gradcheck.symbolic.tensors import Undefined, tensors
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


def plain_of(own: Case, operand: str | None) -> tuple[Equation, Equation]:
    """The padded form of a gradient, or the layer itself, as it is and without zeros."""
    known = own.known
    equation = gradient(known, operand).padded if operand else known.forward
    return equation, plain(equation, known.shape)


def test_zeros_become_guards_and_deltas() -> None:
    """Zeros around a tensor are a guard, zeros between its entries a delta for a fresh index; what is bare stays."""
    _, forward = plain_of(GENERAL, None)
    assert str(forward) == "Y[j,a] = sum_{i,u} [0 <= s*a + d*u - P <= n - 1] X[i, s*a + d*u - P] F[j,i,u]"
    _, backward = plain_of(GENERAL, "X")
    assert str(backward) == ("dX[i,x] = sum_{j,u,t1'} [x + d + d*u + P - d*m = s*t1'] dY[j,t1'] F[j, i, m - u - 1]")
    assert str(backward.over[-1]) == "0 <= t1' <= (d + n + 2*P - d*m - 1)//s"
    _, filters = plain_of(GROUPED, "F")
    assert str(filters) == "dF[g,j,i,u] = sum_{a} [0 <= s*a + d*u - P <= n - 1] dY[g,j,a] X[g, i, s*a + d*u - P]"


def test_what_has_no_zeros_is_plain() -> None:
    """An equation whose reads are bare is returned as it is, up to the normal form of its indices."""
    gather = gradient(KNOWN, "F").gather
    assert plain(gather, KNOWN.shape) == gather


PLAIN = [(own, operand) for own in DERIVED.values() for operand in (None, *own.known.layer.operands)]
PLAIN_IDS = [f"{name}-{operand}" for name, own in DERIVED.items() for operand in (None, *own.known.layer.operands)]


@pytest.mark.parametrize(("own", "operand"), PLAIN, ids=PLAIN_IDS)
def test_the_plain_form_has_the_same_products(own: Case, operand: str | None) -> None:
    """At all small sizes both forms sum the same products, and the plain one reads no zeros."""
    equation, bare = plain_of(own, operand)
    assert all(read.bare for read in bare.reads)
    for sizes in own.grid()[::5]:
        arrays = tensors(own.known.layer, sizes)
        assert gathered(bare, dict(sizes), arrays) == gathered(equation, dict(sizes), arrays)


@pytest.mark.parametrize(("own", "operand"), PLAIN, ids=PLAIN_IDS)
def test_the_plain_form_is_contained_in_itself_and_not_when_shifted(own: Case, operand: str | None) -> None:
    """Two plain forms are found equal; with one read a place further along there is nothing found or a need."""
    facts = own.known.facts
    _, bare = plain_of(own, operand)
    same = contained(bare, renamed(bare), facts)
    assert same is not None
    assert not same.needs.missing
    first, *others = bare.reads
    shifted = replace(bare, reads=(replace(first, at=(*first.at[:-1], first.at[-1] + ONE)), *others))
    wrong = contained(shifted, renamed(bare), facts)
    assert wrong is None or wrong.needs.missing


@pytest.mark.parametrize("change", ["delta", "guard"])
def test_a_plain_form_with_a_condition_less_has_more_products(change: str) -> None:
    """Both of the conditions are needed: without one of them some small size has other products, or reads outside."""
    equation, bare = plain_of(GENERAL, "X" if change == "delta" else "F")
    loose = replace(bare, where=())
    assert len(bare.where) == 1

    def agree(sizes: tuple[tuple[str, int], ...]) -> bool:
        arrays = tensors(GENERAL.known.layer, sizes)
        try:
            return gathered(loose, dict(sizes), arrays) == gathered(equation, dict(sizes), arrays)
        except Undefined:
            return False

    assert not all(map(agree, GENERAL.grid()))
