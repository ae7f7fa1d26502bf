"""Functions of complex numbers as functions of pairs: against arithmetic with real and imaginary parts."""

from dataclasses import dataclass

import numpy as np
import pytest

from gradcheck.numeric.pairs import Pairs, paired


def numbers(*shape, seed=0):
    """Integers, as floats."""
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


def turned(array, conjugate):
    """A cotangent or gradient as a library has it, for the one that it is."""
    return np.conj(array) if conjugate else array


@dataclass
class Scaled:
    """z * w + x for complex z and w and a real x; and the real part of z: as a library has it."""

    conjugate: bool
    fault: complex = 1
    dtype: str = "float64"

    def value(self, inputs):
        z, w, x = inputs
        return z * w + x, np.asarray(z).real.copy()

    def pull(self, inputs, cotangents):
        z, w, _ = inputs
        dy, dr = cotangents
        dy, dr = turned(dy, self.conjugate), np.asarray(dr)
        dz = dy * np.conj(w) + dr  # a + ib for dL = a dx + b dy
        dw = dy * np.conj(z) * self.fault
        return self.value(inputs), tuple(turned(one, self.conjugate) for one in (dz, dw, dy.real + 0j))

    def push(self, inputs, tangents):
        z, w, _ = inputs
        tz, tw, tx = tangents
        return tz * w + z * tw + tx, np.asarray(tz).real.copy()

    def derived(self, outputs):
        return Derived(self, outputs)


@dataclass
class Derived:
    """The gradients of a function as a function."""

    of: Scaled
    outputs: int
    dtype: str = "float64"

    def value(self, inputs):
        return self.of.pull(inputs[: -self.outputs], inputs[-self.outputs :])[1]


INPUTS, OUTPUTS = (True, True, False), (True, False)
POINT = numbers(4, 2), numbers(4, 2, seed=1), numbers(4, seed=2)
COTANGENTS = numbers(4, 2, seed=3), numbers(4, seed=4)
TANGENTS = numbers(4, 2, seed=5), numbers(4, 2, seed=6), numbers(4, seed=7)


def pairs(conjugate, fault=1):
    """The function of pairs."""
    return Pairs(Scaled(conjugate, fault), INPUTS, OUTPUTS, conjugate)


def by_parts(inputs):
    """The two outputs by real arithmetic, entry by entry."""
    z, w, x = inputs
    product, real = np.zeros((4, 2)), np.zeros(4)
    for n in range(4):
        (a, b), (c, d) = z[n], w[n]
        product[n] = a * c - b * d + x[n], a * d + b * c
        real[n] = a
    return product, real


def gradients(inputs, cotangents):
    """The gradients of <cotangents, outputs> by real arithmetic: by a and b, by c and d, and by x."""
    z, w, x = inputs
    dy, dr = cotangents
    dz, dw, dx = np.zeros((4, 2)), np.zeros((4, 2)), np.zeros(4)
    for n in range(len(x)):
        (a, b), (c, d), (p, q) = z[n], w[n], dy[n]
        dz[n] = p * c + q * d + dr[n], -p * d + q * c
        dw[n] = p * a + q * b, -p * b + q * a
        dx[n] = p
    return dz, dw, dx


def told(arrays):
    """Arrays to compare: their shapes, types and entries."""
    return [(one.shape, one.dtype, one.tolist()) for one in arrays]


def test_pairs_are_real_and_imaginary_parts():
    """Along a last axis of two; a real number has an imaginary part of 0."""
    assert paired(np.array([1 + 2j, 3 - 4j])).tolist() == [[1.0, 2.0], [3.0, -4.0]]
    assert paired(np.array([[5.0]])).tolist() == [[[5.0, 0.0]]]
    assert paired(np.array(1j)).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("conjugate", [False, True])
def test_outputs_are_those_of_real_arithmetic(conjugate):
    """Marked inputs and outputs are pairs, the others real, whichever way gradients are."""
    assert told(pairs(conjugate).value(POINT)) == told(by_parts(POINT))
    assert pairs(conjugate).dtype == "float64"


@pytest.mark.parametrize("conjugate", [False, True])
def test_gradients_are_those_of_real_arithmetic(conjugate):
    """a and b for dL = a dx + b dy, from a library that has a + ib or a - ib."""
    outputs, found = pairs(conjugate).pull(POINT, COTANGENTS)
    assert told(outputs) == told(by_parts(POINT))
    assert told(found) == told(gradients(POINT, COTANGENTS))


@pytest.mark.parametrize("conjugate", [False, True])
def test_gradients_are_differences_of_pairs(conjugate):
    """Each part of each entry moved by itself changes <cotangents, outputs> by what its gradient says."""
    of = pairs(conjugate)
    _, found = of.pull(POINT, COTANGENTS)

    def loss(inputs):
        return sum((one * dy).sum() for one, dy in zip(of.value(inputs), COTANGENTS, strict=True))

    for n, got in enumerate(found):
        for at in np.ndindex(got.shape):
            there = [one.copy() for one in POINT]
            there[n][at] += 1
            assert got[at] == loss(there) - loss(POINT)


@pytest.mark.parametrize("conjugate", [False, True])
def test_the_other_convention_gives_other_gradients(conjugate):
    """A library's gradients taken for those of the other convention are not the gradients."""
    wrongly = Pairs(Scaled(conjugate), INPUTS, OUTPUTS, not conjugate)
    assert told(wrongly.pull(POINT, COTANGENTS)[1]) != told(gradients(POINT, COTANGENTS))


@pytest.mark.parametrize("fault", [-1, 1j, 2])
def test_a_wrong_gradient_stays_wrong(fault):
    """A factor that a library's gradient is wrong by is in the pairs, of that input alone."""
    _, found = pairs(False, fault).pull(POINT, COTANGENTS)
    right = gradients(POINT, COTANGENTS)
    assert [one.tolist() == other.tolist() for one, other in zip(found, right, strict=True)] == [True, False, True]


@pytest.mark.parametrize("conjugate", [False, True])
def test_directional_derivatives_are_those_of_real_arithmetic(conjugate):
    """Tangents of pairs are pairs, and never conjugated."""
    found = pairs(conjugate).push(POINT, TANGENTS)
    before, ends = by_parts(POINT), []
    for sign in (1, -1):
        moved = tuple(one + sign * t for one, t in zip(POINT, TANGENTS, strict=True))
        ends.append(by_parts(moved))
    assert len(before) == len(found) == 2
    for got, ahead, behind in zip(found, *ends, strict=True):
        assert got.tolist() == ((ahead - behind) / 2).tolist()


@pytest.mark.parametrize("conjugate", [False, True])
def test_directional_derivatives_belong_to_the_gradients(conjugate):
    """<cotangents, push of tangents> is <gradients, tangents>."""
    of = pairs(conjugate)
    ahead = sum((one * dy).sum() for one, dy in zip(of.push(POINT, TANGENTS), COTANGENTS, strict=True))
    _, found = of.pull(POINT, COTANGENTS)
    assert ahead == sum((one * t).sum() for one, t in zip(found, TANGENTS, strict=True))


def test_gradients_are_a_function_of_pairs():
    """What is derived takes inputs and cotangents as pairs and gives gradients as pairs."""
    one = pairs(False).derived(2)
    assert told(one.value((*POINT, *COTANGENTS))) == told(gradients(POINT, COTANGENTS))
    assert (one.inputs, one.outputs, one.conjugate) == ((*INPUTS, *OUTPUTS), INPUTS, False)


def test_a_derived_function_keeps_the_convention():
    """The gradients of a library that conjugates are given as it gives them, and so conjugated again by a pull."""
    one = pairs(True).derived(2)
    assert one.conjugate
    assert one.function.outputs == 2


@pytest.mark.parametrize("conjugate", [False, True])
def test_real_functions_are_left_as_they_are(conjugate):
    """With nothing marked all arrays are real, and as they were."""

    class Doubled:
        dtype = "float32"

        def value(self, inputs):
            return (2 * inputs[0],)

        def pull(self, inputs, cotangents):
            assert not np.iscomplexobj(cotangents[0])
            return self.value(inputs), (2 * cotangents[0],)

    of = Pairs(Doubled(), (False,), (False,), conjugate)
    x, dy = numbers(3), numbers(3, seed=1)
    outputs, found = of.pull((x,), (dy,))
    assert [one.tolist() for one in (*of.value((x,)), *outputs, *found)] == [(2 * one).tolist() for one in (x, x, dy)]
    assert of.dtype == "float32"


def test_what_is_pulled_may_come_without_outputs():
    """A library that gives no outputs with its gradients is taken as it is."""

    class Squared:
        dtype = "float64"

        def pull(self, inputs, cotangents):
            return (), (2 * np.conj(inputs[0]) * cotangents[0],)

    outputs, (found,) = Pairs(Squared(), (True,), (True,), False).pull((numbers(3, 2),), (numbers(3, 2, seed=1),))
    assert (outputs, found.shape) == ((), (3, 2))
