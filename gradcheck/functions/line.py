"""What a line of notation says of a function: how long its sums are, and which outputs every element reaches."""

import re
from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from gradcheck.errors import LayerError
from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.layers.layer import Layer, parse_layer
from gradcheck.notation.arithmetic import Sym, evaluate
from gradcheck.notation.scanner import suggestion
from gradcheck.numeric.exact import Products
from gradcheck.numeric.form import Form, form
from gradcheck.numeric.grouped import Structure
from gradcheck.numeric.reach import Axis, Tie, coloured

_OPERAND = r"(?:pad|dilate)\s*\(\s*(?:(?:pad|dilate)\s*\(\s*)*(\w+)|(\w+)\s*\["


def formed(line: str, shapes: Sequence[tuple[int, ...]], sizes: Mapping[str, int]) -> tuple[Layer, Form]:
    """The layer that a line, or a name in the catalogue, is for operands of these shapes.

    `sizes` are those that no operand has (a stride). Raises NotationError or LayerError where they do not fit.
    """
    if line in CATALOGUE:
        layer = parse_layer(line, {})
    else:
        told = (" ".join(map(str, shape)) for shape in shapes)
        layer = parse_layer(line, dict(zip(operands_of(line), told, strict=False)))
    solved = _solved(layer, shapes)
    known = {**sizes, **solved}
    for name, size in sizes.items():
        if name not in layer.sizes:
            raise LayerError(f"{line} has no size {name}{suggestion(name, layer.sizes)}")
        if not isinstance(size, int) or solved.get(name, size) != size or size < layer.least(name):
            least = f"at least {layer.least(name)}" if name not in solved else f"{solved[name]}, by the arrays"
            raise LayerError(f"{line}: {name} is {size}, but should be {least}")
    missing = [name for name in layer.sizes if name not in known]
    if missing:
        raise LayerError(f"{line}: no array tells {missing[0]}: pass sizes={{'{missing[0]}': ...}}")
    for operand, own, shape in zip(layer.operands, layer.shapes, shapes, strict=True):
        expected = tuple(int(evaluate(e, known)) for e in own)
        if expected != shape:
            raise LayerError(f"{line}: {operand} is {shape}, but should be {expected}")
    return layer, form(layer, known)


def operands_of(line: str) -> list[str]:
    """The operands of a line, or of a name in the catalogue, in the order in which it reads them."""
    line = CATALOGUE[line][0] if line in CATALOGUE else line
    return [padded or bare for padded, bare in re.findall(_OPERAND, line.split("=", 1)[-1])]


def _solved(layer: Layer, shapes: Sequence[tuple[int, ...]]) -> dict[str, int]:
    """The sizes that stand alone on an axis of an operand."""
    if [len(own) for own in layer.shapes] != [len(shape) for shape in shapes]:
        told = ", ".join(f"{name} has {len(own)} axes" for name, own in zip(layer.operands, layer.shapes, strict=True))
        raise LayerError(f"{layer.text}: {told}, and the inputs have {', '.join(str(len(s)) for s in shapes)}")
    pairs = [pair for own, shape in zip(layer.shapes, shapes, strict=True) for pair in zip(own, shape, strict=True)]
    return {e.name: size for e, size in pairs if isinstance(e, Sym)}


def sums(layer: Layer, of: Form) -> tuple[Products, ...]:
    """How many products each entry of the output, and of each gradient, is a sum of: at most."""
    tensors = [*layer.operands, layer.output.tensor]
    last = len(tensors) - 1
    longest = {tensor: _terms(layer, of, tensor) for tensor in tensors}
    output = Products(len(layer.operands) * longest[tensors[-1]], frozenset(range(last)))
    others = (Products(longest[t], frozenset(range(last + 1)) - {n}) for n, t in enumerate(layer.operands))
    return (output, *others)


def _terms(layer: Layer, of: Form, tensor: str) -> int:
    """The values of all indices, but those that an entry of the tensor fixes."""
    fixed, mapped = set(), 1
    for name in of.axes[tensor]:
        if name in of.deltas:
            own, delta = of.deltas[name]
            fixed |= set(own)
            mapped *= max(1, int(delta.sum(axis=tuple(range(len(own)))).max()))
        else:
            fixed.add(name)
    return mapped * prod(of.extents[name] for name in layer.indices if name not in fixed)


def structure(layer: Layer, of: Form, operand: int) -> Structure:
    """Which outputs an operand reaches, and along which axis copies of it can be laid side by side."""
    outputs = of.axes[layer.output.tensor]
    names = [of.axes[tensor] for tensor in layer.operands]
    reach: list[Axis] = []
    for name in names[operand]:
        free = [index for index in outputs if outputs.index(index) not in {a.tie.output for a in reach if a.tie}]
        reach.append(coloured(of.extents[name], _tie(of, name, outputs, free)))
    moving = {index for own, _ in of.deltas.values() for index in own}
    plain = [name for name in names[operand] if name in outputs and name not in moving]
    if not plain:
        return Structure(tuple(reach))
    copies = {n: own.index(plain[0]) for n, own in enumerate(names) if plain[0] in own}
    return Structure(tuple(reach), copies, outputs.index(plain[0]))


def _tie(of: Form, name: str, outputs: Sequence[str], free: Sequence[str]) -> Tie | None:
    """What ties an axis of an operand to an axis of the output: being it, or being read at its index."""
    if name in free:
        return Tie(outputs.index(name), np.eye(of.extents[name], dtype=bool))
    own, delta = of.deltas.get(name, ((), np.zeros(0)))
    tied = next((index for index in own if index in free), None)
    if tied is None:
        return None
    rest = tuple(n for n, index in enumerate(own) if index != tied)
    return Tie(outputs.index(tied), np.asarray(delta.any(axis=rest)).T)
