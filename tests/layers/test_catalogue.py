"""The catalogue: every named layer computes what its name says, against plain loops and slices."""

from itertools import product
from math import prod

import numpy as np
import pytest

from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import evaluate

SIZES = {"k": 2, "n": 3, "p": 2, "m": 2}
SIDE = SIZES["n"] - SIZES["m"] + 1


def _windows(x, axes):
    """Every window of side m along the last axes of x, with its position."""
    for at in product(range(SIDE), repeat=axes):
        yield at, x[(..., *(slice(a, a + SIZES["m"]) for a in at))]


def _dense(w, x):
    return np.array([sum(w[j, i] * x[i] for i in range(SIZES["k"])) for j in range(SIZES["p"])])


def _correlation(x, f):
    axes = x.ndim - 1
    y = np.zeros((SIZES["p"], *[SIDE] * axes), dtype=int)
    for j in range(SIZES["p"]):
        for at, window in _windows(x, axes):
            y[(j, *at)] = (window * f[j]).sum()
    return y


def _depthwise(x, f):
    y = np.zeros((SIZES["k"], SIDE, SIDE), dtype=int)
    for i in range(SIZES["k"]):
        for at, window in _windows(x[i], 2):
            y[(i, *at)] = (window * f[i]).sum()
    return y


def _convolution(x, f):
    return _correlation(x, f[:, :, ::-1, ::-1])


ORACLES = {
    "dense": _dense,
    "conv1d": _correlation,
    "conv2d": _correlation,
    "conv3d": _correlation,
    "depthwise2d": _depthwise,
    "trueconv2d": _convolution,
}


def _inside(at, array):
    return all(0 <= x < side for x, side in zip(at, array.shape, strict=True))


def _interpret(layer, arrays, like):
    """The layer's line taken at its word: each point of the index box adds one product of entries."""
    y = np.zeros_like(like)
    for point in product(range(max(SIZES.values())), repeat=len(layer.indices)):
        at = SIZES | dict(zip(layer.indices, point, strict=True))
        target, *sources = (tuple(evaluate(e, at) for e in read.at) for read in (layer.output, *layer.reads))
        if _inside(target, y) and all(map(_inside, sources, arrays)):
            y[target] += prod(int(array[source]) for array, source in zip(arrays, sources, strict=True))
    return y


def _operands(layer):
    random = np.random.default_rng(0)
    return [random.integers(-9, 10, [evaluate(e, SIZES) for e in shape]) for shape in layer.shapes]


def test_every_layer_has_an_oracle():
    """Each name in the catalogue is computed a second way here."""
    assert ORACLES.keys() == CATALOGUE.keys()


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_named_layer_computes_what_its_name_says(name):
    """The line, taken at its word, gives what loops over windows give."""
    layer = parse_layer(name, {})
    arrays = _operands(layer)
    expected = ORACLES[name](*arrays)
    assert _interpret(layer, arrays, expected).tolist() == expected.tolist()


@pytest.mark.parametrize(("name", "wrong"), [("conv2d", _convolution), ("trueconv2d", _correlation)])
def test_the_comparison_sees_a_filter_that_is_not_reversed(name, wrong):
    """Correlation and true convolution differ on these arrays, so one never passes for the other."""
    layer = parse_layer(name, {})
    arrays = _operands(layer)
    expected = wrong(*arrays)
    assert _interpret(layer, arrays, expected).tolist() != expected.tolist()


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_named_layer_is_literal(name):
    """An entry is a line and a table of sizes, and the layer keeps the line."""
    line, shapes = CATALOGUE[name]
    layer = parse_layer(name, {})
    assert layer.text == line
    assert set(layer.operands) == set(shapes)
