"""One layer of given sizes with random integer operands, its output, and its gradients found twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from gradcheck.errors import Disagreement, Untestable
from gradcheck.layers.layer import Layer, gradient_name
from gradcheck.notation.arithmetic import Sym, evaluate, symbols
from gradcheck.notation.sums import Read
from gradcheck.numeric.program import Array, count, run

EXACT = 2**53  # float64 holds every integer up to here
LARGEST = 9  # entries of one digit, so that a failure can be retyped
CHUNK = 2**22  # numbers in one batch of perturbed forward passes
BATCH = "#"  # an index that no notation can name
ONES = "1"  # a tensor that no notation can name


@dataclass(frozen=True, slots=True)
class Trial:
    """Sizes and the arrays of a layer: operands, output, cotangent and gradients.

    The gradients are the finite differences of L = <dY, Y>, so many for every element of every
    operand, and equal to what the exchanged program gives.
    """

    sizes: Mapping[str, int]
    arrays: Mapping[str, Array]
    differences: int


def trial(layer: Layer, number: int, sizes: Mapping[str, int], seed: int) -> Trial:
    """The layer of these sizes, its operands drawn from (seed, number).

    Raises Disagreement if the gradients of the exchanged program are not the finite differences.
    """
    random = np.random.default_rng((seed, number))
    shapes = [[evaluate(e, sizes) for e in shape] for shape in layer.shapes]
    empty = {o: np.zeros(s) for o, s in zip(layer.operands, shapes, strict=True)}
    most = amplitude(prod(count(layer.reads, empty, sizes).values()), len(shapes) + 1)
    arrays = {o: _integers(random, s, most) for o, s in zip(layer.operands, shapes, strict=True)}
    output = run(layer.output, layer.reads, arrays, sizes)
    cotangent = _integers(random, output.shape, most)
    arrays |= {layer.output.tensor: output, layer.cotangent: cotangent}
    for read in layer.reads:
        name = gradient_name(read.tensor)
        arrays[name] = difference(layer, read, arrays, sizes)
        if not np.array_equal(adjoint(layer, read, arrays, sizes), arrays[name]):
            raise Disagreement(f"{name} of {layer.text} at {dict(sizes)} is not its finite difference")
    return Trial(sizes, arrays, sum(arrays[operand].size for operand in layer.operands))


def amplitude(points: int, factors: int) -> int:
    """The largest entry, up to LARGEST, with which every partial sum of L stays exact in float64.

    L sums `points` products of `factors` entries; a perturbed entry is one larger. Raises
    Untestable where not even entries of 1 are exact.
    """
    for most in range(LARGEST, 0, -1):
        if points * (most + 1) ** factors <= EXACT:
            return most
    raise Untestable(f"sums of {points} products are too long to be exact in float64")


def _integers(random: np.random.Generator, shape: object, most: int) -> Array:
    return random.integers(-most, most, size=shape, endpoint=True).astype(np.float64)  # type: ignore[call-overload, no-any-return]


def adjoint(layer: Layer, read: Read, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    """The gradient with respect to one operand: the layer with that operand and the output exchanged.

    Entries that nothing is written to have a gradient of zero; what would be written beyond the
    operand, where other reads leave it room, is no gradient of anything.
    """
    if not arrays[layer.cotangent].size:
        return np.zeros_like(arrays[read.tensor])
    cotangent = Read(layer.cotangent, layer.output.at)
    reads = [*(other for other in layer.reads if other != read), cotangent, _loose(layer, read)]
    ones = np.ones([count(layer.reads, arrays, sizes)[str(e)] for e in reads[-1].at])
    target = Read(gradient_name(read.tensor), read.at)
    written = run(target, reads, {**arrays, ONES: ones}, sizes)
    whole = np.zeros_like(arrays[read.tensor])
    common = tuple(slice(min(sides)) for sides in zip(whole.shape, written.shape, strict=True))
    whole[common] = written[common]
    return whole


def _loose(layer: Layer, read: Read) -> Read:
    """A read of ones at the indices that only this operand carries: its gradient is constant along them."""
    elsewhere = {n for r in (layer.output, *layer.reads) if r != read for e in r.at for n in symbols(e)}
    own = dict.fromkeys(n for e in read.at for n in symbols(e) if n in layer.indices)
    return Read(ONES, tuple(Sym(n) for n in own if n not in elsewhere))


def difference(layer: Layer, read: Read, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    """L(A + e) - L(A) for every unit e of an operand A, by forward passes alone.

    A step of 1 has no truncation error, L being linear in A, and integers have no rounding error.
    """
    operand, cotangent = arrays[read.tensor], arrays[layer.cotangent]
    batched = Read(read.tensor, (Sym(BATCH), *read.at))
    reads = [batched if other == read else other for other in layer.reads]
    output = Read(layer.output.tensor, (Sym(BATCH), *layer.output.at))
    axes = tuple(range(1, cotangent.ndim + 1))
    before = (cotangent * arrays[layer.output.tensor]).sum()
    step = max(1, CHUNK // max(operand.size, cotangent.size))
    found = []
    for start in range(0, operand.size, step):
        units = np.eye(min(step, operand.size - start), operand.size, start)
        moved = operand + units.reshape(-1, *operand.shape)
        after = run(output, reads, {**arrays, read.tensor: moved}, sizes)
        found.append((cotangent * after).sum(axis=axes) - before)
    return np.concatenate(found).reshape(operand.shape)
