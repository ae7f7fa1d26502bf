"""A verdict says as much as its evidence, and no more."""

from dataclasses import replace
from fractions import Fraction

import pytest

from gradcheck.claims.claim import Claim, Identity
from gradcheck.difference import Difference
from gradcheck.errors import Disagreement
from gradcheck.evidence import (
    Basis,
    Certificate,
    Check,
    Counterexample,
    Failure,
    Proof,
    Report,
    Sample,
    Step,
    Verdict,
    judge,
)
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import ONE, Int, Sym
from gradcheck.notation.phrase import phrase
from gradcheck.notation.sums import Chain

M, N = Sym("m"), Sym("n")
CLAIM = Claim("side", "", Identity((N, M)))
STEP = Step("normal form", Chain((N, M)), "so it is")
GAP = Step("normal form", Chain((N, M)), "so it is", missing=(N - M,))
FOUND = Counterexample((("n", 2), ("m", 1)), Difference("n = m", "2 = 1", "equal"))
BASIS = Basis(parse_layer("dense", {}), (), ())
SAMPLES = (Sample((("n", 2),), 7, 30, ()), Sample((("n", 3),), 12, 20, ("side",)))
PROOFS = {
    "none": None,
    "proved": Proof((), (STEP,), True),
    "not closed": Proof((), (STEP,), False),
    "a gap": Proof((), (STEP, GAP), True),
    "refuted": Proof((), (STEP,), False, FOUND),
    "closed but refuted": Proof((), (STEP,), True, FOUND),
}
CHECKS = {
    "not run": Check(),
    "nothing compared": Check(layers=9),
    "passed": Check(9, 50),
    "failed": Check(2, 3, Failure(2, (("n", 2),), Difference("n = m", "2 = 1", "equal"))),
}
STATUSES = [  # proof; verdict where the check was not run, compared nothing, passed, failed
    ("none", "not run", "not run", "open", "refuted"),
    ("proved", "open", "open", "verified", None),
    ("not closed", "open", "open", "open", "refuted"),
    ("a gap", "open", "open", "open", "refuted"),
    ("refuted", "refuted", "refuted", "refuted", "refuted"),
    ("closed but refuted", "refuted", "refuted", "refuted", "refuted"),
]
ROWS = [(proof, check, status) for proof, *row in STATUSES for check, status in zip(CHECKS, row, strict=True)]


@pytest.mark.parametrize(("proof", "check", "status"), [row for row in ROWS if row[2]])
def test_a_claim_is_judged_by_its_evidence(proof, check, status):
    """Verified needs a proof and a check of something; one refutation is enough for refuted."""
    assert judge(CLAIM, PROOFS[proof], CHECKS[check]) == status
    assert Verdict(CLAIM, PROOFS[proof], CHECKS[check]).status == status


def test_a_proved_claim_that_fails_its_check_is_a_disagreement():
    """The engines contradict each other: no verdict, but an error with the claim and the failure."""
    with pytest.raises(Disagreement, match=r"side is proved, but its check failed: n = m: got 2 = 1"):
        judge(CLAIM, PROOFS["proved"], CHECKS["failed"])


@pytest.mark.parametrize(
    ("proof", "status"),
    [
        ("proved", "proved"),
        ("not closed", "open"),
        ("a gap", "open"),
        ("refuted", "refuted"),
        ("closed but refuted", "refuted"),
    ],
)
def test_a_proof_has_a_status(proof, status):
    """A proof with a gap is open; a counterexample refutes whatever the steps say."""
    assert PROOFS[proof].status == status


@pytest.mark.parametrize(
    ("check", "status"),
    [("not run", "not run"), ("nothing compared", "not run"), ("passed", "passed"), ("failed", "failed")],
)
def test_a_check_has_a_status(check, status):
    """A check that compared nothing has not passed."""
    assert CHECKS[check].status == status


def report(*pairs, interrupted=False):
    """A report with verdicts from these pairs of proof and check."""
    verdicts = tuple(Verdict(CLAIM, PROOFS[proof], CHECKS[check]) for proof, check in pairs)
    return Report("t", None, (), 0, 9, BASIS, SAMPLES, verdicts, (), interrupted)


VERIFIED, REFUTED, OPEN, NOT_RUN = (
    ("proved", "passed"),
    ("refuted", "failed"),
    ("not closed", "passed"),
    ("none", "not run"),
)


@pytest.mark.parametrize(
    ("pairs", "interrupted", "verdict"),
    [
        ([VERIFIED], False, "verified"),
        ([VERIFIED, VERIFIED], False, "verified"),
        ([VERIFIED], True, "incomplete"),
        ([VERIFIED, OPEN], False, "incomplete"),
        ([VERIFIED, NOT_RUN], False, "incomplete"),
        ([OPEN, REFUTED, NOT_RUN], False, "refuted"),
        ([VERIFIED, REFUTED], True, "refuted"),
        ([], False, "incomplete"),
    ],
)
def test_a_report_is_judged_by_its_verdicts(pairs, interrupted, verdict):
    """Verified means every claim, all of it; nothing tested and an interrupt are incomplete."""
    assert report(*pairs, interrupted=interrupted).verdict == verdict


def test_a_report_is_read_by_claim():
    """A verdict is found by its claim's id; an id that was not part of the run is a KeyError."""
    found = report(VERIFIED)
    assert found["side"] is found.verdicts[0]
    with pytest.raises(KeyError, match="width"):
        found["width"]


def test_a_report_has_the_differences_of_all_its_samples():
    """The finite differences are counted over all layers that were checked, of which there may be none."""
    found = report(VERIFIED)
    assert found.differences == 7 + 12
    assert replace(found, samples=SAMPLES[:1]).differences == 7
    assert replace(found, samples=()).differences == 0


def test_a_basis_has_nothing_underived_by_default():
    """What no rule leads to is named only where there is something."""
    assert BASIS.underived == ()


@pytest.mark.parametrize(
    "difference",
    [
        Difference("n = m", "2 = 1", "equal"),
        Difference(phrase(Chain((N, M))), phrase(Chain((Int(2), ONE))), "equal"),
    ],
)
def test_a_difference_is_told_in_a_sentence(difference):
    """What was given and what is the case read the same, whether they are kept as texts or as formulas."""
    assert str(difference) == "n = m: got 2 = 1, should be equal"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((), "n - m = 0"),
        (((Fraction(1), (N - M,)),), "n - m = (n - m)"),
        (((Fraction(1), ()),), "n - m = 1"),
        (((Fraction(1, 2), (M, N - ONE)), (Fraction(3), ())), "n - m = 1/2*(m)*(n - 1) + 3"),
        (((Fraction(2), (Int(1),)),), "n - m = 2*(1)"),
    ],
)
def test_a_certificate_is_told_as_an_equation(parts, text):
    """Goal = sum of multipliers times products of facts, so that anyone can multiply it out."""
    assert str(Certificate(N - M, parts)) == text
