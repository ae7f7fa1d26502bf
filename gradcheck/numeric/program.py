"""A line of index notation run on NumPy arrays: strided views and one einsum.

The same function runs a layer and, with the output and an operand exchanged, its gradients.
Sizes are never computed from a formula here: window positions are counted, and what is written
to is measured.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from gradcheck.notation.arithmetic import Expr, Sym, evaluate, symbols
from gradcheck.notation.sums import Read

Array = NDArray[np.float64]
Sizes = Mapping[str, int]


def run(target: Read, reads: Sequence[Read], arrays: Mapping[str, Array], sizes: Sizes) -> Array:
    """target[...] += product of reads, summed over every index that the target does not carry.

    `arrays` has an array for each read; `sizes` a value for each name that is not an index.
    An index of the target that no array bounds takes the values for which all reads are in
    bounds. A target that is written through sums of indices is as large as what is written to.
    """
    extents = count(reads, arrays, sizes)
    names = list(extents)
    kept = [name for name in names if any(name in symbols(e) for e in target.at)]
    operands: list[object] = []
    for read in reads:
        view, own = _view(read, arrays[read.tensor], extents, sizes)
        operands += [view, [names.index(name) for name in own]]
    found = np.einsum(*operands, [names.index(name) for name in kept])  # type: ignore[call-overload]
    if list(map(Sym, kept)) == list(target.at):
        return np.asarray(found)
    return _written(target, found, kept, sizes)


def count(reads: Sequence[Read], arrays: Mapping[str, Array], sizes: Sizes) -> dict[str, int]:
    """How many values each index takes: an axis's length where it is read alone, else counted."""
    extents: dict[str, int] = {}
    for read in reads:
        for e, length in zip(read.at, arrays[read.tensor].shape, strict=True):
            if isinstance(e, Sym) and e.name not in sizes:
                extents.setdefault(e.name, length)
    windows = [(e, length) for read in reads for e, length in zip(read.at, arrays[read.tensor].shape, strict=True)]
    for e, _ in windows:
        for name in symbols(e):
            if name not in extents and name not in sizes:
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
