"""The exact sets of sizes on which a wrong reading agrees, against trying all small sizes."""

from itertools import product

import pytest

from gradcheck import read_document
from gradcheck.claims.parsing import parse_formula
from gradcheck.notation.arithmetic import evaluate
from gradcheck.symbolic.agreement import agreement
from gradcheck.symbolic.errata import as_equation, reversed_windows
from gradcheck.symbolic.refute import wrong
from gradcheck.symbolic.theory import Theory, theory

DOCUMENT = read_document()
CORRELATION = theory(DOCUMENT.layer, DOCUMENT.where)
CONVOLUTION = theory(reversed_windows(CORRELATION), DOCUMENT.where)
FILTER = "dF[j,i] = {}(X[i], dY[j])"
INPUT = "dX[i] = sum(j, {}(pad(dY[j], m-1), rot180(F[j,i])))"

CASES = [
    (CORRELATION, "corr", FILTER, ""),
    (CORRELATION, "corr", INPUT, ""),
    (CORRELATION, "conv", FILTER, "n = m"),
    (CORRELATION, "conv", INPUT, "m = 1"),
    (CONVOLUTION, "corr", FILTER, "m = 1"),
    (CONVOLUTION, "corr", INPUT, "m = 1"),
    (CONVOLUTION, "conv", FILTER, "n = 1"),
    (CONVOLUTION, "conv", INPUT, ""),
    (CORRELATION, "corr", "dX[i] = sum(j, {}(pad(dY[j], m-1), F[j,i]))", "m = 1"),
    (CORRELATION, "corr", "dF[j,i] = {}(rot180(X[i]), rot180(dY[j]))", "m = 1"),
    (CORRELATION, "corr", "Y[j] = sum(i, {}(rot180(X[i]), F[j,i]))", "n = 1"),
]


@pytest.mark.parametrize(("known", "op", "form", "expected"), CASES)
def test_agreement_is_exact(known: Theory, op: str, form: str, expected: str) -> None:
    """The conditions are those expected, and they tell true from false at every small size."""
    formula = parse_formula(form.format(op), known.layer)
    conditions = agreement(known, formula)
    assert conditions is not None
    assert " and ".join(str(as_equation(e)) for e in conditions) == expected
    for k, n, p, m in product((1, 2), range(1, 6), (1, 2), range(1, 6)):
        sizes = {"k": k, "n": n, "p": p, "m": m}
        if m <= n:
            met = all(evaluate(c, sizes) == 0 for c in conditions)
            assert met == (wrong(known.layer, formula, sizes) is None), sizes


def test_sums_that_do_not_match_are_not_determined() -> None:
    """A formula with other factors agrees on no set that this finds."""
    formula = parse_formula("dX[i] = sum(j, corr(pad(dY[j], m-1), rot180(corr(F[j,i], F[j,i]))))", DOCUMENT.layer)
    assert agreement(CORRELATION, formula) is None


def test_wrong_sizes_are_not_determined() -> None:
    """Conditions on the entries do not suffice where the sizes differ."""
    formula = parse_formula("dX[i] = sum(j, corr(pad(dY[j], m), rot180(F[j,i])))", DOCUMENT.layer)
    assert agreement(CORRELATION, formula) is None


def test_reversed_windows() -> None:
    """Reading the windows of a correlation backwards gives a convolution."""
    assert CONVOLUTION.layer.text == "Y[j,a,b] += X[i, a + m - u - 1, b + m - v - 1] * F[j,i,u,v]"
