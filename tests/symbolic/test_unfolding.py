"""Array formulas unfolded to index notation."""

from math import prod

import pytest
from derivations import FITS, GENERAL, REST, known

from gradcheck import read_document
from gradcheck.claims.parsing import parse_formula
from gradcheck.symbolic.bruteforce import gathered
from gradcheck.symbolic.literal import literal
from gradcheck.symbolic.prove import claimed_equation
from gradcheck.symbolic.refute import every
from gradcheck.symbolic.sizes import side
from gradcheck.symbolic.tensors import tensors
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


LINE = known("Y[a] += X[a+u] * F[u]", {"X": "n", "F": "m"}, "m <= n")


@pytest.mark.parametrize(
    ("formula", "expected", "sides"),
    [
        ("dX = pad(F, n-m, 0)", "dX[x] = [0 <= x + m - n <= m - 1] F[x + m - n]", "n"),
        ("dX = pad(F, 0, n-m)", "dX[x] = [0 <= x <= m - 1] F[x]", "n"),
        ("dF = crop(X, n-m, 0)", "dF[x] = [0 <= x + n - m <= n - 1] X[x + n - m]", "m"),
        ("dF = crop(X, 0, n-m)", "dF[x] = [0 <= x <= n - 1] X[x]", "m"),
        ("dX = dilate(X, 2)", "dX[x] = sum_{x1} [x = 2*x1] X[x1]", "2*n - 1"),
        ("dX = dilate(X, m)", "dX[x] = sum_{x1} [x = m*x1] X[x1]", "m*n - m + 1"),
        ("dX = rot180(dilate(X, 2))", "dX[x] = sum_{x1} [2*n - x - 2 = 2*x1] X[x1]", "2*n - 1"),
        (
            "dX = pad(dilate(X, 2), 1, -1)",
            "dX[x] = sum_{x1} [x - 1 = 2*x1] [0 <= x - 1 <= 2*n - 2] X[x1]",
            "2*n - 1",
        ),
        ("Y = corr(X, F, stride=1)", "Y[x] = sum_{u} X[x + u] F[u]", "n - m + 1"),
        ("Y = corr(X, F, stride=3)", "Y[x] = sum_{u} X[3*x + u] F[u]", "(2*m + n)//3 - m + 1"),
        ("Y = corr(X, F, stride=m)", "Y[x] = sum_{u} X[m*x + u] F[u]", "n//m"),
        ("Y = conv(X, F, stride=3)", "Y[x] = sum_{u} X[3*x + m - u - 1] F[u]", "(2*m + n)//3 - m + 1"),
        ("Y = corr(pad(X, m), F, dilation=2)", None, "n + 2"),
        ("Y = conv(pad(X, m), F, dilation=2)", None, "n + 2"),
    ],
)
def test_zeros_strides_and_dilations(formula: str, expected: str | None, sides: str) -> None:
    """Padding is a shift with a guard, zero insertion a delta, a stride and a dilation multiples of an index."""
    equation, steps = claimed_equation(LINE, parse_formula(formula, LINE.layer))
    assert expected is None or str(equation) == expected
    assert [str(side(r)) for r in equation.free] == [sides]
    assert steps[-1].after == equation


@pytest.mark.parametrize(
    ("formula", "rule", "why"),
    [
        ("dX = pad(X, m)", "zero padding", "m zeros before and after on every axis"),
        ("dX = pad(X, 0, m)", "zero padding", "0 zeros before and m zeros after on every axis"),
        ("dX = crop(X, 1)", "crop", "1 entries less before and after on every axis"),
        ("dX = crop(X, 0, m)", "crop", "0 entries less before and m entries less after on every axis"),
        ("dX = dilate(X, m)", "zero insertion", "zeros between the entries, which then stand m places apart"),
        (
            "Y = corr(X, F)",
            "valid correlation",
            "the places at which the kernel lies inside the signal: its side less the kernel's, plus 1",
        ),
        ("Y = conv(X, F, stride=m)", "valid convolution", "one of m places at which the kernel lies inside the signal"),
        (
            "Y = corr(X, F, dilation=m)",
            "valid correlation",
            "the places at which the kernel, its entries m apart, lies inside the signal",
        ),
        (
            "Y = corr(X, F, stride=n, dilation=m)",
            "valid correlation",
            "one of n places at which the kernel, its entries m apart, lies inside the signal",
        ),
    ],
)
def test_each_operation_has_its_step(formula: str, rule: str, why: str) -> None:
    """The step of an operation names it, and says what becomes of the sides."""
    _, steps = claimed_equation(LINE, parse_formula(formula, LINE.layer))
    assert (steps[-2].rule, str(steps[-2].because)) == (rule, why)


@pytest.mark.parametrize(
    ("formula", "missing"),
    [
        ("dX = crop(X, n, 1)", {"-1"}),
        ("dX = crop(X, m, 0)", set()),
        ("dX = crop(X, m, 1)", {"n - m - 1"}),
        ("dX = dilate(X, n-m)", {"n - m - 1"}),
        ("dX = dilate(crop(X, m, 0), 2)", {"n - m - 1"}),
        ("dX = corr(X, F, dilation=2)", {"n - 2*m + 2"}),
    ],
)
def test_what_an_operation_needs_is_missing_where_it_is_not_so(formula: str, missing: set[str]) -> None:
    """More than there is cannot be cropped, entries stand at least one place apart, and a kernel must fit."""
    _, steps = claimed_equation(LINE, parse_formula(formula, LINE.layer))
    assert {str(e) for step in steps for e in step.missing} == missing


FORMULAS = [
    "Y[j] = sum(i, corr(pad(X[i], P), F[j,i], stride=s, dilation=d))",
    "Y[j] = sum(i, corr(pad(X[i], P), dilate(F[j,i], d), stride=s))",
    f"dX[i] = sum(j, conv(pad(dilate(dY[j], s), d*(m-1)-P, d*(m-1)-P+{REST}), F[j,i], dilation=d))",
    f"dX[i] = sum(j, crop(conv(pad(dilate(dY[j], s), d*(m-1), d*(m-1)+{REST}), F[j,i], dilation=d), P))",
    f"dF[j,i] = corr(crop(pad(X[i], P), 0, {REST}), dY[j], stride=d, dilation=s)",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_the_unfolded_formula_has_the_products_of_the_literal_one(text: str) -> None:
    """Both readings of an array formula, by index notation and literally, give the same sums at all small sizes."""
    own = GENERAL.known
    formula = parse_formula(text, own.layer)
    equation, _ = claimed_equation(own, formula)
    for sizes in GENERAL.grid()[::4]:
        arrays = tensors(own.layer, sizes)
        found = gathered(equation, dict(sizes), arrays)
        for at in every([formula.left], arrays):
            expected = literal(formula.right, arrays, dict(sizes), at)
            start = tuple(at[index] for index in formula.left.at)
            inside = {place[len(start) :]: p for place, p in found.items() if place[: len(start)] == start}
            assert {place: p for place, p in inside.items() if p} == expected.entries
            assert len(inside) == prod(expected.shape)


def test_another_formula_has_other_products() -> None:
    """The comparison of the two readings does find something: with a stride forgotten they differ."""
    own = GENERAL.known
    equation, _ = claimed_equation(own, parse_formula(FORMULAS[0], own.layer))
    other = parse_formula(FORMULAS[0].replace("stride=s, ", ""), own.layer)
    sizes = (("k", 1), ("n", 3), ("p", 1), ("m", 1), ("s", 2), ("d", 1), ("P", 0))
    arrays = tensors(own.layer, sizes)
    expected = literal(other.right, arrays, dict(sizes), {"j": 0})
    assert {place[1:]: p for place, p in gathered(equation, dict(sizes), arrays).items()} != expected.entries


def test_a_fit_is_shown_from_the_hypotheses() -> None:
    """That a dilated kernel fits into a padded signal is what the layer's hypothesis says."""
    for where, missing in (([FITS], set()), ([], {"(d + n + 2*P - d*m - 1)//s + 1"})):
        own = known(GENERAL.line, GENERAL.shapes, *where)
        _, steps = claimed_equation(own, parse_formula(FORMULAS[0], own.layer))
        assert {str(e) for step in steps for e in step.missing} == missing
