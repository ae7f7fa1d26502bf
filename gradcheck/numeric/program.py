"""A line of index notation run on NumPy arrays: strided views and one einsum.

The same function runs a layer and, with the output and an operand exchanged, its gradients.
Sizes are never computed from a formula here: window positions are counted, and what is written
to is measured.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import Expr, Sym, evaluate, symbols
from gradcheck.notation.sums import Read

Array = NDArray[np.float64]
Sizes = Mapping[str, int]


def run(
    target: Read, reads: Sequence[Read], arrays: Mapping[str, Array], sizes: Sizes, extents: Mapping[str, int]
) -> Array:
    """target[...] += product of reads, summed over every index that the target does not carry.

    `arrays` has an array for each read; `sizes` a value for each name that is not an index, and
    `extents` says how many values each index takes. A target that is written through sums of
    indices is as large as what is written to.
    """
    kept = [name for name in extents if any(name in symbols(e) for e in target.at)]
    views = [_view(read, with_zeros(read, arrays[read.tensor], sizes), extents, sizes) for read in reads]
    spread = [name for name in kept if not any(name in own for _, own in views)]
    views.append((np.ones([extents[name] for name in spread]), spread))
    numbers = {name: n for n, name in enumerate(dict.fromkeys((*extents, *kept)))}
    operands: list[object] = [part for view, own in views for part in (view, [numbers[name] for name in own])]
    found = np.einsum(*operands, [numbers[name] for name in kept])  # type: ignore[call-overload]
    if list(map(Sym, kept)) == list(target.at):
        return np.asarray(found)
    return _written(target, found, kept, sizes)


def with_zeros(read: Read, array: Array, sizes: Sizes) -> Array:
    """The array of a read with the zeros in and around it; entries that are cropped are left out."""
    if read.bare:
        return array
    places = [entry_places(read, axis, side, sizes) for axis, side in enumerate(array.shape)]
    result = np.zeros([max(0, side) for _, side in places])
    own, there = _inside([at for at, _ in places], result.shape)
    result[there] = array[own]
    return result


def without_zeros(read: Read, array: Array, shape: Sequence[int], sizes: Sizes) -> Array:
    """What stands at the places of the tensor's own entries, and zeros for those that are beyond the array."""
    result = np.zeros(shape)
    own, there = _inside([entry_places(read, axis, side, sizes)[0] for axis, side in enumerate(shape)], array.shape)
    result[own] = array[there]
    return result


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


def _view(read: Read, array: Array, extents: Mapping[str, int], sizes: Sizes) -> tuple[Array, list[str]]:
    """The reads of one operand as an array with one axis for each index, made by strides alone."""
    own = list(dict.fromkeys(n for e in read.at for n in symbols(e) if n not in sizes))
    origin = {**sizes, **dict.fromkeys(own, 0)}
    starts = [evaluate(e, origin) for e in read.at]
    strides = [
        sum(
            (evaluate(e, {**origin, name: 1}) - start) * stride
            for e, start, stride in zip(read.at, starts, array.strides, strict=True)
        )
        for name in own
    ]
    corner = array[tuple(slice(start, None) for start in starts)]
    return as_strided(corner, [extents[n] for n in own], strides, writeable=False), own


def _written(target: Read, found: Array, names: Sequence[str], sizes: Sizes) -> Array:
    axes = np.ix_(*(np.arange(length) for length in found.shape))
    at = [np.asarray(evaluate(e, {**sizes, **dict(zip(names, axes, strict=True))})) for e in target.at]
    result = np.zeros([int(e.max(initial=-1)) + 1 for e in at])
    np.add.at(result, tuple(at), found)
    return result
