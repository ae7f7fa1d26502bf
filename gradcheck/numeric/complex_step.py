"""The derivative by a step into the complex plane: f(x + ihv) / h, where nothing is subtracted and nothing lost.

(Squire and Trapp 1998.) It holds for a function that is analytic and takes complex numbers; where it
disagrees with differences along the real axis, it is not used.
"""

import warnings
from dataclasses import replace

import numpy as np

from gradcheck.numeric.function import Arrays, Function, flat
from gradcheck.numeric.richardson import FIRST, Derivative

STEPS = (2.0**-60, 0.75 * 2.0**-62)


def refined(function: Function, inputs: Arrays, v: Arrays, known: Derivative, epsilon: float) -> Derivative:
    """The derivative with what a complex step gives, if that is possible and agrees within the known error."""
    found = []
    for h in STEPS:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                moved = tuple(array + 1j * h * own for array, own in zip(inputs, v, strict=True))
                outputs = flat(function.value(moved))
        except Exception:  # whatever a function does with numbers that it was not written for
            return known
        if outputs.dtype.kind != "c":
            return known
        found.append(outputs.imag / h)
    one, other = found
    error = (
        4 * (np.abs(one - other) + epsilon * np.abs(one)) + 2 * known.noise / 2.0**-FIRST
    )  # as over the longest real step
    if not (np.abs(one - known.value) <= known.error).all():
        return known
    better = error < known.error
    return replace(known, value=np.where(better, one, known.value), error=np.where(better, error, known.error))
