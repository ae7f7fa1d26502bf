"""The catalogue: every named layer computes what its name says, against plain nested loops."""

from itertools import product
from math import prod

import numpy as np
import oracles
import pytest

from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import evaluate

SIZES = {"k": 2, "n": 3, "p": 2, "m": 2, "s": 2, "d": 2, "P": 1, "Q": 2, "N": 2, "g": 2, "q": 3, "o": 2}
SIZES |= {"n1": 2, "n2": 3, "n3": 2, "m1": 2, "m2": 1, "m3": 2}


def _chosen(name):
    """The sizes of a layer."""
    return {letter: SIZES[letter] for letter in oracles.LETTERS[name].split()}


def _entry(array, read, point):
    """What stands at a place of an operand among its zeros; None beyond them."""
    own = []
    for (e, dilation, (before, after)), side in zip(read.axes, array.shape, strict=True):
        place, apart = evaluate(e, point), evaluate(dilation, point)
        first, last = evaluate(before, point), evaluate(after, point)
        if not 0 <= place < first + apart * (side - 1) + 1 + last:
            return None
        own.append(divmod(place - first, apart))
    inside = all(rest == 0 and 0 <= x < side for (x, rest), side in zip(own, array.shape, strict=True))
    return int(array[tuple(x for x, _ in own)]) if inside else 0


def _interpret(layer, arrays, most):
    """The layer's line taken at its word: an output entry is the sum over every index of what is read there.

    An index that stands alone is bounded by that axis; a window's position, tried below `most`, is
    one at which every tap lies inside its operand and the zeros around it.
    """
    given = tuple(evaluate(e, SIZES) for e in layer.given)
    read = [(layer.output, given), *((read, a.shape) for read, a in zip(layer.reads, arrays, strict=True))]
    bounds = {
        str(e): side for one, sides in read for e, side in zip(one.at, sides or [None] * len(one.at), strict=True)
    }
    bounds = {name: side for name, side in bounds.items() if side is not None}
    outer = [str(e) for e in layer.output.at]
    inner = [name for name in layer.indices if name not in outer]
    y = {}
    for place in product(*(range(bounds.get(name, most)) for name in outer)):
        taps = product(*(range(bounds[name]) for name in inner))
        points = [SIZES | dict(zip([*outer, *inner], (*place, *tap), strict=True)) for tap in taps]
        found = [[_entry(*one, point) for one in zip(arrays, layer.reads, strict=True)] for point in points]
        if not any(None in entries for entries in found):
            y[place] = sum(map(prod, found))
    return y


def _operands(layer):
    random = np.random.default_rng(0)
    return [random.integers(-9, 10, [evaluate(e, SIZES) for e in shape]) for shape in layer.shapes]


def _looped(name, arrays):
    """The output of nested loops, and a number that is larger than any of its sides."""
    output = oracles.forward(list(oracles.terms(name, **_chosen(name))), *arrays)
    return output, max(map(max, output)) + 2


def test_every_layer_has_an_oracle():
    """Each name in the catalogue is computed a second way, with operands of the same names."""
    assert set(oracles.LAYERS) == CATALOGUE.keys()
    assert {name: parse_layer(name, {}).operands for name in CATALOGUE} == oracles.OPERANDS


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_named_layer_computes_what_its_name_says(name):
    """The line, taken at its word, gives what nested loops give, its operands being as large."""
    layer = parse_layer(name, {})
    arrays = _operands(layer)
    assert tuple(array.shape for array in arrays) == oracles.shapes(name, **_chosen(name))
    expected, most = _looped(name, arrays)
    assert _interpret(layer, arrays, most) == expected


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("conv2d", "trueconv2d"),
        ("trueconv2d", "conv2d"),
        ("conv2d_padded", "conv2d"),
        ("conv2d_asymmetric", "conv2d_padded"),
        ("conv2d_dilated", "conv2d"),
        ("conv2d_strided", "conv2d"),
        ("conv1d_general", "conv1d"),
    ],
)
def test_the_comparison_sees_another_layer(name, wrong):
    """Layers of one kind differ on these arrays, so one never passes for the other."""
    layer = parse_layer(name, {})
    arrays = _operands(layer)
    expected, most = _looped(wrong, arrays)
    assert _interpret(layer, arrays, most) != expected


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("conv1d_general", "pad(X, P)", "pad(X, P, P+1+Q)"),
        ("conv1d_general", "pad(X, P)", "pad(X, P, 0)"),
        ("conv1d_general", "pad(X, P)", "pad(X, Q, P)"),
        ("conv1d_general", "s*a", "3*a"),
        ("conv1d_general", "d*u", "u"),
        ("conv1d_transposed", "dilate(X, s)", "dilate(X, 3)"),
        ("conv1d_transposed", "d*(m-1)-P, ", "d*(m-1)-P+1, "),
        ("conv1d_transposed", "P+Q", "P"),
        ("conv1d_transposed", "(m-1-u)", "u"),
    ],
)
def test_the_comparison_sees_one_wrong_amount(name, old, new):
    """One stride or one amount of zeros that is another shows in the entries or in their number."""
    line, shapes = CATALOGUE[name]
    assert line.count(old) == 1
    layer = parse_layer(line.replace(old, new), shapes)
    arrays = _operands(layer)
    expected, most = _looped(name, arrays)
    assert _interpret(layer, arrays, most) != expected


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_named_layer_is_literal(name):
    """An entry is a line and a table of sizes, and the layer keeps the line."""
    line, shapes = CATALOGUE[name]
    layer = parse_layer(name, {})
    assert layer.text == line
    assert {*layer.operands, *([layer.output.tensor] if layer.given else [])} == set(shapes)


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_sizes_of_a_named_layer_are_the_letters_of_the_catalogue(name):
    """A layer's sizes are those that its oracle has; amounts of padding may be 0, all others start from 1."""
    layer = parse_layer(name, {})
    assert set(layer.sizes) == set(oracles.LETTERS[name].split())
    assert {size for size in layer.sizes if layer.least(size) == 0} == set(layer.sizes) & {"P", "Q"}
