"""A verdict as a theorem with its proof, or as a claim with its counterexample worked out."""

from collections.abc import Sequence

from gradcheck.claims.claim import Formula as FormulaClaim
from gradcheck.claims.claim import Hypothesis, Shape, Statement
from gradcheck.evidence import Check, Counterexample, Report, Sizes, Verdict
from gradcheck.notation.arithmetic import Expr, Int, Sym
from gradcheck.report.document import Block, Code, Derivation, Emphasis, Listing, Paragraph, Text, Theorem
from gradcheck.report.expressions import dimensions, size
from gradcheck.report.formula import Formula, listed, row
from gradcheck.report.steps import Steps, at_least_zero
from gradcheck.report.typeset import COMMA, Typesetter
from gradcheck.report.wording import chained, counted, is_algebra, reproduce

HEADINGS = {"verified": "Theorem", "refuted": "Refuted claim", "open": "Open claim", "not run": "Claim, not run"}


def theorem(report: Report, verdict: Verdict, number: int, typesetter: Typesetter, steps: Steps) -> list[Block]:
    """The claim under the heading that its status allows, then all the evidence."""
    heading = f"{HEADINGS[verdict.status]} {number}"
    assumed = verdict.proof.hypotheses if verdict.proof else report.basis.hypotheses
    condition = given("For all integers ", assumed, ": ")
    stated = (*condition, *statement_set(typesetter, verdict.claim.statement))
    blocks: list[Block] = [Theorem(heading, verdict.claim.id, stated)]
    if verdict.proof and verdict.proof.counterexample:
        blocks += counterexample(verdict.proof.counterexample, typesetter)
    return [*blocks, *_proof(verdict, steps), *_check(report, verdict, typesetter)]


def statement_set(typesetter: Typesetter, statement: Statement) -> Text:
    """What a claim says, as a sentence."""
    where = typesetter.where(statement)
    match statement:
        case Shape(of):
            said = [(typesetter.array(array), " has size ", dimensions(sizes)) for array, sizes in of]
            return (*said[0], *(part for one in said[1:] for part in (", and ", *one)), *where, ".")
        case FormulaClaim(left, _) if left.at:
            free = listed(COMMA, [size(Sym(index)) for index in left.at])
            return (typesetter.formula(statement), " for every ", free, *where, ".")
    algebra = " This is an identity of sizes alone; it names no array." if is_algebra(statement) else ""
    return (typesetter.formula(statement), *where, f".{algebra}")


def hypotheses_set(hypotheses: Sequence[Hypothesis]) -> Text:
    """The hypotheses in chains; sizes with only a least value, and the same one, stand together."""
    lone: dict[Expr, list[Formula]] = {}
    told: list[Formula] = []
    for chain in chained(hypotheses):
        if len(chain) == 3 and isinstance(chain[0], Int) and chain[1] == "<=" and isinstance(chain[2], Sym):
            lone.setdefault(chain[0], []).append(size(chain[2]))
        else:
            told.append(row(*(part if isinstance(part, str) else size(part) for part in chain)))
    least = [row(listed(COMMA, names), ">=", size(low)) for low, names in lone.items()]
    parts: list[str | Formula] = [part for one in (*least, *told) for part in (", ", one)]
    return tuple(parts[1:])


def given(before: str, hypotheses: Sequence[Hypothesis], after: str = "") -> Text:
    """The hypotheses with the words around them; nothing where there are none."""
    return (before, *hypotheses_set(hypotheses), after) if hypotheses else ()


def sizes_set(sizes: Sizes) -> Text:
    """n = 2, m = 1."""
    if not sizes:
        return ("all sizes",)
    return (listed(COMMA, [row(size(Sym(name)), "=", size(Int(value))) for name, value in sizes]),)


def counterexample(found: Counterexample, typesetter: Typesetter) -> list[Block]:
    """Where a claim is false, with its parts worked out there in numbers."""
    difference = found.difference
    said = (*typesetter.text(difference.got), ", should be ", *typesetter.text(difference.should), ".")
    where = ("False at ", *sizes_set(found.sizes), ": ", *typesetter.text(difference.where), ": got ", *said)
    worked = tuple(typesetter.text(working) for working in found.workings)
    return [Paragraph(where), *([Listing(worked)] if worked else [])]


def _proof(verdict: Verdict, steps: Steps) -> list[Block]:
    proof = verdict.proof
    if proof is None:
        return [Paragraph(("The proof was not run.",))]
    proved = proof.status == "proved"
    cited, lines = steps.told(proof.steps)
    opening = Emphasis("Proof." if proved else "As far as the derivation goes:"), " "
    given: Text = ("From ", *cited, ":" if lines else ".") if cited else ()
    blocks: list[Block] = [Paragraph((*opening, *given))]
    if lines or proved:
        blocks.append(Derivation(lines, proved))
    missing = dict.fromkeys(e for step in proof.steps for e in step.missing)
    if proof.status == "open" and missing:
        blocks.append(Paragraph(("Not shown: ", *at_least_zero(list(missing)), ".")))
    return blocks


def _check(report: Report, verdict: Verdict, typesetter: Typesetter) -> list[Block]:
    check: Check = verdict.check
    if check.status == "not run":
        return [Paragraph(("Not checked on any layer.",))]
    if check.failure is None:
        compared = f"{counted(check.elements, 'integer')} compared, all equal."
        return [Paragraph((f"Checked on {counted(check.layers, 'random layer')}: {compared}",))]
    failure = check.failure
    said = (*typesetter.text(failure.difference.where), ": got ", *typesetter.text(failure.difference.got))
    should = (", should be ", *typesetter.text(failure.difference.should), ". ")
    rerun = Code(reproduce(report, [verdict.claim.id], failure.layer))
    sizes: Text = (", with ", *sizes_set(failure.sizes), ",") if failure.sizes else ()
    told = (f"Layer {failure.layer}", *sizes, " fails: ", *said, *should)
    return [Paragraph((*told, "To see it again: ", rerun))]
