"""Index notation: how sums, reads and conditions print, and how they are mapped."""

import pytest

from gradcheck.notation.arithmetic import ONE, ZERO, Int, Sym
from gradcheck.notation.arrays import Ref
from gradcheck.notation.sums import Chain, Delta, Equation, Guard, Range, Read, Sized, by, on_condition, on_read

N, M, A, U = map(Sym, "nmau")
X, Y = Read("X", (A + U,)), Read("Y", (A,))
IN_A, IN_U = Range("a", ZERO, N - M), Range("u", ZERO, M - ONE)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (IN_A, "0 <= a <= n - m"),
        (Read("X", (A + U, N)), "X[a + u, n]"),
        (Read("L", ()), "L"),
        (Read("X", (A,), ((ONE, ONE),)), "pad(X)[a]"),
        (Delta(A, U + ONE), "[a = u + 1]"),
        (Guard(ZERO, A - U, N), "[0 <= a - u <= n]"),
        (Equation(Y, (IN_A,), (IN_U,), (), (X,)), "Y[a] = sum_{u} X[a + u]"),
        (Equation(Y, (), (IN_A, IN_U), (Delta(A, U),), (X, Y)), "Y[a] = sum_{a,u} [a = u] X[a + u] Y[a]"),
        (Equation(Y, (IN_A,), (), (), (Y,)), "Y[a] = Y[a]"),
        (Sized(Ref("X", ("i",)), (N, N - M)), "X[i]: n x (n - m)"),
        (Chain((N, "side(X)", Int(3))), "n = side(X) = 3"),
    ],
)
def test_each_statement_prints_as_it_is_said(said, text):
    """A statement prints as mathematics would write it."""
    assert str(said) == text


@pytest.mark.parametrize(
    ("sizes", "text"),
    [
        ((), "a number"),
        ((N,), "n"),
        ((Sym("k"), N - M + ONE), "k x (n - m + 1)"),
        ((2, 3, 4), "2 x 3 x 4"),
    ],
)
def test_sizes_are_said_one_by_the_other(sizes, text):
    """Sizes are joined by x, a sum or product in brackets, and no size at all is a number."""
    assert by(sizes) == text


def test_on_read_maps_the_indices_alone():
    """Each index is mapped; the tensor and its padding stay."""
    read = Read("X", (A, U), ((ONE, M),))
    assert on_read(read, lambda e: e + ONE) == Read("X", (A + ONE, U + ONE), ((ONE, M),))


@pytest.mark.parametrize(
    ("condition", "mapped"),
    [
        (Delta(A, U), Delta(A + ONE, U + ONE)),
        (Guard(ZERO, A, N), Guard(ZERO + ONE, A + ONE, N + ONE)),
    ],
)
def test_on_condition_maps_every_expression(condition, mapped):
    """Each expression of a condition is mapped, and its kind stays."""
    assert on_condition(condition, lambda e: e + ONE) == mapped
