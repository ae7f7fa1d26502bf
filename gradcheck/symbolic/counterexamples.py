"""The smallest sizes at which a claim is false, found by trying sizes in order of their sum."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from gradcheck.claims.claim import Hypothesis, least
from gradcheck.evidence import Counterexample
from gradcheck.notation.arithmetic import symbols
from gradcheck.symbolic.bruteforce import TooManyPoints

MAX_SUM = 12  # of the sizes tried, above their least values
MAX_TRIED = 250


def small_sizes(names: Sequence[str], where: Sequence[Hypothesis]) -> Iterator[dict[str, int]]:
    """Sizes that satisfy the hypotheses, smallest sum first, then in the order of `names`."""
    lows = [least(name, where) for name in names]
    speaking = [h for h in where if {*symbols(h.low), *symbols(h.high)} <= set(names)]
    for extra in range(MAX_SUM):
        for parts in _compositions(extra, len(names)):
            sizes = {name: low + part for name, low, part in zip(names, lows, parts, strict=True)}
            if all(h.holds(sizes) for h in speaking):
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


def smallest(
    names: Sequence[str], where: Sequence[Hypothesis], wrong: Callable[[dict[str, int]], str | None]
) -> Counterexample | None:
    """The first sizes at which `wrong` has something to say, with what it says."""
    for sizes in islice(small_sizes(names, where), MAX_TRIED):
        try:
            detail = wrong(sizes)
        except TooManyPoints:
            continue
        if detail:
            return Counterexample(tuple(sizes.items()), detail)
    return None
