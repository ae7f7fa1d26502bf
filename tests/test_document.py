"""The assertion suite for "Proof of gradient sizes": one test for each claim and engine."""

import pytest

from gradcheck import Report, read_document

CLAIMS = [claim.id for claim in read_document().claims]
ERRATA = {
    "X: n x n": ("input-channel-size",),
    "dF[i,i] = star(X[i], dY[j])": ("filter-gradient-formula",),
    "dX[i] = sum(i, star(pad(dY[j], m - 1), rot180(F[j,i])))": ("input-gradient-formula",),
    "star, which is not defined": ("filter-gradient-formula", "input-gradient-formula"),
    "no condition": ("output-size",),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_proved(report: Report, claim: str) -> None:
    """The claim is proved for all sizes."""
    proof = report[claim].proof
    assert proof is not None
    assert proof.status == "proved"
    assert proof.steps


@pytest.mark.parametrize("claim", CLAIMS)
def test_checked(report: Report, claim: str) -> None:
    """The claim holds exactly on every one of 200 random layers."""
    check = report[claim].check
    assert (check.status, check.layers) == ("passed", 200)
    assert check.elements >= 200


def test_verified(report: Report) -> None:
    """The document is verified."""
    assert report.verdict == "verified"
    assert len(report.verdicts) == len(CLAIMS) == 24


def test_errata_are_those_found(report: Report) -> None:
    """Everything that is printed and not so is listed, and nothing else."""
    assert {str(e.printed): e.claims for e in report.errata} == ERRATA


def test_sum_runs_over_the_wrong_index(report: Report) -> None:
    """The printed input gradient is ill formed, and false as soon as there are two filters."""
    erratum = _erratum(report, "dX[i] = sum(i")
    assert "i is summed over, but the left side fixes it" in map(str, erratum.why)
    assert "j is free on the right, but not on the left" in map(str, erratum.why)
    assert dict(erratum.counterexample.sizes) == {"k": 1, "n": 1, "p": 2, "m": 1}


def test_filter_has_the_wrong_index(report: Report) -> None:
    """The printed filter gradient uses one index for the filter and for its channel."""
    erratum = _erratum(report, "dF[i,i]")
    assert "i stands for two axes of dF at once" in map(str, erratum.why)
    assert erratum.counterexample is not None


def test_input_is_called_flat(report: Report) -> None:
    """The input has three axes where the document calls it 2-D."""
    assert tuple(map(str, _erratum(report, "X: n x n").why)) == ("X has 3 axes, 2 are printed",)


def test_star_is_correlation(report: Report) -> None:
    """Only valid cross-correlation makes both formulas true; convolution agrees on exact sets of sizes."""
    erratum = _erratum(report, "star, which")
    assert erratum.holds == "star = corr"
    correlation, convolution, *others = map(str, erratum.why)
    assert correlation.endswith("true for all sizes")
    assert "filter-gradient-formula, corrected, is true exactly where n = m" in convolution
    assert "input-gradient-formula, corrected, is true exactly where m = 1" in convolution
    assert not any(line.endswith("true for all sizes") and ";" not in line for line in others)


def test_hypothesis_is_never_stated(report: Report) -> None:
    """Without m <= n the output size is false, first where a negative side is promised."""
    erratum = _erratum(report, "no condition")
    assert str(erratum.holds) == "m <= n"
    assert dict(erratum.counterexample.sizes) == {"n": 1, "p": 1, "m": 3}


def _erratum(report: Report, printed: str):
    (found,) = [erratum for erratum in report.errata if str(erratum.printed).startswith(printed)]
    return found
