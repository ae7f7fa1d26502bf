"""The certificates of a step, multiplied out again.

What a certificate says is an identity of two polynomials:

    divisor*goal + divisor - 1 = sum of multiplier * product of facts >= 0

with multipliers that are not negative. A fact is a hypothesis, a bound of an index, the goal of a
certificate before it, or what holds of every quotient (0 <= a - b*(a//b) <= b - 1) and maximum.
"""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from gradcheck.recheck.polynomials import (
    ONE,
    Key,
    Polynomial,
    added,
    as_key,
    clean,
    defining,
    greatest,
    least,
    product,
    quotient,
    thawed,
    times,
)

MAX_POWER = 12
PREFIX = "size_"


class Unsound(Exception):
    """A certificate or an identity that does not hold, and how."""


@dataclass
class Arithmetic:
    """Polynomials under the hypotheses of one claim."""

    sizes: frozenset[str]
    determined: dict[str, ast.expr]
    facts: set[Key] = field(default_factory=set)
    lows: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, hypotheses: Iterable[str], determined: Mapping[str, str], sizes: Sequence[str]) -> "Arithmetic":
        """The arithmetic with its hypotheses; what is determined must be one of them."""
        own = cls(frozenset(PREFIX + name for name in sizes), {})
        told = set(hypotheses)
        for name, value in determined.items():
            if f"{name} = {value}" not in told and f"{value} = {name}" not in told:
                raise Unsound(f"{name} = {value} is no hypothesis")
            own.determined[PREFIX + name] = _parsed(value)
        for hypothesis in told:
            own._assume(hypothesis)
        return own

    def _assume(self, hypothesis: str) -> None:
        relation = next(sign for sign in (" <= ", " < ", " = ") if sign in hypothesis)
        left, right = hypothesis.split(relation)
        gap = added(self.read(right), self.read(left), -1)
        if relation == " < ":
            gap = added(gap, ONE, -1)
        self.facts.add(as_key(gap))
        if relation == " = ":
            self.facts.add(as_key(times(gap, {(): Fraction(-1)})))
        name = PREFIX + right
        if left.isdigit() and name in self.sizes and relation != " < ":
            self.lows[name] = max(int(left), self.lows.get(name, int(left)))

    # From text to polynomials

    def read(self, text: str) -> Polynomial:
        """A size as a polynomial."""
        return self._read(_parsed(text))

    def _read(self, e: ast.expr) -> Polynomial:
        match e:
            case ast.Constant(value=int(value)):
                return clean({(): Fraction(value)})
            case ast.Name(id=name):
                return self._read(self.determined[name]) if name in self.determined else {(name,): Fraction(1)}
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return times(self._read(inner), {(): Fraction(-1)})
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))) if 0 <= power <= MAX_POWER:
                return product([self._read(left)] * power)
            case ast.BinOp(left=left, op=op, right=right):
                return self._operation(op, self._read(left), self._read(right))
            case ast.Call(func=ast.Name(id="ceil"), args=[ast.BinOp(left=left, op=ast.Div(), right=right)]):
                return times(
                    quotient(times(self._read(left), {(): Fraction(-1)}), self._read(right)), {(): Fraction(-1)}
                )
            case ast.Call(func=ast.Name(id="max" | "min" as name), args=[left, right]):
                a, b = self._read(left), self._read(right)
                return greatest(a, b) if name == "max" else added(added(a, b), greatest(a, b), -1)
        raise ValueError(f"{ast.unparse(e)} is no size")

    def _operation(self, op: ast.operator, a: Polynomial, b: Polynomial) -> Polynomial:
        match op:
            case ast.Add():
                return added(a, b)
            case ast.Sub():
                return added(a, b, -1)
            case ast.Mult():
                return times(a, b)
            case ast.FloorDiv():
                return quotient(a, b)
            case ast.Mod():
                return added(a, times(b, quotient(a, b)), -1)
        raise ValueError(f"{op} is no operation on sizes")

    # What a step claims

    def step(self, step: Mapping[str, Any]) -> None:
        """Re-check all certificates of a step, then its identities; raises Unsound.

        An identity is one of sizes: what shows it may not rest on an index, which may have no value.
        """
        told: list[Mapping[str, Any]] = []
        for certificate in step["certificates"]:
            self._certificate(certificate, told)
            told.append(certificate)
        shown = {goal for goal in {c["goal"] for c in told} if self._in_every_case(goal, told)}
        used = {as_key(self.read(fact)) for c in told for part in c["sum"] for fact in part["facts"]}
        for goal in {c["goal"] for c in told} - shown - {"-1"}:
            if as_key(self.read(goal)) not in used:
                raise Unsound(f"a case is missing: {goal} >= 0")
        of_sizes: list[Mapping[str, Any]] = []
        for certificate in told:
            if not self._of_indices(certificate) and self._rests_on(certificate, of_sizes):
                of_sizes.append(certificate)
        keys = {as_key(self.read(c["goal"])) for c in of_sizes if self._in_every_case(c["goal"], of_sizes)}
        for left, right in step["equal"]:
            gap = added(self.read(left), self.read(right), -1)
            if gap and not {as_key(gap), as_key(times(gap, {(): Fraction(-1)}))} <= keys:
                raise Unsound(f"{left} = {right} was not shown")

    def _rests_on(self, certificate: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> bool:
        """Whether the facts of a certificate are known from these others alone."""
        known = {as_key(self.read(c["goal"])) for c in others} | {as_key(self.read(e)) for e in certificate["assuming"]}
        return all(self._known(self.read(fact), known) for part in certificate["sum"] for fact in part["facts"])

    def _of_indices(self, certificate: Mapping[str, Any]) -> bool:
        """Whether a certificate names an index anywhere."""
        texts = [certificate["goal"], *(fact for part in certificate["sum"] for fact in part["facts"])]
        return any(self._indices(self.read(text)) for text in texts)

    def _indices(self, p: Polynomial) -> set[str]:
        return {g for monomial in p for g in monomial if isinstance(g, str)} - self.sizes

    def _in_every_case(self, goal: str, told: Sequence[Mapping[str, Any]]) -> bool:
        """Whether a goal was shown in all cases but impossible ones, whose goal is -1."""
        return self._complete([c["assuming"] for c in told if c["goal"] in (goal, "-1")])

    def _certificate(self, certificate: Mapping[str, Any], told: Sequence[Mapping[str, Any]]) -> None:
        """Re-check one certificate, after others of its step whose cases include its own."""
        before = [c for c in told if set(c["assuming"]) <= set(certificate["assuming"])]
        shown = {as_key(self.read(c["goal"])) for c in before}
        goal, divisor = self.read(certificate["goal"]), self.read(certificate["divisor"])
        total = added(added(times(divisor, goal), divisor), ONE, -1)
        if not self._positive(divisor):
            raise Unsound(f"{certificate['divisor']} may be less than 1")
        assumed = {as_key(self.read(fact)) for fact in certificate["assuming"]}
        for part in certificate["sum"]:
            multiplier, facts = Fraction(part["multiplier"]), [self.read(fact) for fact in part["facts"]]
            if multiplier < 0:
                raise Unsound(f"{certificate['goal']} >= 0 has a negative multiplier")
            for fact, text in zip(facts, part["facts"], strict=True):
                if not self._known(fact, shown | assumed):
                    raise Unsound(f"{text} >= 0 is no hypothesis")
            total = added(total, times({(): multiplier}, product(facts)), -1)
        if total:
            raise Unsound(f"the sum for {certificate['goal']} >= 0 is not right")

    def _known(self, fact: Polynomial, shown: set[Key]) -> bool:
        """Whether a fact is a hypothesis, was shown, holds by definition, or bounds an index."""
        generators = {g for monomial in fact for g in monomial if isinstance(g, tuple)}
        sound = [g for g in generators if g[0] == "max" or self._positive(thawed(g[2]))]
        by_definition = {as_key(own) for g in sound for own in defining(g)}
        if as_key(fact) in self.facts | shown | by_definition:
            return True
        return bool(self._indices(fact))

    def _positive(self, p: Polynomial) -> bool:
        """Whether a size is at least 1 wherever its names have no less than their least values."""
        lowest = sum(c * least(monomial, self.lows) for monomial, c in p.items())
        return bool(p) and min(p.values()) >= 0 and lowest >= 1

    def _complete(self, assumptions: list[list[str]]) -> bool:
        """Whether one of the cases must hold: each assumption says that a maximum is one of its two."""
        if any(not own for own in assumptions):
            return True
        first = {as_key(self.read(own[0])): None for own in assumptions}
        for g in {g for fact in first for monomial, _ in fact for g in monomial if isinstance(g, tuple)}:
            both = [as_key(added(thawed(part), {(g,): Fraction(1)}, -1)) for part in g[1:] if g[0] == "max"]
            branches = [[o[1:] for o in assumptions if as_key(self.read(o[0])) == fact] for fact in both]
            if len(branches) == 2 and all(branch and self._complete(branch) for branch in branches):
                return True
        return False


def _parsed(text: str) -> ast.expr:
    """The text as Python reads it; names get a prefix, so that none is a word of Python's."""
    return ast.parse(re.sub(r"\b(?!(?:ceil|min|max)\()([A-Za-z_]\w*)('*)", _named, text), mode="eval").body


def _named(name: re.Match[str]) -> str:
    return PREFIX + name[1] + "_" * len(name[2])
