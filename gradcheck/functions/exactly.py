"""The exact check of a function that is linear in each of its inputs: by probes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import numpy as np

from gradcheck.comparison import Evidence, Gradient
from gradcheck.errors import CouldNotRun
from gradcheck.functions.fault import compared
from gradcheck.functions.line import formed, structure, sums
from gradcheck.layers.layer import Layer
from gradcheck.numeric.exact import BITS, Products, widths
from gradcheck.numeric.form import Form, contract
from gradcheck.numeric.function import Arrays, Differentiable, moved
from gradcheck.numeric.grouped import Structure
from gradcheck.numeric.points import Draws
from gradcheck.numeric.probe import OffGrid, Probe, output_places, paired, probe, wrong
from gradcheck.numeric.program import Array

LOOSE = 2.0**10  # how many roundings of the largest output a linear function may be off by
# What comes of random numbers that a function was not written for: its own point will tell.
UNFIT = (CouldNotRun, ValueError, ArithmeticError, LookupError)
SHORTER = 2  # by what the bits are divided where sums turn out longer than guessed


@dataclass(frozen=True, slots=True)
class Layered:
    """What the user says that the function is: its line of notation at these sizes, and what follows from it.

    `sums` are the lengths of its sums, `structures` what each operand reaches.
    """

    layer: Layer
    form: Form
    sums: tuple[Products, ...]
    structures: tuple[Structure, ...]


@dataclass(frozen=True, slots=True)
class Exact:
    """A function with the shapes of its inputs and outputs, and how wide their numbers may be."""

    function: Differentiable
    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    outputs: tuple[tuple[int, ...], ...]
    bits: tuple[int, ...]
    largest: tuple[int, ...]
    line: Layered | None
    seed: int

    def draws(self, bits: Sequence[int] = ()) -> Draws:
        """Random points, always the same ones."""
        return Draws(self.seed, self.shapes, self.outputs, bits or self.bits, self.largest)


def layered(line: str | None, shapes: Sequence[tuple[int, ...]], sizes: Mapping[str, int]) -> Layered | None:
    """The layer of a line for operands of these shapes; raises NotationError or LayerError."""
    return _layered(line, tuple(shapes), tuple(sizes.items())) if line else None


@lru_cache(maxsize=256)
def _layered(line: str, shapes: tuple[tuple[int, ...], ...], sizes: tuple[tuple[str, int], ...]) -> Layered:
    layer, of = formed(line, shapes, dict(sizes))
    return Layered(layer, of, sums(layer, of), tuple(structure(layer, of, n) for n in range(len(shapes))))


def exact(
    function: Differentiable, names: tuple[str, ...], point: Arrays, line: Layered | None, seed: int
) -> Exact | None:
    """What an exact check needs; None where no numbers are small enough for the function's type.

    With a line the lengths of all sums are known; without, a product of one entry of each input is
    taken to use no entry of the second largest input twice.
    """
    if function.dtype not in BITS:
        return None
    shapes = tuple(one.shape for one in point)
    if line:
        outputs: tuple[tuple[int, ...], ...] = (line.form.shape(line.layer.output.tensor),)
    else:
        outputs = tuple(one.shape for one in function.value(tuple(one.copy() for one in point)))
    bits = widths(len(shapes) + 1, line.sums if line else _guessed(shapes, outputs), function.dtype)
    if not bits:
        return None
    largest = tuple(_exponent(np.abs(one).max(initial=0)) for one in point)
    if function.dtype.startswith("int"):
        largest = tuple(b - 1 for b in bits[:-1])  # whole numbers
    return Exact(function, names, shapes, outputs, bits, largest, line, seed)


def _exponent(number: float) -> int:
    """The power of two just above a number; 0 for 0."""
    return int(np.frexp(number)[1])


def _guessed(shapes: Sequence[tuple[int, ...]], outputs: Sequence[tuple[int, ...]]) -> tuple[Products, ...]:
    """An output sums no more products than the second largest input has entries, a gradient than all outputs have."""
    sizes, last = sorted(max(1, prod(shape)) for shape in shapes), len(shapes)
    longest = last * sizes[-2 if len(sizes) > 1 else -1]
    given = max(1, sum(map(prod, outputs)))
    gradients = (Products(given, frozenset(range(last + 1)) - {n}) for n in range(last))
    return Products(longest, frozenset(range(last))), *gradients


def probed(of: Exact, bound: float) -> Probe | None:
    """The first kind of probe that holds: of a linear function, an affine one, with shorter numbers; None if none.

    One that says nothing is returned where no other holds.
    """
    nothing = None
    short = tuple(max(2, b // SHORTER) for b in of.bits)
    for bits in (of.bits, short) if of.line is None else (of.bits,):
        for affine in (False, True):
            one = tuple(b - affine for b in bits)
            if min(one) < 1:
                continue
            found = probe(of.function, of.draws(one), bound, affine)
            if found.holds and not found.empty:
                return found
            nothing = found if found.holds else nothing
    return nothing


def suspects(of: Exact) -> tuple[Evidence, tuple[Gradient, ...]] | None:
    """Which gradients of a linear function fail one trial by themselves, where a probe has failed; None if none does.

    Then its sums were longer than they were taken to be.
    """
    try:
        failed = wrong(of.function, of.draws([max(1, b - 1) for b in of.bits]))
    except OffGrid:
        return None
    if not any(failed):
        return None
    pairs = zip(map("gradient of {}".format, of.names), failed, strict=True)
    found = tuple(Gradient(name, "wrong" if one else "unresolved") for name, one in pairs)
    return Evidence("probe", 1, 1.0, 1.0, of.bits, proved=of.line is not None), found


def linear(of: Exact) -> bool:
    """Whether the function itself is affine in each input, exactly."""
    try:
        places = output_places(of.function, of.draws(_shorter(of)))
        return all(not bend.any() and not paired(both, places, [], "output") for bend, both in _bends(of))
    except OffGrid:
        return False


def almost_linear(of: Exact, epsilon: float) -> bool:
    """Whether it is affine but for the rounding of its results."""
    try:
        return all((np.abs(one) <= LOOSE * epsilon * np.abs(size).max(initial=0)).all() for one, size in _bends(of))
    except UNFIT:
        return False


def _bends(of: Exact) -> Iterator[tuple[Array, Array]]:
    """f(b) + f(c) - f(b + c) - f(0) for b and c in the place of each input, and f(b + c)."""
    draws = of.draws(_shorter(of))
    for _ in range(draws.least):
        (a, b), (c, _) = draws.points(), draws.points()
        for n, (one, other) in enumerate(zip(b.floats, c.floats, strict=True)):
            other = -np.copysign(other, one)  # on the other side of any kink at 0
            ends = [of.function.value(moved(a.floats, n, x)) for x in (one, other, one + other, np.zeros_like(one))]
            for first, second, both, none in zip(*ends, strict=True):
                yield first + second - both - none, both


def _shorter(of: Exact) -> list[int]:
    """Bits with which sums of a few outputs are exact."""
    return [max(1, b - 2) for b in of.bits]


def other_output(of: Exact, inputs: Arrays) -> tuple[Evidence, tuple[Gradient, ...], tuple[()]] | None:
    """The output at the user's point, if it is not what the line gives, but for rounding; None if all is well."""
    if not of.line:
        return None
    tensor, operands = of.line.layer.output.tensor, of.line.layer.operands
    right = contract(of.line.form, dict(zip(operands, inputs, strict=True)), tensor)
    error = np.full(right.shape, LOOSE * 2.0 ** -(BITS[of.function.dtype] - 2) * np.abs(right).max(initial=0))
    found = compared(f"output {tensor}", of.function.value(inputs)[0], right, error)
    return (Evidence("output"), (found,), ()) if found.status == "wrong" else None
