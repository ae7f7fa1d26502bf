"""Which sizes to test: the corners of the hypotheses first, then random ones."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gradcheck.claims.claim import Hypothesis, least
from gradcheck.errors import Untestable
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import evaluate

LARGEST = 7  # how far above its least value a size goes
MAX_GRID = 50_000  # assignments looked at
MAX_WORK = 3_000_000  # multiplications that all finite differences of one layer may take

Column = NDArray[np.int64]


def draw(layer: Layer, where: Sequence[Hypothesis], layers: int, seed: int) -> tuple[dict[str, int], ...]:
    """The sizes of so many layers; those of fewer layers are the first of those of more.

    Corners come first: each size at its least, even, and odd; each hypothesis just met; each
    pair of sizes different. Raises Untestable where no small sizes satisfy the hypotheses.
    """
    grid = candidates(layer, where)
    random = np.random.default_rng(seed)
    rows = [int(random.choice(np.flatnonzero(corner))) for corner in corners(grid, where) if corner.any()]
    rows += random.integers(len(next(iter(grid.values()))), size=max(0, layers - len(rows))).tolist()
    return tuple({name: int(column[row]) for name, column in grid.items()} for row in rows[:layers])


def candidates(layer: Layer, where: Sequence[Hypothesis]) -> dict[str, Column]:
    """All small sizes that satisfy the hypotheses and are worth testing, a column for each symbol."""
    names = layer.sizes
    spread = min(LARGEST, max(2, int(MAX_GRID ** (1 / max(1, len(names))))))
    axes = np.indices((spread,) * len(names)).reshape(len(names), -1)
    grid = {name: least(name, where) + axis for name, axis in zip(names, axes, strict=True)}
    keep = np.ones(axes.shape[1], dtype=bool)
    for h in where:
        keep &= h.holds(grid)
    if not keep.any():
        texts = ", ".join(h.text for h in where)
        raise Untestable(f"no small sizes satisfy the hypotheses {texts}: nothing would be tested")
    cost = _work(layer, grid)
    keep &= cost <= max(MAX_WORK, int(cost[keep].min()))
    return {name: column[keep] for name, column in grid.items()}


def _work(layer: Layer, grid: dict[str, Column]) -> Column:
    """About how many multiplications the finite differences of a layer take."""
    sizes = [_product(evaluate(e, grid) for e in shape) for shape in layer.shapes]
    return np.asarray(sum(sizes) * _product(np.maximum(size, 1) for size in sizes))


def _product(factors: object) -> Column:
    result: Column = np.ones(1, dtype=np.int64)
    for factor in factors:  # type: ignore[attr-defined]
        result = result * factor
    return result


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
