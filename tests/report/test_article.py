"""The whole report as a document: in order, complete, and made from its verdicts."""

from dataclasses import replace

import pytest
from printing import DOCUMENTS, REFUTED, VERSIONS, report_on

from gradcheck import verify
from gradcheck.report.article import article
from gradcheck.report.document import Cite, Derivation, Figure, Heading, Line, Listing, Table, Theorem
from gradcheck.report.formula import walk
from gradcheck.report.markdown import _text


def of(report):
    """The blocks of a report."""
    return article(report, VERSIONS).blocks


def kinds(blocks, kind):
    """All blocks of one kind."""
    return [block for block in blocks if isinstance(block, kind)]


def summary(blocks):
    """The first table, by its left column."""
    return {_text(left): _text(right) for left, right in kinds(blocks, Table)[0].rows}


@pytest.fixture
def whole(report):
    """The blocks of the document's report."""
    return of(report)


def test_the_sections_in_their_order(whole):
    """Summary, notation, the layer, the claims under the document's own headings, errata, evidence, appendix."""
    assert [(h.level, _text(h.text)) for h in kinds(whole, Heading)] == [
        (1, "Summary"),
        (1, "Notation"),
        (1, "The layer and the rules"),
        (2, "The sizes and the entries of $`Y`$"),
        (2, r"The sizes and the entries of $`\partial L / \partial X`$"),
        (2, r"The sizes and the entries of $`\partial L / \partial F`$"),
        (1, "Claims"),
        (2, "Notation"),
        (2, "Loss-to-filter gradient"),
        (2, "Loss-to-input gradient"),
        (1, "Errata"),
        (1, "Numeric evidence"),
        (1, "Appendix: the layers checked"),
    ]


def test_every_claim_is_stated_once(whole, report):
    """Under its id, in the document's order, and every erratum after them."""
    ids = [theorem.name for theorem in kinds(whole, Theorem)]
    assert ids == [v.claim.id for v in report.verdicts] + [", ".join(e.claims) for e in report.errata]


@pytest.mark.parametrize("source", [None, *DOCUMENTS.values()], ids=lambda path: getattr(path, "stem", "own"))
def test_every_citation_is_of_a_step(source):
    """Steps are numbered from 1 as they stand, and what is cited stands somewhere."""
    blocks = of(report_on(source))
    numbers = [line.number for block in kinds(blocks, Derivation) for line in block.lines]
    assert numbers == list(range(1, len(numbers) + 1))
    things = list(walk(blocks))
    assert {thing.step for thing in things if isinstance(thing, Cite)} <= set(numbers)
    assert len([thing for thing in things if isinstance(thing, Line)]) == len(numbers)
    assert [figure.number for figure in kinds(blocks, Figure)] == list(range(1, len(kinds(blocks, Figure)) + 1))


def test_the_summary_counts(whole, report):
    """What was proved and checked, and how to see it again, as the verdicts have it."""
    told = summary(whole)
    assert told["Proved"] == r"24 of 24 claims, for all integers $`k, n, p \ge 1`$, $`1 \le m \le n`$"
    compared = sum(sample.elements for sample in report.samples)
    assert told["Checked"] == (
        f"200 random layers, {report.differences} finite differences, {compared} integers compared exactly"
    )
    assert (told["Errata"], told["Verdict"], told["Seed"]) == ("5", "verified", "0")
    assert told["Versions"] == "gradcheck 1.0, numpy 2.0, sympy 1.13"
    assert told["To reproduce"] == "<code>gradcheck verify --seed 0 --layers 200</code>"
    assert len(kinds(whole, Table)[1].rows) == 24


def test_the_summary_of_what_is_false(claims_file):
    """Nothing is proved, and the verdict says so."""
    told = summary(of(report_on(claims_file(REFUTED))))
    assert told["Proved"].startswith("0 of 3 claims")
    assert told["Verdict"] == "refuted"


def test_an_interrupted_run_says_so(report):
    """The verdict of half a run is not that of a whole one."""
    told = summary(of(replace(report, interrupted=True)))
    assert told["Verdict"] == "incomplete, interrupted before the end"


def test_without_layers_there_is_no_evidence(report):
    """No figure, no appendix, and a sentence."""
    blocks = of(replace(report, samples=()))
    assert _text(blocks[-1].text) == "No layer was checked."
    assert "Appendix" not in str(blocks)


def test_the_notation_derives_every_size(whole):
    """Operands are given, the cotangent is as the output, all else is the result of a step."""
    notation = kinds(whole, Table)[2]
    assert [(_text(tensor), _text(size), _text(source)) for tensor, _, _, size, source in notation.rows] == [
        ("$`X`$", r"$`k \times n \times n`$", "given"),
        ("$`F`$", r"$`p \times k \times m \times m`$", "given"),
        ("$`Y`$", r"$`p \times ({n - m + 1}) \times ({n - m + 1})`$", "(5)"),
        (r"$`\partial L / \partial Y`$", r"$`p \times ({n - m + 1}) \times ({n - m + 1})`$", "as the output"),
        (r"$`\partial L / \partial X`$", r"$`k \times n \times n`$", "(18)"),
        (r"$`\partial L / \partial F`$", r"$`p \times k \times m \times m`$", "(29)"),
    ]


def test_a_rule_that_was_not_needed_is_not_told():
    """A dense layer gathers nothing: its gradients have no padding."""
    assert "gather rule" not in str(of(report_on(DOCUMENTS["dense"])))
    assert "gather rule" in str(of(report_on(DOCUMENTS["conv1d"])))


def test_a_rule_tells_only_what_its_steps_do():
    """Nothing runs backwards in the gradient of a true convolution, and it is not said to."""
    told = {name: _text(rules(report_on(DOCUMENTS[name]))[-1]) for name in ("conv1d", "trueconv")}
    pads = "the reach of a read beyond its tensor becomes zero padding, in (11)."
    assert told["conv1d"] == f"*The gather rule*: a substitution reverses what runs backwards, in (10); {pads}"
    assert told["trueconv"].startswith("*The gather rule*: the reach of a read beyond its tensor becomes zero padding")


def rules(report):
    """The rules that a report tells."""
    return next(block for block in of(report) if isinstance(block, Listing)).items


def test_a_gradient_that_no_rule_reaches_has_its_reason(claims_file):
    """It stands in the notation without sizes, and why."""
    layer = 'title = "t"\nlayer = "Y[a] += X[a,0] * F[a]"\n[shapes]\nX = "n 1"\nF = "n"\n'
    report = verify(claims_file(f'{layer}[[claim]]\nid = "c"\nshape = {{ Y = "n" }}\n'), layers=2)
    assert [tensor for tensor, _ in report.basis.underived] == ["dX"]
    rows = kinds(of(report), Table)[2].rows
    assert _text(rows[-1][0]) == r"$`\partial L / \partial X`$"
    assert rows[-1][4] == (report.basis.underived[0][1],)


def test_claims_without_sections_have_no_headings():
    """Only the document's own sections are told."""
    sections = [_text(h.text) for h in kinds(of(report_on(DOCUMENTS["dense"])), Heading)]
    assert sections[sections.index("Claims") + 1] == "Numeric evidence"


def test_a_layer_of_numbers_alone_has_whole_sentences(claims_file):
    """No hypotheses, no sizes to spread over: nothing is said of them."""
    path = claims_file(
        'title = "t"\nlayer = "Y[a] += X[a+u] * F[u]"\n[shapes]\nX = "5"\nF = "2"\n'
        '[[claim]]\nid = "c"\nshape = { Y = "4" }\n'
    )
    report = verify(path, layers=2)
    blocks = of(report)
    assert summary(blocks)["Proved"] == "1 of 1 claims"
    assert _text(kinds(blocks, Theorem)[0].text) == "$`Y`$ has size $`4`$."
    assert len(kinds(blocks, Figure)) == 3
    assert all(figure.grids for figure in kinds(blocks, Figure))
