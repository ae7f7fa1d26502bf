"""Array formulas unfolded to index notation."""

import pytest

from gradcheck import read_document
from gradcheck.claims.parsing import parse_formula
from gradcheck.symbolic.prove import claimed_equation
from gradcheck.symbolic.theory import theory

DOCUMENT = read_document()
KNOWN = theory(DOCUMENT.layer, DOCUMENT.where)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("dF[j,i] = corr(X[i], dY[j])", "dF[j,i,x,y] = sum_{u,v} X[i, x + u, y + v] dY[j,u,v]"),
        (
            "dF[j,i] = conv(X[i], dY[j])",
            "dF[j,i,x,y] = sum_{u,v} X[i, x + n - m - u, y + n - m - v] dY[j,u,v]",
        ),
        ("Y[j] = sum(i, corr(X[i], F[j,i]))", "Y[j,x,y] = sum_{i,u,v} X[i, x + u, y + v] F[j,i,u,v]"),
        (
            "Y[j] = sum(i, pad(corr(X[i], F[j,i]), 0))",
            "Y[j,x,y] = sum_{i,u,v} [0 <= x <= n - m] [0 <= y <= n - m] X[i, x + u, y + v] F[j,i,u,v]",
        ),
        ("dX[i] = sum(i, rot180(X[i]))", "dX[i,x,y] = sum_{i1} X[i1, n - 1 - x, n - 1 - y]"),
    ],
)
def test_unfolded(formula: str, expected: str) -> None:
    """Each function becomes what its definition says of the index; a summed index hides a free one."""
    equation, steps = claimed_equation(KNOWN, parse_formula(formula, DOCUMENT.layer))
    told = str(equation).replace("n - x - 1", "n - 1 - x").replace("n - y - 1", "n - 1 - y")
    assert told == expected
    assert steps[-1].after == equation


def test_sizes_are_needed_not_assumed() -> None:
    """A kernel that need not fit leaves open that the side is not negative."""
    _, steps = claimed_equation(KNOWN, parse_formula("dF[j,i] = corr(dY[j], X[i])", DOCUMENT.layer))
    assert {str(e) for step in steps for e in step.missing} == {"2 - m"}
