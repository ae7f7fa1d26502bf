"""Which sizes to test: the corners of the hypotheses first, then random ones."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import prod

import numpy as np
from numpy.typing import NDArray

from gradcheck.claims.claim import Hypothesis, least, untestable
from gradcheck.claims.small_sizes import determined, free_sizes
from gradcheck.errors import Untestable
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import evaluate

Sizes = dict[str, int]

LARGEST = 6  # values tried for each size, from its least one up
MAX_GRID = 20_000  # assignments looked at
MAX_ENTRIES = 100  # of the operands of one layer, or three times as many as the smallest has
TOO_MANY_ENTRIES = 2_000  # of the smallest layer: each takes a finite difference


def draw(layer: Layer, where: Sequence[Hypothesis], layers: int, seed: int) -> tuple[Sizes, ...]:
    """The sizes of so many layers; those of fewer layers are the first of those of more.

    Corners come first: all sizes at their least, and each; each even, and odd; each hypothesis
    just met; each pair different, and all. Then come random ones, larger ones more often. Raises
    Untestable where no small sizes satisfy the hypotheses.
    """
    rows = candidates(layer, where)
    random = np.random.default_rng(seed)
    drawn = [corner[random.integers(len(corner))] for corner in corners(rows, where) if corner]
    weights = np.array([prod(max(1, n) for n in row.values()) for row in rows], dtype=float)
    more = random.choice(len(rows), size=max(0, layers - len(drawn)), p=weights / weights.sum())
    return (*drawn, *(rows[n] for n in more))[:layers]


def candidates(layer: Layer, where: Sequence[Hypothesis]) -> list[Sizes]:
    """All small sizes that satisfy the hypotheses, leave no operand empty, and are worth testing."""
    grid = _grid(layer, where)
    counts = np.ones(len(next(iter(grid.values()), [0])), dtype=object)
    for h in where:
        low, high = evaluate(h.low, grid), evaluate(h.high, grid)
        counts = counts * (low == high if h.equal else low <= high)
    for name in layer.sizes:
        counts = counts * (grid[name] >= least(layer, name, where))
    counts = counts * _entries(layer, grid)
    fewest = min(counts[counts > 0], default=0)
    if not fewest:
        raise untestable(where)
    if fewest > TOO_MANY_ENTRIES:
        raise Untestable(f"the smallest layer has {fewest} entries, more than {TOO_MANY_ENTRIES}: too large to test")
    kept = np.flatnonzero((counts > 0) & (counts <= max(MAX_ENTRIES, 3 * fewest)))
    return [{name: int(grid[name][n]) for name in layer.names} for n in kept]


def _grid(layer: Layer, where: Sequence[Hypothesis]) -> dict[str, NDArray[np.object_]]:
    """Every size at every point of a grid of the free ones: an array for each."""
    names = free_sizes(layer, where)
    spread = min(LARGEST, max(2, int(MAX_GRID ** (1 / max(1, len(names))))))
    axes = [np.arange(spread).astype(object) + least(layer, name, where) for name in names]  # of any length
    grid = {name: axis.ravel() for name, axis in zip(names, np.meshgrid(*axes, indexing="ij"), strict=True)}
    points = spread ** len(names)
    for name, e in determined(layer, where):
        grid[name] = np.broadcast_to(np.asarray(evaluate(e, grid), dtype=object), points)
    return grid


def _entries(layer: Layer, grid: Mapping[str, NDArray[np.object_]]) -> NDArray[np.object_]:
    """How many entries the operands have, each of which takes a finite difference; 0 if one is empty."""
    shapes = [[np.maximum(0, evaluate(e, grid)) for e in shape] for shape in layer.shapes]
    operands = [prod(shape) for shape in shapes]
    return np.asarray(sum(operands) * np.prod([np.minimum(1, n) for n in operands], axis=0))


def corners(rows: Sequence[Sizes], where: Sequence[Hypothesis]) -> list[list[Sizes]]:
    """The candidates at each corner; some corners may have none."""
    names = list(rows[0])
    low = {n: min(row[n] for row in rows) for n in names}
    found = [[row for row in rows if row == low]]
    found += [[row for row in rows if row[n] == low[n]] for n in names]
    found += [[row for row in rows if row[n] % 2 == 0] for n in names]
    found += [[row for row in rows if row[n] % 2 == 1 < row[n]] for n in names]
    found += [[row for row in rows if evaluate(h.low, row) == evaluate(h.high, row)] for h in where]
    found += [[row for row in rows if row[a] != row[b]] for a, b in combinations(names, 2)]
    return [*found, [row for row in rows if len(set(row.values())) == len(names)]]
