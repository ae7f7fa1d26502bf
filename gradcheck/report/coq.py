"""A report as a development in Coq, which checks what the proofs say of sizes without any of gradcheck's code."""

from collections import Counter
from collections.abc import Iterable, Sequence

from gradcheck.evidence import Report, Verdict
from gradcheck.report.coq_lemmas import Lemma, lemmas, wrapped
from gradcheck.report.coq_terms import CORE, comment, distinct
from gradcheck.report.wording import reproduce, says

THEOREMS = ("adjoint_points", "gradient_unique", "gradient_difference", "stride_collapse", "conv_input_gradient",
            "conv_filter_gradient")  # fmt: skip
ABOUT = """
First the theory: the gradient of any contraction with respect to an operand, whatever its index maps, strides, and the
one-dimensional convolution. Then for each claim that is proved a lemma for every certificate, for every range that the
size rule gives, and for all sizes that are said to be equal; what several claims need stands once. A refuted claim
about sizes stands here as well, so that this file is refused. What is not here: that the formulas of the layer's
gradients are those of the theory, entry for entry; gradcheck's own proofs say that. Nothing is assumed where Coq ends
with "Closed under the global context"."""


def write(report: Report) -> str:
    """The text of a file for coqc, which compiles it if and only if Coq can prove every lemma.

    It names no axiom and admits nothing; a file that coqc refuses has a claim about sizes that is
    false, or that its tactics cannot prove.
    """
    needed = [_needed(verdict) for verdict in report.verdicts]
    names = _named(pair for own in needed for pair in own)
    sections, told = [], set[Lemma]()
    for verdict, own in zip(report.verdicts, needed, strict=True):
        sections.append(_section(verdict, [lemma for _, lemma in own], names, told))
        told |= {lemma for _, lemma in own}
    return "\n".join([*_head(report), CORE, *sections, _end([*THEOREMS, *names.values()])])


def _head(report: Report) -> list[str]:
    told = (f"{report.subject}: what is said of sizes, for Coq.", ABOUT, f"Written by: {reproduce(report)}")
    return [*map(_comment, told), ""]


def _needed(verdict: Verdict) -> list[tuple[str, Lemma]]:
    """The lemmas of a claim that is proved or refuted, each once, with its kind: for the claim's own its id."""
    proof = verdict.proof
    if proof is None or (proof.status == "open" and verdict.status != "refuted"):
        return []
    own = f"claim_{verdict.claim.id}"
    return list(dict.fromkeys((own if kind == "claim" else kind, lemma) for kind, lemma in lemmas(proof)))


def _named(needed: Iterable[tuple[str, Lemma]]) -> dict[Lemma, str]:
    """Every lemma once, with the name that it has: its kind and a number."""
    names: dict[Lemma, str] = {}
    numbers = Counter[str]()
    for kind, lemma in needed:
        if lemma not in names:
            base = distinct(kind, ()) if kind != "certificate" else kind
            numbers[base] += 1
            names[lemma] = f"{base}_{numbers[base]}"
    return names


def _section(verdict: Verdict, own: Sequence[Lemma], names: dict[Lemma, str], told: set[Lemma]) -> str:
    """What a claim says, its lemmas that do not stand yet, and those that do."""
    claim, proof = verdict.claim, verdict.proof
    blocks = [_comment(f"{claim.id}, {verdict.status}: {says(claim.statement)}")]
    if proof and proof.counterexample:
        blocks.append(_comment(f"False at {dict(proof.counterexample.sizes)}: {proof.counterexample.difference}"))
    blocks += [lemma.told(names[lemma]) for lemma in own if lemma not in told]
    before = [names[lemma] for lemma in own if lemma in told]
    return "\n\n".join([*blocks, *([_comment(f"See also {', '.join(before)}.")] if before else [])]) + "\n"


def _end(names: Sequence[str]) -> str:
    """All that was proved in one conjunction, and what it assumes."""
    proof = "I"
    for name in reversed(names):
        proof = f"conj {name} ({proof})"
    return f"Definition everything :=\n{wrapped(f'{proof}.', '  ')}\nPrint Assumptions everything.\n"


def _comment(text: str) -> str:
    return wrapped(comment(text), "", "   ")
