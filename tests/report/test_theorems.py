"""A verdict as a theorem with its proof, or as a claim with its counterexample."""

from dataclasses import replace

import pytest
from printing import DOCUMENTS, REFUTED, report_on

from gradcheck.claims.claim import Hypothesis
from gradcheck.claims.parsing import parse_formula, parse_identity, parse_shape
from gradcheck.evidence import Check, Step, Verdict
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import ONE, ZERO, Int, Sym
from gradcheck.notation.sums import Chain
from gradcheck.report.document import Derivation, Listing, Paragraph, Theorem
from gradcheck.report.markdown import _text
from gradcheck.report.steps import Steps
from gradcheck.report.theorems import hypotheses_set, sizes_set, statement_set, theorem
from gradcheck.report.typeset import Typesetter

CONV = parse_layer("conv2d", {})
K, M, N = Sym("k"), Sym("m"), Sym("n")


def blocks(report, verdict):
    """The blocks of one verdict."""
    typesetter = Typesetter(report.basis.layer)
    return theorem(report, verdict, 7, typesetter, Steps(typesetter))


@pytest.fixture
def proved():
    """A report whose first claim is proved, and that claim."""
    report = report_on(DOCUMENTS["dense"])
    return report, report.verdicts[0]


def test_a_proved_claim_is_a_theorem_with_a_proof(proved):
    """Statement under its hypotheses, a proof that ends, and the evidence in a line."""
    head, opening, proof, check = blocks(*proved)
    assert (head.heading, head.name) == ("Theorem 7", "output-size")
    assert _text(head.text) == r"For all integers $`p, k \ge 1`$: $`Y`$ has size $`p`$."
    assert _text(opening.text) == "*Proof.* "
    assert proof.closed
    assert check == Paragraph(("Checked on 5 random layers: 5 integers compared, all equal.",))


def test_a_refuted_claim_is_none(claims_file):
    """Its counterexample, worked out, comes before how far the derivation goes; and how to see it again."""
    report = report_on(claims_file(REFUTED))
    head, false_at, worked, opening, derivation, failure = blocks(report, report["output-size"])
    assert isinstance(head, Theorem)
    assert head.heading == "Refuted claim 7"
    assert _text(false_at.text).startswith("False at $`n = 1, p = 1, m = 1`$: the shape of $`Y`$: got $`1 \\times 2")
    assert isinstance(worked, Listing)
    assert _text(worked.items[0]) == "$`n - m + 2 = 1 - 1 + 2 = 2`$ as stated"
    assert _text(opening.text).startswith("*As far as the derivation goes:* ")
    assert isinstance(derivation, Derivation)
    assert not derivation.closed
    assert _text(failure.text).startswith("Layer 1, with $`k = 1, n = 1, p = 1, m = 1`$, fails: the shape of")
    assert "--claim output-size --seed 0 --layers 1" in _text(failure.text)


def test_a_claim_that_was_not_reached_says_so(proved):
    """Neither proof nor check, and no theorem."""
    report, verdict = proved
    found = blocks(report, Verdict(verdict.claim, None, Check()))
    assert found[0].heading == "Claim, not run 7"
    assert found[1:] == [Paragraph(("The proof was not run.",)), Paragraph(("Not checked on any layer.",))]


def test_an_open_claim_is_no_theorem(proved):
    """A derivation that does not close has no end of proof, and says what is missing."""
    report, verdict = proved
    steps = (*verdict.proof.steps, Step("normal form", Chain((M, N)), "so it is", missing=(N - M,)))
    found = blocks(report, Verdict(verdict.claim, replace(verdict.proof, steps=steps), verdict.check))
    assert found[0].heading == "Open claim 7"
    assert r"Not shown: $`n - m \ge 0`$." in [_text(block.text) for block in found if isinstance(block, Paragraph)]
    assert not any(block.closed for block in found if isinstance(block, Derivation))


def test_long_amounts_are_told_after_a_statement():
    """The sentence goes on with what its formula leaves out."""
    layer = parse_layer("conv2d_general", {})
    claim = parse_formula("dX[i] = sum(j, corr(pad(dY[j], n-m-P-s-d*m-n-1), F[j,i]))", layer)
    told = _text(statement_set(Typesetter(layer), claim))
    start, end = told.split(" for every $`i`$, where ")
    assert "zeros" not in start
    assert end.endswith(r"has $`n - m - P - s - d \, m - n - 1`$ zeros before and after on every axis.")


def test_a_proof_of_steps_that_stand_already_only_cites(proved):
    """Told a second time, the same steps are cited, and the proof still ends."""
    report, verdict = proved
    typesetter = Typesetter(report.basis.layer)
    steps = Steps(typesetter)
    theorem(report, verdict, 1, typesetter, steps)
    _, opening, proof, _ = theorem(report, verdict, 2, typesetter, steps)
    assert _text(opening.text) == "*Proof.* From (1)–(4)."  # noqa: RUF001
    assert proof == Derivation((), closed=True)


def test_a_derivation_that_stands_already_and_does_not_close_only_cites(proved):
    """The same steps without an end of proof are cited, and nothing is drawn under them."""
    report, verdict = proved
    typesetter = Typesetter(report.basis.layer)
    steps = Steps(typesetter)
    theorem(report, verdict, 1, typesetter, steps)
    unclosed = Verdict(verdict.claim, replace(verdict.proof, closed=False), verdict.check)
    _, opening, check = theorem(report, unclosed, 2, typesetter, steps)
    assert _text(opening.text) == "*As far as the derivation goes:* From (1)–(4)."  # noqa: RUF001
    assert check == Paragraph(("Checked on 5 random layers: 5 integers compared, all equal.",))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            parse_shape({"X": "k n n", "F": "p k m m"}, CONV),
            r"$`X`$ has size $`k \times n \times n`$, and $`F`$ has size $`p \times k \times m \times m`$.",
        ),
        (
            parse_identity("n = n+m-m", CONV),
            "$`n = n + m - m`$. This is an identity of sizes alone; it names no array.",
        ),
        (parse_identity("depth(X) = k", CONV), r"$`\mathrm{depth} ({X}) = k`$."),
        (
            parse_formula("Y[j] = pad(Y[j], 0)", CONV),
            r"$`Y^{({j})} = {\mathrm{pad}}_{0} \mathopen{}\left({Y^{({j})}}\right)`$ for every $`j`$.",
        ),
        (parse_formula("Y = rot180(Y)", CONV), r"$`Y = Y^{\prime}`$."),
    ],
)
def test_statements_as_sentences(statement, said):
    """Sizes are had, formulas hold for every free index, and mere algebra is called so."""
    assert _text(statement_set(Typesetter(CONV), statement)) == said


def test_hypotheses_as_conditions():
    """Lone least values stand together, chains are joined, strict signs and equations stay."""
    where = (
        Hypothesis(ONE, "<=", K), Hypothesis(ONE, "<=", M), Hypothesis(ZERO, "<=", Sym("P")), Hypothesis(M, "<=", N),
        Hypothesis(N, "=", Int(8)), Hypothesis(K, "<", M),
    )  # fmt: skip
    assert _text(hypotheses_set(where)) == r"$`P \ge 0`$, $`1 \le k < m`$, $`1 \le m \le n = 8`$"


def test_a_hypothesis_on_two_sizes_is_told_as_it_was_written():
    """Only a number is a least value: 2 m <= n does not become n >= 2 m."""
    where = (Hypothesis(Int(2) * M, "<=", N), Hypothesis(K, "<=", M))
    assert _text(hypotheses_set(where)) == r"$`2 m \le n`$, $`k \le m`$"


def test_sizes_as_equations():
    """n = 2, m = 1; or whatever the sizes."""
    assert _text(sizes_set((("n", 2), ("m", 1)))) == "$`n = 2, m = 1`$"
    assert _text(sizes_set(())) == "all sizes"
