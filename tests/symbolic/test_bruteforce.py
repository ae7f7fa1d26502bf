"""Equations evaluated point by point."""

from collections import Counter
from dataclasses import replace

import pytest

from gradcheck.notation.arithmetic import ZERO, Int, Sym
from gradcheck.notation.sums import Delta, Equation, Guard, Range, Read
from gradcheck.symbolic.bruteforce import admitted, gathered
from gradcheck.symbolic.tensors import TooLarge, Undefined, unknown

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


@pytest.mark.parametrize(
    ("pad", "dilation", "n", "entries"),
    [
        (((Int(2), ZERO),), (), 5, [None, None, 0, 1, 2]),
        (((Int(-1), Int(1)),), (), 3, [1, 2, None]),
        ((), (Sym("s"),), 5, [0, None, 1, None, 2]),
        (((Sym("s"), Int(-1)),), (Sym("s"),), 6, [None, None, 0, None, 1, None]),
    ],
)
def test_zeros_may_stand_between_entries_and_be_cut_off(pad: tuple, dilation: tuple, n: int, entries: list) -> None:
    """Zeros are inserted first; then zeros are added around, or what is there is cut off."""
    read = Read("X", (Sym("x"),), pad, dilation)
    expected = {x: [] if entry is None else [entry] for x, entry in enumerate(entries)}
    assert told(gathered(equation(read), {"n": n, "s": 2}, X)) == expected


def test_a_zero_is_still_a_place() -> None:
    """One place beyond the zeros there is nothing to read, before and after."""
    for shift in (Int(-1), Int(1)):
        read = Read("X", (Sym("x") + shift,), ((Int(1), Int(1)),), (Int(2),))
        with pytest.raises(Undefined, match=r"\[(-1|7)\] is outside of \[7\]"):
            gathered(equation(read), {"n": 7}, X)


def test_a_product_with_a_zero_is_left_out() -> None:
    """Where one of several reads finds a zero, the whole product is 0."""
    shifted = Read("X", (Sym("x"),), ((Int(1), Int(-1)),))
    twice = replace(equation(shifted), reads=(shifted, Read("X", (Sym("x"),))))
    assert gathered(twice, {"n": 3}, X) == {
        (0,): Counter(),
        (1,): Counter({(("X", (0,)), ("X", (1,))): 1}),
        (2,): Counter({(("X", (1,)), ("X", (2,))): 1}),
    }


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
    with pytest.raises(Undefined, match=r"\[3\] is outside of \[3\]"):
        gathered(equation(Read("X", (Sym("x") + Int(1),))), {"n": 3}, X)


def test_admitted_values_are_tried() -> None:
    """X[x + u] with 0 <= u <= 1 admits x = 0 and 1; padding by 2 before admits two more places."""
    window = equation(Read("X", (Sym("x") + Sym("u"),)), over=(Range("u", ZERO, Int(1)),))
    assert admitted("x", window, {"n": 3}, X) == [0, 1]
    padded = equation(Read("X", (Sym("x") + Sym("u"),), ((Int(2), ZERO),)), over=(Range("u", ZERO, Int(1)),))
    assert admitted("x", padded, {"n": 3}, X) == [0, 1, 2, 3]


def test_admitted_values_with_strides_and_zeros_between() -> None:
    """With X of side 3, dilated to 5: 2*x + u with 0 <= u <= 1 admits x = 0 and 1, one more with a zero after it."""
    over = (Range("u", ZERO, Int(1)),)
    at = (Int(2) * Sym("x") + Sym("u"),)
    assert admitted("x", equation(Read("X", at, (), (Int(2),)), over=over), {"n": 3}, X) == [0, 1]
    after = equation(Read("X", at, ((ZERO, Int(1)),), (Int(2),)), over=over)
    assert admitted("x", after, {"n": 3}, X) == [0, 1, 2]
    before = equation(Read("X", (Sym("x") - Int(1) + Sym("u"),), ((Int(-1), ZERO),), (Int(2),)), over=over)
    assert admitted("x", before, {"n": 3}, X) == [1, 2, 3]


def test_nothing_is_admitted_where_a_window_never_fits() -> None:
    """A window longer than its axis has no place."""
    window = equation(Read("X", (Sym("x") + Sym("u"),)), over=(Range("u", ZERO, Int(3)),))
    assert admitted("x", window, {"n": 3}, X) == []


def test_too_many_points_are_not_walked_through() -> None:
    """Sizes that would take forever are refused at once."""
    far = equation(Read("X", (Sym("x"),), ((Int(10**6), ZERO),)))
    with pytest.raises(TooLarge):
        gathered(far, {"n": 10**6}, X)
    with pytest.raises(TooLarge):
        admitted("x", far, {"n": 10**6}, X)
