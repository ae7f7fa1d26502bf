"""The exact gradient with respect to every element of an input, by finite differences of a few forward passes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.function import Arrays, Function, moved, whole
from gradcheck.numeric.program import Array
from gradcheck.numeric.reach import Reach, gathered, passes, reduced, spread, units

CHUNK = (
    2**22
)  # numbers in the arrays of one call (32 MiB in float64); the function's own work may be several times that


@dataclass(frozen=True, slots=True)
class Structure:
    """What an input reaches; and an axis of each input along which copies of a layer can be laid side by side.

    `copies` maps inputs to such an axis, `along` is the output's; without it, passes are run one by one.
    """

    reach: Reach
    copies: Mapping[int, int] = field(default_factory=dict)
    along: int | None = None


@dataclass(frozen=True, slots=True)
class Random:
    """Where the random direction comes from, and how many bits its entries may have to be exact."""

    seed: int
    bits: int


class Leak(ArithmeticError):
    """The function reaches outputs that it was taken not to reach: its receptive field is another one."""


def gradient(
    function: Function, inputs: Arrays, index: int, cotangent: Array, structure: Structure, draw: Random
) -> tuple[Array, int]:
    """The gradient of <cotangent, f> for an f that is affine in the input, and the forward passes it took.

    f(A + e) - f(A) for the sum e of all units of a class. That no two of them share an output is checked
    against the function: all differences together must give f(A + v) - f(A) for a random v, or Leak is raised.
    """
    own = inputs[index]
    before = whole(function.value(inputs))
    v = np.random.default_rng(draw.seed).integers(0, 2 ** max(1, draw.bits), own.shape).astype(float)
    shares = spread(v, structure.reach, before.ndim)
    together, sums = np.zeros(before.shape), []
    for chosen in _chunks(inputs, before, structure):
        moves = units(structure.reach, chosen)
        changes = _side_by_side(function, inputs, index, structure, moves) - before
        sums.append(reduced(changes, cotangent, structure.reach))
        together += np.einsum("c...,c...->...", changes, shares[chosen])
    there = whole(function.value(moved(inputs, index, own + v)))
    if not np.array_equal(there - before, together):
        raise Leak
    return gathered(np.concatenate(sums), structure.reach), len(shares) + 2


def _chunks(inputs: Arrays, before: Array, structure: Structure) -> Iterator[NDArray[np.int64]]:
    """The classes' numbers, as many at a time as their arrays may be large."""
    size = max(1, CHUNK // (before.size + sum(one.size for one in inputs)))
    total = prod(passes(structure.reach))
    yield from (np.arange(start, min(total, start + size)) for start in range(0, total, size))


def _side_by_side(function: Function, inputs: Arrays, index: int, structure: Structure, moves: Array) -> Array:
    """The outputs for an input that each of the moves is added to: in one call, where copies can be side by side."""
    if structure.along is None:
        return np.array([whole(function.value(moved(inputs, index, inputs[index] + move))) for move in moves])
    wide = [
        np.concatenate([one] * len(moves), structure.copies[n]) if n in structure.copies else one
        for n, one in enumerate(inputs)
    ]
    axis = structure.copies[index]
    wide[index] = wide[index] + np.moveaxis(moves, 0, axis).reshape(wide[index].shape)
    (found,) = function.value(tuple(wide))
    along = structure.along
    apart = found.reshape(*found.shape[:along], len(moves), -1, *found.shape[along + 1 :])
    return np.moveaxis(apart, along, 0)
