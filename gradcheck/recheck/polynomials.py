"""Polynomials whose generators are names, quotients a // b and maxima of polynomials."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from math import prod
from typing import Any

Polynomial = dict[tuple[Any, ...], Fraction]  # from products of generators to coefficients
Key = frozenset[tuple[tuple[Any, ...], Fraction]]
ONE: Polynomial = {(): Fraction(1)}


def clean(p: Polynomial) -> Polynomial:
    """The polynomial without terms that are zero."""
    return {monomial: c for monomial, c in p.items() if c}


def as_key(p: Polynomial) -> Key:
    """The polynomial as a value that can be compared and be a generator's part."""
    return frozenset(p.items())


def thawed(key: Key) -> Polynomial:
    """The polynomial that a key stands for."""
    return dict(key)


def added(a: Polynomial, b: Polynomial, multiple: int = 1) -> Polynomial:
    """a + multiple*b."""
    return clean({m: a.get(m, Fraction(0)) + multiple * b.get(m, Fraction(0)) for m in {*a, *b}})


def times(a: Polynomial, b: Polynomial) -> Polynomial:
    """The product of two polynomials."""
    found: Polynomial = {}
    for m, c in a.items():
        for n, d in b.items():
            both = tuple(sorted((*m, *n), key=repr))
            found[both] = found.get(both, Fraction(0)) + c * d
    return clean(found)


def product(factors: Iterable[Polynomial]) -> Polynomial:
    """The product of all the factors."""
    result = ONE
    for factor in factors:
        result = times(result, factor)
    return result


def quotient(a: Polynomial, b: Polynomial) -> Polynomial:
    """a // b, with what b divides taken out, and with a positive first term of what is left."""
    whole, rest = ({}, a) if len(b) > 1 else _divided(a, *next(iter(b.items())))
    if not rest or (set(rest) == {()} and set(b) == {()}):
        return whole
    if rest[min(rest, key=lambda monomial: (not monomial, repr(monomial)))] < 0:
        mirrored = quotient(added(times(rest, {(): Fraction(-1)}), ONE, -1), b)
        return added(added(whole, mirrored, -1), ONE, -1)
    return added(whole, {(("//", as_key(rest), as_key(b)),): Fraction(1)})


def _divided(a: Polynomial, divisor: tuple[Any, ...], size: Fraction) -> tuple[Polynomial, Polynomial]:
    whole: Polynomial = {}
    for monomial, c in a.items():
        cofactor = list(monomial)
        for g in divisor:
            if g not in cofactor:
                break
            cofactor.remove(g)
        else:
            whole = added(whole, {tuple(cofactor): Fraction(c // size)})
    return whole, added(a, times(whole, {divisor: size}), -1)


def greatest(a: Polynomial, b: Polynomial) -> Polynomial:
    """max(a, b)."""
    gap = added(a, b, -1)
    if set(gap) <= {()}:
        return a if gap.get((), Fraction(0)) >= 0 else b
    return {(("max", *sorted((as_key(a), as_key(b)), key=_told)),): Fraction(1)}


def _told(key: Key) -> str:
    return repr(sorted(map(repr, key)))


def defining(generator: Any) -> Iterator[Polynomial]:
    """What holds of a quotient or a maximum by what it is, each >= 0."""
    if isinstance(generator, tuple):
        kind, first, second = generator
        a, b, own = thawed(first), thawed(second), {(generator,): Fraction(1)}
        if kind == "max":
            yield from (added(own, a, -1), added(own, b, -1))
        else:
            rest = added(a, times(b, own), -1)
            yield from (rest, added(added(b, ONE, -1), rest, -1))


def least(monomial: tuple[Any, ...], lows: Mapping[str, int]) -> int:
    """The least value of a product of names, 0 where one is not known to be positive."""
    return prod(max(0, lows.get(g, 0)) if isinstance(g, str) else 0 for g in monomial)
