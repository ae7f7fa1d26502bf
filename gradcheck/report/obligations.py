"""What a report's proofs rest on in the arithmetic of integers: statements for another solver to decide.

Nothing is worked out here but whether a counterexample already tells the answer. A fact about
the sizes alone that a certificate uses is an obligation of its own, shown from the hypotheses;
what bounds an index is taken as it is used, and so is what a certificate before it shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from gradcheck.claims.claim import Hypothesis
from gradcheck.evidence import Certificate, Proof, Report, Step
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Int, divisors, symbols

Kind = Literal["fact", "certificate", "divisor", "equal", "missing"]
Answer = Literal["holds", "fails", "open"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is needed: the claim, and the step's rule and statement."""

    claim: str
    rule: str
    statement: str


@dataclass(frozen=True, slots=True)
class Obligation:
    """For all integers that satisfy the hypotheses, and facts >= 0, the goal is the case.

    The kind says what it is to its step: the goal of a certificate, a fact about sizes that a
    certificate uses, that a divisor is at least 1, sizes said to be equal, or an inequality that
    was not proved. `expected` is what gradcheck found: it holds, it fails somewhere, or neither.
    """

    kind: Kind
    hypotheses: tuple[Hypothesis, ...]
    facts: tuple[Expr, ...]
    goal: Hypothesis
    expected: Answer
    places: tuple[Place, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All symbols, in the order in which they are met."""
        told = [e for h in (*self.hypotheses, self.goal) for e in (h.left, h.right)]
        return tuple(dict.fromkeys(name for e in (*told, *self.facts) for name in symbols(e)))


def obligations(report: Report) -> tuple[Obligation, ...]:
    """All obligations in the order of the proofs; one that several steps share stands once, with all its places."""
    found: dict[object, Obligation] = {}
    for verdict in report.verdicts:
        if verdict.proof:
            for step in verdict.proof.steps:
                place = Place(verdict.claim.id, step.rule, str(step.after))
                for one in _of_step(verdict.proof, step, place):
                    key = one.hypotheses, frozenset(one.facts), one.goal
                    found[key] = _joined(found[key], one) if key in found else one
    return tuple(found.values())


def _joined(first: Obligation, again: Obligation) -> Obligation:
    told = again if first.expected == "open" else first
    return replace(told, places=tuple(dict.fromkeys((*first.places, *again.places))))


def _of_step(proof: Proof, step: Step, place: Place) -> Iterator[Obligation]:
    """What a step needs: of its divisors, of each certificate, of equal sizes, and what is missing."""
    wanted = [*_of_certificates(proof, step, place)]
    wanted += [_from_sizes("equal", proof, step, Hypothesis(a, "=", b), place) for a, b in step.equal if a != b]
    wanted += [_from_sizes("missing", proof, step, _at_least(ZERO, e), place) for e in step.missing]
    used = (e for one in wanted for h in (*one.hypotheses, one.goal) for e in (h.left, h.right))
    by = (d for e in (*used, *(fact for one in wanted for fact in one.facts)) for d in divisors(e))
    for divisor in dict.fromkeys(by):
        if not isinstance(divisor, Int):
            yield Obligation("divisor", proof.hypotheses, (), _at_least(ONE, divisor), "holds", (place,))
    yield from wanted


def _of_certificates(proof: Proof, step: Step, place: Place) -> Iterator[Obligation]:
    sizes = {name for h in proof.hypotheses for e in (h.left, h.right) for name in symbols(e)}
    shown: set[Expr] = set()
    for certificate in step.certificates:
        facts = _used(certificate)
        for fact in facts:
            if sizes.issuperset(symbols(fact)) and fact not in (*shown, *certificate.assuming):
                yield Obligation("fact", proof.hypotheses, (), _at_least(ZERO, fact), "holds", (place,))
        if certificate.goal not in facts:
            goal = _at_least(ZERO, certificate.goal)
            yield Obligation("certificate", proof.hypotheses, facts, goal, "holds", (place,))
        shown.add(certificate.goal)


def _used(certificate: Certificate) -> tuple[Expr, ...]:
    """The facts that a certificate takes as given: its case, and what holds by more than definition."""
    used = (fact for _, product in certificate.parts for fact in product if fact not in certificate.by_definition)
    return tuple(dict.fromkeys((*certificate.assuming, *used)))


def _from_sizes(kind: Kind, proof: Proof, step: Step, goal: Hypothesis, place: Place) -> Obligation:
    """What is to be shown from the hypotheses alone; where a step misses something, only a counterexample tells."""
    sizes = dict(proof.counterexample.sizes) if proof.counterexample else {}
    told = all(name in sizes for e in (goal.left, goal.right) for name in symbols(e))
    false = bool(sizes) and told and not goal.holds(sizes)
    expected: Answer = "fails" if false else "open" if step.missing else "holds"
    return Obligation(kind, proof.hypotheses, (), goal, expected, (place,))


def _at_least(low: Expr, e: Expr) -> Hypothesis:
    return Hypothesis(low, "<=", e)
