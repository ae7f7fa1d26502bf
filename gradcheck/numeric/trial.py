"""One layer of given sizes with random integer operands, its output, and its gradients found twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from gradcheck.errors import Disagreement, Untestable
from gradcheck.evidence import Method
from gradcheck.layers.layer import Layer, gradient_name
from gradcheck.notation.arithmetic import ONE, ZERO, Sym, evaluate
from gradcheck.notation.sums import Read, read_as
from gradcheck.numeric.program import Array, Sizes, count, run, without_zeros
from gradcheck.numeric.sweep import derived, probed

EXACT = 2**53  # float64 holds every integer up to here
LARGEST = 9  # entries of one digit, so that a failure can be retyped
CHUNK = 2**22  # numbers in one batch of perturbed forward passes
BATCH = "#"  # an index that no notation can name


@dataclass(frozen=True, slots=True)
class Trial:
    """Sizes and the arrays of a layer: operands, output, cotangent and gradients.

    The gradients are what the exchanged program gives: equal to the finite differences of L = <dY, Y>,
    one for every element of every operand, or else tested by so many exact trials.
    """

    sizes: Mapping[str, int]
    arrays: Mapping[str, Array]
    differences: int


def trial(layer: Layer, number: int, sizes: Sizes, seed: int, method: Method = "full") -> Trial:
    """The layer of these sizes, its operands drawn from (seed, number).

    Raises Disagreement if the gradients of the exchanged program are not those of the layer.
    """
    if method == "probe":
        return _probed(layer, number, sizes, seed)
    random = np.random.default_rng((seed, number))
    shapes = [[evaluate(e, sizes) for e in shape] for shape in layer.shapes]
    extents = count(layer, sizes)
    most = amplitude(prod(extents.values()), len(shapes) + 1)
    operands = {o: _integers(random, s, most) for o, s in zip(layer.operands, shapes, strict=True)}
    outputs = [extents[str(e)] for e in layer.output.at]
    return completed(layer, sizes, operands, _integers(random, outputs, most))


def completed(layer: Layer, sizes: Sizes, operands: Mapping[str, Array], cotangent: Array) -> Trial:
    """The layer on these operands: its output, and the gradients for this cotangent, found twice."""
    extents = count(layer, sizes)
    arrays = {**operands, layer.cotangent: cotangent}
    arrays[layer.output.tensor] = run(layer.output, layer.reads, arrays, sizes, extents)
    for read in layer.reads:
        name = gradient_name(read.tensor)
        arrays[name] = difference(layer, read, arrays, sizes, extents)
        if not np.array_equal(adjoint(layer, read, arrays, sizes, extents), arrays[name]):
            raise Disagreement(f"{name} of {layer.text} at {dict(sizes)} is not its finite difference")
    return Trial(sizes, arrays, sum(arrays[operand].size for operand in layer.operands))


def _probed(layer: Layer, number: int, sizes: Sizes, seed: int) -> Trial:
    """The same, the gradients tested by a probe."""
    of = derived(layer, sizes)
    found = probed(of, [seed, number])
    random = np.random.default_rng((seed, number))
    most = amplitude(of.points, len(of.shapes) + 1)
    operands = tuple(_integers(random, shape, most) for shape in of.shapes)
    cotangent = _integers(random, of.output, most)
    (output,), gradients = of.pull(operands, (cotangent,))
    arrays = dict(zip(layer.operands, operands, strict=True)) | {layer.output.tensor: output}
    arrays |= dict(zip(map(gradient_name, layer.operands), gradients, strict=True)) | {layer.cotangent: cotangent}
    return Trial(sizes, arrays, found.trials)


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


def adjoint(layer: Layer, read: Read, arrays: Mapping[str, Array], sizes: Sizes, extents: Mapping[str, int]) -> Array:
    """The gradient with respect to one operand: the layer with that operand and the output exchanged.

    Entries that nothing is written to have a gradient of zero; what would be written to the zeros
    in and around the operand is no gradient of anything.
    """
    cotangent = Read(layer.cotangent, layer.output.at)
    reads = [*(other for other in layer.reads if other != read), cotangent]
    written = run(Read(gradient_name(read.tensor), read.at), reads, arrays, sizes, extents)
    return without_zeros(read, written, arrays[read.tensor].shape, sizes)


def difference(
    layer: Layer, read: Read, arrays: Mapping[str, Array], sizes: Sizes, extents: Mapping[str, int]
) -> Array:
    """L(A + e) - L(A) for every unit e of an operand A, by forward passes alone.

    A step of 1 has no truncation error, L being linear in A, and integers have no rounding error.
    """
    operand, cotangent = arrays[read.tensor], arrays[layer.cotangent]
    reads = [_batched(read) if other == read else other for other in layer.reads]
    output = Read(layer.output.tensor, (Sym(BATCH), *layer.output.at))
    axes = tuple(range(1, cotangent.ndim + 1))
    before = (cotangent * arrays[layer.output.tensor]).sum()
    step = max(1, CHUNK // max(operand.size, cotangent.size))
    found = []
    for start in range(0, operand.size, step):
        units = np.eye(min(step, operand.size - start), operand.size, start)
        moved = operand + units.reshape(-1, *operand.shape)
        batch = {BATCH: len(units), **extents}
        after = run(output, reads, {**arrays, read.tensor: moved}, sizes, batch)
        found.append((cotangent * after).sum(axis=axes) - before)
    return np.concatenate(found).reshape(operand.shape)


def _batched(read: Read) -> Read:
    """The read with an axis for the batch before all others."""
    pads, dilations = [pad for _, _, pad in read.axes], [d for _, d, _ in read.axes]
    return read_as(read.tensor, (Sym(BATCH), *read.at), [(ZERO, ZERO), *pads], [ONE, *dilations])
