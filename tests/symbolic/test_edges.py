"""Layers and claims at the edge of what is covered, none of which may be told what is not so."""

from pathlib import Path

import pytest

from gradcheck import Report, verify
from gradcheck.errors import GradcheckError


def verified(tmp_path: Path, layer: str, shapes: str, where: str, claim: str) -> Report:
    """The verdict on one claim."""
    path = tmp_path / "edge.toml"
    text = f'title = "t"\nlayer = "{layer}"\nwhere = [{where}]\n[shapes]\n{shapes}\n[[claim]]\nid = "c"\n{claim}\n'
    path.write_text(text, encoding="utf-8")
    return verify(path, layers=30)


CONV = ("Y[a] += X[a+u] * F[u]", 'X = "n"\nF = "m"')
NARROW = ("Y[a] += X[a+u] * F[u] * Z[a]", 'X = "n"\nF = "m"\nZ = "q"')
STRIDED = ("Y[a] += X[s*a+u] * F[u]", 'X = "n"\nF = "m"')
PADDED = ("Y[a] += pad(X,P)[a+u] * F[u]", 'X = "n"\nF = "m"')
TRANSPOSED = ("Y[y] += pad(dilate(X,s), m-1)[y+m-1-u] * F[u]", 'X = "n"\nF = "m"')
DILATED = ("Y[a] += X[a+2*u] * F[u]", 'X = "n"\nF = "m"')


FULL = "corr(pad(dilate(dY, s), m-1"


@pytest.mark.parametrize(
    ("layer", "where", "claim", "expected"),
    [
        (CONV, '"m = 1"', 'formula = "dX = corr(pad(dY, m-1), F)"', "verified"),
        (CONV, '"m <= n+1"', 'formula = "dX = corr(pad(dY, m-1), rot180(F))"', "verified"),
        (CONV, '"m <= n+1"', 'shape = { Y = "n-m+1", dX = "n", dF = "m" }', "incomplete"),
        (CONV, "", 'shape = { Y = "n-m+1" }', "refuted"),
        (CONV, "", 'formula = "Y = corr(X, F)"', "refuted"),
        (DILATED, '"m <= n"', 'shape = { Y = "n-2*m+2" }', "refuted"),
        (DILATED, '"2*m <= n"', 'shape = { Y = "n-2*m+2", dX = "n", dF = "m" }', "verified"),
        (DILATED, '"2*m <= n"', 'identity = "padding(dX) = 2*m-2"', "verified"),
        (DILATED, '"2*m <= n"', 'formula = "dF = corr(X, dY, stride=2)"', "verified"),
        (STRIDED, '"m <= n"', 'shape = { Y = "(n-m)//s+1", dX = "n", dF = "m" }', "verified"),
        (STRIDED, '"m <= n"', 'shape = { Y = "n//s-m+1" }', "refuted"),
        (STRIDED, '"m <= n"', 'identity = "padding(dX) = m-1"', "refuted"),
        (STRIDED, '"m <= n", "(n-m)%s = 0"', 'identity = "padding(dX) = m-1"', "verified"),
        (STRIDED, '"m <= n"', f'formula = "dX = {FULL}, m-1+(n-m)%s), rot180(F))"', "verified"),
        (STRIDED, '"m <= n"', f'formula = "dX = {FULL}), rot180(F))"', "refuted"),
        (STRIDED, '"m <= n"', f'formula = "dX = {FULL}, m-1+(n-m)%s), F)"', "refuted"),
        (PADDED, '"m <= n+2*P"', 'shape = { Y = "n+2*P-m+1", dX = "n" }', "verified"),
        (PADDED, '"m <= n+2*P"', 'identity = "padding(dX) = m-1-P"', "verified"),
        (PADDED, '"m <= n+2*P"', 'formula = "dX = crop(conv(pad(dY, m-1), F), P)"', "verified"),
        (PADDED, '"m <= n+2*P"', 'formula = "dF = corr(X, dY)"', "refuted"),
        (TRANSPOSED, '"1 <= n"', 'shape = { Y = "s*(n-1)+m", dX = "n", dF = "m" }', "verified"),
        (TRANSPOSED, '"1 <= n"', 'formula = "dX = corr(dY, F, stride=s)"', "verified"),
        (TRANSPOSED, '"1 <= n"', 'formula = "dX = corr(dY, rot180(F), stride=s)"', "refuted"),
        (("Y[a] += X[a] * F[u]", 'X = "n"\nF = "m"'), "", 'shape = { dX = "n", dF = "m" }', "verified"),
        (("Y[i] += X[i] * W[i]", 'X = "k-5"\nW = "k-5"'), "", 'shape = { X = "k-5" }', "incomplete"),
        (("Y[i] += X[i] * W[i]", 'X = "k-5"\nW = "k-5"'), '"k >= 6"', 'shape = { Y = "k-5" }', "verified"),
        (("Y[i,j] += A[i,l] * B[l,j]", 'A = "p k"\nB = "k n"'), "", 'shape = { dA = "p k" }', "verified"),
        (NARROW, '"q+m <= n+1"', 'shape = { Y = "q", dF = "m", dX = "n", dZ = "q" }', "verified"),
        (NARROW, '"q+m <= n+1"', 'shape = { dF = "n-q+1" }', "refuted"),
        (("Y[a] += X[a+2] * W[a]", 'X = "n+2"\nW = "n"'), "", 'formula = "dW = corr(X, W)"', "refuted"),
    ],
)
def test_edge(tmp_path: Path, layer: tuple[str, str], where: str, claim: str, expected: str) -> None:
    """The verdict is the right one, or an honest open."""
    assert verified(tmp_path, *layer, where, claim).verdict == expected


@pytest.mark.parametrize(
    ("layer", "claim", "message"),
    [
        (
            ("Y[a] += X[a,a] * F[a]", 'X = "n n"\nF = "n"'),
            'shape = { dX = "n n" }',
            r"no index is summed in \[a = x\]: a fixed place has no gradient formula",
        ),
        (("Y[a] += X[(n-m)*a+u] * F[u]", CONV[1]), 'shape = { dX = "n" }', "n - m, which may be 0"),
        (
            ("Y[a] += X[a] * pad(F,P)[a]", 'X = "n"\nF = "n"'),
            'shape = { dX = "n" }',
            "every axis of F is read at an index alone: there is none to pad or dilate",
        ),
        (CONV, 'shape = { "corr(sum(j, Y), X)" = "n" }', "indexes nothing inside"),
        (
            ("Y[j,a] += X[j,a+u] * F[u]", 'X = "k n"\nF = "m"'),
            'shape = { "corr(sum(j, X[j]), dY[j])" = "m" }',
            "summed over, and free elsewhere",
        ),
        (CONV, 'identity = "(n-n)**0 = 1"', "exponent from 1 to 12"),
        (CONV, 'shape = { X = "n" }\nprinted = { "star(X, F)" = "n" }', "write corr or conv"),
    ],
)
def test_refused_in_words(tmp_path: Path, layer: tuple[str, str], claim: str, message: str) -> None:
    """What is not covered is said, with a reason, and never by a traceback."""
    with pytest.raises(GradcheckError, match=message):
        verified(tmp_path, *layer, '"m <= n"' if "m" in layer[1] else "", claim)


def test_hypotheses_are_all_told(tmp_path: Path) -> None:
    """A proof names every bound that it assumes."""
    proof = verified(tmp_path, *CONV, '"-3 <= n", "m <= n"', 'shape = { X = "n" }')["c"].proof
    assert tuple(map(str, proof.hypotheses)) == ("-3 <= n", "1 <= m", "m <= n")
