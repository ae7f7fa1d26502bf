"""The check of any differentiable function: directional derivatives against their estimated error, then elements."""

from dataclasses import dataclass, replace
from math import prod

import numpy as np

from gradcheck.comparison import Evidence, Gradient
from gradcheck.findings import Cause, Fault, Notice
from gradcheck.functions.fault import compared
from gradcheck.numeric.agreement import (
    SAFETY,
    Agreement,
    NotFinite,
    NotLinear,
    Point,
    along,
    at_kinks,
    derivative,
    gradient,
    only,
    point,
    shaped,
    weights,
)
from gradcheck.numeric.function import Arrays, Differentiable
from gradcheck.numeric.program import Array
from gradcheck.numeric.reach import Reach, explored, gathered, passes, reduced, units
from gradcheck.numeric.richardson import direction, scale

DIRECTIONS = 3
AWAY = (2.0**-10, 2.0**-6, 2.0**-3)  # how far from a kink, against the size of each entry
MOST_WORK = 2**22  # outputs of the passes that are made to localise an error, each of some sixty calls
EPSILONS = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}


def precision(dtype: str) -> float:
    """How far the next number after 1 is in a type."""
    return EPSILONS.get(dtype, EPSILONS["float32"])


@dataclass(frozen=True, slots=True)
class Near:
    """A function at a point, and what the user asks for: every element, a first step, tolerances."""

    function: Differentiable
    inputs: Arrays
    names: tuple[str, ...]
    seed: int
    full: bool = False
    step: float | None = None
    atol: float = 0.0
    rtol: float = 0.0


def nearly(of: Near, why: str) -> tuple[Evidence, tuple[Gradient, ...], tuple[Notice, ...]]:
    """Every gradient against differences in random directions, and element by element where one is wrong."""
    random = np.random.default_rng(of.seed)
    here = point(of.function, of.inputs, precision(of.function.dtype), random)
    at, notices = _beside_kinks(of, here, random)
    results = []
    for n, name in enumerate(map("gradient of {}".format, of.names)):
        try:
            found = [_tolerant(along(at, n, random, of.step), of) for _ in range(DIRECTIONS)]
            if at is not here:
                found += [one for _ in range(DIRECTIONS) for one in at_kinks(here, n, random, of.step)]
        except NotFinite as error:
            told = (f"the gradient has NaN or infinity, first at {list(error.place)}",)
            fault = Fault("", at.inputs[n].shape, at.inputs[n].shape, structure=told)
            results.append(Gradient(name, "wrong" if error.index == n else "unresolved", fault=fault))
            continue
        except NotLinear as error:
            cause = Cause("upstream-ignored" if error.ignored else "upstream-not-linear")
            fault = Fault("", at.inputs[n].shape, at.inputs[n].shape, causes=(cause,))
            results.append(Gradient(name, "wrong" if error.index == n else "unresolved", fault=fault))
            continue
        result = _told(name, found)
        if result.status == "wrong" or of.full:
            result = _elements(of, at, n, result, random)
        results.append(result)
    return Evidence("differences", trials=DIRECTIONS, why=why), tuple(results), notices


def _tolerant(found: Agreement, of: Near) -> Agreement:
    """The agreement with the user's tolerances, where they are wider than the estimated error."""
    return replace(found, error=max(found.error, of.atol + of.rtol * abs(found.by_differences)))


def _told(name: str, found: list[Agreement]) -> Gradient:
    """Wrong if any direction is; else as good as the best."""
    order = ("wrong", "right", "unresolved", "zero")
    worst = min(found, key=lambda one: (order.index(one.status), one.error / (one.size or 1)))
    return Gradient(name, worst.status, 0, worst.by_gradient, worst.by_differences, worst.error)


def _beside_kinks(of: Near, at: Point, random: np.random.Generator) -> tuple[Point, tuple[Notice, ...]]:
    """The function at its point, or beside it where outputs have a kink there, and how many."""
    notices: tuple[Notice, ...] = ()
    for share in AWAY:
        v = direction(at.inputs, random, of.step)
        kinks = int(np.count_nonzero(derivative(at, v).jump))
        if not kinks:
            break
        text = f"{kinks} of {sum(one.size for one in at.outputs)} outputs have a kink here: checked beside this point"
        notices = notices or (Notice("kinks", text, refutes=False),)
        moved = tuple(
            one + share * own * random.uniform(0.5, 1, own.shape) for one, own in zip(of.inputs, v, strict=True)
        )
        at = point(of.function, moved, at.epsilon, random)
    return at, notices


def _elements(of: Near, at: Point, n: int, known: Gradient, random: np.random.Generator) -> Gradient:
    """The gradient of one input, element by element; as it is known where that takes too many passes."""
    steps = [direction(at.inputs, random, of.step)[n] / 4 for _ in range(2)]
    reach = explored(at.function, at.inputs, n, steps)
    if prod(passes(reach)) * sum(one.size for one in at.outputs) > MOST_WORK and not of.full:
        return known
    size = scale(at.inputs[n], of.step)
    row = _row(at, n, random, of.step)
    right, error = _gathered(at, n, size, row, reach)
    got, rounded = gradient(at, shaped(row, at.outputs), random)
    tolerance = np.maximum(SAFETY * (error + rounded[n]), of.atol + of.rtol * np.abs(right))
    found = compared(known.name, got[n], right, tolerance)
    if found.status != "wrong" and known.status == "wrong":
        return known
    return replace(found, by_gradient=known.by_gradient, by_differences=known.by_differences, error=known.error)


def _row(at: Point, n: int, random: np.random.Generator, step: float | None) -> Array:
    """A cotangent that weighs the outputs by what a random step in one input does to them."""
    found = derivative(at, only(at, n, direction(at.inputs, random, step)[n]))
    row = weights(found.value, found.error, at.epsilon)
    return np.asarray(row * random.choice([-1.25, -0.75, 0.75, 1.25], row.shape))


def _gathered(at: Point, n: int, size: Array, row: Array, reach: Reach) -> tuple[Array, Array]:
    """The derivative with respect to each element, and its error, by a pass for each class of them."""
    one = at.outputs[0].shape if len(at.outputs) == 1 else row.shape
    values: list[Array] = []
    errors: list[Array] = []
    for chosen in range(prod(passes(reach))):
        found = derivative(at, only(at, n, units(reach, np.array([chosen]))[0] * size))
        for kept, part, weight in ((values, found.value, row), (errors, found.error, np.abs(row))):
            kept.append(reduced(part.reshape(1, *one), weight.reshape(one), reach))
    right, error = (gathered(np.concatenate(parts), reach) / size for parts in (values, errors))
    return right, error
