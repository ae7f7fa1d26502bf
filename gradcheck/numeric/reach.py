"""Which outputs each element of an input reaches, axis by axis, and which elements may share a forward pass.

Elements whose places on some axis of the input reach disjoint places of an axis of the output never meet.
So each axis is coloured by itself: places of one colour do not meet; elements that have the same
colours on all axes share a pass. For a filter of side m that is m colours an axis, however long the axis.
(Grouping columns of a sparse Jacobian: Curtis, Powell and Reid 1974.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.function import Arrays, Function, moved
from gradcheck.numeric.program import Array

Matrix = NDArray[np.bool_]
LONGEST, MOST = 2048, 2**27  # places on an axis that is explored, and entries of what is looked at


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties an axis of an input to one of the output: which of its places reaches which there."""

    output: int
    reach: Matrix


@dataclass(frozen=True)
class Axis:
    """An axis of an input; `colours` says which places have each colour, where it is tied to one of the output.

    Untied, every place has a colour of its own.
    """

    size: int
    colours: Matrix | None = None
    tie: Tie | None = None

    @property
    def passes(self) -> int:
        """How many colours there are."""
        return self.size if self.colours is None else len(self.colours)

    def places(self, colour: NDArray[np.int64]) -> Matrix:
        """The places that have each of these colours."""
        return colour[:, None] == np.arange(self.size) if self.colours is None else self.colours[colour]

    @cached_property
    def selecting(self) -> Array:
        """Which place a colour means where an output is reached: by place, colour and output's place."""
        assert self.tie is not None
        assert self.colours is not None
        return np.asarray(self.colours.T[:, :, None] * self.tie.reach[:, None, :], float)


Reach = tuple[Axis, ...]


def coloured(size: int, tie: Tie | None = None) -> Axis:
    """An axis whose places share a colour where they reach no place in common, the first that is free."""
    if tie is None:
        return Axis(size)
    meets = tie.reach.astype(float) @ tie.reach.T.astype(float) > 0
    colour = np.full(size, -1)
    for place, others in enumerate(meets):
        taken = set(colour[others])
        colour[place] = next(n for n in range(size + 1) if n not in taken)
    return Axis(size, colour == np.arange(colour.max(initial=-1) + 1)[:, None], tie)


def passes(reach: Reach) -> tuple[int, ...]:
    """How many colours each axis has; their product is how many forward passes all elements take."""
    return tuple(axis.passes for axis in reach)


def units(reach: Reach, chosen: NDArray[np.int64]) -> Array:
    """For each of some classes (by number), 1 at its elements and 0 elsewhere."""
    found = np.ones(len(chosen))
    colours = np.unravel_index(chosen, passes(reach)) if reach else ()
    for n, (axis, colour) in enumerate(zip(reach, colours, strict=True)):
        found = found[..., None] * axis.places(colour).reshape(len(chosen), *[1] * n, -1)
    return found


def reduced(outputs: Array, weights: Array, reach: Reach) -> Array:
    """The weighted outputs of several passes, summed over all axes that no axis of the input is tied to."""
    tied = sorted(axis.tie.output for axis in reach if axis.tie)
    places = list(range(1, outputs.ndim))
    words: list[Any] = [outputs, [0, *places], weights, places, [0, *(1 + r for r in tied)]]
    return np.asarray(np.einsum(*words))


def gathered(sums: Array, reach: Reach) -> Array:
    """For each element, what it reaches in its own pass: from the reduced outputs of all classes."""
    tied = sorted(axis.tie.output for axis in reach if axis.tie)
    found = sums.reshape((*passes(reach), *sums.shape[1:]))  # axes: colours of each axis, tied outputs
    for n, axis in enumerate(reach):
        if axis.tie:
            at = len(reach) + tied.index(axis.tie.output)
            tied.remove(axis.tie.output)
            found = np.moveaxis(np.tensordot(found, axis.selecting, ([n, at], [1, 2])), -1, n)
    return found


def spread(values: Array, reach: Reach, rank: int) -> Array:
    """For each class and each output, the value of the element that reaches it; 0 where none does."""
    found = values
    for axis in reach:  # each step takes the first axis away and puts its colours, and its output's, last
        found = np.tensordot(found, axis.selecting, ([0], [0])) if axis.tie else np.moveaxis(found, 0, -1)
    order, at = [], 0
    outputs = {}
    for axis in reach:
        order.append(at)
        if axis.tie:
            outputs[axis.tie.output] = at + 1
        at += 2 if axis.tie else 1
    found = found.transpose(*order, *(outputs[r] for r in sorted(outputs)))
    sides = [found.shape[len(reach) + sorted(outputs).index(r)] if r in outputs else 1 for r in range(rank)]
    return found.reshape(-1, *sides)


def explored(function: Function, inputs: Arrays, index: int, steps: Sequence[Array]) -> Reach:
    """The reach of an input, found by experiment: every place of every axis moved by itself, by each of the steps.

    Steps are arrays like the input; a place that is moved by random amounts and changes nothing at a
    place of the output does not reach it. An axis is tied to the axis of the output that needs the fewest
    colours and that no other is tied to.
    """
    outputs = function.value(inputs)
    found: list[Axis] = []
    for axis, size in enumerate(inputs[index].shape):
        free = set(range(outputs[0].ndim)) - {one.tie.output for one in found if one.tie}
        tied = [coloured(size)]
        if len(outputs) == 1 and 1 < size <= LONGEST and outputs[0].size * size <= MOST:
            changed = np.array([_changed(function, inputs, index, steps, axis, n, outputs[0]) for n in range(size)])
            tied += [coloured(size, Tie(r, _along(changed, r))) for r in sorted(free)]
        found.append(min(tied, key=lambda one: one.passes))
    return tuple(found)


def _along(changed: Matrix, axis: int) -> Matrix:
    """What changes at each place of one axis of the output, whatever the others."""
    return np.asarray(changed.any(axis=tuple(n for n in range(1, changed.ndim) if n != axis + 1)))


def _changed(
    function: Function, inputs: Arrays, index: int, steps: Sequence[Array], axis: int, place: int, before: Array
) -> Matrix:
    """Which outputs change when one place of an axis is moved."""
    at = (slice(None),) * axis + (place,)
    found = np.zeros(before.shape, bool)
    for step in steps:
        there = inputs[index].copy()
        there[at] += step[at]
        found |= function.value(moved(inputs, index, there))[0] != before
    return found
