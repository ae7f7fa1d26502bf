"""Stride, padding and dilation that explain an output's side: those that were asked for, else all small ones."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from gradcheck.conventions.family import Case, Family, Pair

STRIDES = DILATIONS = (1, 2, 3)
Rule = Callable[[int, int, int, int], Pair]  # of n, m, s, d


def _same(n: int, m: int, s: int, d: int) -> Pair:
    total = max(0, (-(-n // s) - 1) * s + d * (m - 1) + 1 - n)
    return total // 2, total - total // 2


RULES: Mapping[str, Rule] = {
    "0": lambda n, m, s, d: (0, 0),
    "'same' (half the filter on each side)": lambda n, m, s, d: (d * (m - 1) // 2,) * 2,
    "'same' (m//2 on each side)": lambda n, m, s, d: (m // 2,) * 2,
    "'same' (the odd zero behind)": lambda n, m, s, d: (d * (m - 1) // 2, d * (m - 1) - d * (m - 1) // 2),
    "'same' (the odd zero in front)": lambda n, m, s, d: (d * (m - 1) - d * (m - 1) // 2, d * (m - 1) // 2),
    "'same' (for a side of n/s)": _same,
    "'full' (m - 1)": lambda n, m, s, d: (d * (m - 1),) * 2,
    "1": lambda n, m, s, d: (1, 1),
    "2": lambda n, m, s, d: (2, 2),
}

CUTS = (
    "0",
    "'same' (half the filter on each side)",
    "'same' (m//2 on each side)",
    "1",
)  # of a transposed layer's output

TEXTS: Mapping[str, tuple[str, str]] = {  # before and after, as a line of notation says them
    "0": ("0", "0"),
    "'same' (half the filter on each side)": ("d*(m-1)//2", "d*(m-1)//2"),
    "'same' (m//2 on each side)": ("m//2", "m//2"),
    "'same' (the odd zero behind)": ("d*(m-1)//2", "d*(m-1) - d*(m-1)//2"),
    "'same' (the odd zero in front)": ("d*(m-1) - d*(m-1)//2", "d*(m-1)//2"),
    "'full' (m - 1)": ("d*(m-1)", "d*(m-1)"),
    "1": ("1", "1"),
    "2": ("2", "2"),
}


def padded(case: Case, rule: str) -> Case:
    """The case with its padding by a rule."""
    axes = zip(case.n, case.m, case.s, case.d, strict=True)
    return replace(case, padding=tuple(RULES[rule](*axis) for axis in axes))


def explaining(
    case: Case, family: Family, sides: tuple[int, ...] | None, free: frozenset[str]
) -> Iterator[tuple[Case, str]]:
    """The cases with such an output (None: with any), and the rule of their padding.

    `free` are the sizes that the target is not told.
    """
    free = free if family.dims else frozenset()
    one = {"s": STRIDES, "d": DILATIONS}
    values = [one[role] if role in free else (None,) for role in "sd"]
    for s, d in product(*values):
        found = case
        if s is not None:
            found = replace(found, s=(s,) * family.dims)
        if d is not None:
            found = replace(found, d=(d,) * family.dims)
        for rule in (CUTS if family.transposed else RULES) if "P" in free else ("",):
            tried = padded(found, rule) if rule else found
            if min(tried.outputs(family), default=1) >= 1 and sides in (None, tried.outputs(family)):
                yield tried, rule
