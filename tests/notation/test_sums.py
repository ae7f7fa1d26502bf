"""Index notation: how sums, reads and conditions print, and how they are mapped."""

from itertools import product

import numpy as np
import oracles
import pytest

from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Int, Sym, evaluate
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
    extent,
    on_condition,
    on_read,
    read_as,
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
        (Read("L", ()), "L"),
        (Read("X", (A,), ((ONE, ONE),)), "pad(X, 1)[a]"),
        (Read("X", (A,), ((ONE, M),)), "pad(X, 1, m)[a]"),
        (Read("X", (A,), ((ZERO, M),)), "pad(X, 0, m)[a]"),
        (Read("X", (A,), ((ZERO - M, N - M),)), "pad(X, -m, n - m)[a]"),
        (Read("X", (A, N), ((ONE, ONE), (ZERO, ZERO))), "pad(X, 1)[a,n]"),
        (Read("X", (A, U), ((ONE, M), (ONE, M))), "pad(X, 1, m)[a,u]"),
        (Read("X", (A, U), ((ONE, M), (N, N))), "pad(X, (1, m), (n))[a,u]"),
        (Read("X", (A,), (), (M,)), "dilate(X, m)[a]"),
        (Read("X", (A, U), (), (ONE, M)), "dilate(X, m)[a,u]"),
        (Read("X", (A, U), (), (N, M)), "dilate(X, (n), (m))[a,u]"),
        (Read("X", (A + U,), ((N, M),), (M,)), "pad(dilate(X, m), n, m)[a + u]"),
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
    """Each index is mapped; the tensor, its padding and its dilation stay."""
    zeros = ((ONE, M), (ZERO, ZERO)), (N, ONE)
    assert on_read(Read("X", (A, U), *zeros), lambda e: e + ONE) == Read("X", (A + ONE, U + ONE), *zeros)


@pytest.mark.parametrize(
    ("pad", "dilation", "read"),
    [
        ([(ZERO, ZERO)], [ONE], Read("X", (A,))),
        ([(ZERO, M)], [ONE], Read("X", (A,), ((ZERO, M),))),
        ([(M, ZERO)], [ONE], Read("X", (A,), ((M, ZERO),))),
        ([(ZERO, ZERO)], [M], Read("X", (A,), (), (M,))),
        ([(ONE, ONE)], [M], Read("X", (A,), ((ONE, ONE),), (M,))),
    ],
)
def test_a_read_keeps_no_zeros_that_are_none(pad, dilation, read):
    """Where no axis is padded, or none dilated, the read says nothing of it."""
    assert read_as("X", (A,), pad, dilation) == read


def test_one_axis_with_zeros_keeps_those_of_all():
    """Where one axis has zeros, every axis is told, so that none is taken for another."""
    read = read_as("X", (A, U), [(ZERO, ZERO), (ONE, M)], [N, ONE])
    assert (read.pad, read.dilation) == (((ZERO, ZERO), (ONE, M)), (N, ONE))


@pytest.mark.parametrize(
    ("read", "axes", "zeros", "bare"),
    [
        (Read("X", (A, U)), ((A, ONE, (ZERO, ZERO)), (U, ONE, (ZERO, ZERO))), (), True),
        (Read("X", (A,), ((ONE, M),)), ((A, ONE, (ONE, M)),), (ONE, M), False),
        (Read("X", (A,), (), (N,)), ((A, N, (ZERO, ZERO)),), (N,), False),
        (Read("X", (A,), ((ONE, M),), (N,)), ((A, N, (ONE, M)),), (N, ONE, M), False),
        (Read("L", ()), (), (), True),
    ],
)
def test_every_axis_has_a_dilation_and_a_padding(read, axes, zeros, bare):
    """An axis without zeros is dilated by 1 and padded by 0, and a bare read names no amount."""
    assert (read.axes, read.zeros, read.bare) == (axes, zeros, bare)


@pytest.mark.parametrize(
    ("dilation", "pad", "text"),
    [
        (ONE, (ZERO, ZERO), "n"),
        (M, (ZERO, ZERO), "m*(n - 1) + 1"),
        (ONE, (U, A), "n + u + a"),
        (M, (U, A), "m*(n - 1) + 1 + u + a"),
    ],
)
def test_the_extent_of_an_axis(dilation, pad, text):
    """So many entries there are with the zeros, as the formula says and as a list of them has."""
    e = extent(N, dilation, pad)
    assert str(e) == text
    for n, m, before, after in product((1, 2, 5), (1, 3), (-1, 0, 2), (0, 1)):
        at = {"n": n, "m": m, "u": before, "a": after}
        places = oracles.line(n, *(evaluate(x, at) for x in pad), evaluate(dilation, at))
        assert evaluate(e, at) == len(places)


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
