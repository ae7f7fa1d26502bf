"""One program runs every layer and every gradient: nested loops and scipy must agree with it, entry for entry."""

import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import convolve, correlate

from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import Sym
from gradcheck.notation.sums import Read
from gradcheck.numeric.program import count, run
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


def layer_of(kind):
    """A layer of the catalogue."""
    return parse_layer(kind, CATALOGUE[kind][1])


def integers(random, shape):
    """Random integers of one digit."""
    return random.integers(-9, 10, size=shape).astype(float)


def entries(array):
    """The entries of an array by their place."""
    return dict(np.ndenumerate(array))


def ran(kind, sizes, seed=0):
    """The operands, output and cotangent of a layer with random integers, run by the package."""
    layer, random = layer_of(kind), np.random.default_rng(seed)
    left, right = (integers(random, shape) for shape in oracles.shapes(kind, *sizes))
    arrays = dict(zip(oracles.OPERANDS[kind], (left, right), strict=True))
    named = dict(zip("knmp", sizes, strict=True))
    arrays["Y"] = run(layer.output, layer.reads, arrays, named)
    arrays["dY"] = integers(random, arrays["Y"].shape)
    return layer, arrays, named


def gradients(layer, arrays, named):
    """The gradients with respect to both operands, by the exchanged program."""
    return [adjoint(layer, read, arrays, named) for read in layer.reads]


def assert_same_as_loops(kind, sizes, seed=0):
    """Fails unless output and gradients are those of nested loops."""
    layer, arrays, named = ran(kind, sizes, seed)
    left, right = (arrays[name] for name in oracles.OPERANDS[kind])
    products = list(oracles.terms(kind, *sizes))
    assert entries(arrays["Y"]) == oracles.forward(products, left, right)
    expected = oracles.backward(products, left, right, arrays["dY"])
    assert tuple(map(entries, gradients(layer, arrays, named))) == expected


@pytest.mark.parametrize("sizes", CORNERS)
@pytest.mark.parametrize("kind", oracles.KINDS)
def test_corner_layers_equal_nested_loops(kind, sizes):
    """The output and both gradients of every catalogued layer are those of nested loops at every corner."""
    if oracles.SPATIAL.get(kind) == 3 and sizes[1] > 3:
        sizes = (1, 3, 2, 2)
    assert_same_as_loops(kind, sizes)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([kind for kind in oracles.KINDS if kind != "conv3d"]), SIZES, st.integers(0, 99))
def test_random_layers_equal_nested_loops(kind, sizes, seed):
    """The output and both gradients of random layers are those of nested loops."""
    assert_same_as_loops(kind, sizes, seed)


def test_the_comparison_with_nested_loops_notices_a_wrong_layer(monkeypatch):
    """A true convolution in place of a correlation does not pass the comparison."""
    monkeypatch.setitem(CATALOGUE, "conv2d", CATALOGUE["trueconv2d"])
    with pytest.raises(AssertionError):
        assert_same_as_loops("conv2d", (2, 3, 2, 2))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["conv1d", "conv2d", "conv3d"]), SIZES, st.integers(0, 99))
def test_correlation_layers_equal_scipy(kind, sizes, seed):
    """Y, dF and dX are scipy's valid correlation, valid correlation and full convolution."""
    layer, arrays, named = ran(kind, sizes, seed)
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
    layer, arrays, named = ran("depthwise2d", sizes, seed)
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
    layer, arrays, named = ran("trueconv2d", sizes, seed)
    x, f, y, g = (arrays[name] for name in ("X", "F", "Y", "dY"))
    k, p = range(sizes[0]), range(sizes[3])
    assert np.array_equal(y, [sum(convolve(x[i], f[j, i], "valid", "direct") for i in k) for j in p])
    dx, _ = gradients(layer, arrays, named)
    assert np.array_equal(dx, [sum(correlate(g[j], f[j, i], "full", "direct") for j in p) for i in k])


@pytest.mark.parametrize("sizes", CORNERS)
def test_dense_layers_are_matrix_products(sizes):
    """A dense layer is W x, and its gradients are the outer product and the transposed product."""
    layer, arrays, named = ran("dense", sizes)
    w, x, y, g = (arrays[name] for name in ("W", "X", "Y", "dY"))
    dw, dx = gradients(layer, arrays, named)
    assert np.array_equal(y, w @ x)
    assert np.array_equal(dw, np.outer(g, x))
    assert np.array_equal(dx, w.T @ g)


@pytest.mark.parametrize(
    ("text", "shapes", "named", "expected"),
    [
        ("Y[a] += X[a+u] * F[u]", {"X": 5, "F": 2}, {}, {"u": 2, "a": 4}),
        ("Y[a] += X[a+u] * F[u]", {"X": 3, "F": 3}, {}, {"u": 3, "a": 1}),
        ("Y[a] += X[a+u] * F[u]", {"X": 2, "F": 3}, {}, {"u": 3, "a": 0}),
        ("Y[a] += X[a+u] * F[u]", {"X": 5, "F": 0}, {}, {"u": 0, "a": 6}),
        ("Y[a] += X[2*a+u] * F[u]", {"X": 6, "F": 3}, {}, {"u": 3, "a": 2}),
        ("Y[a] += X[a+3*u] * F[u]", {"X": 9, "F": 3}, {}, {"u": 3, "a": 3}),
        ("Y[a] += X[a+m-1-u] * F[u]", {"X": 5, "F": "m"}, {"m": 2}, {"u": 2, "a": 4}),
        ("Y[a] += X[a+u] * F[u] * H[a]", {"X": 9, "F": 2, "H": 3}, {}, {"u": 2, "a": 3}),
        ("Y[a] += X[a+u] * F[u] * H[2*a]", {"X": 9, "F": 2, "H": 5}, {}, {"u": 2, "a": 3}),
    ],
)
def test_window_positions_are_counted(text, shapes, named, expected):
    """An index that no axis bounds has as many values as keep every read in bounds."""
    layer = parse_layer(text, {name: str(size) for name, size in shapes.items()})
    arrays = {name: np.zeros(named.get(size, size)) for name, size in shapes.items()}
    assert count(layer.reads, arrays, named) == expected


@pytest.mark.parametrize(("n", "m", "side"), [(4, 2, 4), (3, 3, 3), (5, 1, 5)])
def test_a_target_written_through_sums_is_as_large_as_what_is_written(n, m, side):
    """dX[a+u] gets the size n back from the n-m+1 windows of m taps, which no formula tells it."""
    target = Read("dX", (Sym("a") + Sym("u"),))
    reads = [Read("F", (Sym("u"),)), Read("dY", (Sym("a"),))]
    found = run(target, reads, {"F": np.ones(m), "dY": np.ones(n - m + 1)}, {})
    assert found.shape == (side,)


def test_a_target_written_through_sums_adds_up():
    """Several products that land on one entry are added, none overwritten."""
    target = Read("dX", (Sym("a") + Sym("u"),))
    reads = [Read("F", (Sym("u"),)), Read("dY", (Sym("a"),))]
    found = run(target, reads, {"F": np.array([1.0, 10.0]), "dY": np.array([1.0, 2.0, 3.0])}, {})
    assert found.tolist() == [1, 12, 23, 30]


def test_nothing_written_is_an_empty_target():
    """A target written through sums of indices that take no values has no entries."""
    target = Read("dX", (Sym("a") + Sym("u"),))
    reads = [Read("F", (Sym("u"),)), Read("dY", (Sym("a"),))]
    assert run(target, reads, {"F": np.zeros(0), "dY": np.zeros(0)}, {}).shape == (0,)


def test_an_index_of_the_target_comes_in_the_targets_order():
    """The axes of the result are those of the target, whatever the order in which they are read."""
    layer = parse_layer("Y[j,i] += W[i,j] * V[i]", {"W": "k p", "V": "k"})
    w = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    found = run(layer.output, layer.reads, {"W": w, "V": np.array([1.0, 10.0])}, {"k": 2, "p": 3})
    assert found.tolist() == [[1, 40], [2, 50], [3, 60]]


@pytest.mark.parametrize(
    ("text", "shapes", "operand"),
    [
        ("Y[j] += W[j,0] * X[j]", {"W": "p 1", "X": "p"}, "W"),
        ("Y[a] += X[a] * F[u]", {"X": "n", "F": "m"}, "F"),
    ],
)
def test_gradients_of_unusual_reads_have_the_operands_shape(text, shapes, operand):
    """A constant read, and an index that only one operand carries, have gradients as any other read."""
    layer, named = parse_layer(text, shapes), {"p": 3, "n": 3, "m": 2}
    sizes = {"p": 3, "n": 3, "m": 2, "1": 1}
    arrays = {name: np.ones([sizes[word] for word in text.split()]) for name, text in shapes.items()}
    arrays["Y"] = run(layer.output, layer.reads, arrays, named)
    arrays["dY"] = np.ones_like(arrays["Y"])
    read = next(read for read in layer.reads if read.tensor == operand)
    assert adjoint(layer, read, arrays, named).shape == arrays[operand].shape
