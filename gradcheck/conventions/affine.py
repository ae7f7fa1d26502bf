"""Whether a target is affine in its input, as every layer is that a line of notation describes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gradcheck.errors import TargetRaised
from gradcheck.targets.exchange import Array, Outcome, Request

NEAR = 1e-2  # of the largest output: what rounding may do in the lowest precision, and no activation


def affine(run: Callable[[Request], Outcome], request: Request) -> bool:
    """Whether f(-2x) = 3 f(0) - 2 f(x), as for every affine f, x being the input of the request.

    True as well where that says nothing: f(x) is not the same when asked for again, or f raises at
    one of the inputs.
    """
    x = request.operands["x"]
    try:
        y, again, zero, opposite = (_output(run, request, at) for at in (x, x, 0 * x, -2 * x))
    except TargetRaised:
        return True
    if not y.shape == again.shape == zero.shape == opposite.shape or not np.array_equal(y, again, equal_nan=True):
        return True
    largest = max(float(np.abs(one).max(initial=0)) for one in (y, zero, opposite))
    return bool(np.allclose(opposite, 3 * zero - 2 * y, rtol=0, atol=NEAR * largest))


def _output(run: Callable[[Request], Outcome], request: Request, x: Array) -> Array:
    found = run(replace(request, operands={**request.operands, "x": x})).y
    return np.zeros(0) if found is None else np.asarray(found, float)
