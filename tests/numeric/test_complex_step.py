"""A complex step improves a derivative where a function is analytic, and changes nothing where it is not."""

import warnings

import numpy as np
import pytest
from given import Given

from gradcheck.numeric.complex_step import refined
from gradcheck.numeric.function import flat
from gradcheck.numeric.richardson import direction, directional, rounding

EPSILON = 2.0**-52


def stepped(forward, *inputs, seed=0):
    """The derivative by differences, by a complex step, and the direction."""
    random = np.random.default_rng(seed)
    function = Given(forward)
    v = direction(inputs, random)
    noise = rounding(function, inputs, flat(function.value(inputs)), EPSILON, random)
    known = directional(function, inputs, v, noise, EPSILON)
    return known, refined(function, inputs, v, known, EPSILON), v


X = np.random.default_rng(1).uniform(0.5, 2, 20) * np.random.default_rng(2).choice([-1.0, 1.0], 20)

ANALYTIC = {
    "exp": (np.exp, np.exp),
    "sin": (np.sin, np.cos),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "cubed": (lambda x: x**3, lambda x: 3 * x * x),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / x**2),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ANALYTIC)
def test_an_analytic_function_is_known_better(name, seed):
    """The value is the derivative to the last digits, and the error is smaller than that of differences."""
    function, derivative = ANALYTIC[name]
    known, found, (v,) = stepped(function, X, seed=seed)
    right = derivative(X) * v
    assert (np.abs(found.value - right) <= found.error).all()
    assert (found.error <= known.error).all()
    assert np.median(found.error / known.error) < 0.5
    assert (np.abs(found.value - right) <= 8 * EPSILON * np.abs(right)).all()


@pytest.mark.parametrize("name", ANALYTIC)
def test_a_wrong_derivative_is_outside_the_smaller_error(name):
    """A derivative that is wrong by a few millionths of a millionth is told from the right one."""
    function, derivative = ANALYTIC[name]
    _, found, (v,) = stepped(function, X)
    assert (np.abs(found.value - (1 + 1e-10) * derivative(X) * v) > found.error).mean() > 0.9


def test_several_inputs_and_outputs_are_stepped_together():
    """All inputs move at once, and all outputs are read."""
    y = X[::-1].copy()
    _, found, (u, v) = stepped(lambda x, y: (x * y, np.sin(y)), X, y)
    right = np.concatenate([u * y + X * v, np.cos(y) * v])
    assert (np.abs(found.value - right) <= found.error).all()


def test_what_else_is_known_stays():
    """The rounding and the jumps are those of differences."""
    known, found, _ = stepped(np.exp, X)
    assert found.noise is known.noise
    assert found.jump is known.jump


def refusing(x):
    """A function that does not take complex numbers."""
    if np.iscomplexobj(x):
        raise TypeError("real numbers only")
    return np.exp(x)


def half(x):
    """A function whose imaginary part is half of what it should be."""
    found = np.exp(x)
    return found.real + 0.5j * found.imag if np.iscomplexobj(x) else found


def nowhere(x):
    """A function that has no number for complex ones."""
    found = np.exp(x)
    return found * np.nan if np.iscomplexobj(x) else found


UNUSABLE = {
    "a magnitude": np.abs,
    "a real part": lambda x: np.exp(np.real(x)),
    "a real constant": lambda x: np.full(x.shape, 3.0),
    "a cast": lambda x: np.exp(x.astype(float)),
    "an error": refusing,
    "a conjugate": lambda x: np.exp(np.conj(x)),
    "half of it": half,
    "a conjugate product": lambda x: x * np.conj(x),
    "no number": nowhere,
    "a warning": lambda x: (warnings.warn("complex", stacklevel=1) if np.iscomplexobj(x) else None) or np.exp(x),
    "a real part in a complex array": lambda x: np.exp(x.real) + 0 * x,
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_function_that_is_not_analytic_keeps_its_differences(name):
    """What raises, warns, drops the imaginary part or disagrees with differences is not used."""
    known, found, _ = stepped(UNUSABLE[name], X)
    assert found is known


def test_one_output_that_disagrees_is_enough():
    """A function that is analytic in all outputs but one is not trusted for any."""
    marked = np.eye(20)[3]
    known, found, _ = stepped(lambda x: np.exp(x) + marked * np.real(x), X)
    assert found is known


def test_a_constant_stays_a_constant():
    """A constant array that takes a complex type has a derivative of 0, with no more error than before."""
    known, found, _ = stepped(lambda x: 0 * x + 3, X)
    assert not found.value.any()
    assert (found.error <= known.error).all()


def test_an_error_is_not_made_larger():
    """Where differences know better, they are kept: entry by entry the smaller error."""
    known, found, (v,) = stepped(lambda x: 2 * x, X)
    assert (found.error <= known.error).all()
    assert (np.abs(found.value - 2 * v) <= found.error).all()
