"""Where a document prints something that is not so: each erratum is what evaluating the print gives."""

from collections.abc import Sequence
from dataclasses import replace

from gradcheck.claims.claim import Claim, Document, Formula, Hypothesis, Shape, Statement
from gradcheck.errors import LayerError
from gradcheck.evidence import Counterexample, Erratum
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import Expr, Sym, symbols
from gradcheck.notation.arrays import Slide, SumOver, rank, reread, walk
from gradcheck.notation.phrase import Phrase, Said, joined, phrase
from gradcheck.notation.sums import Chain, on_read
from gradcheck.symbolic.agreement import agreement
from gradcheck.symbolic.algebra import constant, normal, signed, substitute
from gradcheck.symbolic.prove import decide, ill_formed
from gradcheck.symbolic.sizes import need
from gradcheck.symbolic.theory import Theory, assumptions, demands, theory


def errata(document: Document, claims: Sequence[Claim]) -> tuple[Erratum, ...]:
    """What the document prints about these claims and about its hypotheses that is not so."""
    known = theory(document.layer, document.where)
    found = [_misprint(document, claim) for claim in claims]
    found += [_undefined_star(known, document.where, claims)]
    found += [*_unstated_by_claims(document, claims), _unstated_by_document(document, claims)]
    return tuple(erratum for erratum in found if erratum)


def _misprint(document: Document, claim: Claim) -> Erratum | None:
    """A printed statement that is ill formed, or false when its star is read as in the statement that holds."""
    if claim.printed is None:
        return None
    where = document.assumed(claim)
    known = theory(document.layer, where)
    notes = _ill_formed(known.layer, claim.printed)
    counterexample = None
    if not isinstance(claim.printed, Shape) or not notes:
        found = [decide(known, where, reading).counterexample for reading in _readings(claim.printed)]
        counterexample = found[0] if all(found) else None
    if not notes and counterexample is None:
        return None
    return Erratum((claim.id,), claim.section, phrase(claim.printed), phrase(claim.statement), notes, counterexample)


def _readings(printed: Statement) -> list[Statement]:
    """What a printed statement may mean: its star may be either operation."""
    if isinstance(printed, Formula) and _has_star(printed):
        return [Formula(printed.left, reread(printed.right, "star", op)) for op in READINGS]
    return [printed]


def _ill_formed(layer: Layer, printed: Statement) -> tuple[Phrase, ...]:
    """What is wrong with a printed statement before any of it is evaluated."""
    if isinstance(printed, Shape):
        axes = [(array, len(sizes), rank(array, layer.ranks, str(array))) for array, sizes in printed.of]
        return tuple(phrase(array, f" has {own} axes, {said} are printed") for array, said, own in axes if said != own)
    if not isinstance(printed, Formula):
        return ()
    sums = [part.index for part in walk(printed.right) if isinstance(part, SumOver)]
    bound = [phrase(Sym(i), " is summed over, but the left side fixes it") for i in sums if i in printed.left.at]
    return (*bound, *ill_formed(printed))


def _unstated_by_document(document: Document, claims: Sequence[Claim]) -> Erratum | None:
    """A hypothesis that the document does not print, and without which a claim is false."""
    if document.printed_where is None:
        return None
    unstated = _missing(document, document.where, document.printed_where)
    if not unstated:
        return None
    told = _told_where(document.printed_where), _told_where(unstated)
    try:
        theory(document.layer, document.printed_where)
    except LayerError as error:
        return Erratum((), "", *told, (f"without it, {error}",))
    except ZeroDivisionError:
        return Erratum((), "", *told, ("without it, a divisor may be 0",))
    for claim in claims:
        counterexample = _without(document, (*document.printed_where, *claim.where), claim)
        if counterexample:
            why = f"without it, {claim.id} is false"
            return Erratum((claim.id,), claim.section, *told, (why,), counterexample)
    return None


def _unstated_by_claims(document: Document, claims: Sequence[Claim]) -> list[Erratum]:
    """The hypotheses that are not printed with a claim that is false without them, each with all such claims."""
    found: dict[tuple[Hypothesis, ...], list[tuple[Claim, Counterexample]]] = {}
    for claim in claims:
        stated = (*document.where, *(claim.printed_where or ()))
        unstated = () if claim.printed_where is None else _missing(document, claim.where, stated)
        counterexample = _without(document, stated, claim) if unstated else None
        if counterexample:
            found.setdefault(unstated, []).append((claim, counterexample))
    return [_false_without(unstated, cases) for unstated, cases in found.items()]


def _false_without(unstated: Sequence[Hypothesis], cases: Sequence[tuple[Claim, Counterexample]]) -> Erratum:
    (first, counterexample), *_ = cases
    why = f"without it, {first.id} is false" + (", and so are the others" if len(cases) > 1 else "")
    printed = _told_where(first.printed_where or ()) if len(cases) == 1 else "no such condition"
    ids = tuple(claim.id for claim, _ in cases)
    return Erratum(ids, first.section, printed, _told_where(unstated), (why,), counterexample)


def _missing(document: Document, where: Sequence[Hypothesis], stated: Sequence[Hypothesis]) -> tuple[Hypothesis, ...]:
    """The hypotheses that do not follow from those that are stated."""
    assumed = assumptions(document.layer, stated)
    return tuple(h for h in where if need(assumed, demands(h)).missing)


def _without(document: Document, stated: tuple[Hypothesis, ...], claim: Claim) -> Counterexample | None:
    """Where a claim is false under the hypotheses that are stated; None also where they let it divide by 0."""
    try:
        return decide(theory(document.layer, stated), stated, claim.statement).counterexample
    except (LayerError, ZeroDivisionError):
        return None


def _told_where(where: Sequence[Hypothesis]) -> Phrase | str:
    return joined(", ", [phrase(h) for h in where]) if where else "no condition"


def _undefined_star(known: Theory, where: Sequence[Hypothesis], claims: Sequence[Claim]) -> Erratum | None:
    """A printed star that is never defined: at which sizes each reading of it makes the formulas true."""
    starred = [c for c in claims if isinstance(c.printed, Formula) and _has_star(c.printed)]
    if not starred:
        return None
    reversed_layer = theory(reversed_windows(known), where)
    passes = {"": known, "reversing the windows of the forward pass too": reversed_layer}
    why: list[Said] = []
    holding = []
    for told, forward in passes.items():
        for op, name in READINGS.items():
            sets = {c.id: agreement(forward, _read_as(c.statement, op)) for c in starred}
            why.append(phrase(f"{told}, and " if told else "", f"reading it as {name}, ", _told(sets)))
            if forward is known and all(conditions == () for conditions in sets.values()):
                holding.append(f"star = {op}")
    ids = tuple(c.id for c in starred)
    holds = " or ".join(holding)
    return Erratum(ids, starred[0].section, "star, which is not defined", holds or "no reading", tuple(why))


READINGS = {"corr": "valid cross-correlation (corr)", "conv": "true convolution (conv)"}


def _has_star(formula: Formula) -> bool:
    return any(isinstance(part, Slide) and part.op == "star" for part in walk(formula.right))


def _read_as(statement: Statement, op: str) -> Formula:
    assert isinstance(statement, Formula)
    right = reread(reread(statement.right, "conv", op), "corr", op)
    return Formula(statement.left, right)


def _told(sets: dict[str, tuple[Expr, ...] | None]) -> Phrase:
    """At which sizes each formula is true, in words."""
    if all(conditions == () for conditions in sets.values()):
        return phrase("the corrected formulas are true for all sizes")
    return joined(
        "; ", [phrase(f"{claim}, corrected, is true ", _where(conditions)) for claim, conditions in sets.items()]
    )


def _where(conditions: tuple[Expr, ...] | None) -> Phrase:
    if conditions is None:
        return phrase("at sizes that were not determined")
    if not conditions:
        return phrase("for all sizes")
    return phrase("exactly where ", joined(" and ", [phrase(as_equation(e)) for e in conditions]))


def as_equation(e: Expr) -> Chain:
    """e = 0, said without negative terms: n - m = 0 is n = m."""
    sides = sorted(signed(e), key=lambda side: constant(side) is not None)
    return Chain(tuple(sides))


def reversed_windows(known: Theory) -> Layer:
    """The same layer with every window read backwards: a correlation becomes a convolution."""
    layer = known.layer
    taps = {r.index: normal(r.low + r.high - Sym(r.index)) for r in known.forward.over}
    outputs = {r.index for r in known.forward.free}

    def backwards(e: Expr) -> Expr:
        window = outputs & set(symbols(e)) and not isinstance(e, Sym)
        return substitute(e, taps) if window else e

    reads = tuple(on_read(read, backwards) for read in layer.reads)
    text = f"{layer.output} += {' * '.join(map(str, reads))}"
    return replace(layer, text=text, reads=reads)
