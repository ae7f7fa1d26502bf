"""What a function must not do, whatever its gradients: change its inputs, or give another result each time."""

from collections.abc import Iterator

import numpy as np

from gradcheck.comparison import Evidence, Gradient
from gradcheck.findings import Cause, Fault, Notice
from gradcheck.functions.library import Bound
from gradcheck.functions.plain import Missing
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


def misshapen(of: Bound) -> tuple[Evidence, tuple[Gradient, ...], tuple[()]] | None:
    """The gradients that are missing or have another shape than their input; None if all is well."""
    point = tuple(one.copy() for one in of.point)
    outputs = of.function.value(point)
    try:
        _, gradients = of.function.pull(point, tuple(np.ones(one.shape) for one in outputs))
    except Missing as error:
        shapes = [None if n in error.indices else one.shape for n, one in enumerate(of.point)]
    else:
        shapes = [one.shape for one in gradients]
    if shapes == [one.shape for one in of.point]:
        return None
    pairs = zip(of.names, shapes, of.point, strict=True)
    return Evidence("shapes"), tuple(_shaped(f"gradient of {name}", got, x.shape) for name, got, x in pairs), ()


def _shaped(name: str, got: tuple[int, ...] | None, expected: tuple[int, ...]) -> Gradient:
    if got == expected:
        return Gradient(name, "unresolved")
    return Gradient(
        name, "wrong", fault=Fault("", got, expected, causes=(Cause("none-returned"),) if got is None else ())
    )
