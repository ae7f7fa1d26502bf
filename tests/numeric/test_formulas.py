"""Array formulas mean what their names say, evaluated on NumPy arrays."""

import numpy as np
import oracles
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.signal import convolve, correlate

from gradcheck.notation.array_grammar import parse_array
from gradcheck.notation.scanner import Scanner
from gradcheck.numeric.formulas import MAX_ENTRIES, MAX_PRODUCTS, Evaluation, TooLarge, Undefined, corr, dilate, pad

X = np.arange(24.0).reshape(2, 3, 4)
F = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])


def formula(text):
    """The formula that a text stands for."""
    return parse_array(Scanner(text))


def value(text, at=(), **arrays):
    """The value of a formula at these indices, with X, F and any other arrays."""
    return Evaluation({"X": X, "F": F, **arrays}, {"c": 1, "m": 3}).value(formula(text), dict(at))


@pytest.mark.parametrize(
    ("array", "before", "after", "expected"),
    [
        ([1, 2], 0, 0, [1, 2]),
        ([1, 2], 2, 2, [0, 0, 1, 2, 0, 0]),
        ([1, 2], 2, 0, [0, 0, 1, 2]),
        ([1, 2], 0, 1, [1, 2, 0]),
        ([1, 2, 3], -1, -1, [2]),
        ([1, 2, 3], 0, -1, [1, 2]),
        ([1, 2, 3], -1, 2, [2, 3, 0, 0]),
        ([1, 2, 3], 2, -2, [0, 0, 1]),
        ([1, 2], 3, -3, [0, 0]),
        ([1, 2], -3, 3, [0, 0]),
        ([1, 2], -1, -1, []),
        ([1, 2], -2, 0, []),
        ([], 1, 1, [0, 0]),
        ([[1, 2]], 1, 1, [[0, 0, 0, 0], [0, 1, 2, 0], [0, 0, 0, 0]]),
        ([[1, 2]], 1, 0, [[0, 0, 0], [0, 1, 2]]),
        ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], -1, -1, [[5]]),
    ],
)
def test_pad(array, before, after, expected):
    """So many zeros come before and after on every axis; a negative amount removes entries instead."""
    assert pad(np.array(array, dtype=float), before, after).tolist() == expected


AMOUNTS = st.tuples(st.integers(-3, 4), st.integers(-3, 4), st.integers(1, 3))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), AMOUNTS, st.integers(0, 99))
def test_pad_and_dilate_equal_nested_loops(sides, amounts, seed):
    """Zeros between the entries and around them, or entries removed, are those of nested loops."""
    before, after, apart = amounts
    assume(min(sides) + before + after >= 0)
    array = np.random.default_rng(seed).integers(1, 10, size=sides).astype(float)
    assert dict(np.ndenumerate(dilate(array, apart))) == oracles.spread(array, 0, 0, apart)
    assert dict(np.ndenumerate(pad(array, before, after))) == oracles.spread(array, before, after)
    both = value(f"pad(dilate(S, {apart}), {before}, {after})", S=array)
    assert dict(np.ndenumerate(both)) == oracles.spread(array, before, after, apart)


@pytest.mark.parametrize("text", ["pad(S, 2, 1)", "pad(S, 1)", "crop(S, 1, 2)", "dilate(pad(S, 1, 2), 2)", "S"])
def test_the_comparison_with_nested_loops_sees_other_zeros(text):
    """Every other way to place the zeros differs from the oracle's."""
    array = np.array([1.0, 2, 3, 4])
    assert dict(np.ndenumerate(value("pad(S, 1, 2)", S=array))) == oracles.spread(array, 1, 2)
    assert dict(np.ndenumerate(value(text, S=array))) != oracles.spread(array, 1, 2)


@pytest.mark.parametrize(
    ("array", "factor", "expected"),
    [
        ([1, 2, 3], 1, [1, 2, 3]),
        ([1, 2, 3], 2, [1, 0, 2, 0, 3]),
        ([1], 9, [1]),
        ([], 2, []),
        ([[1, 2], [3, 4]], 3, [[1, 0, 0, 2], [0] * 4, [0] * 4, [3, 0, 0, 4]]),
    ],
)
def test_dilate(array, factor, expected):
    """Entries stand so many places apart, with zeros between them and none after the last."""
    assert dilate(np.array(array, dtype=float), factor).tolist() == expected


@pytest.mark.parametrize("factor", [0, -1])
def test_entries_are_at_least_one_place_apart(factor):
    """Entries that would stand on one another, or run backwards, have no value."""
    with pytest.raises(Undefined, match=f"entries cannot stand {factor} places apart"):
        dilate(np.ones(2), factor)


def test_padding_a_number_leaves_it():
    """A single number has no axis to pad or to dilate."""
    assert pad(np.array(5.0), 3, 1) == 5
    assert dilate(np.array(5.0), 3) == 5


@pytest.mark.parametrize(
    ("shape", "before", "after"),
    [((3,), -2, -2), ((5, 2), -2, -2), ((1,), -(10**9), -(10**9)), ((3,), 0, -4), ((3,), 1, -5)],
)
def test_cropping_more_than_there_is_is_undefined(shape, before, after):
    """Where less than nothing is left there is no value, and the message has both amounts."""
    with pytest.raises(Undefined, match=f"nothing is left of .* after a padding of {before} before and {after} after"):
        pad(np.zeros(shape), before, after)


@pytest.mark.parametrize(
    ("shape", "before", "after"),
    [((1, 1, 1), 10**6, 10**6), ((MAX_ENTRIES - 1,), 1, 1), ((MAX_ENTRIES,), 0, 1), ((1,), 10**12, 0)],
)
def test_padding_without_end_is_too_large(shape, before, after):
    """More entries than are allowed are not made."""
    with pytest.raises(TooLarge):
        pad(np.zeros(shape), before, after)


def test_dilating_without_end_is_too_large():
    """As many zeros between the entries as are allowed are made, one more is not."""
    assert dilate(np.ones(2), MAX_ENTRIES - 1).size == MAX_ENTRIES
    with pytest.raises(TooLarge):
        dilate(np.ones(2), MAX_ENTRIES)


def test_sliding_without_end_is_too_large():
    """More products than are allowed are not made, up to there they are."""
    side = int(MAX_PRODUCTS**0.5)
    assert corr(np.ones(2 * side - 1), np.ones(side)).shape == (side,)
    with pytest.raises(TooLarge):
        corr(np.ones(2 * side + 99), np.ones(side + 50))


def test_padding_up_to_the_limit_is_defined():
    """Exactly as many entries as are allowed may come out."""
    assert pad(np.zeros(MAX_ENTRIES - 2), 1, 1).size == MAX_ENTRIES


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


@settings(max_examples=80, deadline=None)
@given(small, st.booleans(), st.integers(1, 3), st.integers(1, 3))
def test_strided_and_dilated_slides_equal_nested_loops(drawn, reverse, stride, apart):
    """One position in so many is taken, and the kernel's entries lie so many places apart."""
    sides, seed = drawn
    random = np.random.default_rng(seed)
    signal = random.integers(-9, 10, size=[side + 3 for side in sides]).astype(float)
    kernel = random.integers(-9, 10, size=[random.integers(1, (side + 2) // apart + 2) for side in sides]).astype(float)
    op = "conv" if reverse else "corr"
    found = value(f"{op}(S, K, stride={stride}, dilation={apart})", S=signal, K=kernel)
    assert dict(np.ndenumerate(found)) == oracles.slid(signal, kernel, reverse, stride, apart)
    taken = value(f"{op}(S, dilate(K, {apart}))", S=signal, K=kernel)
    assert np.array_equal(found, taken[(slice(None, None, stride),) * len(sides)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("corr(S, K)", [21, 32, 43, 54, 65]),
        ("corr(S, K, stride=2)", [21, 43, 65]),
        ("corr(S, K, stride=3)", [21, 54]),
        ("corr(S, K, stride=9)", [21]),
        ("corr(S, K, dilation=2)", [31, 42, 53, 64]),
        ("corr(S, K, dilation=5)", [61]),
        ("corr(S, K, dilation=6)", []),
        ("corr(S, K, stride=2, dilation=2)", [31, 53]),
        ("conv(S, K, stride=2, dilation=2)", [13, 35]),
        ("corr(S, K, stride=c+1)", [21, 43, 65]),
        ("corr(S, K, dilation=m)", [41, 52, 63]),
    ],
)
def test_options_of_a_slide(text, expected):
    """A stride takes positions, a dilation spreads the kernel, and each may be a size."""
    assert value(text, S=np.array([1.0, 2, 3, 4, 5, 6]), K=np.array([1.0, 10])).tolist() == expected


@pytest.mark.parametrize(("reverse", "stride", "apart"), [(True, 2, 2), (False, 1, 2), (False, 2, 1), (False, 3, 2)])
def test_the_comparison_of_slides_sees_a_wrong_option(reverse, stride, apart):
    """A reversed kernel, another stride and another dilation each differ from nested loops."""
    signal, kernel = np.arange(1.0, 9) ** 2, np.array([1.0, 10])
    found = dict(np.ndenumerate(value("corr(S, K, stride=2, dilation=2)", S=signal, K=kernel)))
    assert found == oracles.slid(signal, kernel, False, 2, 2)
    assert found != oracles.slid(signal, kernel, reverse, stride, apart)


@pytest.mark.parametrize("stride", ["0", "-1", "c - 2"])
def test_a_stride_below_one_is_undefined(stride):
    """Positions do not stand still and do not go back."""
    with pytest.raises(Undefined, match=r"a stride of (0|-1)"):
        value(f"corr(F, F, stride={stride})")


def test_a_dilation_below_one_is_undefined():
    """A kernel's entries do not lie on one another."""
    with pytest.raises(Undefined, match="entries cannot stand 0 places apart"):
        value("corr(F, F, dilation=c - 1)")


@pytest.mark.parametrize(
    ("signal", "kernel", "stride", "sides"),
    [
        ((5,), (2,), 2, (2,)),
        ((5,), (1,), 2, (3,)),
        ((2,), (2,), 7, (1,)),
        ((1,), (2,), 2, (0,)),
        ((5, 4), (2, 4), 3, (2, 1)),
    ],
)
def test_a_strided_slide_takes_the_positions_that_fit(signal, kernel, stride, sides):
    """The last position is the last multiple of the stride at which the kernel fits."""
    assert corr(np.ones(signal), np.ones(kernel), stride).shape == sides


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
        ("pad(F[j], c, m)", {"j": 0}, [0, 1, 10, 0, 0, 0]),
        ("pad(F[j], c, -c)", {"j": 0}, [0, 1]),
        ("crop(F[j], 0, c)", {"j": 1}, [2]),
        ("crop(F[j], c, 0)", {"j": 1}, [20]),
        ("crop(F[j], c)", {"j": 1}, []),
        ("crop(F[j], -c, c)", {"j": 1}, [0, 2]),
        ("crop(pad(F, c, m), c, m)", {}, F.tolist()),
        ("dilate(F[j], m)", {"j": 2}, [3, 0, 0, 30]),
        ("rot180(pad(F[j], 1, 0))", {"j": 0}, [10, 1, 0]),
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


def test_a_sum_without_terms_is_undefined():
    """A sum over an axis of no entries has no value, and the message names the index."""
    with pytest.raises(Undefined, match="the sum over j has no terms"):
        value("sum(j, E[j])", E=np.ones((0, 2)))


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
