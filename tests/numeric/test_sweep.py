"""Many random layers of a line are probed: the derived gradients hold, and a planted fault is a disagreement."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import oracles
import pytest

from gradcheck.errors import Disagreement
from gradcheck.layers.layer import parse_layer
from gradcheck.numeric import sweep as module
from gradcheck.numeric.program import Embedding, Program
from gradcheck.numeric.sweep import BOUND, derived, probed, sweep

SIZES = [
    {"k": 1, "n": 1, "m": 1, "p": 1},
    {"k": 2, "n": 3, "m": 2, "p": 1},
    {"k": 1, "n": 3, "m": 3, "p": 2},
    {"k": 3, "n": 5, "m": 2, "p": 2},
]
OTHERS = {"g": 2, "q": 3, "N": 2, "o": 2, "s": 2, "d": 2, "P": 2, "Q": 1}
OTHERS |= {"n1": 2, "n2": 3, "n3": 3, "m1": 1, "m2": 2, "m3": 3}
RANDOM = np.random.default_rng(8)


def layer_of(kind):
    """A layer of the catalogue."""
    return parse_layer(kind, {})


def sizes_of(kind):
    """The sizes at which a layer fits."""
    own = [{letter: (OTHERS | z)[letter] for letter in oracles.LETTERS[kind].split()} for z in SIZES]
    return [z for z in own if oracles.fits(kind, **z)]


def dense(found):
    """Entries by their places as an array."""
    return dict(np.ndenumerate(found))


@pytest.mark.parametrize("kind", oracles.LAYERS)
def test_probes_of_a_catalogue_layer_hold(kind):
    """At all sizes, in enough trials, and with the chance below the bound."""
    found = sweep(layer_of(kind), sizes_of(kind), 0)
    assert len(found) == len(sizes_of(kind)) >= 3
    assert all(one.holds and not one.empty and one.chance <= BOUND for one in found)


@pytest.mark.parametrize("kind", oracles.LAYERS)
def test_a_layer_as_a_function_is_that_of_nested_loops(kind):
    """Output and gradients, on arrays of whole numbers."""
    z = sizes_of(kind)[1]
    layer = layer_of(kind)
    of = derived(layer, z)
    inputs = tuple(RANDOM.integers(-5, 6, shape).astype(float) for shape in of.shapes)
    dy = RANDOM.integers(-5, 6, of.output).astype(float)
    own = dict(zip(layer.operands, inputs, strict=True))
    products = list(oracles.terms(kind, **z))
    operands = [own[name] for name in oracles.OPERANDS[kind]]
    expected = dict(zip(oracles.OPERANDS[kind], oracles.backward(products, *operands, dy), strict=True))
    (output,), gradients = of.pull(inputs, (dy,))
    assert dense(output) == dense(of.value(inputs)[0]) == oracles.forward(products, *operands)
    for name, array, gradient in zip(layer.operands, inputs, gradients, strict=True):
        assert dense(gradient) == dict.fromkeys(dense(array), 0) | expected[name]


def test_points_are_those_of_the_seed_and_the_number():
    """The same again; others at another seed; and a share of the sizes has the numbers of the whole."""
    of = derived(layer_of("conv2d"), SIZES[3])

    def drawn(seed):
        return of.draws(seed).points()[0].floats[0]

    assert np.array_equal(drawn([0, 3]), drawn([0, 3]))
    assert not np.array_equal(drawn([0, 3]), drawn([1, 3]))
    assert not np.array_equal(drawn([0, 3]), drawn([0, 4]))


@pytest.mark.parametrize("kind", ["dense", "conv2d", "conv1d_transposed", "bilinear"])
def test_no_sum_leaves_the_integers_of_a_float(kind):
    """The longest sum of the largest products of two of the arrays is within 2**53."""
    of = derived(layer_of(kind), sizes_of(kind)[-1])
    draws = of.draws(0)
    largest = [2 ** (bits - 1) for bits in draws.bits]
    products = sum(None not in places for _, *places in oracles.terms(kind, **sizes_of(kind)[-1]))
    for left_out in range(len(largest)):
        assert products * np.prod([float(n) for k, n in enumerate(largest) if k != left_out]) <= 2**53


IN_PROCESSES = """
from gradcheck.layers.layer import parse_layer
from gradcheck.numeric.sweep import sweep
one, *others = (sweep(parse_layer("conv2d", {}), SIZES, 5, jobs=jobs) for jobs in (1, 2, 3))
assert len(one) == len(SIZES) and all(other == one for other in others)
"""


def test_several_processes_find_the_same():
    """In the same order, however the sizes are shared out; in a process of their own, since JAX forbids forks."""
    done = subprocess.run([sys.executable, "-c", f"SIZES = {SIZES}\n{IN_PROCESSES}"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_sizes_are_no_probes():
    """Nothing is swept."""
    assert sweep(layer_of("conv2d"), [], 0) == []


@pytest.mark.parametrize("bound", [1e-6, 1e-30])
def test_a_smaller_bound_takes_more_trials(bound):
    """Until the chance is below it."""
    (one,) = sweep(layer_of("conv2d"), [SIZES[3]], 0, bound)
    (usual,) = sweep(layer_of("conv2d"), [SIZES[3]], 0)
    assert one.chance <= bound
    assert (one.trials > usual.trials) == (bound < usual.chance)


def test_what_depends_on_sizes_alone_is_worked_out_once():
    """The same layer again, another at other sizes."""
    layer = layer_of("conv2d")
    assert derived(layer, SIZES[1]) is derived(layer, dict(SIZES[1]))
    assert derived(layer, SIZES[1]) is not derived(layer, SIZES[3])


# planted faults


PLANTED = {
    "off by one": lambda found: found + 1,
    "negated": lambda found: -found,
    "doubled": lambda found: 2 * found,
    "reversed": lambda found: found[..., ::-1],
    "one entry": lambda found: found + np.eye(found.size)[found.size // 2].reshape(found.shape),
    "half": lambda found: found / 2,
    "nothing": lambda found: 0 * found,
}


class Wrong:
    """A program whose result is changed."""

    def __init__(self, right, change):
        self.right, self.change = right, change

    def __call__(self, arrays):
        return self.change(self.right(arrays))


def planted(of, number, change):
    """A layer one of whose derived gradients is wrong."""
    backward = list(of.backward)
    backward[number] = Wrong(backward[number][0], change), backward[number][1]
    return replace(of, backward=tuple(backward))


@pytest.mark.parametrize("fault", PLANTED)
@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("kind", ["conv2d", "dense", "conv1d_general"])
def test_a_wrong_gradient_is_a_disagreement(kind, number, fault):
    """Whichever operand's it is; the layer and its sizes are told."""
    layer = layer_of(kind)
    of = derived(layer, sizes_of(kind)[-1])
    assert probed(of, [0, 0]).holds
    with pytest.raises(Disagreement, match="is not that of its forward pass") as caught:
        probed(planted(of, number, PLANTED[fault]), [0, 0])
    assert layer.text in str(caught.value)
    assert str(of.shapes) in str(caught.value)


@pytest.mark.parametrize("seed", range(5))
def test_a_wrong_forward_pass_is_a_disagreement(seed):
    """By any seed."""
    of = derived(layer_of("conv2d"), SIZES[3])
    with pytest.raises(Disagreement):
        probed(replace(of, forward=Wrong(of.forward, lambda found: found[:, ::-1])), [seed, 0])


def test_a_fault_at_one_of_many_sizes_is_a_disagreement(monkeypatch):
    """The others being right."""
    right = module.derived

    def at_one(layer, sizes):
        of = right(layer, sizes)
        return planted(of, 1, PLANTED["one entry"]) if sizes == SIZES[2] else of

    assert sweep(layer_of("conv2d"), SIZES, 0)
    monkeypatch.setattr(module, "derived", at_one)
    with pytest.raises(Disagreement, match=r"operands of \(\(1, 3, 3\), \(2, 1, 3, 3\)\)"):
        sweep(layer_of("conv2d"), SIZES, 0)


def test_a_program_that_is_wrong_for_gradients_alone_is_a_disagreement(monkeypatch):
    """A fault in what both passes are made of, that shows in one."""
    right = Program.__call__

    def wrong(self, arrays):
        return right(self, arrays) + ("dY" in arrays and any(view.tensor == "dY" for view in self.views))

    monkeypatch.setattr(Program, "__call__", wrong)
    with pytest.raises(Disagreement):
        sweep(layer_of("conv2d"), [SIZES[3]], 0)


def test_a_gradient_that_is_cut_at_the_wrong_place_is_a_disagreement(monkeypatch):
    """The zeros around an operand are taken for its entries."""
    right = Embedding.into
    monkeypatch.setattr(Embedding, "into", lambda self, array: np.roll(right(self, array), 1, -1))
    with pytest.raises(Disagreement):
        sweep(layer_of("conv1d_general"), sizes_of("conv1d_general")[-1:], 0)
