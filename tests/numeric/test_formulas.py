"""Array formulas mean what their names say, evaluated on NumPy arrays."""

import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import convolve, correlate

from gradcheck.notation.array_grammar import parse_array
from gradcheck.notation.scanner import Scanner
from gradcheck.numeric.formulas import MAX_ENTRIES, MAX_PRODUCTS, Evaluation, TooLarge, Undefined, corr, pad

X = np.arange(24.0).reshape(2, 3, 4)
F = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])


def formula(text):
    """The formula that a text stands for."""
    return parse_array(Scanner(text))


def value(text, at=(), **arrays):
    """The value of a formula at these indices, with X, F and any other arrays."""
    return Evaluation({"X": X, "F": F, **arrays}, {"c": 1, "m": 3}).value(formula(text), dict(at))


@pytest.mark.parametrize(
    ("array", "amount", "expected"),
    [
        ([1, 2], 0, [1, 2]),
        ([1, 2], 2, [0, 0, 1, 2, 0, 0]),
        ([1, 2, 3], -1, [2]),
        ([1, 2], -1, []),
        ([], 1, [0, 0]),
        ([[1, 2]], 1, [[0, 0, 0, 0], [0, 1, 2, 0], [0, 0, 0, 0]]),
        ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], -1, [[5]]),
    ],
)
def test_pad(array, amount, expected):
    """Zeros come on every side of every axis; a negative amount crops."""
    assert pad(np.array(array, dtype=float), amount).tolist() == expected


def test_padding_a_number_leaves_it():
    """A single number has no axis to pad."""
    assert pad(np.array(5.0), 3) == 5


@pytest.mark.parametrize(("shape", "amount"), [((3,), -2), ((5, 2), -2), ((1,), -(10**9))])
def test_cropping_more_than_there_is_is_undefined(shape, amount):
    """Where nothing is left to crop there is no value."""
    with pytest.raises(Undefined, match=f"nothing is left of .* after a padding of {amount}"):
        pad(np.zeros(shape), amount)


@pytest.mark.parametrize(("shape", "amount"), [((1, 1, 1), 10**6), ((MAX_ENTRIES - 1,), 1), ((1,), 10**12)])
def test_padding_without_end_is_too_large(shape, amount):
    """More entries than are allowed are not made."""
    with pytest.raises(TooLarge):
        pad(np.zeros(shape), amount)


def test_sliding_without_end_is_too_large():
    """More products than are allowed are not made, up to there they are."""
    side = int(MAX_PRODUCTS**0.5)
    assert corr(np.ones(2 * side - 1), np.ones(side)).shape == (side,)
    with pytest.raises(TooLarge):
        corr(np.ones(2 * side + 99), np.ones(side + 50))


def test_padding_up_to_the_limit_is_defined():
    """Exactly as many entries as are allowed may come out."""
    assert pad(np.zeros(MAX_ENTRIES - 2), 1).size == MAX_ENTRIES


small = st.integers(1, 3).flatmap(
    lambda rank: st.tuples(st.lists(st.integers(1, 4), min_size=rank, max_size=rank), st.integers(0, 99))
)


@settings(max_examples=60, deadline=None)
@given(small, st.booleans())
def test_corr_and_conv_equal_nested_loops_and_scipy(drawn, reverse):
    """corr slides the kernel as it is, conv reversed, over the valid positions, in one to three axes."""
    sides, seed = drawn
    random = np.random.default_rng(seed)
    signal = random.integers(-9, 10, size=sides).astype(float)
    kernel = random.integers(-9, 10, size=[random.integers(1, side + 1) for side in sides]).astype(float)
    found = value(f"{'conv' if reverse else 'corr'}(S, K)", S=signal, K=kernel)
    assert dict(np.ndenumerate(found)) == oracles.slid(signal, kernel, reverse)
    assert np.array_equal(found, (convolve if reverse else correlate)(signal, kernel, "valid", "direct"))


def test_corr_is_not_conv():
    """On a lopsided kernel the two differ."""
    assert value("corr(S, K)", S=np.array([1.0, 2, 3]), K=np.array([1.0, 10])).tolist() == [21, 32]
    assert value("conv(S, K)", S=np.array([1.0, 2, 3]), K=np.array([1.0, 10])).tolist() == [12, 23]


@pytest.mark.parametrize(
    ("signal", "kernel", "shape"),
    [
        ((3,), (4,), (0,)),
        ((0,), (1,), (0,)),
        ((0,), (0,), (1,)),
        ((2,), (0,), (3,)),
        ((2, 3), (3, 1), (0, 3)),
        ((2, 3), (0, 1), (3, 3)),
        ((), (), ()),
    ],
)
def test_sliding_over_nothing(signal, kernel, shape):
    """A kernel one larger than the signal has no position; an empty one has a zero at each of its positions."""
    found = corr(np.ones(signal), np.ones(kernel))
    assert found.shape == shape
    assert set(found.ravel()) <= ({1.0} if shape == () else {0.0})


@pytest.mark.parametrize(("signal", "kernel"), [((3,), (5,)), ((3, 3), (1, 5)), ((0,), (2,))])
def test_a_kernel_that_does_not_fit_is_undefined(signal, kernel):
    """Two more than the signal would be a negative size."""
    with pytest.raises(Undefined, match="does not fit into"):
        corr(np.ones(signal), np.ones(kernel))


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("F", {}, F.tolist()),
        ("F[j]", {"j": 2}, [3, 30]),
        ("F[j,i]", {"j": 2, "i": 0}, 3),
        ("F[i,i]", {"i": 1}, 20),
        ("rot180(F)", {}, [[30, 3], [20, 2], [10, 1]]),
        ("rot180(F[j])", {"j": 0}, [10, 1]),
        ("rot180(rot180(F))", {}, F.tolist()),
        ("pad(F[j], c)", {"j": 0}, [0, 1, 10, 0]),
        ("pad(F[j], m - 1)", {"j": 0}, [0, 0, 1, 10, 0, 0]),
        ("pad(F, -c)", {}, [[]]),
        ("sum(j, F[j])", {}, [6, 60]),
        ("sum(i, F[j,i])", {"j": 1}, 22),
        ("sum(j, sum(i, F[j,i]))", {}, 66),
        ("sum(j, corr(F[j], F[j]))", {}, [1 + 100 + 4 + 400 + 9 + 900]),
    ],
)
def test_values(text, at, expected):
    """Each part of a formula has the value that its name says."""
    assert value(text, at).tolist() == expected


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("F[j]", {"j": 3}, "F[3] is outside F, which is 3 x 2"),
        ("F[i,j]", {"i": 0, "j": 2}, "F[0,2] is outside F, which is 3 x 2"),
        ("pad(F[j], 1)", {"j": 7}, "F[7] is outside F"),
    ],
)
def test_an_index_out_of_range_is_undefined(text, at, words):
    """An index beyond its axis has no value, and the message has the index and the sizes."""
    with pytest.raises(Undefined) as caught:
        value(text, at)
    assert words in str(caught.value)
    assert str(caught.value.why) == str(caught.value)


def test_a_sum_runs_over_the_first_axis_that_its_index_stands_for():
    """An index that stands for two axes of different sizes runs over the first, and past the end of the second."""
    with pytest.raises(Undefined, match=r"G\[2\] is outside G"):
        value("sum(j, corr(F[j], G[j]))", G=np.ones((2, 2)))


def test_every_value_of_the_free_indices():
    """A formula is evaluated at all values of its free indices, the last one fastest."""
    one = Evaluation({"F": F}, {})
    assert list(one.points([formula("F[j,i]")])) == [{"j": j, "i": i} for j in range(3) for i in range(2)]
    assert [float(found) for found in one.every(formula("F[j,i]"))] == [1, 10, 2, 20, 3, 30]


def test_no_free_index_is_one_value():
    """A formula without free indices has one value."""
    assert list(Evaluation({"F": F}, {}).points([formula("sum(j, F[j])")])) == [{}]


def test_points_of_two_formulas():
    """The indices of both sides of an equation are run over, each once."""
    points = Evaluation({"F": F, "X": X}, {}).points([formula("F[j]"), formula("corr(X[i,j], F[j])")])
    assert [tuple(point.items()) for point in points] == [(("j", j), ("i", i)) for j in range(3) for i in range(2)]


def test_what_formulas_share_is_computed_once():
    """The same part at the same indices is the same array."""
    one = Evaluation({"F": F}, {})
    assert one.value(formula("rot180(F[j])"), {"j": 1}) is one.value(formula("rot180(F[j])"), {"j": 1, "i": 5})
    assert one.value(formula("rot180(F[j])"), {"j": 0}) is not one.value(formula("rot180(F[j])"), {"j": 1})
