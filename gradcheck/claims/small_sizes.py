"""The small sizes that satisfy hypotheses, the smallest first."""

from collections.abc import Iterator, Sequence

from gradcheck.claims.claim import Hypothesis, least
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import evaluate

MAX_SUM = 12  # of the sizes tried, above their least values


def small_sizes(layer: Layer, where: Sequence[Hypothesis]) -> Iterator[dict[str, int]]:
    """Sizes that satisfy the hypotheses and leave no operand empty, smallest sum first, then in order."""
    names = layer.sizes
    lows = [least(name, where) for name in names]
    for extra in range(MAX_SUM):
        for parts in _compositions(extra, len(names)):
            sizes = {name: low + part for name, low, part in zip(names, lows, parts, strict=True)}
            full = all(evaluate(e, sizes) > 0 for shape in layer.shapes for e in shape)
            if full and all(h.holds(sizes) for h in where):
                yield sizes


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to write `total` as a sum of `parts` numbers, lexicographically."""
    if parts <= 1:
        if parts or not total:
            yield (total,) * parts
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)
