"""A layer of given sizes as one multilinear form: its tensors, and Kronecker deltas that say which entries meet.

    <dY, Y> = sum of dY[j,a] * X[i,x] * F[j,i,u] * [x = a + u]

Leave one tensor out, and the sum over all that it does not carry is the output, or the gradient
with respect to it: one contraction, whatever stride, padding, dilation and layout. A mistake in a
backward pass is another delta, or another tensor, in the same sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import Sym, evaluate, symbols
from gradcheck.numeric.program import Array, Sizes, count, entry_places

Names = tuple[str, ...]
LARGEST = 2**26  # entries of what stands between two contractions; by default no more than the largest operand


@dataclass(frozen=True, slots=True)
class Form:
    """The axes of every tensor by name, and for each axis that is read through a map, its delta.

    `deltas` maps such an axis to the indices that it is read at and the array of 0 and 1 over
    these indices and the axis.
    """

    axes: Mapping[str, Names]
    deltas: Mapping[str, tuple[Names, Array]]
    extents: Mapping[str, int]

    def shape(self, tensor: str) -> tuple[int, ...]:
        """The sizes of a tensor."""
        return tuple(self.extents[name] for name in self.axes[tensor])


def form(layer: Layer, sizes: Sizes, mistaken: Sizes | None = None, extents: Sizes | None = None) -> Form:
    """The form of a layer; window positions are counted, as everywhere in this engine.

    With `mistaken` sizes (a stride of 1, say) the tensors are as they are, but entries meet where
    these sizes would have them meet; with `extents`, indices take as many values as that says.
    """
    extents = {**count(layer, sizes), **(extents or {})}
    there = {**sizes, **(mistaken or {})}
    axes = {layer.output.tensor: tuple(str(e) for e in layer.output.at)}
    deltas = {}
    for read, shape in zip(layer.reads, layer.shapes, strict=True):
        names = []
        for axis, (e, size) in enumerate(zip(read.at, shape, strict=True)):
            side = int(evaluate(size, sizes))
            if isinstance(e, Sym) and read.bare:
                names.append(e.name)
                continue
            name = f"{read.tensor}{axis}"
            at, _ = entry_places(read, axis, side, there)
            own = tuple(dict.fromkeys(n for n in symbols(e) if n in extents))
            grid = np.ix_(*(np.arange(extents[n]) for n in own))
            reached = np.asarray(evaluate(e, {**there, **dict(zip(own, grid, strict=True))}))
            deltas[name] = own, (reached[..., np.newaxis] == at).astype(float)
            extents[name] = side
            names.append(name)
        axes[read.tensor] = tuple(names)
    return Form(axes, deltas, extents)


def contract(of: Form, arrays: Mapping[str, Array], wanted: str) -> Array:
    """The sum over all indices but those of `wanted` of the product of all other tensors and the deltas."""
    operands = [(of.axes[tensor], arrays[tensor]) for tensor in of.axes if tensor != wanted]
    operands += [((*own, axis), delta) for axis, (own, delta) in of.deltas.items()]
    there = {name for names, _ in operands for name in names}
    spread = tuple(name for name in of.axes[wanted] if name not in there)
    if spread:
        operands.append((spread, np.ones([of.extents[name] for name in spread])))
    numbers: dict[str, int] = {}
    for names, _ in operands:
        for name in names:
            numbers.setdefault(name, len(numbers))
    words: list[Any] = [part for names, array in operands for part in (array, [numbers[n] for n in names])]
    result = [numbers[name] for name in of.axes[wanted]]
    path = _path(tuple((array.shape, tuple(numbers[n] for n in names)) for names, array in operands), tuple(result))
    return np.asarray(np.einsum(*words, result, optimize=path))


@cache
def _path(shapes: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...], result: tuple[int, ...]) -> Any:
    """In which order einsum contracts operands of these shapes with the least work."""
    words: list[Any] = [part for shape, names in shapes for part in (np.broadcast_to(0.0, shape), list(names))]
    return np.einsum_path(*words, list(result), optimize=("greedy", LARGEST))[0]
