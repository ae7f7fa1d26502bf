"""The lemmas of a proof: certificates multiplied out, ranges by the size rule, and sizes that are equal."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import lcm

from gradcheck.claims.claim import Hypothesis
from gradcheck.evidence import Certificate, Proof, Step
from gradcheck.notation.arithmetic import ONE, Expr, Group, Int, Op, Sym, symbols
from gradcheck.notation.phrase import Phrase
from gradcheck.notation.sums import Bounds, Range
from gradcheck.report.coq_terms import Names, bare, between, hypothesis, named, term

Demand = tuple[Bounds, tuple[Range, ...]]


@dataclass(frozen=True, slots=True)
class Lemma:
    """For all integers with these names the premises imply the conclusion; the proof is a list of tactics."""

    variables: tuple[str, ...]
    premises: tuple[str, ...]
    conclusion: str
    proof: tuple[str, ...]

    def told(self, name: str) -> str:
        """The lemma under a name, with its proof."""
        head = f"Lemma {name} :" + (f" forall {' '.join(self.variables)} : Z," if self.variables else "")
        said = "".join(f"{premise} -> " for premise in self.premises) + f"{self.conclusion}."
        proof = f"Proof. {' '.join(self.proof)} Qed."
        return "\n".join([wrapped(head), wrapped(said, "  "), wrapped(proof, "", "  ")])


def wrapped(text: str, first: str = "", other: str = "  ") -> str:
    """The text in lines that are not too long."""
    return textwrap.fill(
        text, 120, initial_indent=first, subsequent_indent=other, break_long_words=False, break_on_hyphens=False
    )


def lemmas(proof: Proof) -> Iterator[tuple[str, Lemma]]:
    """Every lemma of a proof, with its kind; those of what is missing cannot be proved."""
    for step in proof.steps:
        for certificate in step.certificates:
            yield "certificate", multiplied_out(certificate)
        ranged = size_rule(step, proof.hypotheses)
        if ranged:
            yield "size_rule", ranged
        for pair in step.equal:
            yield "claim", equality(pair, proof.hypotheses)
        for e in step.missing:
            yield "claim", not_negative(e, proof.hypotheses)


def multiplied_out(certificate: Certificate) -> Lemma:
    """The goal of a certificate from the facts that it uses: the equation by ring, the rest by its form."""
    used = tuple(dict.fromkeys(fact for _, product in certificate.parts for fact in product))
    whole = (certificate.goal, certificate.divisor, *used)
    names = _names(whole)
    atoms = tuple(dict.fromkeys(atom for e in whole for atom in _atoms(e)))
    quotients = [atom for atom in atoms if atom.op == "//"]
    positive = [q.right - ONE for q in quotients if not isinstance(q.right, Int)]
    facts = [fact for fact in used if fact not in certificate.by_definition]
    premises = dict.fromkeys(f"0 <= {bare(e, names)}" for e in (*positive, *facts))
    known = (tactic for atom in atoms for tactic in _defined(atom, names))
    cut = [] if certificate.divisor == ONE else [f"apply (by_cut {term(certificate.divisor, names)}); [lia|]."]
    proof = ("intros.", *known, *cut, _summed(certificate, names))
    return Lemma(tuple(names.values()), tuple(premises), f"0 <= {bare(certificate.goal, names)}", proof)


def _summed(certificate: Certificate, names: Names) -> str:
    """The parts with whole multipliers, and what they were multiplied by for that."""
    times = lcm(*(c.denominator for c, _ in certificate.parts))
    parts = (" * ".join([str(c * times), *(term(e, names) for e in facts)]) for c, facts in certificate.parts)
    return f"certificate {times} ({' + '.join(parts) or '0'})."


def _atoms(e: Expr) -> tuple[Op, ...]:
    """The quotients and maxima in an expression in normal form, innermost first."""
    match e:
        case Group(inner):
            return _atoms(inner)
        case Op(op, left, right):
            return (*_atoms(left), *_atoms(right), *((e,) if op in ("//", "max") else ()))
    return ()


def _defined(atom: Op, names: Names) -> tuple[str, str]:
    of = f"{term(atom.left, names)} {term(atom.right, names)}"
    if atom.op == "max":
        return f"pose proof (max_left {of}).", f"pose proof (max_right {of})."
    return f"pose proof (quotient_low {of} ltac:(lia)).", f"pose proof (quotient_high {of} ltac:(lia))."


def equality(pair: tuple[Expr, Expr], hypotheses: Sequence[Hypothesis]) -> Lemma:
    """Two sizes are equal, under the hypotheses that have to do with them."""
    near = related(hypotheses, pair)
    names = _names((*pair, *_sides(near)))
    return _by_sizes(names, near, f"{bare(pair[0], names)} = {bare(pair[1], names)}")


def not_negative(e: Expr, hypotheses: Sequence[Hypothesis]) -> Lemma:
    """A size is at least 0, under the hypotheses that have to do with it."""
    near = related(hypotheses, (e,))
    names = _names((e, *_sides(near)))
    return _by_sizes(names, near, f"0 <= {bare(e, names)}")


def size_rule(step: Step, hypotheses: Sequence[Hypothesis]) -> Lemma | None:
    """An index has this range exactly where all that is read stays within its bounds; None where that is not said."""
    demanded = demands(step.because) if step.rule == "size rule" else ()
    if not isinstance(step.after, Range) or not demanded:
        return None
    own, ranges = step.after, [r for _, inside in demanded for r in inside]
    sizes = [*_ends(own), *(e for r in ranges for e in _ends(r)), *(e for b, _ in demanded for e in _values(b))]
    indices = [own.index, *(r.index for r in ranges)]
    near = related(hypotheses, sizes)
    names = _names((*map(Sym, indices), *sizes, *_sides(near)))
    inside = " /\\ ".join(_demanded(demand, names) for demand in demanded)
    lemma = _by_sizes(names, near, f"{inside} <-> {between(own, names)}")
    return None if lemma.conclusion == f"{between(own, names)} <-> {between(own, names)}" else lemma


def demands(because: object) -> tuple[Demand, ...]:
    """The bounds that a reason names, each with the ranges for which it holds; none where it says never."""
    found: list[Demand] = []
    parts = because.parts if isinstance(because, Phrase) else ()
    for part in parts if "never " not in parts else ():
        if isinstance(part, Bounds):
            found.append((part, ()))
        elif isinstance(part, Range) and found:
            found[-1] = (found[-1][0], (*found[-1][1], part))
    return tuple(found)


def _demanded(demand: Demand, names: Names) -> str:
    bounds, ranges = demand
    told = "".join(f"forall {names[r.index]} : Z, {between(r, names)} -> " for r in ranges)
    return f"({told}{between(bounds, names)})" if told else between(bounds, names)


def related(hypotheses: Sequence[Hypothesis], sizes: Iterable[Expr]) -> tuple[Hypothesis, ...]:
    """The equations that have to do with sizes, be it through one another, and what is said of no other symbols."""
    known = {name for e in sizes for name in symbols(e)}
    equations = [set(_symbols(h)) for h in hypotheses if h.equal]
    for _ in equations:
        known = known.union(*(own for own in equations if not own.isdisjoint(known)))
    return tuple(h for h in hypotheses if known.issuperset(_symbols(h)))


def _by_sizes(names: Names, near: Sequence[Hypothesis], conclusion: str) -> Lemma:
    return Lemma(tuple(names.values()), tuple(hypothesis(h, names) for h in near), conclusion, ("sizes.",))


def _names(sizes: Iterable[Expr]) -> dict[str, str]:
    return named(name for e in sizes for name in symbols(e))


def _symbols(h: Hypothesis) -> tuple[str, ...]:
    return symbols(h.left) + symbols(h.right)


def _sides(hypotheses: Iterable[Hypothesis]) -> Iterator[Expr]:
    return (e for h in hypotheses for e in (h.left, h.right))


def _ends(r: Range) -> tuple[Expr, Expr]:
    return r.low, r.high


def _values(b: Bounds) -> tuple[Expr, Expr, Expr]:
    return b.low, b.value, b.high
