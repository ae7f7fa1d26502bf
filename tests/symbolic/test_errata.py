"""Errata are found by evaluating what is printed, and not found where it is right."""

from dataclasses import replace

import pytest

from gradcheck import read_document
from gradcheck.claims.parsing import parse_formula, parse_hypothesis, parse_identity, parse_shape
from gradcheck.evidence import Erratum
from gradcheck.symbolic.errata import errata

DOCUMENT = read_document()
CLAIMS = {claim.id: claim for claim in DOCUMENT.claims}


def printed(claim: str, statement) -> tuple[Erratum, ...]:
    """The errata of one claim, printed like this."""
    document = replace(DOCUMENT, printed_where=None)
    return errata(document, [replace(CLAIMS[claim], printed=statement)])


@pytest.mark.parametrize("claim", ["filter-gradient-formula", "input-gradient-formula", "padded-side", "output-size"])
def test_what_is_printed_right_is_no_erratum(claim: str) -> None:
    """A print that says the same is not listed."""
    assert printed(claim, CLAIMS[claim].statement) == ()


def test_another_true_print_is_no_erratum() -> None:
    """A print that differs in form, and is true, is not listed."""
    other = parse_formula("dX[i] = sum(j, conv(pad(dY[j], m-1), F[j,i]))", DOCUMENT.layer, printed=True)
    assert printed("input-gradient-formula", other) == ()


def test_false_size_is_found() -> None:
    """A printed identity that is false is listed with its counterexample."""
    (found,) = printed("stride-one-side", parse_identity("side(Y[j]) = n-m+2", DOCUMENT.layer))
    assert dict(found.counterexample.sizes) == {"n": 1, "m": 1}
    assert found.why == ()


def test_false_shape_is_found() -> None:
    """A printed shape of the right rank is refuted by its sizes."""
    (found,) = printed("input-size", parse_shape({"X": "n k n"}, DOCUMENT.layer, printed=True))
    assert dict(found.counterexample.sizes) == {"k": 1, "n": 2}


def test_star_alone_is_ambiguous() -> None:
    """With a star in an otherwise right formula, only the star is listed."""
    starred = parse_formula("dF[j,i] = star(X[i], dY[j])", DOCUMENT.layer, printed=True)
    (found,) = printed("filter-gradient-formula", starred)
    assert (found.printed, found.holds) == ("star, which is not defined", "star = corr")


def test_star_with_no_reading() -> None:
    """A formula that no reading of the star makes true says so."""
    false = parse_formula("dF[j,i] = corr(corr(X[i], dY[j]), pad(dY[j], m-n))", DOCUMENT.layer)
    starred = parse_formula("dF[j,i] = star(corr(X[i], dY[j]), pad(dY[j], m-n))", DOCUMENT.layer, printed=True)
    claim = replace(CLAIMS["filter-gradient-formula"], statement=false, printed=starred)
    *_, found = errata(replace(DOCUMENT, printed_where=None), [claim])
    assert found.holds == "no reading"
    assert "at sizes that were not determined" in str(found.why[0])


def test_star_that_is_right_somewhere() -> None:
    """A reading that is right only at some sizes tells which."""
    swapped = "dF[j,i] = {}(dY[j], X[i])"
    starred = parse_formula(swapped.format("star"), DOCUMENT.layer, printed=True)
    false = parse_formula(swapped.format("corr"), DOCUMENT.layer)
    claim = replace(CLAIMS["filter-gradient-formula"], statement=false, printed=starred)
    *_, found = errata(replace(DOCUMENT, printed_where=None), [claim])
    assert str(found.why[0]).endswith("filter-gradient-formula, corrected, is true exactly where m = 1")


def test_stated_hypothesis_is_no_erratum() -> None:
    """A hypothesis that the document prints is not missing."""
    stated = parse_hypothesis("n >= m", DOCUMENT.layer)
    assert errata(replace(DOCUMENT, printed_where=stated), [CLAIMS["output-size"]]) == ()


def test_needless_hypothesis_is_no_erratum() -> None:
    """A hypothesis that no claim needs is not listed."""
    assert errata(DOCUMENT, [CLAIMS["input-size"]]) == ()
