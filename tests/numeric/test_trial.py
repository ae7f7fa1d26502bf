"""A trial finds every gradient twice, by the exchanged program and by finite differences, and they are equal."""

import tracemalloc
from math import prod

import numpy as np
import oracles
import pytest

from gradcheck.errors import Disagreement, Untestable
from gradcheck.layers.layer import parse_layer
from gradcheck.numeric import trial as module
from gradcheck.numeric.program import count, without_zeros
from gradcheck.numeric.trial import EXACT, LARGEST, amplitude, difference, trial

SIZES = [
    {"k": 1, "n": 1, "m": 1, "p": 1},
    {"k": 2, "n": 3, "m": 2, "p": 1},
    {"k": 1, "n": 3, "m": 3, "p": 2},
    {"k": 3, "n": 4, "m": 1, "p": 2},
]
OTHERS = {"g": 2, "q": 3, "N": 2, "o": 2, "s": 2, "d": 2, "P": 2, "Q": 1}
OTHERS |= {"n1": 2, "n2": 3, "n3": 3, "m1": 1, "m2": 2, "m3": 3}


def sizes_of(kind, sizes):
    """The sizes that a layer has, those of strides and zeros included."""
    return {letter: (OTHERS | sizes)[letter] for letter in oracles.LETTERS[kind].split()}


def layer_of(kind):
    """A layer of the catalogue."""
    return parse_layer(kind, {})


def of(layer, sizes):
    """The sizes that a layer has."""
    return {name: sizes[name] for name in layer.sizes}


def entries(array):
    """The entries of an array by their place."""
    return dict(np.ndenumerate(array))


FITTING = [(kind, z) for kind in oracles.LAYERS for z in SIZES if oracles.fits(kind, **sizes_of(kind, z))]


def test_no_layer_is_left_out():
    """Every kind of layer fits most of the sizes that are tried."""
    assert all(sum(kind == one for one, _ in FITTING) >= 3 for kind in oracles.LAYERS)


@pytest.mark.parametrize(("kind", "sizes"), FITTING)
def test_finite_differences_are_the_gradients_of_nested_loops(kind, sizes):
    """Every finite difference equals the entry that plain nested loops give for the gradient."""
    layer, z = layer_of(kind), sizes_of(kind, sizes)
    one, names = trial(layer, 1, of(layer, z), 0), oracles.OPERANDS[kind]
    products = list(oracles.terms(kind, **z))
    told = oracles.backward(products, *(one.arrays[name] for name in names), one.arrays[layer.cotangent])
    for name, expected in zip(names, told, strict=True):
        assert entries(one.arrays[f"d{name}"]) == dict.fromkeys(entries(one.arrays[name]), 0) | expected


@pytest.mark.parametrize("kind", oracles.LAYERS)
def test_the_output_of_a_trial_is_that_of_nested_loops(kind):
    """The forward pass that differences are taken of is the layer's own."""
    layer, z = layer_of(kind), sizes_of(kind, SIZES[1])
    one = trial(layer, 1, of(layer, z), 0)
    expected = oracles.forward(list(oracles.terms(kind, **z)), *(one.arrays[name] for name in oracles.OPERANDS[kind]))
    assert entries(one.arrays[layer.output.tensor]) == expected


def test_entries_that_nothing_reads_have_no_difference():
    """Between the windows of a wide stride, beyond the last one, and where it is cropped, the gradient is zero."""
    layer = parse_layer("Y[a] += pad(X, -1, 0)[4*a+u] * F[u]", {"X": "n", "F": "m"})
    one = trial(layer, 1, {"n": 9, "m": 2}, 0)
    assert [n for n, zero in enumerate(one.arrays["dX"] == 0) if zero] == [0, 3, 4, 7, 8]
    assert one.differences == 11


@pytest.mark.parametrize("name", ["Y", "dX", "dF"])
def test_a_layer_whose_window_fits_nowhere_has_gradients_of_zero(name):
    """Without an output the gradients have their operands' shapes and nothing in them."""
    one = trial(parse_layer("conv1d_general", {}), 1, {"k": 1, "n": 2, "p": 1, "m": 3, "s": 2, "d": 3, "P": 1}, 0)
    assert one.arrays[name].shape == {"Y": (1, 0), "dX": (1, 2), "dF": (1, 1, 3)}[name]
    assert not one.arrays[name].any()


def test_there_is_a_difference_for_every_element_of_every_operand():
    """As many finite differences are taken as the operands have entries."""
    one = trial(layer_of("conv2d"), 1, SIZES[1], 0)
    assert one.differences == 2 * 3 * 3 + 1 * 2 * 2 * 2


def test_differences_in_small_batches_are_the_same(monkeypatch):
    """How many perturbed forward passes share a batch does not change what comes out."""
    layer = layer_of("conv2d")
    one = trial(layer, 1, SIZES[1], 0)
    monkeypatch.setattr(module, "CHUNK", 1)
    found = difference(layer, layer.reads[0], one.arrays, SIZES[1], count(layer, SIZES[1]))
    assert found.tolist() == one.arrays["dX"].tolist()


@pytest.mark.parametrize("kind", ["conv1d_general", "conv1d_transposed", "bias"])
def test_differences_of_padded_layers_in_small_batches_are_the_same(monkeypatch, kind):
    """An axis for the batch stands before those that are padded and dilated, and is neither."""
    layer = layer_of(kind)
    sizes = of(layer, sizes_of(kind, SIZES[2]))
    one = trial(layer, 1, sizes, 0)
    monkeypatch.setattr(module, "CHUNK", 1)
    read = layer.reads[0]
    found = difference(layer, read, one.arrays, sizes, count(layer, sizes))
    assert found.tolist() == one.arrays[f"d{read.tensor}"].tolist()


def test_differences_need_no_more_memory_than_a_batch(monkeypatch):
    """The perturbed operands are made batch by batch: a thousand entries do not take a thousand copies at once."""
    layer, sizes = layer_of("conv1d"), {"k": 1, "n": 1000, "m": 1, "p": 1}
    monkeypatch.setattr(module, "CHUNK", 1)
    tracemalloc.start()
    try:
        trial(layer, 1, sizes, 0)
        assert tracemalloc.get_traced_memory()[1] < 8 * 1000 * 1000
    finally:
        tracemalloc.stop()


def test_operands_are_integers_of_one_digit():
    """Entries can be retyped: integers from -9 to 9."""
    one = trial(layer_of("conv2d"), 1, SIZES[3], 0)
    for name in ("X", "F", "dY"):
        assert set(one.arrays[name].ravel()) <= set(range(-LARGEST, LARGEST + 1))


def test_the_same_seed_and_number_give_the_same_trial():
    """A trial depends on its seed and its number alone, and on both."""
    layer = layer_of("conv2d")
    entries = [trial(layer, n, SIZES[3], seed).arrays["X"].tolist() for n, seed in [(1, 0), (1, 0), (2, 0), (1, 1)]]
    assert entries[0] == entries[1]
    assert entries[0] != entries[2]
    assert entries[0] != entries[3]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda found: found + 1, id="off by one"),
        pytest.param(lambda found: -found, id="negated"),
        pytest.param(lambda found: found[..., ::-1], id="reversed"),
        pytest.param(lambda found: found[..., :-1], id="cropped"),
        pytest.param(lambda found: found + np.eye(found.size)[0].reshape(found.shape), id="one entry"),
    ],
)
def test_a_wrong_gradient_is_a_disagreement(monkeypatch, wrong):
    """A gradient that differs from its finite difference, in one entry or in its shape, is raised."""
    right = module.adjoint
    monkeypatch.setattr(module, "adjoint", lambda *args: wrong(right(*args)))
    with pytest.raises(Disagreement, match=r"dX of .* at .*'n': 4.* is not its finite difference"):
        trial(layer_of("conv2d"), 1, SIZES[3], 0)


def test_a_program_that_is_wrong_for_gradients_alone_is_a_disagreement(monkeypatch):
    """A fault in the program that shows in a gradient and not in the forward pass is raised."""
    right = module.run

    def planted(target, *args):
        found = right(target, *args)
        return found + (target.tensor == "dF")

    monkeypatch.setattr(module, "run", planted)
    with pytest.raises(Disagreement, match="dF of"):
        trial(layer_of("conv2d"), 1, SIZES[1], 0)


@pytest.mark.parametrize("kind", ["conv1d_general", "conv1d_transposed"])
@pytest.mark.parametrize("wrong", ["not cropped", "shifted", "one too few"])
def test_a_gradient_that_mistakes_its_zeros_is_a_disagreement(monkeypatch, kind, wrong):
    """A gradient read at the wrong place among the zeros of its operand is raised."""

    def planted(read, array, shape, sizes):
        before = {"not cropped": 0, "shifted": 3, "one too few": 1}[wrong]
        return np.pad(array, [(0, 0), (0, 99)])[:, before:][:, : shape[1]]

    layer = layer_of(kind)
    monkeypatch.setattr(module, "without_zeros", lambda *args: (planted if args[0].zeros else without_zeros)(*args))
    with pytest.raises(Disagreement, match="dX of"):
        trial(layer, 1, of(layer, sizes_of(kind, SIZES[2] | {"n": 4})), 0)


@pytest.mark.parametrize("factors", [2, 3, 4, 5])
@pytest.mark.parametrize("points", [1, 10, 2**20, 2**40, 2**43, 2**45, 2**48])
def test_no_sum_leaves_the_integers_that_a_float_holds(points, factors):
    """points * (amplitude + 1)**factors bounds every partial sum, and stays within 2**53."""
    most = amplitude(points, factors)
    assert 1 <= most <= LARGEST
    assert points * (most + 1) ** factors <= EXACT


@pytest.mark.parametrize("factors", [2, 3, 4, 5])
@pytest.mark.parametrize("points", [2**40, 2**43, 2**45])
def test_entries_are_as_large_as_exactness_allows(points, factors):
    """One more than the amplitude would be inexact, unless it is already one digit's most."""
    most = amplitude(points, factors)
    assert most == LARGEST or points * (most + 2) ** factors > EXACT


def test_exactness_has_its_own_limit():
    """2**53 + 1 is the first integer that a float64 does not hold."""
    assert float(EXACT) + 1 == EXACT
    assert float(EXACT) - 1 == EXACT - 1


def test_sums_too_long_to_be_exact_are_never_taken_for_exact():
    """Where not even entries of 1 keep the sums exact, the layer is untestable."""
    with pytest.raises(Untestable, match="exact"):
        amplitude(2**53, 3)


def test_the_amplitude_is_that_of_all_points_and_factors(monkeypatch):
    """A trial asks for the amplitude of as many products as L sums: one for each point, operands and cotangent."""
    asked = []
    monkeypatch.setattr(module, "amplitude", lambda points, factors: asked.append((points, factors)) or 1)
    one = trial(layer_of("conv2d"), 1, SIZES[1], 0)
    assert asked == [(prod((1, 2, 2, 2, 2, 2)), 3)]
    assert set(one.arrays["X"].ravel()) <= {-1, 0, 1}
