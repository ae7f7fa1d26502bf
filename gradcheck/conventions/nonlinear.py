"""Whether a target is not affine in its input, as every layer is that a line of notation describes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gradcheck.targets.exchange import Array, Outcome, Request

ROUNDED = 8 * 2.0**-8  # of the largest output: four of them, each rounded twice in bfloat16


def is_nonlinear(run: Callable[[Request], Outcome | None], request: Request, y: Array | None) -> bool:
    """Whether f(x) + f(-a) = f(b) + f(0) is false, where x = a + b is the request's input, and y = f(x).

    That equation holds for every affine f; a is half of x, rounded away from 0, so that no entry is larger
    than those of x. False as well where it says nothing: an output is missing, not of floating-point
    numbers, not finite, or of another shape; or f(x) is not the same when asked for again.
    """
    x = request.operands["x"]
    a = np.copysign(np.ceil(np.abs(x) / 2), x)
    outputs: list[Array] = []
    for at in (x, -a, x - a, 0 * x):
        outcome = run(replace(request, operands={**request.operands, "x": at}))
        if outcome is None or outcome.y is None or outcome.y.dtype.kind != "f" or not np.isfinite(outcome.y).all():
            return False
        outputs.append(outcome.y.astype(float))
    if y is None or len({one.shape for one in outputs}) > 1 or not np.array_equal(y, outputs[0]):
        return False
    at_x, at_a, at_b, at_zero = outputs
    return not np.allclose(at_x + at_a, at_b + at_zero, rtol=0, atol=ROUNDED * np.abs(outputs).max(initial=0))
