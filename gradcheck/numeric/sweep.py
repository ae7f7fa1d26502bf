"""Many random layers of one line of notation, each probed: whether its derived gradients belong to its forward pass.

What depends on a layer's sizes alone is worked out once for these sizes: the passes are then a few
strided views and one einsum each.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from multiprocessing import get_context

from gradcheck.errors import Disagreement
from gradcheck.layers.layer import Layer, gradient_name
from gradcheck.notation.arithmetic import evaluate
from gradcheck.notation.sums import Read
from gradcheck.numeric.exact import Products, widths
from gradcheck.numeric.function import Arrays
from gradcheck.numeric.points import Draws
from gradcheck.numeric.probe import BOUND, Probe, probe
from gradcheck.numeric.program import Embedding, Program, Sizes, count, cut, program

KEPT = 4096  # sizes whose programs are kept


@dataclass(frozen=True, slots=True)
class Derived:
    """A layer at given sizes as a function: its own pass, and for each operand the exchanged one."""

    layer: Layer
    forward: Program
    backward: tuple[tuple[Program, Embedding], ...]
    shapes: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]
    points: int
    dtype: str = "float64"

    def value(self, inputs: Arrays) -> Arrays:
        """The output."""
        return (self.forward(dict(zip(self.layer.operands, inputs, strict=True))),)

    def pull(self, inputs: Arrays, cotangents: Arrays) -> tuple[Arrays, Arrays]:
        """The output, and what the exchanged passes give."""
        arrays = dict(zip(self.layer.operands, inputs, strict=True)) | {self.layer.cotangent: cotangents[0]}
        return (self.forward(arrays),), tuple(own.into(exchanged(arrays)) for exchanged, own in self.backward)

    def draws(self, seed: int | Sequence[int]) -> Draws:
        """Random points, exact however the sums are taken: no sum has more terms than the layer has products."""
        operands = len(self.shapes)
        every = frozenset(range(operands + 1))
        sums = tuple(Products(operands * self.points, every - {n}) for n in range(operands + 1))
        bits = widths(operands + 1, sums, self.dtype)
        assert bits, "a layer small enough to be swept"
        return Draws(seed, self.shapes, [self.output], bits, [b - 1 for b in bits[:-1]])


def derived(layer: Layer, sizes: Sizes) -> Derived:
    """The layer at these sizes."""
    return _derived(layer, tuple(sizes.items()))


@lru_cache(maxsize=KEPT)
def _derived(layer: Layer, at: tuple[tuple[str, int], ...]) -> Derived:
    sizes = dict(at)
    extents = count(layer, sizes)
    shapes = tuple(tuple(int(evaluate(e, sizes)) for e in shape) for shape in layer.shapes)
    output = tuple(extents[str(e)] for e in layer.output.at)
    forward = program(layer.output, layer.reads, shapes, sizes, extents)
    backward = []
    for n, read in enumerate(layer.reads):
        others = [*(other for other in layer.reads if other != read), Read(layer.cotangent, layer.output.at)]
        given = [*(shape for other, shape in zip(layer.reads, shapes, strict=True) if other != read), output]
        exchanged = program(Read(gradient_name(read.tensor), read.at), others, given, sizes, extents)
        backward.append((exchanged, cut(read, exchanged.shape, shapes[n], sizes)))
    return Derived(layer, forward, tuple(backward), shapes, output, prod(extents.values()))


def sweep(layer: Layer, sizes: Sequence[Sizes], seed: int, bound: float = BOUND, jobs: int = 1) -> list[Probe]:
    """A probe of the layer at each of these sizes, by so many processes.

    Raises Disagreement where a derived gradient is not that of the forward pass.
    """
    if jobs == 1:
        return list(_probes(layer, sizes, seed, 0, bound))
    share = -(-len(sizes) // jobs)
    starts = range(0, len(sizes), share)
    with ProcessPoolExecutor(jobs, get_context("forkserver")) as pool:
        work = [pool.submit(_listed, layer, sizes[start : start + share], seed, start, bound) for start in starts]
        return [found for one in work for found in one.result()]


def _listed(layer: Layer, sizes: Sequence[Sizes], seed: int, first: int, bound: float) -> list[Probe]:
    return list(_probes(layer, sizes, seed, first, bound))


def _probes(layer: Layer, sizes: Sequence[Sizes], seed: int, first: int, bound: float) -> Iterator[Probe]:
    for number, these in enumerate(sizes, first):
        yield probed(derived(layer, these), [seed, number], bound)


def probed(of: Derived, seed: Sequence[int], bound: float = BOUND) -> Probe:
    """A probe of one layer; raises Disagreement where a derived gradient is not that of the forward pass."""
    found = probe(of, of.draws(seed), bound)
    if not found.holds:
        raise Disagreement(f"a gradient of {of.layer.text} for operands of {of.shapes} is not that of its forward pass")
    return found
