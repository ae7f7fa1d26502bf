"""A layer as one contraction with deltas: it must give what the strided views and finite differences give."""

import numpy as np
import oracles
import pytest

from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.layers.layer import gradient_name, parse_layer
from gradcheck.numeric.form import contract, form
from gradcheck.numeric.trial import trial

SIZES = [
    {"k": 2, "p": 3, "n": 4, "m": 2},
    {"k": 1, "p": 2, "n": 3, "m": 3},
    {"k": 3, "p": 1, "n": 5, "m": 1},
]
OTHERS = {"g": 2, "q": 3, "N": 2, "o": 2, "s": 2, "d": 2, "P": 2, "Q": 1}
OTHERS |= {"n1": 2, "n2": 3, "n3": 4, "m1": 1, "m2": 2, "m3": 2}


def tried(kind, sizes):
    """A layer, its sizes, its arrays by a trial, and its form."""
    layer = parse_layer(kind, {})
    own = {name: (OTHERS | sizes)[name] for name in layer.sizes}
    return layer, own, trial(layer, 0, own, 0).arrays, form(layer, own)


FITTING = [
    (kind, z)
    for kind in CATALOGUE
    for z in SIZES
    if oracles.fits(kind, **{letter: (OTHERS | z)[letter] for letter in oracles.LETTERS[kind].split()})
]


def test_no_layer_is_left_out():
    """Every entry of the catalogue fits some of the sizes that are tried."""
    assert {kind for kind, _ in FITTING} == set(CATALOGUE)


@pytest.mark.parametrize(("kind", "sizes"), FITTING, ids=str)
def test_the_contraction_is_what_a_trial_finds(kind, sizes):
    """With the output left out it is the output, with an operand left out that operand's finite differences."""
    layer, _, arrays, of = tried(kind, sizes)
    output = layer.output.tensor
    found = contract(of, {name: arrays[name] for name in layer.operands}, output)
    assert found.shape == arrays[output].shape
    assert np.array_equal(found, arrays[output])
    for operand in layer.operands:
        others = {name: arrays[name] for name in layer.operands if name != operand}
        found = contract(of, {**others, output: arrays[layer.cotangent]}, operand)
        assert found.shape == arrays[operand].shape
        assert np.array_equal(found, arrays[gradient_name(operand)])


def test_the_comparison_sees_another_line():
    """The form of a true convolution does not give a cross-correlation's output."""
    layer, own, arrays, _ = tried("conv2d", SIZES[0])
    other = form(parse_layer("trueconv2d", {}), own)
    found = contract(other, {name: arrays[name] for name in layer.operands}, "Y")
    assert found.shape == arrays["Y"].shape
    assert not np.array_equal(found, arrays["Y"])


@pytest.mark.parametrize(("kind", "sizes"), FITTING, ids=str)
def test_the_shapes_are_those_of_the_arrays(kind, sizes):
    """Every tensor of a form is as large as the array that a trial has for it."""
    layer, _, arrays, of = tried(kind, sizes)
    assert {tensor: of.shape(tensor) for tensor in of.axes} == {
        tensor: arrays[tensor].shape for tensor in (*layer.operands, layer.output.tensor)
    }


def test_the_deltas_say_which_entries_meet():
    """A delta is 1 where the index that is read is the place of the entry among its zeros, and 0 elsewhere."""
    of = form(parse_layer("conv1d_general", {}), {"k": 1, "p": 1, "n": 3, "m": 2, "s": 2, "d": 1, "P": 1})
    assert set(of.deltas) == {"X0", "X1"}
    assert of.deltas["X0"][1].tolist() == [[1]]
    names, delta = of.deltas["X1"]
    assert names == ("a", "u")
    assert [tuple(map(int, at)) for at in np.argwhere(delta)] == [(0, 1, 0), (1, 0, 1), (1, 1, 2)]
    assert set(delta.ravel()) == {0, 1}


@pytest.mark.parametrize("kind", ["dense", "bilinear", "attention_scores", "bias"])
def test_a_layer_that_reads_at_indices_alone_has_no_deltas(kind):
    """An axis that is read at an index alone needs no delta."""
    layer = parse_layer(kind, {})
    assert not form(layer, {name: (OTHERS | SIZES[0])[name] for name in layer.sizes}).deltas


def by_hand(x, f, places, s, d, before):
    """So many places of a strided, dilated correlation; what lies outside the image is zero."""
    meet = [[(s * a + d * u - before, u) for u in range(len(f))] for a in range(places)]
    return [sum(x[at] * f[u] for at, u in row if 0 <= at < len(x)) for row in meet]


SLID = {"k": 1, "p": 1, "n": 7, "m": 3, "s": 2, "d": 2, "P": 2}
MISTAKEN = [{"s": 1}, {"d": 1}, {"s": 3}, {"P": 0}, {"P": 1}, {"P": 3}, {"s": 1, "d": 1, "P": 0}, {}]


def image_and_filter():
    """Operands of a layer of one dimension."""
    random = np.random.default_rng(0)
    return random.integers(1, 10, 7).astype(float), random.integers(1, 10, 3).astype(float)


def slid(mistaken=None, extents=None):
    """The output of that layer, its form by mistaken sizes or extents."""
    x, f = image_and_filter()
    of = form(parse_layer("conv1d_general", {}), SLID, mistaken, extents)
    return contract(of, {"X": x[np.newaxis], "F": f[np.newaxis, np.newaxis]}, "Y")[0].tolist()


@pytest.mark.parametrize("mistaken", MISTAKEN, ids=str)
def test_mistaken_sizes_move_what_meets(mistaken):
    """The tensors keep their sizes, and entries meet where a stride, dilation or padding mistaken has them meet."""
    there = SLID | mistaken
    assert slid(mistaken) == by_hand(*image_and_filter(), 4, *(there[name] for name in "sdP"))


@pytest.mark.parametrize("mistaken", MISTAKEN[:-1], ids=str)
def test_what_is_mistaken_is_noticed(mistaken):
    """With mistaken sizes something else comes out, in the shape that is right."""
    assert len(slid(mistaken)) == len(slid())
    assert slid(mistaken) != slid()


@pytest.mark.parametrize("mistaken", MISTAKEN, ids=str)
def test_mistaken_sizes_give_a_gradient_of_that_mistake(mistaken):
    """dX by a mistaken stride is the loops' with that stride, in the image's own shape."""
    _, f = image_and_filter()
    cotangent, there = np.array([2.0, -3.0, 5.0, 7.0]), SLID | mistaken
    of = form(parse_layer("conv1d_general", {}), SLID, mistaken)
    found = contract(of, {"F": f[np.newaxis, np.newaxis], "Y": cotangent[np.newaxis]}, "X")
    expected = np.zeros(7)
    for a in range(4):
        for u in range(3):
            at = there["s"] * a + there["d"] * u - there["P"]
            if 0 <= at < 7:
                expected[at] += cotangent[a] * f[u]
    assert found.tolist() == [expected.tolist()]


@pytest.mark.parametrize("places", [1, 3, 4, 5, 6])
def test_an_index_takes_as_many_values_as_the_extents_say(places):
    """An output that is smaller or larger than counted reads on at its stride, zeros beyond the image."""
    assert slid(extents={"a": places}) == by_hand(*image_and_filter(), places, 2, 2, 2)


def test_other_indices_keep_their_extents():
    """Extents of one index leave the others, and the shapes of the operands, as they are."""
    layer = parse_layer("conv1d_general", {})
    one, other = form(layer, SLID), form(layer, SLID, extents={"a": 9})
    assert other.shape("Y") == (1, 9)
    assert [other.shape(name) for name in "XF"] == [one.shape(name) for name in "XF"]


def test_an_index_that_nothing_else_carries_repeats_the_sum():
    """An axis of the wanted tensor that no other carries has the same sum everywhere."""
    layer = parse_layer("Y[a] += X[a] * F[u]", {"X": "n", "F": "m"})
    of = form(layer, {"n": 2, "m": 3})
    assert contract(of, {"X": np.array([2.0, 3.0]), "Y": np.array([10.0, 1.0])}, "F").tolist() == [23.0] * 3
