"""What a function must not do, whatever its gradients: change its inputs, or give another result each time."""

from collections.abc import Iterator

import numpy as np

from gradcheck.findings import Notice
from gradcheck.numeric.function import Arrays, Function, flat


def contracts(function: Function, inputs: Arrays, epsilon: float) -> Iterator[Notice]:
    """What is to be said of that, from two calls on copies of the inputs."""
    given = tuple(one.copy() for one in inputs)
    before = flat(function.value(given))
    if any(not np.array_equal(one, other, equal_nan=True) for one, other in zip(given, inputs, strict=True)):
        yield Notice("input-mutated", "the function changes its input in place: copy it first", refutes=True)
    again = flat(function.value(tuple(one.copy() for one in inputs)))
    if not np.isfinite(before).all():
        yield Notice("not-finite", "the output has NaN or infinity at this point", refutes=False)
    elif (np.abs(again - before) > np.sqrt(epsilon) * np.abs(before).max(initial=0)).any():
        text = "the same input gives another output: something random is in it"
        yield Notice("not-deterministic", text, refutes=True)
