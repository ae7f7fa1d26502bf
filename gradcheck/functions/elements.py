"""The exact check of every element of the gradients of a function that is linear in each of its inputs."""

import contextlib
from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from gradcheck.comparison import Evidence, Gradient
from gradcheck.functions.exactly import Exact
from gradcheck.functions.fault import compared
from gradcheck.numeric.form import contract
from gradcheck.numeric.function import Arrays, whole
from gradcheck.numeric.grouped import Leak, Random, Structure, gradient
from gradcheck.numeric.points import Draws, Point
from gradcheck.numeric.program import Array
from gradcheck.numeric.reach import coloured, explored, passes

LARGEST = 4  # bits of the numbers: one digit
DRAWN = 8  # points at which a failed probe is followed up


def everything(of: Exact, failed: bool = False) -> tuple[Evidence, tuple[Gradient, ...]]:
    """Every element of every gradient against finite differences with step 1, compared with ==.

    Where a probe has failed, other points of small numbers are tried until something is seen to be wrong.
    """
    results: tuple[Gradient, ...] = ()
    for seed in range(of.seed, of.seed + DRAWN):
        results, taken = _everything(of, seed)
        if any(one.status == "wrong" for one in results) or not failed:
            break
    return Evidence("full", bits=of.bits, passes=taken, proved=of.line is not None), results


def _everything(of: Exact, seed: int) -> tuple[tuple[Gradient, ...], int]:
    """The comparisons at one point, and the forward passes that they took."""
    draws = Draws(seed, of.shapes, of.outputs, [min(LARGEST, b) for b in of.bits], of.largest)
    point, y, z = draws.points()[0], draws.cotangents(), draws.cotangents()
    inputs, dy, other = _odd(point, of.shapes), _odd(y, of.outputs), _odd(z, of.outputs)
    results, taken = list(_output(of, inputs)), 0
    for n, got in enumerate(of.function.pull(inputs, dy)[1]):
        right, count = _differences(of, inputs, dy, n)
        taken += count
        steady = not np.array_equal(got, right) and np.array_equal(got, of.function.pull(inputs, other)[1][n])
        results.append(compared(f"gradient of {of.names[n]}", got, right, np.zeros(right.shape), steady))
    return tuple(results), taken


def _odd(point: Point, shapes: Sequence[tuple[int, ...]]) -> Arrays:
    """Small odd numbers: a zero would hide what is wrong with the products that it is in."""
    return tuple((n | 1).reshape(shape).astype(float) for n, shape in zip(point.integers, shapes, strict=True))


def _output(of: Exact, inputs: Arrays) -> list[Gradient]:
    """The output against the line of notation, where there is one."""
    if not of.line:
        return []
    layer = of.line.layer
    right = contract(of.line.form, dict(zip(layer.operands, inputs, strict=True)), layer.output.tensor)
    return [compared(f"output {layer.output.tensor}", of.function.value(inputs)[0], right, np.zeros(right.shape))]


def _differences(of: Exact, inputs: Arrays, cotangents: Arrays, n: int) -> tuple[Array, int]:
    """The gradient of one input by differences, elements together that do not meet.

    What they reach is known by the line, or by experiment; where the function shows it to be otherwise,
    they are taken one by one.
    """
    dy = whole(cotangents)
    for known in _structures(of, inputs, n):
        with contextlib.suppress(Leak):
            return gradient(of.function, inputs, n, dy, known, Random(of.seed, of.bits[n] - 1))
    raise Leak("a function that is not linear: by itself, every element reaches something else")


def most_passes(of: Exact) -> float:
    """How many forward passes the elements of all inputs would take, one by one."""
    return sum(prod(passes(one.reach)) for one in of.line.structures) if of.line else sum(map(prod, of.shapes))


def _structures(of: Exact, inputs: Arrays, n: int) -> Iterator[Structure]:
    if of.line:
        yield of.line.structures[n]
    random = np.random.default_rng(of.seed)
    steps = [random.integers(1, 2**LARGEST, of.shapes[n]).astype(float) for _ in range(2)]
    yield Structure(explored(of.function, inputs, n, steps))
    yield Structure(tuple(coloured(size) for size in of.shapes[n]))
