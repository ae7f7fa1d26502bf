"""Forward mode: the directional derivative of every output, by the function's own rule and by differences."""

import numpy as np

from gradcheck.comparison import Gradient
from gradcheck.errors import GradcheckError
from gradcheck.functions.exactly import Exact
from gradcheck.functions.fault import compared
from gradcheck.functions.nearly import Near, precision
from gradcheck.numeric.agreement import SAFETY, derivative, only, point
from gradcheck.numeric.function import Arrays, Differentiable, flat, moved
from gradcheck.numeric.program import Array
from gradcheck.numeric.richardson import direction
from gradcheck.targets.traces import told


def exactly_forward(of: Exact) -> tuple[Gradient, ...]:
    """For each input, the derivative towards another random point against f(b) - f(a), with ==."""
    draws = of.draws()
    a, b = draws.points()
    here, found = flat(of.function.value(a.floats)), []
    for n, (start, end) in enumerate(zip(a.floats, b.floats, strict=True)):
        right = flat(of.function.value(moved(a.floats, n, end))) - here
        tangents = tuple(end - start if k == n else np.zeros(one.shape) for k, one in enumerate(a.floats))
        pushed = _pushed(of.function, a.floats, tangents)
        found.append(compared(_named(of.names[n]), pushed, right, np.zeros(right.shape)))
    return tuple(found)


def nearly_forward(of: Near) -> tuple[Gradient, ...]:
    """For each input, the derivative in a random direction against differences, within their estimated error."""
    random = np.random.default_rng(of.seed)
    epsilon = precision(of.function.dtype)
    at, found = point(of.function, of.inputs, epsilon, random), []
    for n, name in enumerate(of.names):
        v = only(at, n, direction(at.inputs, random, of.step)[n])
        known = derivative(at, v)
        pushed = _pushed(of.function, at.inputs, v)
        error = SAFETY * (known.error + epsilon * np.abs(pushed)) + np.abs(known.jump) / 2
        found.append(compared(_named(name), pushed, known.value, error))
    return tuple(found)


def _pushed(function: Differentiable, inputs: Arrays, tangents: Arrays) -> Array:
    try:
        return flat(function.push(inputs, tangents))
    except GradcheckError:
        raise
    except Exception as error:
        raise told("forward mode", error) from None


def _named(name: str) -> str:
    return f"derivative along {name} (forward mode)"
