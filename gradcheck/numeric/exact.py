"""How many random bits arrays may have so that arithmetic on them is exact, and how likely a fault stays hidden.

An array of b bits has integers from -2^(b-1) to 2^(b-1) - 1, each equally likely. A sum of T products
of one entry of each of some arrays is at most T times the product of their 2^(b-1), and so is every
partial sum, in whatever order it is taken: it is exact where that is within 2^(bits of the mantissa).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import log2, prod

# The integers that a type has all of, in bits; where results are read as int64, two fewer, of int32 two for its sign.
BITS = {"float64": 51, "float32": 24, "float16": 11, "bfloat16": 8, "int64": 51, "int32": 29}
WIDEST = 32  # bits of one entry


@dataclass(frozen=True, slots=True)
class Products:
    """A sum of at most `terms` products of one entry of each of these arrays (by their numbers)."""

    terms: int
    of: frozenset[int]


def widths(arrays: int, sums: Sequence[Products], dtype: str) -> tuple[int, ...] | None:
    """The bits of each array with which all these sums are exact in a type; None if there are none.

    The narrowest array that can have another bit gets it, until none can.

    >>> widths(2, [Products(4, frozenset({0, 1}))], "float32")
    (12, 12)
    """
    return _widths(arrays, tuple(sums), dtype)


@cache
def _widths(arrays: int, sums: tuple[Products, ...], dtype: str) -> tuple[int, ...] | None:
    found = [1] * arrays
    if not all(_exact(found, one, dtype) for one in sums):
        return None
    while True:
        wider = [[*found[:n], found[n] + 1, *found[n + 1 :]] for n in range(arrays) if found[n] < WIDEST]
        wider = [one for one in wider if all(_exact(one, total, dtype) for total in sums)]
        if not wider:
            return tuple(found)
        found = min(wider, key=lambda one: sorted(one, reverse=True))


def _exact(found: Sequence[int], total: Products, dtype: str) -> bool:
    return log2(max(1, total.terms)) + sum(found[n] - 1 for n in total.of) <= BITS[dtype]


def coincidence(bits: Sequence[int]) -> float:
    """How likely an error that is a polynomial, linear in each of these arrays, is zero at a random point.

    At most 1 - prod(1 - 2^-b), which is below sum(2^-b): the degree over the size of the sample set.

    >>> coincidence([1, 1])
    0.75
    """
    return 1 - prod(1 - 2.0**-b for b in bits)


def chance(bits: Sequence[int]) -> float:
    """How likely a linear form that is not zero is zero at random numbers of one of these widths.

    At most 2^-b for the narrowest: the degree, 1, over the size of the sample set (Schwartz 1980, Zippel
    1979). It is the same modulo 2^64, unless all coefficients are multiples of 2^(64 - b).

    >>> chance([21, 20]) == 2**-20
    True
    """
    return 2.0 ** -min(bits)
