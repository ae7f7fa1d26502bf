"""Index notation: how sums, reads and conditions print, and how they are mapped."""

import numpy as np
import pytest

from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Int, Sym
from gradcheck.notation.arrays import Ref
from gradcheck.notation.sums import (
    Bounds,
    Chain,
    Delta,
    Dimensions,
    Equation,
    Expansion,
    Guard,
    Range,
    Read,
    Sized,
    by,
    on_condition,
    on_read,
    told,
)

N, M, A, U = map(Sym, "nmau")
X, Y, X_0 = Read("X", (A + U,)), Read("Y", (A,)), Read("X", (ZERO, ONE))
IN_A, IN_U = Range("a", ZERO, N - M), Range("u", ZERO, M - ONE)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (IN_A, "0 <= a <= n - m"),
        (Read("X", (A + U, N)), "X[a + u, n]"),
        (Read("X", (A, U)), "X[a,u]"),
        (Read("X", (Int(0), Int(12))), "X[0,12]"),
        (Read("X", (A, N), ((ONE, ONE), (ZERO, ZERO))), "pad(X)[a,n]"),
        (Read("L", ()), "L"),
        (Read("X", (A,), ((ONE, ONE),)), "pad(X)[a]"),
        (Delta(A, U + ONE), "[a = u + 1]"),
        (Guard(ZERO, A - U, N), "[0 <= a - u <= n]"),
        (Equation(Y, (IN_A,), (IN_U,), (), (X,)), "Y[a] = sum_{u} X[a + u]"),
        (Equation(Y, (), (IN_A, IN_U), (Delta(A, U),), (X, Y)), "Y[a] = sum_{a,u} [a = u] X[a + u] Y[a]"),
        (Equation(Y, (IN_A,), (), (), (Y,)), "Y[a] = Y[a]"),
        (Sized(Ref("X", ("i",)), (N, N - M)), "X[i]: n x (n - m)"),
        (Chain((N, "side(X)", Int(3))), "n = side(X) = 3"),
        (Bounds(ZERO, A + U, N - ONE), "0 <= a + u <= n - 1"),
        (Bounds(A, ZERO, ONE), "a <= 0 <= 1"),
        (Dimensions((N, N - M)), "n x (n - m)"),
        (Expansion(Y, ((1, (X, Y)),)), "Y[a] = X[a + u] Y[a]"),
        (Expansion(X_0, ((1, (X_0,)), (2, (X_0, Y)))), "X[0,1] = X[0,1] + 2 X[0,1] Y[a]"),
        (Expansion(Y, ()), "Y[a] = 0"),
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
        ((2, N * M), "2 x (n*m)"),
    ],
)
def test_sizes_are_said_one_by_the_other(sizes, text):
    """Sizes are joined by x, a sum or product in brackets, and no size at all is a number."""
    assert str(by(sizes)) == text


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ((), ()),
        ((2, 3), (Int(2), Int(3))),
        ([N, N - M], (N, N - M)),
        ((0, N, Int(4)), (ZERO, N, Int(4))),
        ((True, np.int64(7)), (ONE, Int(7))),
    ],
)
def test_dimensions_are_sizes_of_one_kind(sizes, kept):
    """Measured sizes, of whatever integer type, become expressions; symbolic ones stay as they are."""
    found = by(sizes)
    assert found == Dimensions(kept)
    assert all(isinstance(e, Expr) for e in found.sizes)
    assert all(type(e.value) is int for e in found.sizes if isinstance(e, Int))


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((), ""),
        ((3,), "3"),
        ((3, 4), "3 and 4"),
        ((4, 3, 4, 3), "4 and 3"),
        ((2, 2, 2), "2"),
        ((1, -2, 0), "1 and -2 and 0"),
    ],
)
def test_several_values_are_told_once_each(numbers, text):
    """Values of what should be one are told in their order, and none twice."""
    found = told(numbers)
    assert str(found) == text
    assert [e.value for e in found.parts if isinstance(e, Int)] == list(dict.fromkeys(numbers))


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
