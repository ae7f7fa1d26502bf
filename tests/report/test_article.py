"""The whole report as a document: in order, complete, and made from its verdicts."""

from dataclasses import replace
from itertools import chain

import pytest
from printing import DOCUMENTS, REFUTED, VERSIONS, report_on

from gradcheck import verify
from gradcheck.difference import Difference
from gradcheck.evidence import Counterexample, Erratum
from gradcheck.notation.arithmetic import Int, Sym
from gradcheck.notation.phrase import phrase
from gradcheck.notation.sums import Chain
from gradcheck.report.article import article
from gradcheck.report.document import (
    Cite,
    Derivation,
    Document,
    Emphasis,
    Figure,
    Heading,
    Line,
    Listing,
    Paragraph,
    Table,
    Theorem,
)
from gradcheck.report.formula import walk
from gradcheck.report.markdown import _text, write
from gradcheck.report.typeset import Typesetter


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
    """Under its id and its number, in the document's order, and every erratum after them."""
    ids = [theorem.name for theorem in kinds(whole, Theorem)]
    assert ids == [v.claim.id for v in report.verdicts] + [", ".join(e.claims) for e in report.errata]
    numbered = [f"Theorem {n}" for n in range(1, 25)] + [f"Erratum {n}" for n in range(1, 6)]
    assert [theorem.heading for theorem in kinds(whole, Theorem)] == numbered


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


def test_inserted_zeros_are_gathered(claims_file):
    """The gather rule tells how a stride is undone, before it tells of the padding."""
    path = claims_file(
        'title = "t"\nlayer = "Y[a] += X[s*a+u] * F[u]"\nwhere = ["m <= n"]\n[shapes]\nX = "n"\nF = "m"\n'
        '[[claim]]\nid = "c"\nshape = { X = "n" }\n'
    )
    told = _text(rules(report_on(path))[-1])
    assert told.startswith("*The gather rule*: where only a multiple of an index is fixed, zeros are inserted between")
    assert told.index("zero padding") > told.index("reverses")


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


def steps_of(report):
    """Every step of the evidence, once, in the order in which it is needed."""
    derived = [one.steps for one in report.basis.derivations]
    proofs = [verdict.proof.steps for verdict in report.verdicts if verdict.proof]
    return list(dict.fromkeys(chain(*derived, *proofs)))


def lines_of(report):
    """Every line of every derivation."""
    return [line for block in kinds(of(report), Derivation) for line in block.lines]


@pytest.mark.parametrize("source", [None, *DOCUMENTS.values()], ids=lambda path: getattr(path, "stem", "own"))
def test_every_step_is_a_line_and_every_line_a_step(source):
    """Nothing that the engine found is left out, and nothing is told that it did not find."""
    report = report_on(source)
    typesetter = Typesetter(report.basis.layer)
    found = [(step.rule, typesetter.relation(step.after)[1]) for step in steps_of(report)]
    assert [(line.reason[0].text, line.right) for line in lines_of(report)] == found
    assert all(isinstance(line.reason[0], Emphasis) for line in lines_of(report))


SHARED = [
    ("dense", "rectangular", {"0 <= i <= k - 1"}),
    ("conv1d", "rectangular", {"0 <= i <= k - 1"}),
    (
        "conv1d",
        "trueconv",
        {"0 <= i <= k - 1", "0 <= j <= p - 1", "0 <= a <= n - m", "0 <= u <= m - 1", "0 <= x <= n - 1"},
    ),
]


@pytest.mark.parametrize(("one", "other", "shared"), SHARED)
def test_lines_that_two_reports_share_are_of_the_same_statement(one, other, shared):
    """No line is canned: what two layers have in common to read is what was found for both of them."""
    told = []
    for name in (one, other):
        pairs = zip(lines_of(report_on(DOCUMENTS[name])), steps_of(report_on(DOCUMENTS[name])), strict=True)
        told.append({((line.left, line.right), str(step.after)) for line, step in pairs if line.left})
    assert {after for _, after in told[0] & told[1]} == shared
    assert {line for line, _ in told[0]} & {line for line, _ in told[1]} == {line for line, _ in told[0] & told[1]}


def test_another_claim_is_another_theorem(claims_file):
    """The claim's own words are in its theorem and in the summary, and nowhere once the claim is changed."""
    text = DOCUMENTS["dense"].read_text(encoding="utf-8")
    before, after = (
        of(report_on(DOCUMENTS["dense"])),
        of(verify(claims_file(text.replace('"p k"', '"p k+1"')), layers=2)),
    )
    own, other = (kinds(blocks, Theorem)[4] for blocks in (before, after))
    assert (own.heading, other.heading) == ("Theorem 5", "Refuted claim 5")
    right, wrong = (rf"$`\partial L / \partial W`$ has size $`p \times {size}`$, and" for size in ("k", "({k + 1})"))
    assert right in _text(own.text)
    assert wrong in _text(other.text)
    assert wrong in _text(kinds(after, Table)[1].rows[4][1])
    assert wrong not in str(list(map(_text, (theorem.text for theorem in kinds(before, Theorem)))))
    unchanged = [n for n in range(6) if kinds(before, Theorem)[n].text == kinds(after, Theorem)[n].text]
    assert unchanged == [0, 1, 2, 3, 5]


def test_a_claim_has_the_verdict_of_its_evidence_in_the_summary(claims_file):
    """The same status for each claim in the table, in the heading, and in the report."""
    report = report_on(claims_file(REFUTED))
    blocks = of(report)
    rows = [(_text(name), status) for name, _, (status,) in kinds(blocks, Table)[1].rows]
    assert rows == [(f"<code>{v.claim.id}</code>", "refuted") for v in report.verdicts]
    assert [theorem.heading for theorem in kinds(blocks, Theorem)] == [f"Refuted claim {n}" for n in (1, 2, 3)]


def test_a_run_that_was_stopped_early_tells_what_it_has():
    """The claims that were not reached are named, without a verdict; nothing is said to have been checked."""

    def stop(done, total):
        if done == 2:
            raise KeyboardInterrupt

    blocks = of(verify(DOCUMENTS["dense"], layers=5, progress=stop))
    assert summary(blocks)["Verdict"] == "incomplete, interrupted before the end"
    assert summary(blocks)["Proved"].startswith("2 of 6 claims")
    assert summary(blocks)["Checked"].startswith("0 random layers, 0 finite differences, 0 integers")
    headings = [theorem.heading for theorem in kinds(blocks, Theorem)]
    assert headings == ["Open claim 1", "Open claim 2", *(f"Claim, not run {n}" for n in range(3, 7))]
    assert str(blocks).count("The proof was not run.") == 4


def test_a_report_says_no_folder(tmp_path):
    """The same claims in another place give the same document."""
    text, found = DOCUMENTS["dense"].read_text(encoding="utf-8"), []
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "claims.toml"
        path.write_text(text, encoding="utf-8")
        found.append(article(verify(path, layers=2), VERSIONS))
    assert found[0] == found[1]
    assert summary(found[0].blocks)["To reproduce"] == "<code>gradcheck verify claims.toml --seed 0 --layers 2</code>"


def test_no_errata_are_none():
    """Neither a section nor a number."""
    blocks = of(report_on(DOCUMENTS["dense"]))
    assert summary(blocks)["Errata"] == "none"
    assert "Errata" not in [_text(h.text) for h in kinds(blocks, Heading)]


def test_an_erratum_has_its_reasons_and_its_counterexample():
    """What is printed and what holds, then why, then where the print is false; hypotheses have no claim's name."""
    n, m = Sym("n"), Sym("m")
    false = Counterexample((("n", 1),), Difference("m", phrase(Int(2)), phrase(Int(1))))
    errata = (
        Erratum(("a", "b"), "", "no star", phrase(Chain((n, m))), (phrase("without ", n), "it fails"), false),
        Erratum((), "", "no condition", "m < n", ()),
    )
    blocks = of(replace(report_on(DOCUMENTS["dense"]), errata=errata))
    start = next(k for k, block in enumerate(blocks) if isinstance(block, Heading) and block.text == ("Errata",))
    intro, first, why, where, second, after = blocks[start + 1 : start + 7]
    assert _text(intro.text) == "What the document prints, and what holds:"
    assert (first.heading, first.name, _text(first.text)) == (
        "Erratum 1", "a, b", "Printed: no star. What holds: $`n = m`$."
    )  # fmt: skip
    assert [_text(item) for item in why.items] == ["without $`n`$.", "it fails."]
    assert where == Paragraph(where.text)
    assert _text(where.text) == "False at $`n = 1`$: m: got $`2`$, should be $`1`$."
    assert (second.heading, second.name) == ("Erratum 2", "the hypotheses")
    assert isinstance(after, Heading)
    assert summary(blocks)["Errata"] == "2"


SIGNS = [r"\colon", "[{", "{pad}", r"\star", r"\ast", r"\circledast", "{side}", "{depth}", "{padding}"]


@pytest.mark.parametrize("source", [None, *DOCUMENTS.values()], ids=lambda path: getattr(path, "stem", "own"))
def test_the_legend_has_the_signs_of_the_text(source):
    """A sign is explained exactly where it is found in the formulas, as LaTeX has them, of all that follows."""
    blocks = of(report_on(source))
    *_, tensors, legend, _ = blocks[:8]
    body = write(Document("", "", (tensors, *blocks[7:])))
    signs = "".join(_text(sign) for sign, _ in legend.rows)
    assert [sign for sign in SIGNS if sign in body] == [sign for sign in SIGNS if sign in signs]
