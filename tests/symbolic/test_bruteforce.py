"""Equations evaluated point by point."""

from collections import Counter

import pytest

from gradcheck.notation.arithmetic import ZERO, Int, Sym
from gradcheck.notation.sums import Delta, Equation, Guard, Range, Read
from gradcheck.symbolic.bruteforce import admitted, gathered
from gradcheck.symbolic.literal import TooLarge, Undefined, unknown

N = Sym("n")
X = {"X": unknown("X", (3,))}
FREE = (Range("x", ZERO, N - Int(1)),)


def equation(read: Read, *where: Delta | Guard, over: tuple[Range, ...] = ()) -> Equation:
    """Z[x] = sum of one read."""
    return Equation(Read("Z", (Sym("x"),)), FREE, over, where, (read,))


def told(found: dict) -> dict[int, list[int]]:
    """Which entries of X stand at each place."""
    return {place[0]: sorted(x for ((_, (x,)),) in terms.elements()) for place, terms in found.items()}


def test_padding_reads_zeros_around_the_tensor() -> None:
    """A read of pad(X, 1) at x finds X[x - 1], and nothing before it."""
    padded = equation(Read("X", (Sym("x"),), ((Int(1), Int(1)),)))
    assert told(gathered(padded, {"n": 5}, X)) == {0: [], 1: [0], 2: [1], 3: [2], 4: []}


def test_conditions_leave_products_out() -> None:
    """A guard keeps what is within it, a delta a single point."""
    read = Read("X", (Sym("u"),))
    over = (Range("u", ZERO, Int(2)),)
    guarded = equation(read, Guard(Int(1), Sym("u"), Int(2)), over=over)
    assert told(gathered(guarded, {"n": 1}, X)) == {0: [1, 2]}
    fixed = equation(read, Delta(Sym("u"), Sym("x")), over=over)
    assert told(gathered(fixed, {"n": 3}, X)) == {0: [0], 1: [1], 2: [2]}


def test_products_are_counted() -> None:
    """A product that the sum meets twice counts twice."""
    twice = equation(Read("X", (Sym("x"),)), over=(Range("t", ZERO, Int(1)),))
    assert gathered(twice, {"n": 1}, X) == {(0,): Counter({(("X", (0,)),): 2})}


def test_a_read_outside_is_undefined() -> None:
    """Nothing excludes the read, so it is no zero."""
    with pytest.raises(Undefined, match=r"reads X\[3\], which does not exist"):
        gathered(equation(Read("X", (Sym("x") + Int(1),))), {"n": 3}, X)


def test_admitted_values_are_tried() -> None:
    """X[x + u] with 0 <= u <= 1 admits x = 0 and 1; padding by 2 before admits two more places."""
    window = equation(Read("X", (Sym("x") + Sym("u"),)), over=(Range("u", ZERO, Int(1)),))
    assert admitted("x", window, {"n": 3}, X) == [0, 1]
    padded = equation(Read("X", (Sym("x") + Sym("u"),), ((Int(2), ZERO),)), over=(Range("u", ZERO, Int(1)),))
    assert admitted("x", padded, {"n": 3}, X) == [0, 1, 2, 3]


def test_too_many_points_are_not_walked_through() -> None:
    """Sizes that would take forever are refused at once."""
    far = equation(Read("X", (Sym("x"),), ((Int(10**6), ZERO),)))
    with pytest.raises(TooLarge):
        gathered(far, {"n": 10**6}, X)
    with pytest.raises(TooLarge):
        admitted("x", far, {"n": 10**6}, X)
