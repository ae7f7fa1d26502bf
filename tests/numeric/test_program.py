"""One program runs every layer and every gradient: nested loops and scipy must agree with it, entry for entry."""

from itertools import product

import numpy as np
import oracles
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.signal import convolve, correlate

from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import ONE, ZERO, Int, Sym, evaluate
from gradcheck.notation.sums import Read
from gradcheck.numeric.program import count, run, with_zeros, without_zeros
from gradcheck.numeric.trial import adjoint

CORNERS = [  # k, n, m, p
    (1, 1, 1, 1),
    (2, 3, 1, 3),
    (2, 3, 3, 1),
    (1, 4, 2, 3),
    (3, 4, 3, 2),
    (2, 2, 2, 3),
]
SIZES = st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3)).filter(
    lambda sizes: sizes[2] <= sizes[1]
)
ZEROS = [  # s, d, P, Q: the strides, the dilation, and the zeros before and after
    {"s": 1, "d": 1, "P": 0, "Q": 0},
    {"s": 2, "d": 1, "P": 1, "Q": 0},  # a window ends before the last place
    {"s": 3, "d": 1, "P": 0, "Q": 1},  # strides wider than the filter: entries that nothing reads
    {"s": 1, "d": 2, "P": 2, "Q": 1},
    {"s": 2, "d": 3, "P": 3, "Q": 1},  # more zeros around than a window is wide
    {"s": 3, "d": 2, "P": 1, "Q": 4},
]
SLID = [kind for kind in oracles.SPATIAL if set(oracles.LETTERS[kind].split()) & {"s", "d", "P", "Q"}]
LETTERS = {**dict.fromkeys(("s", "d"), (1, 3)), **dict.fromkeys(("P", "Q"), (0, 3)), "n": (1, 4)}


@st.composite
def drawn(draw, kinds):
    """A layer and sizes at which it has an output."""
    kind = draw(st.sampled_from(kinds))
    z = {letter: draw(st.integers(*LETTERS.get(letter, (1, 3)))) for letter in oracles.LETTERS[kind].split()}
    assume(oracles.fits(kind, **z))
    return kind, z


def integers(random, shape):
    """Random integers of one digit."""
    return random.integers(-9, 10, size=shape).astype(float)


def entries(array):
    """The entries of an array by their place."""
    return dict(np.ndenumerate(array))


def ran(kind, z, seed=0):
    """The operands, output and cotangent of a layer with random integers, run by the package."""
    layer, random = parse_layer(kind, {}), np.random.default_rng(seed)
    operands = zip(oracles.OPERANDS[kind], oracles.shapes(kind, **z), strict=True)
    arrays = {name: integers(random, shape) for name, shape in operands}
    sizes = {name: z[name] for name in layer.sizes}
    output = run(layer.output, layer.reads, arrays, sizes, count(layer, sizes))
    arrays |= {layer.output.tensor: output, layer.cotangent: integers(random, output.shape)}
    return layer, arrays, sizes


def ran_named(kind, sizes, seed=0):
    """The same for sizes k, n, m and p."""
    z = dict(zip("knmp", sizes, strict=True))
    return ran(kind, {letter: z[letter] for letter in oracles.LETTERS[kind].split()}, seed)


def gradients(layer, arrays, sizes):
    """The gradients with respect to all operands, by the exchanged program."""
    return [adjoint(layer, read, arrays, sizes, count(layer, sizes)) for read in layer.reads]


def assert_same_as_loops(kind, z, seed=0):
    """Fails unless output and gradients are those of nested loops, in every entry and in their shapes."""
    layer, arrays, sizes = ran(kind, z, seed)
    operands = [arrays[name] for name in oracles.OPERANDS[kind]]
    products = list(oracles.terms(kind, **z))
    assert entries(arrays[layer.output.tensor]) == oracles.forward(products, *operands)
    expected = oracles.backward(products, *operands, arrays[layer.cotangent])
    for operand, found, told in zip(operands, gradients(layer, arrays, sizes), expected, strict=True):
        assert entries(found) == dict.fromkeys(entries(operand), 0) | told


@pytest.mark.parametrize("sizes", CORNERS)
@pytest.mark.parametrize("kind", oracles.KINDS)
def test_corner_layers_equal_nested_loops(kind, sizes):
    """The output and all gradients of layers of stride one are those of nested loops at every corner."""
    if oracles.SPATIAL.get(kind) == 3 and sizes[1] > 3:
        sizes = (1, 3, 2, 2)
    assert_same_as_loops(kind, dict(zip("knmp", sizes, strict=True)))


@pytest.mark.parametrize("zeros", ZEROS, ids=str)
@pytest.mark.parametrize("kind", SLID)
def test_corner_layers_with_zeros_equal_nested_loops(kind, zeros):
    """Padded, strided, dilated and transposed layers are nested loops at every corner of their zeros."""
    for k, n, m, p in CORNERS[:5]:
        z = {**zeros, "k": k, "n": n, "m": m, "p": p}
        z = {letter: z[letter] for letter in oracles.LETTERS[kind].split()}
        if oracles.fits(kind, **z):
            assert_same_as_loops(kind, z)


@pytest.mark.parametrize("kind", SLID)
def test_every_kind_with_zeros_fits_at_most_of_the_corners(kind):
    """The corners are no empty test: most of them are layers with an output."""
    told = [{**zeros, **dict(zip("knmp", sizes, strict=True))} for zeros in ZEROS for sizes in CORNERS[:5]]
    chosen = [{letter: z[letter] for letter in oracles.LETTERS[kind].split()} for z in told]
    assert sum(oracles.fits(kind, **z) for z in chosen) > len(told) / 2


@settings(max_examples=60, deadline=None)
@given(drawn([kind for kind in oracles.LAYERS if oracles.SPATIAL.get(kind) != 3]), st.integers(0, 99))
def test_random_layers_equal_nested_loops(layer, seed):
    """The output and all gradients of random layers of every kind are those of nested loops."""
    assert_same_as_loops(*layer, seed)


@settings(max_examples=100, deadline=None)
@given(drawn(["conv1d_general", "conv1d_transposed", "conv2d_strided", "conv2d_asymmetric"]), st.integers(0, 99))
def test_random_layers_with_zeros_equal_nested_loops(layer, seed):
    """Strides, dilations and paddings of any sizes that go together give what nested loops give."""
    assert_same_as_loops(*layer, seed)


@pytest.mark.parametrize(
    ("kind", "planted"),
    [
        ("conv2d", "trueconv2d"),
        ("conv2d_padded", "conv2d"),
        ("conv2d_strided", "conv2d"),
        ("conv2d_dilated", "conv2d"),
        ("conv1d_general", "conv1d"),
    ],
)
def test_the_comparison_with_nested_loops_notices_a_wrong_layer(monkeypatch, kind, planted):
    """Another line in the place of a layer's own does not pass the comparison."""
    z = {"k": 2, "n": 4, "m": 2, "p": 2, "s": 2, "d": 2, "P": 1, "Q": 1}
    z = {letter: z[letter] for letter in oracles.LETTERS[kind].split()}
    assert_same_as_loops(kind, z)
    monkeypatch.setitem(CATALOGUE, kind, (CATALOGUE[planted][0], CATALOGUE[kind][1]))
    with pytest.raises(AssertionError):
        assert_same_as_loops(kind, z)


@pytest.mark.parametrize(
    ("text", "kind", "change", "wrong"),
    [
        ("pad(X, P)", "conv1d_general", "pad(X, P, P+1)", {"n": 5, "m": 2, "P": 1, "s": 1, "d": 1}),
        ("pad(X, P)", "conv1d_general", "pad(X, P-1, P+1)", {"n": 5, "m": 2, "P": 1, "s": 2, "d": 1}),
        ("s*a", "conv1d_general", "d*a", {"n": 7, "m": 2, "P": 0, "s": 2, "d": 3}),
        ("d*u", "conv1d_general", "s*u", {"n": 7, "m": 2, "P": 0, "s": 2, "d": 3}),
        ("dilate(X, s)", "conv1d_transposed", "dilate(X, d)", {"n": 3, "m": 2, "P": 0, "Q": 0, "s": 2, "d": 3}),
        ("P+Q", "conv1d_transposed", "P", {"n": 3, "m": 2, "P": 0, "Q": 1, "s": 2, "d": 1}),
        ("(m-1-u)", "conv1d_transposed", "u", {"n": 3, "m": 2, "P": 0, "Q": 0, "s": 2, "d": 1}),
    ],
)
def test_the_comparison_with_nested_loops_notices_one_wrong_amount(monkeypatch, text, kind, change, wrong):
    """One amount of zeros, or one stride, that is another does not pass the comparison."""
    z = {"k": 1, "p": 1, **wrong}
    assert_same_as_loops(kind, z)
    line, shapes = CATALOGUE[kind]
    assert line.count(text) == 1
    monkeypatch.setitem(CATALOGUE, kind, (line.replace(text, change), shapes))
    with pytest.raises(AssertionError):
        assert_same_as_loops(kind, z)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["conv1d", "conv2d", "conv3d"]), SIZES, st.integers(0, 99))
def test_correlation_layers_equal_scipy(kind, sizes, seed):
    """Y, dF and dX are scipy's valid correlation, valid correlation and full convolution."""
    layer, arrays, named = ran_named(kind, sizes, seed)
    x, f, y, g = (arrays[name] for name in ("X", "F", "Y", "dY"))
    k, p = range(sizes[0]), range(sizes[3])
    assert np.array_equal(y, [sum(correlate(x[i], f[j, i], "valid", "direct") for i in k) for j in p])
    dx, df = gradients(layer, arrays, named)
    assert np.array_equal(df, [[correlate(x[i], g[j], "valid", "direct") for i in k] for j in p])
    assert np.array_equal(dx, [sum(convolve(g[j], f[j, i], "full", "direct") for j in p) for i in k])


@settings(max_examples=20, deadline=None)
@given(SIZES, st.integers(0, 99))
def test_depthwise_layers_equal_scipy(sizes, seed):
    """Each channel of a depthwise layer is one valid correlation, and so is its filter's gradient."""
    layer, arrays, named = ran_named("depthwise2d", sizes, seed)
    x, f, y, g = (arrays[name] for name in ("X", "F", "Y", "dY"))
    dx, df = gradients(layer, arrays, named)
    for i in range(sizes[0]):
        assert np.array_equal(y[i], correlate(x[i], f[i], "valid", "direct"))
        assert np.array_equal(df[i], correlate(x[i], g[i], "valid", "direct"))
        assert np.array_equal(dx[i], convolve(g[i], f[i], "full", "direct"))


@settings(max_examples=20, deadline=None)
@given(SIZES, st.integers(0, 99))
def test_true_convolution_layers_equal_scipy(sizes, seed):
    """A layer that reads its windows backwards is scipy's valid convolution; dX is a full correlation."""
    layer, arrays, named = ran_named("trueconv2d", sizes, seed)
    x, f, y, g = (arrays[name] for name in ("X", "F", "Y", "dY"))
    k, p = range(sizes[0]), range(sizes[3])
    assert np.array_equal(y, [sum(convolve(x[i], f[j, i], "valid", "direct") for i in k) for j in p])
    dx, _ = gradients(layer, arrays, named)
    assert np.array_equal(dx, [sum(correlate(g[j], f[j, i], "full", "direct") for j in p) for i in k])


@pytest.mark.parametrize("sizes", CORNERS)
def test_dense_layers_are_matrix_products(sizes):
    """A dense layer is W x, and its gradients are the outer product and the transposed product."""
    layer, arrays, named = ran_named("dense", sizes)
    w, x, y, g = (arrays[name] for name in ("W", "X", "Y", "dY"))
    dw, dx = gradients(layer, arrays, named)
    assert np.array_equal(y, w @ x)
    assert np.array_equal(dw, np.outer(g, x))
    assert np.array_equal(dx, w.T @ g)


@pytest.mark.parametrize(
    ("text", "shapes", "sizes", "expected"),
    [
        ("Y[a] += X[a+u] * F[u]", {"X": "5", "F": "2"}, {}, {"u": 2, "a": 4}),
        ("Y[a] += X[a+u] * F[u]", {"X": "3", "F": "3"}, {}, {"u": 3, "a": 1}),
        ("Y[a] += X[a+u] * F[u]", {"X": "2", "F": "3"}, {}, {"u": 3, "a": 0}),
        ("Y[a] += X[a+u] * F[u]", {"X": "5", "F": "0"}, {}, {"u": 0, "a": 6}),
        ("Y[a] += X[2*a+u] * F[u]", {"X": "6", "F": "3"}, {}, {"u": 3, "a": 2}),
        ("Y[a] += X[a+3*u] * F[u]", {"X": "9", "F": "3"}, {}, {"u": 3, "a": 3}),
        ("Y[a] += X[a+m-1-u] * F[u]", {"X": "5", "F": "m"}, {"m": 2}, {"u": 2, "a": 4}),
        ("Y[a] += X[a+u] * F[u] * H[a]", {"X": "9", "F": "2", "H": "3"}, {}, {"u": 2, "a": 3}),
        ("Y[a] += X[a+u] * F[u] * H[2*a]", {"X": "9", "F": "2", "H": "5"}, {}, {"u": 2, "a": 3}),
        ("Y[a] += X[s*a+d*u] * F[u]", {"X": "n", "F": "3"}, {"n": 9, "s": 2, "d": 3}, {"u": 3, "a": 2}),
        ("Y[a] += X[s*a+u] * F[u]", {"X": "n", "F": "2"}, {"n": 2, "s": 5}, {"u": 2, "a": 1}),
        ("Y[a] += pad(X, P)[a+u] * F[u]", {"X": "n", "F": "3"}, {"n": 1, "P": 2}, {"u": 3, "a": 3}),
        ("Y[a] += pad(X, P, 1)[2*a+u] * F[u]", {"X": "n", "F": "3"}, {"n": 3, "P": 2}, {"u": 3, "a": 2}),
        ("Y[a] += pad(X, -1)[a+u] * F[u]", {"X": "5", "F": "2"}, {}, {"u": 2, "a": 2}),
        ("Y[a] += pad(X, -1, P)[a+u] * F[u]", {"X": "5", "F": "2"}, {"P": 3}, {"u": 2, "a": 6}),
        ("Y[a] += dilate(X, s)[a+u] * F[u]", {"X": "3", "F": "2"}, {"s": 3}, {"u": 2, "a": 6}),
        ("Y[a] += pad(dilate(X, 2), 1)[a+u] * F[u]", {"X": "3", "F": "3"}, {}, {"u": 3, "a": 5}),
        ("Y[a] += pad(X, 1)[n-m+2-a+u] * F[u]", {"X": "n", "F": "m"}, {"n": 4, "m": 2}, {"u": 2, "a": 5}),
        ("Y[j,a,b] += B[j]", {"B": "p", "Y": "p o 2*o"}, {"p": 3, "o": 2}, {"j": 3, "a": 2, "b": 4}),
    ],
)
def test_window_positions_are_counted(text, shapes, sizes, expected):
    """An index that no axis bounds has as many values as keep every read among its operand's entries and zeros."""
    assert count(parse_layer(text, shapes), sizes) == expected


def test_what_is_padded_is_as_large_as_the_loops_say():
    """The extents of the output are those of nested loops for all small paddings, strides and dilations."""
    layer = parse_layer("conv1d_general", {})
    for n, m, s, d, before in product(range(1, 5), range(1, 4), range(1, 4), range(1, 4), range(4)):
        found = count(layer, {"k": 1, "p": 1, "n": n, "m": m, "s": s, "d": d, "P": before})["a"]
        assert found == len(oracles.windows(oracles.line(n, before, before), m, s, d)) // m


PADS = [(0, 0), (1, 2), (0, 3), (-1, 0), (0, -2), (-1, 2), (2, -1), (-2, -2), (-9, 9)]
AMOUNTS = [(side, *both) for side in (1, 2, 5) for both in product(PADS, (1, 2, 3)) if side + sum(both[0]) >= 0]


@pytest.mark.parametrize(("side", "pad", "apart"), AMOUNTS)
def test_zeros_come_between_and_around_the_entries(side, pad, apart):
    """What is read is the array among its zeros, with entries cropped where a padding is negative."""
    read = Read("X", (Sym("a"),), (tuple(map(Int, pad)),), (Int(apart),))
    expected = oracles.spread(np.arange(1.0, side + 1), *pad, apart)
    assert entries(with_zeros(read, np.arange(1.0, side + 1), {})) == expected


def test_the_comparison_of_zeros_sees_one_in_the_wrong_place():
    """An array padded on the wrong side is not the oracle's."""
    read = Read("X", (Sym("a"),), ((Int(2), Int(1)),))
    assert entries(with_zeros(read, np.ones(2), {})) != oracles.spread(np.ones(2), 1, 2)


@pytest.mark.parametrize(("side", "pad", "apart"), AMOUNTS)
def test_without_zeros_is_the_transpose_of_with_zeros(side, pad, apart):
    """<with(A), B> = <A, without(B)> for all A and B, whether places are added or taken away."""
    read = Read("X", (Sym("a"), Sym("b")), (tuple(map(Int, pad)), (ZERO, ZERO)), (Int(apart), ONE))
    random = np.random.default_rng(0)
    own = integers(random, (side, 3))
    among = with_zeros(read, own, {})
    other = integers(random, among.shape)
    assert (among * other).sum() == (own * without_zeros(read, other, own.shape, {})).sum()


@pytest.mark.parametrize(
    ("pad", "kept"), [((0, 0), [1, 2, 3]), ((2, 1), [1, 2, 3]), ((-1, 2), [0, 2, 3]), ((1, -2), [1, 0, 0])]
)
def test_what_was_cropped_comes_back_as_zero(pad, kept):
    """Padding comes and goes; an entry that was removed has no gradient."""
    read = Read("X", (Sym("a"),), (tuple(map(Int, pad)),))
    assert without_zeros(read, with_zeros(read, np.array([1.0, 2.0, 3.0]), {}), (3,), {}).tolist() == kept


def test_what_lies_beyond_what_was_written_has_no_gradient():
    """Where less was written than the operand has places, the rest are zeros."""
    read = Read("X", (Sym("a"),), ((ONE, ONE),))
    assert without_zeros(read, np.array([7.0, 8.0, 9.0]), (4,), {}).tolist() == [8, 9, 0, 0]


def test_a_read_without_zeros_is_the_array_itself():
    """Nothing is copied where there is nothing to add."""
    array = np.ones(3)
    assert with_zeros(Read("X", (Sym("a"),)), array, {}) is array


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 5), st.integers(1, 3), st.integers(-2, 3), st.integers(-2, 3), st.integers(1, 3), st.integers(0, 9)
)
def test_a_cropped_layer_equals_nested_loops(n, m, before, after, s, seed):
    """A negative padding removes entries: they are not read, and their gradient is zero."""
    places = oracles.line(n, before, after)
    assume(n + before + after >= m)
    layer = parse_layer(f"Y[a] += pad(X, {before}, {after})[s*a+u] * F[u]", {"X": "n", "F": "m"})
    products = [((a,), None if x is None else (x,), (u,)) for a, u, x in oracles.windows(places, m, s)]
    random, sizes = np.random.default_rng(seed), {"n": n, "m": m, "s": s}
    arrays = {"X": integers(random, n), "F": integers(random, m)}
    arrays["Y"] = run(layer.output, layer.reads, arrays, sizes, count(layer, sizes))
    arrays["dY"] = integers(random, arrays["Y"].shape)
    assert entries(arrays["Y"]) == oracles.forward(products, arrays["X"], arrays["F"])
    dx, df = gradients(layer, arrays, sizes)
    to_x, to_f = oracles.backward(products, arrays["X"], arrays["F"], arrays["dY"])
    assert entries(dx) == dict.fromkeys(entries(arrays["X"]), 0) | to_x
    assert entries(df) == dict.fromkeys(entries(arrays["F"]), 0) | to_f


SCATTER = Read("dX", (Sym("a") + Sym("u"),)), [Read("F", (Sym("u"),)), Read("dY", (Sym("a"),))]


def scattered(f, g):
    """dX[a+u] += F[u] dY[a]."""
    return run(*SCATTER, {"F": f, "dY": g}, {}, {"a": len(g), "u": len(f)})


@pytest.mark.parametrize(("n", "m", "side"), [(4, 2, 4), (3, 3, 3), (5, 1, 5)])
def test_a_target_written_through_sums_is_as_large_as_what_is_written(n, m, side):
    """dX[a+u] gets the size n back from the n-m+1 windows of m taps, which no formula tells it."""
    assert scattered(np.ones(m), np.ones(n - m + 1)).shape == (side,)


def test_a_target_written_through_sums_adds_up():
    """Several products that land on one entry are added, none overwritten."""
    assert scattered(np.array([1.0, 10.0]), np.array([1.0, 2.0, 3.0])).tolist() == [1, 12, 23, 30]


def test_nothing_written_is_an_empty_target():
    """A target written through sums of indices that take no values has no entries."""
    assert scattered(np.zeros(0), np.zeros(0)).shape == (0,)


def test_an_index_of_the_target_that_nothing_reads_repeats_the_sum():
    """A bias is added at every position: an index that no operand reads takes every value it is given."""
    layer = parse_layer("Y[a,j,b] += B[j]", {"B": "p", "Y": "o p q"})
    sizes = {"p": 2, "o": 3, "q": 1}
    found = run(layer.output, layer.reads, {"B": np.array([5.0, 7.0])}, sizes, count(layer, sizes))
    assert found.tolist() == [[[5], [7]]] * 3


def test_the_gradient_of_a_bias_is_the_sum_of_the_cotangent():
    """Every position at which a bias is added gives to its gradient."""
    layer, sizes = parse_layer("bias", {}), {"N": 2, "p": 3, "o": 2}
    g = integers(np.random.default_rng(0), (2, 3, 2, 2))
    arrays = {"B": np.ones(3), "dY": g}
    (found,) = gradients(layer, arrays, sizes)
    assert found.tolist() == [g[:, j].sum() for j in range(3)]


def test_an_index_of_the_target_comes_in_the_targets_order():
    """The axes of the result are those of the target, whatever the order in which they are read."""
    layer, sizes = parse_layer("Y[j,i] += W[i,j] * V[i]", {"W": "k p", "V": "k"}), {"k": 2, "p": 3}
    w = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    found = run(layer.output, layer.reads, {"W": w, "V": np.array([1.0, 10.0])}, sizes, count(layer, sizes))
    assert found.tolist() == [[1, 40], [2, 50], [3, 60]]


@pytest.mark.parametrize(
    ("text", "shapes", "operand"),
    [
        ("Y[j] += W[j,0] * X[j]", {"W": "p 1", "X": "p"}, "W"),
        ("Y[a] += X[a] * F[u]", {"X": "n", "F": "m"}, "F"),
        ("Y[a] += X[4*a+u] * F[u]", {"X": "n", "F": "m"}, "X"),
        ("Y[a] += pad(X, -1)[a+u] * F[u]", {"X": "n", "F": "m"}, "X"),
    ],
)
def test_gradients_of_unusual_reads_have_the_operands_shape(text, shapes, operand):
    """A constant read, an index that one operand alone carries, and entries not read have gradients as any other."""
    layer, sizes = parse_layer(text, shapes), {"p": 3, "n": 4, "m": 2}
    arrays = {n: np.ones([evaluate(e, sizes) for e in s]) for n, s in zip(layer.operands, layer.shapes, strict=True)}
    extents = count(layer, sizes)
    arrays["Y"] = run(layer.output, layer.reads, arrays, sizes, extents)
    arrays["dY"] = np.ones_like(arrays["Y"])
    read = next(read for read in layer.reads if read.tensor == operand)
    assert adjoint(layer, read, arrays, sizes, extents).shape == arrays[operand].shape
