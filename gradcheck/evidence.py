"""What the engines found, as frozen values, and the one function that judges it."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from gradcheck.claims.claim import Claim, Hypothesis
from gradcheck.difference import Difference
from gradcheck.errors import Disagreement
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import ONE, Expr
from gradcheck.notation.phrase import Phrase, Said
from gradcheck.notation.sums import Equation, Statement

Status = Literal["verified", "refuted", "open", "not run"]
Sizes = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """Why goal >= 0: a sum of multipliers (none negative) times products of facts >= 0, which anyone can expand.

    The sum is the goal itself or, for a `divisor` c >= 1, c*goal + c - 1: from c*goal > -c follows
    goal > -1, and the goal is an integer (a Chvatal-Gomory cut). Linear parts are a Farkas
    certificate, products a Handelman one. `assuming` are facts of the one case that this is for;
    each says that a maximum is one of the two, and another certificate is for the other one. The
    goal of an impossible case is -1. `by_definition` are the facts that hold of every quotient or
    maximum; the others are hypotheses, ranges of indices, or goals of certificates before this one.
    """

    goal: Expr
    parts: tuple[tuple[Fraction, tuple[Expr, ...]], ...]
    divisor: Expr = ONE
    assuming: tuple[Expr, ...] = ()
    by_definition: tuple[Expr, ...] = ()

    @property
    def total(self) -> Expr:
        """What the parts sum to."""
        return self.goal if self.divisor == ONE else self.divisor * self.goal + self.divisor - ONE

    def __str__(self) -> str:
        case = f", where {', '.join(map(str, self.assuming))} >= 0" if self.assuming else ""
        return f"{self.total} = {' + '.join(_part(*part) for part in self.parts) or '0'}{case}"


def _part(multiplier: Fraction, facts: tuple[Expr, ...]) -> str:
    times = [] if multiplier == 1 and facts else [str(multiplier)]
    return "*".join(times + [f"({fact})" for fact in facts])


@dataclass(frozen=True, slots=True)
class Step:
    """One move of a derivation: the rule takes `before` to `after`, given the certificates.

    `missing` are the inequalities (each expression >= 0) that it needs and that were not proved;
    `equal` are the sizes that it says to be equal.
    """

    rule: str
    after: Statement
    because: Said
    before: Equation | None = None
    certificates: tuple[Certificate, ...] = ()
    missing: tuple[Expr, ...] = ()
    equal: tuple[tuple[Expr, Expr], ...] = ()


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Sizes at which a claim is false, and how; `workings` are the parts of the claim worked out there."""

    sizes: Sizes
    difference: Difference
    workings: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """What the symbolic engine found; `closed` when the steps lead to the claim."""

    hypotheses: tuple[Hypothesis, ...]
    steps: tuple[Step, ...]
    closed: bool
    counterexample: Counterexample | None = None

    @property
    def status(self) -> Literal["proved", "refuted", "open"]:
        if self.counterexample:
            return "refuted"
        return "proved" if self.closed and not any(step.missing for step in self.steps) else "open"


@dataclass(frozen=True, slots=True)
class Failure:
    """The first layer on which a check failed: its number from 1, its sizes, and how."""

    layer: int
    sizes: Sizes
    difference: Difference


@dataclass(frozen=True, slots=True)
class Check:
    """What the numeric engine found: integers compared with ==, over so many layers."""

    layers: int = 0
    elements: int = 0
    failure: Failure | None = None

    @property
    def status(self) -> Literal["passed", "failed", "not run"]:
        if self.failure:
            return "failed"
        return "passed" if self.elements else "not run"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A claim with its evidence; the status is what the evidence makes it."""

    claim: Claim
    proof: Proof | None
    check: Check
    status: Status = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", judge(self.claim, self.proof, self.check))

    @property
    def falsities(self) -> tuple[Counterexample | Failure, ...]:
        """Where the claim is false: in the proof, and on a layer."""
        found = (self.proof.counterexample if self.proof else None, self.check.failure)
        return tuple(one for one in found if one)


def judge(claim: Claim, proof: Proof | None, check: Check) -> Status:
    """The verdict on a claim: verified only when proved *and* checked on something.

    Raises Disagreement when a claim that is proved fails its check: a fault of gradcheck's.
    """
    if proof and proof.status == "proved" and check.failure:
        raise Disagreement(
            f"{claim.id} is proved, but its check failed: {check.failure.difference} at {dict(check.failure.sizes)}"
        )
    if check.failure or (proof and proof.counterexample):
        return "refuted"
    if proof and proof.status == "proved" and check.status == "passed":
        return "verified"
    return "not run" if proof is None and check.status == "not run" else "open"


@dataclass(frozen=True, slots=True)
class Erratum:
    """Where the document prints something that is not so: what is printed, what holds, and why."""

    claims: tuple[str, ...]
    section: str
    printed: Said
    holds: Said
    why: tuple[Said, ...]
    counterexample: Counterexample | None = None


Method = Literal["full", "probe"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A random layer that was checked: its sizes, how much was compared on it, and the claims that first failed."""

    sizes: Sizes
    differences: int
    elements: int
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derivation:
    """What follows from the layer alone for a tensor that it defines: the output, or a gradient.

    The steps lead to its `sizes` and to the `windows` whose products each of its entries sums.
    """

    tensor: str
    sizes: tuple[Expr, ...]
    windows: Equation
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Basis:
    """The layer, all that is assumed of its sizes, and what follows from that before any claim.

    `underived` are the tensors to which no rule leads, each with the reason.
    """

    layer: Layer
    hypotheses: tuple[Hypothesis, ...]
    derivations: tuple[Derivation, ...]
    underived: tuple[tuple[str, str], ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything was derived, and nothing is missing."""
        return not self.underived and not any(s.missing for derived in self.derivations for s in derived.steps)


@dataclass(frozen=True, slots=True)
class Report:
    """All verdicts on a document, from one run.

    `source` is the claims file (None for the document that gradcheck brings), `selected` the
    claims that were asked for (none: all), `layers` how many layers were asked for, and `samples`
    those that were checked: each element of a gradient by a difference, or all by a probe (`method`).
    """

    subject: str
    source: str | None
    selected: tuple[str, ...]
    seed: int
    layers: int
    basis: Basis
    samples: tuple[Sample, ...]
    verdicts: tuple[Verdict, ...]
    errata: tuple[Erratum, ...]
    interrupted: bool = False
    method: Method = "full"

    @property
    def differences(self) -> int:
        """How many finite differences were taken, or exact trials made."""
        return sum(sample.differences for sample in self.samples)

    @property
    def verdict(self) -> Literal["verified", "refuted", "incomplete"]:
        found = {verdict.status for verdict in self.verdicts}
        if "refuted" in found:
            return "refuted"
        return "verified" if found == {"verified"} and not self.interrupted else "incomplete"

    def __getitem__(self, claim: str) -> Verdict:
        """The verdict on the claim with this id; KeyError if it was not part of the run."""
        return {verdict.claim.id: verdict for verdict in self.verdicts}[claim]
