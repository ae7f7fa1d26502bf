"""The probe holds for gradients that are right and for no others, and misses no more of these than it says."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.numeric import points
from gradcheck.numeric import probe as module
from gradcheck.numeric.points import FEW, MANY, Draws
from gradcheck.numeric.probe import BLOCK, LARGE, MOST_TRIALS, OffGrid, output_places, paired, probe, wrong

BITS, LARGEST, BOUND = 20, 1, 1e-12
QUICK = settings(max_examples=100, deadline=None, derandomize=True)


@dataclass
class Given:
    """A function with gradients, as they stand, and the shapes of its inputs and output."""

    forward: Callable
    backward: Callable
    inputs: tuple
    output: tuple
    dtype: str = "float64"

    def value(self, inputs):
        return (self.forward(*inputs),)

    def pull(self, inputs, cotangents):
        return (self.forward(*inputs),), tuple(self.backward(*cotangents, *inputs))

    def draws(self, seed=0, bits=BITS, largest=LARGEST):
        return Draws(seed, self.inputs, [self.output], [bits] * (len(self.inputs) + 1), [largest] * len(self.inputs))


def loops(inputs, output, terms):
    """A function by nested loops: the sum of one entry of each input into an entry of the output, for each term."""

    def forward(*arrays):
        found = np.zeros(output)
        for at, *places in terms:
            one = 1.0
            for array, place in zip(arrays, places, strict=True):
                one *= array[place]
            found[at] += one
        return found

    def backward(dy, *arrays):
        found = [np.zeros(shape) for shape in inputs]
        for at, *places in terms:
            for n, place in enumerate(places):
                one = dy[at]
                for other, array in enumerate(arrays):
                    if other != n:
                        one *= array[places[other]]
                found[n][place] += one
        return found

    return Given(forward, backward, inputs, output)


MATMUL = loops(
    ((2, 3), (3, 3)), (2, 3), [((i, j), (i, k), (k, j)) for i, j, k in product(range(2), range(3), range(3))]
)
CONVOLUTION = loops(((7,), (3,)), (5,), [((a,), (a + u,), (u,)) for a, u in product(range(5), range(3))])
TRILINEAR = loops(
    ((2,), (5, 2, 2), (2,)), (5,), [((p,), (i,), (p, i, j), (j,)) for p, i, j in product(range(5), range(2), range(2))]
)
LINEAR = loops(((4,),), (5,), [((n,), (min(n, 3),)) for n in range(5)] + [((1,), (3,))])
MULTILINEAR = {"matmul": MATMUL, "convolution": CONVOLUTION, "trilinear": TRILINEAR, "linear": LINEAR}


def mistaken(of, mistake):
    """The function with gradients that the mistake makes of the right ones."""
    return Given(of.forward, lambda dy, *arrays: mistake(of.backward(dy, *arrays)), of.inputs, of.output)


def biased(factor=1.0, bias=1.0):
    """x * w + b, affine and not linear in x and in w; two of its gradients may be wrong by a factor."""
    shapes = ((5,), (5,), (5,))
    return Given(lambda x, w, b: x * w + b, lambda dy, x, w, b: (factor * dy * w, dy * x, bias * dy), shapes, shapes[0])


def entry(n, amount):
    """Changes one entry of one gradient."""

    def change(found):
        found[n].reshape(-1)[1] += amount
        return found

    return change


# gradients that are right


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("of", MULTILINEAR)
def test_right_gradients_hold(of, seed):
    """All equations hold for a function of products, in two trials of so many bits."""
    found = probe(MULTILINEAR[of], MULTILINEAR[of].draws(seed, 16), 1e-9)
    assert (found.holds, found.empty, found.off, found.trials) == (True, False, "", 2)
    assert found.chance == 2.0**-30
    assert found.elsewhere <= len(MULTILINEAR[of].inputs) * 2.0**-16


@pytest.mark.parametrize("bits", [1, 2, 5, 8, 9, 12])
@pytest.mark.parametrize("of", MULTILINEAR)
def test_right_gradients_hold_with_few_bits(of, bits):
    """With few bits there are more trials, and none of them fails."""
    found = probe(MULTILINEAR[of], MULTILINEAR[of].draws(3, bits), 1e-6)
    assert found.holds
    assert found.chance <= 1e-6 < found.chance * 2.0**bits


@pytest.mark.parametrize("of", [biased(), *MULTILINEAR.values()])
def test_right_gradients_of_affine_functions_hold(of):
    """Differences hold for x * w + b, and for what is linear too."""
    found = probe(of, of.draws(bits=15), BOUND, affine=True)
    assert (found.holds, found.empty, found.off) == (True, False, "")


def test_a_bias_is_not_linear():
    """What x * w + b adds to a product breaks the equations of linear functions."""
    assert not probe(biased(), biased().draws(bits=15), BOUND).holds


def test_a_function_may_give_its_outputs_apart():
    """A pull that returns no outputs has them from another pass."""
    of = Given(MATMUL.forward, MATMUL.backward, MATMUL.inputs, MATMUL.output)
    of.pull = lambda inputs, cotangents: ((), tuple(MATMUL.backward(*cotangents, *inputs)))
    assert probe(of, of.draws(), BOUND).holds


def test_several_outputs_are_paired_each_with_its_cotangent():
    """A function with two outputs of other shapes holds, and not with their cotangents' shares exchanged."""

    @dataclass
    class Two:
        sign: float
        dtype: str = "float64"

        def value(self, inputs):
            return inputs[0][:2], np.array([[inputs[0].sum()]])

        def pull(self, inputs, cotangents):
            one, total = cotangents
            return self.value(inputs), (np.concatenate([one, [0.0]]) + self.sign * total[0, 0],)

    draws = [Draws(0, [(3,)], [(2,), (1, 1)], [20, 20], [1]) for _ in range(2)]
    assert probe(Two(1.0), draws[0], BOUND).holds
    assert not probe(Two(-1.0), draws[1], BOUND).holds


# gradients that are wrong

WRONG = {
    "factor 1.5": lambda found: [1.5 * one for one in found],
    "negated": lambda found: [-one for one in found],
    "one entry of the first": entry(0, 1.0),
    "one entry of the second": entry(1, 2.0),
    "a constant more": lambda found: [one + 0.25 for one in found],
    "a relative 1e-9": lambda found: [one * (1 + 1e-9) for one in found],
    "the second alone": lambda found: [found[0], 2 * found[1], *found[2:]],
    "none for the second": lambda found: [found[0], 0 * found[1], *found[2:]],
    "what cancels in the sum": lambda found: [1.5 * found[0], 0.5 * found[1], *found[2:]],
    "rotated": lambda found: [found[0], np.flip(found[1]), *found[2:]],
    "too much of the first": lambda found: [found[0] + 1, *found[1:]],
}


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("mistake", WRONG)
@pytest.mark.parametrize("of", ["matmul", "convolution", "trilinear"])
def test_wrong_gradients_do_not_hold(of, mistake, affine):
    """A planted fault fails a trial, and its result is no evidence at all."""
    one = mistaken(MULTILINEAR[of], WRONG[mistake])
    found = probe(one, one.draws(bits=17), BOUND, affine)
    assert (found.holds, found.chance, found.elsewhere) == (False, 1.0, 1.0)


@pytest.mark.parametrize("wrongly", [{"factor": 1.5}, {"bias": 0.0}, {"bias": 2.0}, {"factor": -1.0}])
def test_wrong_gradients_of_affine_functions_do_not_hold(wrongly):
    """A factor too many and a bias without its gradient are found on differences."""
    of = biased(**wrongly)
    assert not probe(of, of.draws(bits=15), BOUND, affine=True).holds


def test_a_filter_that_is_not_rotated_does_not_hold():
    """The gradient of a convolution's input by the filter as it is, where it should be turned by 180 degrees."""

    def backward(dy, x, f):
        dx = np.zeros(7)
        for a, u in product(range(5), range(3)):
            dx[a + u] += dy[a] * f[2 - u]
        return dx, CONVOLUTION.backward(dy, x, f)[1]

    of = Given(CONVOLUTION.forward, backward, CONVOLUTION.inputs, CONVOLUTION.output)
    assert not probe(of, of.draws(), BOUND).holds


@pytest.mark.parametrize("c", [0.5, 2.0, -1.0, 2.0**-10])
def test_gradients_that_are_too_large_and_too_small_do_not_hold(c):
    """dx times 1 + c with dw times 1 - c: together they have the right sum along the point, and yet are found."""

    def mistake(found):
        return [(1 + c) * found[0], (1 - c) * found[1]]

    of = mistaken(CONVOLUTION, mistake)
    (a, _), y = of.draws(bits=10).points(), of.draws(bits=10).cotangents()
    right, other = (one.pull(a.floats, y.floats)[1] for one in (CONVOLUTION, of))
    along = [sum((g * x).sum() for g, x in zip(one, a.floats, strict=True)) for one in (right, other)]
    assert along[0] == along[1]
    assert not probe(of, of.draws(), BOUND).holds


@pytest.mark.parametrize("of", ["matmul", "convolution", "trilinear"])
def test_a_gradient_between_the_integers_is_off_the_grid(of):
    """A relative error of 1e-9 is no multiple of what a gradient is: it is said to be so."""
    one = mistaken(MULTILINEAR[of], WRONG["a relative 1e-9"])
    assert probe(one, one.draws(), BOUND).off == "gradient"


@pytest.mark.parametrize("number", [np.nan, 0.3])
def test_a_single_number_off_the_grid_is_seen(number):
    """One entry of a gradient that is not a number, or has other digits, is enough."""
    one = mistaken(MATMUL, lambda found: [found[0], np.where(np.arange(9).reshape(3, 3) == 4, number, found[1])])
    found = probe(one, one.draws(), BOUND)
    assert (found.holds, found.off) == (False, "gradient")


# functions that are not linear


def elementwise(function, derivative=1.0):
    """A function of each entry with a constant gradient."""
    return Given(function, lambda dy, x: (derivative * dy,), ((5,),), (5,))


NOT_LINEAR = {
    "rounded": elementwise(np.round),
    "floor": elementwise(np.floor),
    "relu": elementwise(lambda x: np.maximum(x, 0)),
    "magnitude": elementwise(np.abs),
    "clipped": elementwise(lambda x: np.clip(x, -0.25, 0.25)),
    "squared": Given(lambda x: x * x, lambda dy, x: (2 * x * dy,), ((5,),), (5,)),
    "shifted": elementwise(lambda x: x + 1),
}


@pytest.mark.parametrize("of", NOT_LINEAR)
def test_functions_that_are_not_linear_do_not_hold(of):
    """With the gradient that they are given in practice, rounding and kinks fail a trial."""
    one = NOT_LINEAR[of]
    assert not any(probe(one, one.draws(seed), BOUND).holds for seed in range(20))


@pytest.mark.parametrize("of", [name for name in NOT_LINEAR if name != "shifted"])
def test_functions_that_are_not_affine_do_not_hold(of):
    """Nor do they on differences."""
    one = NOT_LINEAR[of]
    assert not any(probe(one, one.draws(seed), BOUND, affine=True).holds for seed in range(20))


def test_a_function_of_nothing_is_no_evidence():
    """A function that is zero, with gradients of zero, holds, but all its equations are empty."""
    of = Given(lambda x, w: np.zeros(5), lambda dy, x, w: (np.zeros(5), np.zeros(5)), ((5,), (5,)), (5,))
    assert probe(of, of.draws(), BOUND).empty
    assert not probe(MATMUL, MATMUL.draws(), BOUND).empty


def test_a_zero_function_with_a_gradient_does_not_hold():
    """What is zero has no other gradient than zero."""
    of = Given(lambda x, w: np.zeros(5), lambda dy, x, w: (dy * w, dy * x), ((5,), (5,)), (5,))
    assert not probe(of, of.draws(), BOUND).holds


# numbers that are not exact


def narrow(dtype):
    """The product of matrices, computed in another type."""
    return Given(
        lambda x, w: (x.astype(dtype) @ w.astype(dtype)).astype(float),
        lambda dy, x, w: (dy @ w.T, x.T @ dy),
        ((2, 3), (3, 3)),
        (2, 3),
    )


def test_too_many_bits_for_a_type_do_not_hold():
    """Products of float32 are not exact with the widths of float64, and are with their own."""
    assert not probe(narrow("float32"), narrow("float32").draws(bits=20), BOUND).holds
    assert probe(narrow("float32"), narrow("float32").draws(bits=11), BOUND).holds


@pytest.mark.parametrize("divisor", [3.0, 10.0])
@pytest.mark.parametrize("affine", [False, True])
def test_an_output_between_the_integers_is_off_the_grid(divisor, affine):
    """A quotient that is rounded is no multiple of what an output is."""
    of = Given(lambda x: x / divisor, lambda dy, x: (dy / divisor,), ((5,),), (5,))
    found = probe(of, of.draws(), BOUND, affine)
    assert (found.holds, found.off) == (False, "output")


def test_a_type_whose_numbers_end_too_early_is_off_the_grid():
    """Numbers so small that float32 rounds them off its last place are no multiples of what an output is."""
    of = Given(lambda x: np.float32(x / 2**140).astype(float), lambda dy, x: (dy / 2**140,), ((5,),), (5,))
    assert probe(of, of.draws(), BOUND).off == "output"


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("number", [np.nan, pytest.param(np.inf, marks=pytest.mark.filterwarnings("ignore"))])
def test_outputs_that_are_no_numbers_are_off_the_grid(number, affine):
    """A function that overflows, or is not defined, does not hold."""
    of = elementwise(lambda x: np.where(np.arange(5) == 3, number, x))
    found = probe(of, of.draws(), BOUND, affine)
    assert (found.holds, found.off) == (False, "output")


# how likely a fault is missed


def missed(of, bits, seeds, affine=False, bound=1.0):
    """How often a wrong gradient passed, where it is wrong at the points drawn, and the chance that was said of it."""
    passed, said = [], set()
    for seed in range(seeds):
        known = of.draws(seed, bits)
        (a, _), y = known.points(), known.cotangents()
        right = MULTILINEAR[of.name].pull(a.floats, y.floats)[1]
        if all(np.array_equal(one, other) for one, other in zip(of.pull(a.floats, y.floats)[1], right, strict=True)):
            continue
        found = probe(of, of.draws(seed, bits), bound, affine)
        passed.append(found.holds)
        said |= {found.chance} if found.holds else set()
    (chance,) = said or {0.0}
    return np.mean(passed), chance, 4 * np.sqrt(max(chance, 0.01) / len(passed))


STEADY = {
    "a constant more": lambda found: [found[0] + 2.0**30, *found[1:]],
    "one entry more": entry(1, 2.0**30),
    "doubled": lambda found: [2 * one for one in found],
    "first doubled": lambda found: [2 * found[0], *found[1:]],
    "first doubled, last negated": lambda found: [2 * found[0], *found[1:-1], -found[-1]],
}


@pytest.mark.parametrize("bound", [0.6, 0.3, 0.1])
@pytest.mark.parametrize("mistake", STEADY)
@pytest.mark.parametrize("of", ["matmul", "convolution"])
@pytest.mark.parametrize("bits", [1, 2])
def test_a_fault_is_missed_no_more_often_than_is_said(of, mistake, bits, bound):
    """Of some hundred seeds no larger share misses a fault than the chance printed with a probe that holds."""
    one = mistaken(MULTILINEAR[of], STEADY[mistake])
    one.name = of
    rate, chance, spare = missed(one, bits, 200, bound=bound)
    assert rate <= chance + spare


def test_a_fault_is_missed_as_often_as_is_said():
    """One entry is wrong, and its direction is 0 half of the time with one bit: it is missed in as many probes."""
    one = mistaken(LINEAR, lambda found: [found[0] + 2.0**30 * np.eye(4)[2]])
    one.name = "linear"
    rate, chance, spare = missed(one, 1, 600, affine=False, bound=0.6)
    assert chance == 0.5
    assert abs(rate - 0.5) < spare


@pytest.mark.parametrize("bits", [2, 3])
def test_opposite_signs_are_paid_for(monkeypatch, bits):
    """Where the second point's signs are not random, one bit less counts, and no more faults are missed than that."""
    monkeypatch.setattr(points, "NARROW", 1)
    one = mistaken(LINEAR, lambda found: [found[0] + 2.0**30 * np.eye(4)[2]])
    one.name = "linear"
    rate, chance, spare = missed(one, bits, 400, bound=0.6)
    assert chance == 2.0 ** (1 - bits)
    assert rate <= chance + spare


def turned(dy, x):
    """A gradient that is wrong by a vector at right angles to the point, wherever that is."""
    return (np.array([dy.sum(), 0.0]) + 2.0**30 * np.array([x[1], -x[0]]),)


@pytest.mark.xfail(strict=True, reason="the second equation is no trial of an error that is orthogonal to the point")
def test_a_fault_that_depends_on_its_own_input_is_missed_no_more_often_than_is_said():
    """An error at right angles to the point is seen in the first equation alone: there is one trial, not two."""
    first = loops(((2,),), (5,), [((n,), (0,)) for n in range(5)])
    of = Given(first.forward, turned, first.inputs, first.output)
    held = [found for found in (probe(of, of.draws(seed, 2), 0.1) for seed in range(400)) if found.holds]
    at = [(of.draws(seed, 2).points()[0].integers[0] != 0).any() for seed in range(400)]
    nowhere = 400 - sum(at)
    assert (len(held) - nowhere) / (400 - nowhere) <= held[0].chance + 0.05


def test_more_trials_make_a_miss_less_likely():
    """A smaller bound takes more trials, after which both chances are smaller."""
    found = [probe(MATMUL, MATMUL.draws(0, 4), bound) for bound in (0.1, 1e-3, 1e-6, 1e-9)]
    for one, other in pairwise(found):
        assert one.trials < other.trials
        assert other.chance < one.chance
        assert other.elsewhere < one.elsewhere


def test_more_bits_make_a_miss_less_likely():
    """Wider numbers make both chances of one trial smaller, in as many trials."""
    found = [probe(MATMUL, MATMUL.draws(0, bits), 1.0) for bits in (1, 2, 4, 8, 12, 16, 20)]
    assert {one.trials for one in found} == {1}
    assert [one.chance for one in found] == sorted({one.chance for one in found}, reverse=True)
    assert [one.elsewhere for one in found] == sorted({one.elsewhere for one in found}, reverse=True)


def test_the_chance_is_below_the_bound():
    """Trials go on until the chance is at most the bound, unless there are too many."""
    for bits, bound in product((1, 3, 12), (0.5, 1e-4, 1e-12)):
        assert probe(LINEAR, LINEAR.draws(0, bits), bound).chance <= bound
    endless = probe(LINEAR, LINEAR.draws(0, 1), 0.0)
    assert (endless.holds, endless.trials) == (True, MOST_TRIALS)


def test_a_kink_at_zero_of_few_outputs_is_not_missed():
    """Of a function that is linear but for one output in many, the one that is turned at 0 is seen at every point."""
    marked = np.eye(40)[7]
    of = Given(lambda x: x + marked * np.abs(x), lambda dy, x: (dy * (1 + marked * np.sign(x)),), ((40,),), (40,))
    assert not any(probe(of, of.draws(seed, 8), 1e-3).holds for seed in range(20))
    assert not any(probe(of, of.draws(seed), 0.6).holds for seed in range(20))
    assert not any(probe(of, of.draws(seed), 0.6, affine=True).holds for seed in range(20))


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize(("size", "turns"), [(LARGE, True), (LARGE + 1, False)])
def test_a_large_output_is_not_turned(size, turns, affine):
    """Up to so many outputs a function is called at a point and at its opposite, beyond them it is not."""
    seen = set()
    of = Given(lambda x: seen.add(tuple(x[:8])) or x, lambda dy, x: (dy,), ((size,),), (size,))
    assert probe(of, of.draws(), BOUND, affine).holds
    assert any(tuple(-n for n in one) in seen for one in seen if any(one)) == turns


@pytest.mark.parametrize("size", [1, FEW])
def test_few_outputs_take_many_trials(size):
    """Where an output or two may be on the same side of a kink by chance, there are more trials than the bound asks."""
    of = Given(lambda x: x, lambda dy, x: (dy,), ((size,),), (size,))
    assert probe(of, of.draws(), 0.5).trials == MANY
    assert probe(LINEAR, LINEAR.draws(), 0.5).trials == 1


# which gradient is wrong


@pytest.mark.parametrize("of", [*(one for one in MULTILINEAR.values()), biased()])
def test_no_right_gradient_is_suspected(of):
    """None of the gradients of a right function fails by itself."""
    assert not any(any(wrong(of, of.draws(seed, 15))) for seed in range(5))


@pytest.mark.parametrize("n", range(3))
@pytest.mark.parametrize("by", [lambda one: 1.5 * one, lambda one: one + 1, lambda one: one * (1 + 1e-9)])
def test_the_wrong_gradient_is_the_one_suspected(n, by):
    """A wrong gradient fails by itself, off the grid or on it, and the others do not."""
    of = mistaken(TRILINEAR, lambda found: [by(one) if k == n else one for k, one in enumerate(found)])
    assert wrong(of, of.draws(0, 12)) == tuple(k == n for k in range(3))


def test_the_places_of_outputs_are_those_of_the_longest_products():
    """An output of products of two inputs has the places of both; one of a single input has its own."""
    assert output_places(MATMUL, MATMUL.draws()) == 2 * (BITS - 1 - LARGEST)
    assert output_places(LINEAR, LINEAR.draws()) == BITS - 1 - LARGEST
    assert output_places(biased(), biased().draws()) == 2 * (BITS - 1 - LARGEST)
    with pytest.raises(OffGrid):
        output_places(elementwise(lambda x: x / 3), LINEAR.draws())


# the points


def test_the_same_seed_gives_the_same_points():
    """Points and cotangents depend on the seed alone, and on it."""
    drawn = [MATMUL.draws(seed) for seed in (5, 5, 6)]
    told = [[*one.points(), one.cotangents(), *one.points()] for one in drawn]
    rows = [[n.tolist() for point in one for n in (*point.integers, *point.floats)] for one in told]
    assert rows[0] == rows[1]
    assert rows[0] != rows[2]
    assert rows[0][:4] != rows[0][-4:]


@pytest.mark.parametrize("bits", [1, 2, 7, 12, 32])
def test_entries_have_as_many_bits_as_is_said(bits):
    """Integers from -2^(b-1) to 2^(b-1) - 1, in units that keep them below the largest."""
    draws = Draws(1, [(300,), (40, 5)], [(7,), (2, 3)], [bits, bits, bits], [3, -2])
    for point in draws.points():
        for integers, floats, shape, largest in zip(
            point.integers, point.floats, [(300,), (40, 5)], [3, -2], strict=True
        ):
            assert floats.shape == shape
            assert -(2 ** (bits - 1)) <= integers.min() < 0
            assert integers.max() < 2 ** (bits - 1)
            assert (np.abs(floats) <= 2.0**largest).all()
            assert floats.ravel().tolist() == [int(n) * 2.0 ** (largest - bits + 1) for n in integers]
    assert [one.tolist() for one in draws.cotangents().floats] != [[0.0] * 7, [[0.0] * 3] * 2]
    assert [one.shape for one in draws.cotangents().floats] == [(7,), (2, 3)]


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_all_entries_of_few_bits_are_as_likely(bits):
    """Each of the integers is drawn about as often as another."""
    counts = dict.fromkeys(range(-(2 ** (bits - 1)), 2 ** (bits - 1)), 0)
    for point in Draws(1, [(4000,)], [(1,)], [bits, bits], [0]).points():
        for n in point.integers[0]:
            counts[int(n)] += 1
    assert all(abs(one * 2**bits / 8000 - 1) < 0.15 for one in counts.values())


def test_the_second_point_has_the_other_signs():
    """No entry has the same sign at both points, where there are bits enough; with few bits some have."""
    (a, b), (c, d) = (Draws(2, [(500,)], [(1,)], [bits, bits], [0]).points() for bits in (9, 8))
    assert all((m < 0) != (n < 0) for m, n in zip(a.integers[0], b.integers[0], strict=True))
    assert any((m < 0) == (n < 0) for m, n in zip(c.integers[0], d.integers[0], strict=True))


# pairing

NUMBERS = st.integers(-(2**51) + 1, 2**51 - 1) | st.integers(-5, 5)
PARTNERS = st.integers(-(2**31), 2**31 - 1)
PAIRS = st.lists(st.tuples(NUMBERS, PARTNERS, PARTNERS), max_size=20)


def dotted(numbers, partners):
    """The sum of products of Python's integers."""
    total = 0
    for number, partner in zip(numbers, partners, strict=True):
        total += number * partner
    return total


@QUICK
@given(PAIRS, st.integers(-40, 60), st.integers(1, 7))
def test_pairing_is_the_dot_product_of_integers(rows, places, block):
    """Numbers in units of a power of two times integers, modulo 2^64: over one block or several, negative or not."""
    numbers, *partners = zip(*rows, strict=True) if rows else ((), (), ())
    array = np.array([float(n) for n in numbers]) * 2.0**-places
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        found = paired(array, places, [np.array(one, np.int64) for one in partners], "output")
    assert len(found) == 2
    for one, partner in zip(found, partners, strict=True):
        assert (one - dotted(numbers, partner)) % 2**64 == 0


@QUICK
@given(st.lists(NUMBERS, min_size=12, max_size=12), st.lists(PARTNERS, min_size=12, max_size=12))
def test_pairing_reads_arrays_in_their_order(numbers, partner):
    """Arrays that are no single piece of memory are read row by row."""
    there = np.array(partner, np.int64)
    wide = np.zeros((6, 8))
    wide[::2, ::-2] = np.array(numbers, float).reshape(3, 4)
    for array in (wide[::2, ::-2], np.asfortranarray(wide[::2, ::-2]), wide[::2, ::-2].T.copy().T):
        assert not array.flags.c_contiguous
        (found,) = paired(array, 0, [there], "output")
        assert (found - dotted(numbers, partner)) % 2**64 == 0


def test_pairing_does_not_change_what_it_reads():
    """The array and its partners are as before."""
    array, partner = np.array([1.5, -2.0]), np.array([3, 4])
    assert paired(array, 1, [partner], "output") == [9 - 16]
    assert (array.tolist(), partner.tolist()) == ([1.5, -2.0], [3, 4])


@pytest.mark.parametrize("size", [0, 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5])
def test_long_arrays_are_paired_to_their_end(size):
    """Blocks are added up, and the last is a short one."""
    random = np.random.default_rng(size)
    numbers, partner = random.integers(-(2**50), 2**50, size), random.integers(-(2**31), 2**31, size)
    (found,) = paired(numbers.astype(float), 0, [partner], "output")
    assert (found - dotted(numbers.tolist(), partner.tolist())) % 2**64 == 0


@pytest.mark.parametrize("end", [2**51, -(2**51)])
def test_the_last_numbers_of_the_grid_are_paired(end):
    """2^51 units, on either side, are the last that are read right."""
    assert paired(np.array([float(end)]), 0, [np.array([1])], "output") == [end]


@QUICK
@given(st.integers(-(2**49), 2**49), st.integers(0, 6), st.sampled_from([0.5, 0.25, -0.5]), st.integers(-30, 30))
def test_a_number_between_the_integers_is_refused(number, at, fraction, places):
    """Half a unit, or a quarter, at whatever place, is off the grid; what is off is said."""
    array = np.arange(7.0)
    array[at] = number + fraction
    with pytest.raises(OffGrid) as error:
        paired(array * 2.0**-places, places, [np.ones(7, np.int64)], "gradient")
    assert error.value.what == "gradient"


@pytest.mark.parametrize("at", [0, 5, BLOCK, BLOCK + 3])
@pytest.mark.parametrize("number", [np.nan, pytest.param(np.inf, marks=pytest.mark.filterwarnings("ignore"))])
def test_what_is_no_number_is_refused(number, at):
    """NaN and infinity are off every grid, in any block."""
    array = np.zeros(BLOCK + 4)
    array[at] = number
    with pytest.raises(OffGrid):
        paired(array, 0, [np.ones(BLOCK + 4, np.int64)], "output")


def test_infinity_is_refused_without_a_warning():
    """NumPy has nothing to warn of."""
    with pytest.raises(OffGrid):
        paired(np.array([-np.inf]), 0, [np.array([1])], "output")


@pytest.mark.parametrize("places", [0, 500, 600])
def test_a_fraction_of_tiny_units_is_refused(places):
    """A quarter of a unit is off the grid, however small a unit is."""
    with pytest.raises(OffGrid):
        paired(np.array([0.25 * 2.0**-places]), places, [np.array([1])], "output")
