"""Which sizes to test: the corners of the hypotheses first, then random ones."""

from collections.abc import Sequence
from itertools import combinations
from math import prod

import numpy as np
from numpy.typing import NDArray

from gradcheck.claims.claim import Hypothesis, least, untestable
from gradcheck.errors import Untestable
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import evaluate

LARGEST = 6  # how far above its least value a size goes
MAX_GRID = 50_000  # assignments looked at
TOO_MANY_ENTRIES = 5_000
MAX_ENTRIES = 100  # of the operands of one layer, unless no layer is that small

Column = NDArray[np.int64]


def draw(layer: Layer, where: Sequence[Hypothesis], layers: int, seed: int) -> tuple[dict[str, int], ...]:
    """The sizes of so many layers; those of fewer layers are the first of those of more.

    Corners come first: each size at its least, even, and odd; each hypothesis just met; each
    pair of sizes different. Raises Untestable where no small sizes satisfy the hypotheses.
    """
    grid = candidates(layer, where)
    random = np.random.default_rng(seed)
    rows = [int(random.choice(np.flatnonzero(corner))) for corner in corners(grid, where) if corner.any()]
    weights = prod((column / column.sum()).astype(float) for column in grid.values())
    more = max(0, layers - len(rows))
    rows += random.choice(len(weights), size=more, p=weights / weights.sum()).tolist()
    return tuple({name: int(column[row]) for name, column in grid.items()} for row in rows[:layers])


def candidates(layer: Layer, where: Sequence[Hypothesis]) -> dict[str, Column]:
    """All small sizes that satisfy the hypotheses and are worth testing, a column for each symbol."""
    names = layer.sizes
    spread = min(LARGEST, max(2, int(MAX_GRID ** (1 / max(1, len(names))))))
    axes = np.indices((spread,) * len(names)).reshape(len(names), -1).astype(object)  # exact, of any size
    grid = {name: least(name, where) + axis for name, axis in zip(names, axes, strict=True)}
    keep = np.ones(axes.shape[1], dtype=bool)
    for h in where:
        keep &= np.asarray(h.holds(grid)).astype(bool)
    if not keep.any():
        raise untestable(where)
    entries = _entries(layer, grid)
    fewest = int(entries[keep].min())
    if fewest > TOO_MANY_ENTRIES:
        raise Untestable(f"the smallest layer has {fewest} entries, more than {TOO_MANY_ENTRIES}: too large to test")
    keep &= (entries <= max(MAX_ENTRIES, fewest)).astype(bool)
    return {name: column[keep] for name, column in grid.items()}


def _entries(layer: Layer, grid: dict[str, Column]) -> Column:
    """How many entries the operands of a layer have, each of which takes a finite difference."""
    ones = np.ones_like(next(iter(grid.values())))
    shapes = [[np.maximum(evaluate(e, grid), 0) for e in shape] for shape in layer.shapes]
    return np.asarray(sum(prod(shape, start=ones) for shape in shapes))


def corners(grid: dict[str, Column], where: Sequence[Hypothesis]) -> list[NDArray[np.bool_]]:
    """Which candidates lie at each corner; some corners may have none."""
    found = [np.logical_and.reduce([column == column.min() for column in grid.values()])]
    found += [column == column.min() for column in grid.values()]
    found += [evaluate(h.low, grid) == evaluate(h.high, grid) for h in where]
    for column in grid.values():
        found += [column % 2 == 0, (column % 2 == 1) & (column > 1)]
    found += [grid[a] != grid[b] for a, b in combinations(grid, 2)]
    every = np.logical_and.reduce([grid[a] != grid[b] for a, b in combinations(grid, 2)] or [found[0]])
    return [np.broadcast_to(corner, every.shape) for corner in (*found, every)]
