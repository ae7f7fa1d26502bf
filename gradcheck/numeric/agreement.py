"""Whether gradients agree with differences of the function itself: the discrepancy against the estimated error."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradcheck.comparison import Status
from gradcheck.numeric.complex_step import refined
from gradcheck.numeric.function import Arrays, Function, flat
from gradcheck.numeric.program import Array
from gradcheck.numeric.richardson import (
    Derivative,
    bend,
    direction,
    directional,
    neighbours,
    rounding,
    shortest,
    unsteady,
)

OTHER_COTANGENTS = (-3.0, 5.0)  # no powers of two: the digits of every product are others
SAFETY = 4  # what is estimated is not bounded
KINKS = 8  # outputs that are looked at one by one
TELLING = 4  # a derivative that is not this many times its error has not been resolved


class NotLinear(Exception):
    """A gradient that is not proportional to the cotangent: the input's number, and whether it ignores it."""

    def __init__(self, index: int, ignored: bool) -> None:
        super().__init__(index, ignored)
        self.index, self.ignored = index, ignored


class NotFinite(Exception):
    """A gradient with NaN or infinity: the input's number, and the first place."""

    def __init__(self, index: int, place: tuple[int, ...]) -> None:
        super().__init__(index, place)
        self.index, self.place = index, place


@dataclass(frozen=True, slots=True)
class Agreement:
    """One directional derivative: by the gradient, by differences, and the estimated error of their difference.

    `size` is the sum of the magnitudes of the terms that the derivative is a sum of.
    """

    by_gradient: float
    by_differences: float
    error: float
    size: float

    @property
    def status(self) -> Status:
        """Wrong where the two differ by more than the error; unresolved where the error hides everything."""
        if not abs(self.by_gradient - self.by_differences) <= self.error:
            return "wrong"
        if not self.size:
            return "zero"
        largest = max(abs(self.by_gradient), abs(self.by_differences))
        return "right" if TELLING * self.error <= largest else "unresolved"


@dataclass(frozen=True, slots=True)
class Point:
    """A function at a point: its outputs there, how they are rounded, and how precise its type is."""

    function: Function
    inputs: Arrays
    outputs: Arrays
    noise: Array
    epsilon: float


def point(function: Function, inputs: Arrays, epsilon: float, random: np.random.Generator) -> Point:
    """The function at these inputs."""
    outputs = function.value(inputs)
    return Point(function, inputs, outputs, rounding(function, inputs, flat(outputs), epsilon, random), epsilon)


def derivative(at: Point, v: Arrays) -> Derivative:
    """The best that differences give in the direction v, by real steps or a complex one."""
    known = directional(at.function, at.inputs, v, at.noise, at.epsilon)
    return refined(at.function, at.inputs, v, known, at.epsilon)


def along(at: Point, index: int, random: np.random.Generator, step: float | None = None) -> Agreement:
    """The gradient with respect to one input against differences in a random direction of that input alone.

    The cotangent weighs the outputs so that each counts alike, whatever its scale.
    """
    v = only(at, index, direction(at.inputs, random, step)[index])
    found = derivative(at, v)
    row = weights(found.value, found.error, at.epsilon)
    row *= random.choice([-1.25, -1.0, -0.75, 0.75, 1.0, 1.25], row.shape)
    gradients, errors = gradient(at, shaped(row, at.outputs), random)
    terms = gradients[index] * v[index]
    error = np.abs(row) @ found.error + float((errors[index] * np.abs(v[index])).sum())
    size = float(np.abs(terms).sum() + np.abs(row * found.value).sum())
    return Agreement(float(terms.sum()), float(row @ found.value), SAFETY * float(error), size)


def at_kinks(at: Point, index: int, random: np.random.Generator, step: float | None = None) -> Iterator[Agreement]:
    """For outputs that have a kink here: whether the gradient's slope is between the slopes on the two sides.

    That is what a subgradient is; the error is half of what is between them.
    """
    v = only(at, index, direction(at.inputs, random, step)[index])
    found = derivative(at, v)
    for n in np.flatnonzero(found.jump)[:KINKS]:
        row = np.zeros(found.value.shape)
        row[n] = 1.0
        terms = at.function.pull(at.inputs, shaped(row, at.outputs))[1][index] * v[index]
        error = SAFETY * float(found.error[n]) + abs(float(found.jump[n])) / 2
        yield Agreement(float(terms.sum()), float(found.value[n]), error, float(np.abs(terms).sum() + error))


def only(at: Point, index: int, v: Array) -> Arrays:
    """A direction in one input alone."""
    return tuple(v if n == index else np.zeros(one.shape) for n, one in enumerate(at.inputs))


def weights(value: Array, error: Array, epsilon: float) -> Array:
    """A power of two for each output that brings its derivative, or else its error, near 1."""
    scale = np.maximum(np.abs(value), error / epsilon**0.75)  # what is hardly resolved counts little
    usable = np.isfinite(scale) & (scale > 0)
    most = -3 * np.log2(epsilon)  # so that no product overflows
    exponents = -np.floor(np.log2(scale, where=usable, out=np.zeros(scale.shape)))
    middle = np.median(exponents[usable]) if usable.any() else 0.0
    return np.asarray(2.0 ** np.clip(exponents, middle - most, middle + most))


def shaped(row: Array, like: Arrays) -> Arrays:
    """The entries of a row in arrays of these shapes."""
    ends = np.cumsum([one.size for one in like])
    return tuple(part.reshape(one.shape) for part, one in zip(np.split(row, ends[:-1]), like, strict=True))


def gradient(at: Point, cotangents: Arrays, random: np.random.Generator) -> tuple[Arrays, Arrays]:
    """The gradients and the rounding of each entry, measured with other cotangents and at inputs close by.

    Raises NotFinite for gradients that are no numbers, NotLinear for ones that are not proportional to the
    cotangents.
    """
    _, found = at.function.pull(at.inputs, cotangents)
    for n, one in enumerate(found):
        if not np.isfinite(one).all():
            raise NotFinite(n, tuple(int(k) for k in np.argwhere(~np.isfinite(one))[0]))
    errors = [2 * at.epsilon * np.abs(one) for one in found]
    for factor in OTHER_COTANGENTS:
        _, others = at.function.pull(at.inputs, tuple(factor * one for one in cotangents))
        for n, (one, other) in enumerate(zip(found, others, strict=True)):
            apart = np.abs(other / factor - one)
            if not apart.max(initial=0) <= np.sqrt(at.epsilon) * np.abs(one).max(initial=0):
                raise NotLinear(n, bool((one == other).all()))
            errors[n] = np.maximum(errors[n], 2 * apart)
    v = direction(at.inputs, random)
    steps = shortest(at.epsilon)[::2]
    rows = [[at.function.pull(one, cotangents)[1] for one in neighbours(at.inputs, v, h)] for h in steps]
    for n, one in enumerate(found):
        seconds = [bend([one, *(gradients[n] for gradients in row)]) for row in rows]
        errors[n] = np.maximum(errors[n], 2 * unsteady(seconds, one))
    return found, tuple(errors)
