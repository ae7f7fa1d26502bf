"""A line of index notation run on NumPy arrays: strided views and one einsum.

The same function runs a layer and, with the output and an operand exchanged, its gradients.
Sizes are never computed from a formula here: window positions are counted, and what is written
to is measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import Expr, Sym, evaluate, symbols
from gradcheck.notation.sums import Read

Array = NDArray[np.float64]
Sizes = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class View:
    """How one operand is read: its array with zeros put in and around it, as one with an axis for each index."""

    tensor: str
    embedded: "Embedding | None"
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int

    def of(self, array: Array) -> Array:
        """The view of an array of the shape that this was made for."""
        base = self.embedded.into(array) if self.embedded else np.ascontiguousarray(array, np.float64)
        return np.ndarray(self.shape, np.float64, base.data if base.size else bytes(8), self.offset, self.strides)


@dataclass(frozen=True, slots=True)
class Embedding:
    """Which entries of an array go where in another one of zeros; the rest of them go nowhere."""

    shape: tuple[int, ...]
    own: tuple[Array, ...]
    there: tuple[Array, ...]

    def into(self, array: Array) -> Array:
        """The other array."""
        result = np.zeros(self.shape)
        result[self.there] = array[self.own]
        return result


@dataclass(frozen=True, slots=True)
class Program:
    """A line with everything worked out that depends on sizes alone: views, one einsum, and where it is written.

    `spread` has ones for the indices that are written but not read; `places` are those of the entries in
    an output that is written through sums of indices, None where every entry is written once.
    """

    views: tuple[View, ...]
    indices: tuple[list[int], ...]
    spread: Array
    written: list[int]
    places: NDArray[np.int64] | None
    shape: tuple[int, ...]

    def __call__(self, arrays: Mapping[str, Array]) -> Array:
        """What is written, from an array for each read."""
        read = [view.of(arrays[view.tensor]) for view in self.views]
        words: list[Any] = [part for pair in zip((*read, self.spread), self.indices, strict=True) for part in pair]
        found = np.asarray(np.einsum(*words, self.written))
        if self.places is None:
            return found
        if not found.size:
            return np.zeros(self.shape)
        return (
            np.bincount(self.places, found.reshape(-1), prod(self.shape)).reshape(self.shape).astype(float, copy=False)
        )


def run(
    target: Read, reads: Sequence[Read], arrays: Mapping[str, Array], sizes: Sizes, extents: Mapping[str, int]
) -> Array:
    """target[...] += product of reads, summed over every index that the target does not carry.

    `arrays` has an array for each read; `sizes` a value for each name that is not an index, and
    `extents` says how many values each index takes. A target that is written through sums of
    indices is as large as what is written to.
    """
    shapes = [arrays[read.tensor].shape for read in reads]
    return program(target, reads, shapes, sizes, extents)(arrays)


def program(
    target: Read, reads: Sequence[Read], shapes: Sequence[tuple[int, ...]], sizes: Sizes, extents: Mapping[str, int]
) -> Program:
    """The program that `run` runs, for arrays of these shapes."""
    kept = [name for name in extents if any(name in symbols(e) for e in target.at)]
    made = [_view(read, shape, extents, sizes) for read, shape in zip(reads, shapes, strict=True)]
    spread = [name for name in kept if not any(name in own for _, own in made)]
    numbers = {name: n for n, name in enumerate(dict.fromkeys((*extents, *kept)))}
    indices = tuple([numbers[name] for name in own] for own in (*(own for _, own in made), spread))
    ones, written = np.ones([extents[name] for name in spread]), [numbers[name] for name in kept]
    views = tuple(view for view, _ in made)
    if list(map(Sym, kept)) == list(target.at):
        return Program(views, indices, ones, written, None, tuple(extents[name] for name in kept))
    return Program(views, indices, ones, written, *_places(target, [extents[name] for name in kept], kept, sizes))


def with_zeros(read: Read, array: Array, sizes: Sizes) -> Array:
    """The array of a read with the zeros in and around it; entries that are cropped are left out."""
    found = _embedding(read, array.shape, sizes)
    return found.into(array) if found else array


def _embedding(read: Read, shape: Sequence[int], sizes: Sizes) -> Embedding | None:
    if read.bare:
        return None
    places = [entry_places(read, axis, side, sizes) for axis, side in enumerate(shape)]
    result = tuple(max(0, side) for _, side in places)
    return Embedding(result, *_inside([at for at, _ in places], result))


def cut(read: Read, written: Sequence[int], shape: Sequence[int], sizes: Sizes) -> Embedding:
    """What stands at the places of the tensor's own entries in something of the shape that is written."""
    places = [entry_places(read, axis, side, sizes)[0] for axis, side in enumerate(shape)]
    own, there = _inside(places, written)
    return Embedding(tuple(shape), there, own)


def without_zeros(read: Read, array: Array, shape: Sequence[int], sizes: Sizes) -> Array:
    """What stands at the places of the tensor's own entries, and zeros for those that are beyond the array."""
    return cut(read, array.shape, shape, sizes).into(array)


def _inside(places: Sequence[NDArray[np.int64]], shape: Sequence[int]) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Which entries have a place inside an array of this shape, and these places, axis by axis."""
    own = [(at >= 0) & (at < side) for at, side in zip(places, shape, strict=True)]
    return np.ix_(*own), np.ix_(*(at[kept] for at, kept in zip(places, own, strict=True)))


def entry_places(read: Read, axis: int, side: int, sizes: Sizes) -> tuple[NDArray[np.int64], int]:
    """Where the entries of an axis stand among its zeros, and how many places there are."""
    _, dilation, (before, after) = read.axes[axis]
    step, first, last = (int(evaluate(e, sizes)) for e in (dilation, before, after))
    return first + step * np.arange(side), first + last + (step * (side - 1) + 1 if side else 0)


def count(layer: Layer, sizes: Sizes) -> dict[str, int]:
    """How many values each index of a layer takes: an axis's length where it stands alone, else counted."""
    extents: dict[str, int] = {}
    windows = []
    for read, shape in layer.sizes_by_axis:
        for axis, (e, size) in enumerate(zip(read.at, shape, strict=True)):
            windows.append((e, entry_places(read, axis, int(evaluate(size, sizes)), sizes)[1]))
            if isinstance(e, Sym) and e.name not in sizes:
                extents.setdefault(e.name, windows[-1][1])
    for name in layer.indices:
        if name not in extents:
            own = [(w, length) for w, length in windows if name in symbols(w)]
            extents[name] = min(_positions(name, w, length, extents, sizes) for w, length in own)
    return extents


def _positions(name: str, e: Expr, length: int, extents: Mapping[str, int], sizes: Sizes) -> int:
    """How many values 0, 1, 2, ... of an index keep e within 0 .. length-1 for all the others."""
    others = [n for n in dict.fromkeys(symbols(e)) if n != name and n not in sizes]
    axes = np.ix_(*(np.arange(extents[n]) for n in others))
    here = {**sizes, **dict(zip(others, axes, strict=True))}
    first, second = (np.asarray(evaluate(e, {**here, name: tried})) for tried in (0, 1))
    if not first.size:
        return length + 1
    tried = np.arange(length + 1) * (second - first).flat[0]
    fits = (first.min() + tried >= 0) & (first.max() + tried < length)
    return int(np.argmin(np.append(fits, False)))


def _view(read: Read, shape: tuple[int, ...], extents: Mapping[str, int], sizes: Sizes) -> tuple[View, list[str]]:
    """The reads of one operand as a view with one axis for each index, made by strides alone; and these indices."""
    embedded = _embedding(read, shape, sizes)
    steps = np.cumprod([8, *(embedded.shape if embedded else shape)[:0:-1]])[::-1].tolist()
    own = list(dict.fromkeys(n for e in read.at for n in symbols(e) if n not in sizes))
    origin = {**sizes, **dict.fromkeys(own, 0)}
    starts = [evaluate(e, origin) for e in read.at]
    strides = tuple(
        int(
            sum(
                (evaluate(e, {**origin, name: 1}) - at) * step
                for e, at, step in zip(read.at, starts, steps, strict=True)
            )
        )
        for name in own
    )
    offset = int(sum(at * step for at, step in zip(starts, steps, strict=True)))
    lengths = tuple(extents[name] for name in own)
    return View(read.tensor, embedded, lengths, strides, offset if prod(lengths) else 0), own


def _places(
    target: Read, lengths: Sequence[int], names: Sequence[str], sizes: Sizes
) -> tuple[NDArray[np.int64], tuple[int, ...]]:
    """Where in what is written to each combination of indices writes, and the shape of that."""
    axes = np.ix_(*(np.arange(length) for length in lengths))
    at = [np.asarray(evaluate(e, {**sizes, **dict(zip(names, axes, strict=True))})) for e in target.at]
    shape = tuple(int(e.max(initial=-1)) + 1 for e in at)
    everywhere = np.broadcast_arrays(*at, np.zeros(lengths, int))[:-1]
    if not prod(lengths):
        return np.zeros(0, int), shape
    return np.asarray(np.ravel_multi_index(everywhere, shape)).reshape(-1), shape
