"""From a report to the document that an author would attach; every sentence is made from its verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from gradcheck.evidence import Basis, Erratum, Report, Verdict
from gradcheck.evidence import Derivation as Derived
from gradcheck.layers.layer import gradient_name
from gradcheck.notation.arithmetic import Expr
from gradcheck.notation.sums import Read
from gradcheck.report.document import (
    Block,
    Cite,
    Code,
    Derivation,
    Document,
    Emphasis,
    Figure,
    Grid,
    Heading,
    Listing,
    Paragraph,
    Table,
    Text,
    Theorem,
)
from gradcheck.report.expressions import dimensions
from gradcheck.report.formula import Formula, Letter
from gradcheck.report.legend import legend
from gradcheck.report.readable import readable_sizes
from gradcheck.report.samples import HOW, layers_checked
from gradcheck.report.spread import evidence_grids
from gradcheck.report.steps import Steps, cited
from gradcheck.report.theorems import counterexample, given, statement_set, theorem
from gradcheck.report.typeset import Typesetter
from gradcheck.report.windows import windows_drawn
from gradcheck.report.wording import counted, differenced, reproduce

RULES = (  # each with what its steps do
    (
        "The size rule",
        ((("size rule", "count"), "an index ranges over exactly the values for which every read is in bounds"),),
    ),
    (
        "The exchange rule",
        (
            (("define", "differentiate"), "a gradient is the same sum with its operand and the output exchanged"),
            (("collapse", "drop"), "differentiating leaves Kronecker deltas, each of which fixes an index"),
        ),
    ),
    (
        "The gather rule",
        (
            (("insert zeros",), "where only a multiple of an index is fixed, zeros are inserted between the entries"),
            (("reverse",), "a substitution reverses what runs backwards"),
            (("pad",), "the reach of a read beyond its tensor becomes zero padding"),
        ),
    ),
)


def article(report: Report, versions: Mapping[str, str]) -> Document:
    """The whole report; the same report and versions give the same document, wherever the claims file stands."""
    author = _Author(replace(report, source=Path(report.source).name if report.source else None))
    body = [*author.layer(), *author.claims(), *author.errata(), *author.evidence(), *layers_checked(report.samples)]
    blocks = (*author.summary(versions), *author.notation(body), *body)
    return Document(report.subject, f"Proof report: {report.verdict}", blocks)


def derivations(basis: Basis) -> Document:
    """What follows from a layer alone."""
    line = basis.layer.text
    author = _Author(Report(line, None, (), 0, 0, basis, (), (), ()))
    body = author.layer()
    return Document(line, "Sizes and gradients, derived", (*author.notation(body), *body))


class _Author:
    """Writes one section after another; steps are numbered, and figures counted, as they come."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._typesetter = Typesetter(report.basis.layer)
        self._steps = Steps(self._typesetter)
        self._figures = 0

    def _figure(self, grids: tuple[Grid, ...], caption: Text) -> Figure:
        self._figures += 1
        return Figure(self._figures, grids, caption)

    # Summary

    def summary(self, versions: Mapping[str, str]) -> list[Block]:
        report = self._report
        own = any(v.claim.where for v in report.verdicts)
        integers = given(", for all integers ", report.basis.hypotheses, ", and what a claim adds" if own else "")
        proved = sum(v.proof is not None and v.proof.status == "proved" for v in report.verdicts)
        stop = ", interrupted before the end" if report.interrupted else ""
        rows: list[tuple[Text, Text]] = [
            (("Subject",), (report.subject,)),
            (("Verdict",), (report.verdict + stop,)),
            (("Proved",), (f"{proved} of {len(report.verdicts)} claims", *integers)),
            (("Checked",), (_checked(report),)),
            (("Errata",), (f"{len(report.errata)}" if report.errata else "none",)),
            (("Seed",), (str(report.seed),)),
            (("Versions",), (", ".join(f"{name} {number}" for name, number in versions.items()),)),
            (("To reproduce",), (Code(reproduce(report)),)),
        ]
        verdicts = tuple(
            ((Code(v.claim.id),), (*statement_set(self._typesetter, v.claim.statement), *_only(v)), (v.status,))
            for v in report.verdicts
        )
        return [
            Heading(1, ("Summary",)),
            Table((), tuple(rows), (0.18, 0.82)),
            Table((("Claim",), ("Statement",), ("Verdict",)), verdicts, (0.34, 0.54, 0.12)),
        ]

    # Notation

    def notation(self, body: list[Block]) -> list[Block]:
        basis, own = self._report.basis, self._typesetter
        output = basis.derivations[0]
        entries = {d.tensor: d.windows.left.at for d in basis.derivations}
        rows: list[tuple[Text, ...]] = []
        for read, sizes in zip(basis.layer.reads, basis.layer.shapes, strict=True):
            at = entries.get(gradient_name(read.tensor), read.at)
            rows.append(_row(own.tensor(read.tensor), own.read(Read(read.tensor, at)), "operand", sizes, "given"))
        rows += [self._derived_row(output, "output")]
        cotangent = Read(basis.layer.cotangent, output.windows.left.at)
        meaning = "gradient of the loss with respect to the output (the cotangent)"
        rows.append(_row(own.tensor(cotangent.tensor), own.read(cotangent), meaning, output.sizes, "as the output"))
        rows += [self._derived_row(derived, "gradient with respect to an operand") for derived in basis.derivations[1:]]
        rows += [
            ((own.tensor(t),), (), ("gradient with respect to an operand",), (), (why,)) for t, why in basis.underived
        ]
        pairing = (
            "Indices count from 0. The loss ",
            Letter("L"),
            " is the inner product of ",
            own.tensor(cotangent.tensor),
        )
        chain = "; any loss with this gradient with respect to the output has the same gradients, by the chain rule."
        said = *pairing, " and ", own.tensor(output.tensor), chain, " Sizes are given, or derived in the step cited:"
        head = (("Tensor",), ("Entry",), ("Meaning",), ("Size",), ("Source",))
        tensors = Table(head, tuple(rows), (0.13, 0.19, 0.24, 0.3, 0.14))
        signs = Table((("Sign",), ("Meaning",)), tuple(legend([*body, tensors])), (0.36, 0.64))
        return [Heading(1, ("Notation",)), Paragraph(said), tensors, *([signs] if signs.rows else [])]

    def _derived_row(self, derived: Derived, meaning: str) -> tuple[Text, ...]:
        own = self._typesetter
        source = Cite(self._steps.number(derived.steps[-1]))
        return _row(own.tensor(derived.tensor), own.read(derived.windows.left), meaning, derived.sizes, source)

    # The layer and the rules

    def layer(self) -> list[Block]:
        basis, own = self._report.basis, self._typesetter
        forward = basis.derivations[0].windows
        line: Text = (own.formula(forward), *own.where(forward), *given(", where ", basis.hypotheses), ".")
        derived: list[Block] = []
        for one, sizes in zip(basis.derivations, readable_sizes(basis), strict=True):
            derived += self._derivation(one)
            derived += [self._figure(*windows_drawn(basis, one, sizes))] if sizes is not None else []
        intro = Paragraph(("All that follows is derived from this line by rules:",))
        return [Heading(1, ("The layer and the rules",)), Paragraph(line), intro, self._rules(), *derived]

    def _rules(self) -> Listing:
        """The rules that were needed, with the steps that they gave."""
        steps = [step for derived in self._report.basis.derivations for step in derived.steps]
        items: list[Text] = []
        for name, parts in RULES:
            found = [(says, [self._steps.number(s) for s in steps if s.rule in rules]) for rules, says in parts]
            used = [(says, numbers) for says, numbers in found if numbers]
            told = [part for says, numbers in used for part in ("; ", f"{says}, in ", *cited(numbers))]
            items += [(Emphasis(name), ": ", *told[1:], ".")] if used else []
        return Listing(tuple(items))

    def _derivation(self, derived: Derived) -> list[Block]:
        cited, lines = self._steps.told(derived.steps)
        title: Text = ("The sizes and the entries of ", self._typesetter.tensor(derived.tensor))
        return [Heading(2, title), *([Paragraph(("From ", *cited, ":"))] if cited else []), Derivation(lines)]

    # Claims

    def claims(self) -> list[Block]:
        blocks: list[Block] = [Heading(1, ("Claims",))]
        numbered = enumerate(self._report.verdicts, start=1)
        for section, verdicts in groupby(numbered, key=lambda pair: pair[1].claim.section):
            blocks += [Heading(2, (section,))] if section else []
            for number, verdict in verdicts:
                blocks += theorem(self._report, verdict, number, self._typesetter, self._steps)
        return blocks

    # Errata

    def errata(self) -> list[Block]:
        if not self._report.errata:
            return []
        blocks: list[Block] = [Heading(1, ("Errata",)), Paragraph(("What the document prints, and what holds:",))]
        for number, erratum in enumerate(self._report.errata, start=1):
            blocks += self._erratum(number, erratum)
        return blocks

    def _erratum(self, number: int, erratum: Erratum) -> list[Block]:
        own = self._typesetter
        printed, holds = ((*own.text(said), *own.where(said)) for said in (erratum.printed, erratum.holds))
        told: Text = ("Printed: ", *printed, ". What holds: ", *holds, ".")
        name = ", ".join(erratum.claims) or "the hypotheses"
        why = tuple((*own.text(reason), ".") for reason in erratum.why)
        found = counterexample(erratum.counterexample, own) if erratum.counterexample else []
        return [Theorem(f"Erratum {number}", name, told), *([Listing(why)] if why else []), *found]

    # Numeric evidence

    def evidence(self) -> list[Block]:
        report = self._report
        if not report.samples:
            return [Heading(1, ("Numeric evidence",)), Paragraph(("No layer was checked.",))]
        caption = f"How many of the {len(report.samples)} layers had which sizes."
        grids = evidence_grids(report.basis, report.samples)
        figure = [self._figure(grids, (caption,))] if grids else []
        return [Heading(1, ("Numeric evidence",)), Paragraph((HOW[report.method],)), *figure]


def _only(verdict: Verdict) -> Text:
    """The hypotheses of a claim alone."""
    return given(" Only for ", verdict.claim.where, ".")


def _row(tensor: Formula, entry: Formula, meaning: str, sizes: Sequence[Expr], source: str | Cite) -> tuple[Text, ...]:
    return (tensor,), (entry,), (meaning,), (dimensions(sizes),), (source,)


def _checked(report: Report) -> str:
    compared = sum(sample.elements for sample in report.samples)
    return (
        f"{counted(len(report.samples), 'random layer')}, {counted(report.differences, differenced(report))}, "
        f"{counted(compared, 'integer')} compared exactly"
    )
