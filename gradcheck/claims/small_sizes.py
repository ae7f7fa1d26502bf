"""The small sizes that satisfy hypotheses, the smallest first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from gradcheck.claims.claim import Hypothesis, least
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import Expr, Sym, evaluate, symbols

MAX_TRIED = 120
MAX_SUM = 12  # of the sizes tried, above their least values

Determined = tuple[tuple[str, Expr], ...]


@lru_cache(maxsize=64)
def smallest(layer: Layer, where: tuple[Hypothesis, ...]) -> tuple[dict[str, int], ...]:
    """The first of the small sizes."""
    return tuple(islice(small_sizes(layer, where), MAX_TRIED))


def small_sizes(layer: Layer, where: Sequence[Hypothesis]) -> Iterator[dict[str, int]]:
    """Sizes that satisfy the hypotheses and leave no operand empty, smallest sum first, then in order."""
    names = free_sizes(layer, where)
    lows = [least(layer, name, where) for name in names]
    rows = (
        {name: low + part for name, low, part in zip(names, lows, parts, strict=True)}
        for extra in range(MAX_SUM)
        for parts in _compositions(extra, len(names))
    )
    for sizes in satisfying(layer, where, rows):
        if all(evaluate(e, sizes) > 0 for shape in layer.shapes for e in shape):
            yield sizes


def free_sizes(layer: Layer, where: Sequence[Hypothesis]) -> tuple[str, ...]:
    """The sizes that no hypothesis determines."""
    fixed = dict(determined(layer, where))
    return tuple(name for name in layer.sizes if name not in fixed)


def determined(layer: Layer, where: Sequence[Hypothesis]) -> Determined:
    """The sizes that equations give in terms of others, each after those that it needs."""
    found: dict[str, Expr] = {}
    definitions = [h for h in where if h.equal and str(h.left) in layer.defined]
    for h in (*definitions, *where):
        for name, e in ((h.left, h.right), (h.right, h.left)) if h.equal else ():
            own = isinstance(name, Sym) and name.name in layer.names and name.name not in found
            if own and str(name) not in _needed(e, found):
                found[str(name)] = e
                break
    return tuple(sorted(found.items(), key=lambda item: len(_needed(item[1], found))))


def _needed(e: Expr, found: Mapping[str, Expr]) -> set[str]:
    """The sizes of which the value of `e` is made, directly or not."""
    own = {*symbols(e)}
    return own.union(*(_needed(found[name], found) for name in own if name in found))


def satisfying(layer: Layer, where: Sequence[Hypothesis], rows: Iterable[dict[str, int]]) -> Iterator[dict[str, int]]:
    """The rows of free sizes, completed by the determined ones, that satisfy the hypotheses."""
    fixed = determined(layer, where)
    names, lows = layer.names, {name: least(layer, name, where) for name in layer.sizes}
    for row in rows:
        sizes = dict(row)
        for name, e in fixed:
            sizes[name] = int(evaluate(e, sizes))
        if all(sizes[name] >= low for name, low in lows.items()) and all(h.holds(sizes) for h in where):
            yield {name: sizes[name] for name in names}


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to write `total` as a sum of `parts` numbers, lexicographically."""
    if parts <= 1:
        if parts or not total:
            yield (total,) * parts
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)
