"""What is said of a target that is no layer that gradcheck knows, and what to do about it."""

from collections.abc import Sequence

import numpy as np

from gradcheck.conventions.said import Said
from gradcheck.conventions.search import Search
from gradcheck.errors import TargetError

BINDING = "say which one it is in a binding, which gradcheck init writes"
FUNCTION = "check it as a function of its input and parameters: gradcheck.check(f, *inputs, vjp=...) in Python"


def unrecognised(name: str, searches: Sequence[Search], said: Said) -> TargetError:
    """The error, from what was seen in the searches."""
    kind = f"{name} is no dense, convolutional or transposed layer"
    if any(search.nonlinear for search in searches):
        return TargetError(
            f"{kind} (its output is not affine in its input): {FUNCTION}; or, if it should be one, {BINDING}"
        )
    outputs = [attempt.outcome.y for search in searches for attempt in search.attempts]
    arrays = [y for y in outputs if y is not None]
    if outputs and not arrays:
        return TargetError(f"{name}: its forward returns no array: does it end in a return?")
    if any(y.dtype.kind in "fc" and not np.isfinite(y).all() for y in arrays):
        return TargetError(f"{name}: its output has NaN or infinity where all that was given is small integers")
    known = "with what was said of it" if said.options or said.of_a_layer else "in any layout that gradcheck knows"
    return TargetError(f"{kind} {known}: {BINDING}; if it is another, {FUNCTION}")
