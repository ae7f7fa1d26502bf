"""What is nearly true of convolution arithmetic is refuted, with the smallest counterexample."""

from functools import cache

import pytest

from gradcheck.claims.claim import Claim
from gradcheck.claims.parsing import parse_formula, parse_given, parse_identity
from gradcheck.claims.small_sizes import small_sizes
from gradcheck.numeric.check import check
from gradcheck.numeric.draw import draw
from gradcheck.symbolic.prove import prove
from gradcheck.symbolic.refute import wrong

N = "n+2*P-d*(m-1)-1"
FITS = ("d*(m-1)+1 <= n+2*P", f"r = ({N}) % s")
DX = "dX[i] = sum(j, corr({}, rot180(F[j,i]), dilation=d))"
DF = "dF[j,i] = {}corr(pad(X[i], P), dY[j], stride=d, dilation=s){}"
GENERAL, TRANSPOSED = "conv1d_general", "conv1d_transposed"
WIDE = ("2*P <= s*(n-1)+d*(m-1)+Q",)

FALSE = {
    # output side
    "output side: off by one": (GENERAL, FITS, "side(Y[j]) = (n+2*P-d*(m-1)-1)//s"),
    "output side: rounded up": (GENERAL, FITS, "side(Y[j]) = ceil((n+2*P-d*(m-1)-1)/s) + 1"),
    "output side: padding on one side": (GENERAL, FITS, "side(Y[j]) = (n+P-d*(m-1)-1)//s + 1"),
    "output side: missing hypothesis": (GENERAL, (), "side(Y[j]) = (n+2*P-d*(m-1)-1)//s + 1"),
    "output side: not empty": (GENERAL, ("d*(m-1)+1 > n+2*P",), "side(Y[j]) = 1"),
    # input gradient
    "input gradient: missing remainder": (GENERAL, FITS, DX.format("pad(dilate(dY[j], s), d*(m-1)-P)")),
    "input gradient: remainder before": (GENERAL, FITS, DX.format("pad(dilate(dY[j], s), d*(m-1)-P+r, d*(m-1)-P)")),
    "input gradient: padding off by one": (
        GENERAL,
        FITS,
        DX.format("pad(dilate(dY[j], s), d*(m-1)-P+1, d*(m-1)-P+r-1)"),
    ),
    "input gradient: zeros forgotten": (GENERAL, (*FITS, "r = 0"), DX.format("pad(dY[j], d*(m-1)-P)")),
    "input gradient: filter not rotated": (
        GENERAL,
        FITS,
        "dX[i] = sum(j, corr(pad(dilate(dY[j], s), d*(m-1)-P, d*(m-1)-P+r), F[j,i], dilation=d))",
    ),
    "input gradient: dilation forgotten": (
        GENERAL,
        FITS,
        "dX[i] = sum(j, corr(pad(dilate(dY[j], s), m-1-P, m-1-P+r), rot180(F[j,i])))",
    ),
    # filter gradient
    "filter gradient: missing crop": (GENERAL, FITS, DF.format("", "")),
    "filter gradient: crop before": (GENERAL, FITS, DF.format("crop(", ", r//d, 0)")),
    "filter gradient: crop by the remainder": (GENERAL, FITS, DF.format("crop(", ", 0, r)")),
    "filter gradient: raw side": (
        GENERAL,
        FITS,
        "side(corr(pad(X[i], P), dY[j], stride=d, dilation=s)) = m",
    ),
    "filter gradient: stride and dilation exchanged": (
        GENERAL,
        FITS,
        "dF[j,i] = crop(corr(pad(X[i], P), dY[j], stride=s, dilation=d), 0, r//d)",
    ),
    # cells that no window reads
    "unread cells: one more": (
        GENERAL,
        (*FITS, "r > P", "P + 1 <= n - r + d*(m-1)"),
        DX.format("pad(dilate(dY[j], s), d*(m-1)-P, d*(m-1)-1)").replace("dX[i] = ", "dX[i] = pad(") + ", 0, r-P+1)",
    ),
    "unread cells: before": (
        GENERAL,
        (*FITS, "r > P"),
        DX.format("pad(dilate(dY[j], s), d*(m-1)-P, d*(m-1))").replace("dX[i] = ", "dX[i] = pad(") + ", r-P, 0)",
    ),
    "unread cells: every other": (
        GENERAL,
        (*FITS, "m = 1", "P = 0", "s = 2"),
        "dX[i] = sum(j, pad(dilate(corr(dY[j], F[j,i]), s), r, 0))",
    ),
    # groups, bias, batch
    "groups: depth of a filter": ("conv2d_grouped", ("m <= n",), "depth(F[h,j]) = g*k"),
    "groups: depth of the gradient": ("conv2d_grouped", ("m <= n",), "depth(dX[h]) = g"),
    "groups: channels of a group": ("conv2d_grouped", ("m <= n",), "(g*k+1)//g = k"),
    "bias: one row": ("bias", (), "dB[j] = sum(z, sum(a, dY[z,j,a,a]))"),
    "bias: batch not summed": ("bias", (), "dB[j] = sum(a, sum(b, dY[j,j,a,b]))"),
    "bias: size": ("bias", (), "depth(dB) = o"),
    "batch: not summed": ("conv2d_batch", ("m <= n",), "dF[j,i] = corr(X[j,i], dY[j,j])"),
    "batch: channels exchanged": ("conv2d_batch", ("m <= n",), "dF[j,i] = sum(z, corr(X[z,j], dY[z,i]))"),
    "batch: depth": ("conv2d_batch", ("m <= n",), "depth(dX) = k"),
    # same padding
    "same: one more": (GENERAL, ("s = 1", "2*P = d*(m-1)+1"), "side(Y[j]) = n"),
    "same: half the filter": (GENERAL, ("s = 1", "P = m//2"), "side(Y[j]) = n"),
    "same: even filters pad evenly": ("conv2d_asymmetric", ("P = m//2", "Q = m//2"), "side(Y[j]) = n"),
    # transposed convolution
    "transposed: no output padding": (TRANSPOSED, WIDE, "side(Y[j]) = s*(n-1)+d*(m-1)+1-2*P"),
    "transposed: off by one": (TRANSPOSED, WIDE, "side(Y[j]) = s*n+d*(m-1)+1-2*P+Q"),
    "transposed: padding once": (TRANSPOSED, WIDE, "side(Y[j]) = s*(n-1)+d*(m-1)+1-P+Q"),
    "transposed: padding after": (
        TRANSPOSED,
        (*WIDE, "Q < s"),
        "dX[i] = sum(j, corr(pad(dY[j], P-Q, P), F[i,j], stride=s, dilation=d))",
    ),
}


@cache
def claimed(name: str):
    """The layer, the hypotheses and the claim of a row."""
    line, where, text = FALSE[name]
    layer, given = parse_given(line, {}, where)
    parse = (
        parse_formula if text.startswith("d") and "[" in text.split("=")[0] and "(" not in text.split("=")[0] else None
    )
    statement = (parse or parse_identity)(text, layer)
    return layer, given, Claim("x", "", statement)


@pytest.mark.parametrize("name", FALSE)
def test_it_is_refuted_at_the_smallest_sizes(name: str) -> None:
    """The proof engine refutes it at the first sizes, in order of their sum, at which it is false."""
    layer, where, claim = claimed(name)
    found = prove(layer, where, claim).counterexample
    assert found
    first = next(sizes for sizes in small_sizes(layer, where) if wrong(layer, claim.statement, sizes))
    assert {n: v for n, v in first.items() if n in dict(found.sizes)} == dict(found.sizes)
    assert sum(first.values()) <= 18


@pytest.mark.parametrize("name", FALSE)
def test_it_fails_on_random_layers(name: str) -> None:
    """The numeric engine finds a layer on which it is false, without the proof engine."""
    layer, where, claim = claimed(name)
    *_, last = check(layer, [claim], draw(layer, where, 60, 0), 0)
    assert last.checks[0].failure


def test_there_are_three_for_each() -> None:
    """Each part of the arithmetic has at least three false variants."""
    parts = [name.split(":")[0] for name in FALSE]
    assert {part: parts.count(part) for part in parts if parts.count(part) < 3} == {}


def test_the_true_one_is_not_refuted() -> None:
    """The same machinery refutes nothing that is true."""
    layer, where = parse_given(GENERAL, {}, FITS)
    statement = parse_formula(DX.format("pad(dilate(dY[j], s), d*(m-1)-P, d*(m-1)-P+r)"), layer)
    assert prove(layer, where, Claim("x", "", statement)).status == "proved"
    *_, last = check(layer, [Claim("x", "", statement)], draw(layer, where, 60, 0), 0)
    assert last.checks[0].failure is None
