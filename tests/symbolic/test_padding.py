"""Guards as zero padding: its amounts are how far a read reaches, less than nothing where it stays away."""

from dataclasses import replace

import pytest
from derivations import ASYMMETRIC, CASES, GENERAL, REVERSED, TRANSPOSED, Case, case, caught, known, replayed

from gradcheck.errors import LayerError
from gradcheck.evidence import Step
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Sym, evaluate
from gradcheck.notation.sums import Equation, Guard, Range, Read
from gradcheck.symbolic.algebra import same
from gradcheck.symbolic.gradients import Gradient, gradient
from gradcheck.symbolic.padding import padded

XF = {"X": "n", "F": "m"}


def pad_step(found: Gradient) -> Step:
    """The step that turns guards into padding."""
    return next(step for step in found.steps if step.rule == "pad")


@pytest.mark.parametrize(
    ("line", "shapes", "where", "padding"),
    [
        ("Y[a] += X[a+u] * F[u]", XF, ["m <= n"], "m - 1|m - 1"),
        ("Y[a] += X[s*a+u] * F[u]", XF, ["m <= n"], "m - 1|m - 1 + (n - m)%s"),
        ("Y[a] += X[m*a+u] * F[u]", XF, ["m <= n"], "m - 1|m - 1 + n%m"),
        ("Y[a] += X[2*a+u] * F[u]", XF, ["m <= n"], "m - 1|m - 1 + (m + n)%2"),
        ("Y[a] += X[s*a+u] * F[u]", {"X": "s*(o-1)+m", "F": "m"}, [], "m - 1|m - 1"),
        ("Y[a] += pad(X,P)[a+u] * F[u]", XF, ["m <= n+2*P"], "m - P - 1|m - P - 1"),
        ("Y[a] += pad(X,P,Q)[a+u] * F[u]", XF, ["m <= n+P+Q"], "m - P - 1|m - Q - 1"),
        ("Y[a] += pad(X,-1)[a+u] * F[u]", XF, ["m+2 <= n"], "m|m"),
        ("Y[a] += X[a+d*u] * F[u]", XF, ["d*(m-1) < n"], "d*m - d|d*m - d"),
        ("Y[a] += dilate(X,t)[a+u] * F[u]", XF, ["m <= t*(n-1)+1"], "m - 1|m - 1"),
        (
            "Y[a] += dilate(X,t)[s*a+u] * F[u]",
            XF,
            ["m <= t*(n-1)+1"],
            "m - 1|m - 1 + (n*t - m - t + 1)%s",
        ),
    ],
)
def test_padding_of_the_input_gradient(line: str, shapes: dict[str, str], where: list[str], padding: str) -> None:
    """The cotangent is padded by the reach of the windows, with the remainder that no window uses after it."""
    found = gradient(known(line, shapes, *where), "X")
    assert [f"{before}|{after}" for before, after in found.padding] == [padding]
    assert not any(step.missing for step in found.steps)


@pytest.mark.parametrize("own", [GENERAL, REVERSED], ids=["correlation", "true convolution"])
def test_padding_with_stride_dilation_and_padding(own: Case) -> None:
    """Left d(m-1)-P, right d(m-1)-P+r with r = (n+2P-d(m-1)-1) mod s, whichever way the windows run."""
    ((before, after),) = gradient(own.known, "X").padding
    assert str(before) == "d*m - d - P"
    assert str(after) == "d*m - P - d + (d + n + 2*P - d*m - 1)%s"
    for sizes in own.grid():
        at = dict(sizes)
        least, rest = at["d"] * (at["m"] - 1) - at["P"], at["n"] + 2 * at["P"] - at["d"] * (at["m"] - 1) - 1
        while rest >= at["s"]:
            rest -= at["s"]
        assert (evaluate(before, at), evaluate(after, at)) == (least, least + rest)


def test_the_grid_has_the_odd_sizes() -> None:
    """Among the sizes are remainders of d and more, crops on either side, single taps, and a whole window."""
    odd = {
        "remainder as large as the dilation": lambda at, reach, rest: rest >= at["d"] > 1,
        "crop on both sides": lambda at, reach, rest: reach + rest < 0,
        "crop before, zeros after": lambda at, reach, rest: reach < 0 < reach + rest,
        "single tap": lambda at, reach, rest: at["m"] == 1,
        "whole": lambda at, reach, rest: at["n"] == at["m"] and at["P"] == 0,
        "one window": lambda at, reach, rest: at["n"] + at["P"] == 1 + reach and at["s"] > 1,
    }
    points = []
    for at in map(dict, GENERAL.grid()):
        taps = at["d"] * (at["m"] - 1)
        points.append((at, taps - at["P"], (at["n"] + 2 * at["P"] - taps - 1) % at["s"]))
    assert [name for name, holds in odd.items() if not any(holds(*point) for point in points)] == []


def test_two_operands_are_padded_as_far_as_they_reach() -> None:
    """What another operand finds where the cotangent is zero does not matter, so that it gets zeros as well."""
    shapes = {"X": "k n", "F": "p k (n-m)//s+1 m"}
    found = gradient(known("Y[j,a] += X[i,s*a+u] * F[j,i,a,u]", shapes, "m <= n"), "X")
    assert str(found.padded) == (
        "dX[i,x] = sum_{j,u} pad(dilate(dY, s), m - 1, m - 1 + (n - m)%s)[j, x + u] "
        "pad(dilate(F, s), m - 1, m - 1 + (n - m)%s)[j, i, x + u, m - u - 1]"
    )


def test_an_operand_that_stays_inside_is_not_padded() -> None:
    """Zeros that are already in an operand are enough where it is read no further."""
    found = gradient(TRANSPOSED.known, "F")
    assert str(found.padded) == (
        "dF[i,j,u] = sum_{y} dY[j,y] pad(dilate(X, s), d*(m - 1) - P, d*(m - 1) - P + op)[i, y + d*m - d - d*u]"
    )
    assert found.padding == ()


def test_existing_zeros_are_added_to() -> None:
    """The padding of an operand grows by its reach beyond what it has."""
    shapes = {"X": "n", "Z": "n", "F": "m", "W": "q"}
    found = gradient(known("Y[a] += X[a+u] * pad(Z,P)[a+v] * F[u] * W[v]", shapes, "m <= n", "q = m+2*P"), "X")
    assert str(found.padded) == (
        "dX[x] = sum_{u,v} pad(dY, m - 1)[x + u] pad(Z, P + m - 1, q - P - 1)[x + v + u] F[m - u - 1] W[v]"
    )


def test_other_guards_are_left() -> None:
    """A guard that is no bound of a read stays, and so does one that says more than that the read is in bounds."""
    known_ = known("Y[a] += X[a+u] * F[u]", XF, "m <= n")
    gather = gradient(known_, "X").gather
    (own,) = gather.where
    others = (Guard(ONE, Sym("x"), Sym("n")), replace(own, low=ONE), replace(own, high=own.high - ONE))
    step, padding = padded(known_, replace(gather, where=(own, *others)))
    assert step.after.where == others
    assert len(padding) == 1
    step, padding = padded(known_, replace(gather, where=others))
    assert (step.after.where, padding) == (others, ())


def test_a_reach_of_unknown_sign_is_refused() -> None:
    """Where it is not known which way a read runs along a tap, a hypothesis is asked for."""
    line, shapes = "Y[a] += X[s*a+u] * Z[t*a+u] * F[u]", {"X": "s*n+m", "Z": "t*n+m", "F": "m"}
    with pytest.raises(LayerError, match=r"the sign of t - s in .* is not known: add a hypothesis on it"):
        gradient(known(line + " * W[a]", shapes | {"W": "n"}), "X")
    own = case(line + " * W[a]", shapes | {"W": "n"}, "s <= t")
    replayed(own.known.layer, gradient(own.known, "X").steps, own.grid())


@pytest.mark.parametrize("own", CASES.values(), ids=CASES)
def test_padding_holds_at_all_small_sizes(own: Case) -> None:
    """The padded form of every gradient, and the sizes that it admits, are those of the layer."""
    layer = own.known.layer
    for operand in layer.operands:
        steps = gradient(own.known, operand).steps
        late = [step for step in steps if step.rule in ("pad", "size rule", "given", "count")]
        assert not any(step.missing for step in steps)
        replayed(layer, late, own.grid()[::3])


def with_pad(step: Step, before: Expr, after: Expr, follow: bool = False) -> Step:
    """The step with its cotangent padded by so much more; with `follow` its index moves along."""
    assert isinstance(step.after, Equation)
    first, *others = step.after.reads
    pads = tuple((b + before, a + after) if (b, a) != (ZERO, ZERO) else (b, a) for b, a in first.pad)
    assert pads != first.pad
    at = (*first.at[:-1], first.at[-1] + before) if follow else first.at
    return replace(step, after=replace(step.after, reads=(replace(first, pad=pads, at=at), *others)))


@pytest.mark.parametrize(
    ("before", "after"), [(ONE, ZERO), (ZERO - ONE, ZERO), (ZERO, ZERO - ONE), (ONE, ZERO - ONE), (Sym("P"), ZERO)]
)
def test_padding_off_by_one_is_noticed(before: Expr, after: Expr) -> None:
    """Zeros too many before shift what is read, zeros too few leave places that are not there."""
    step = pad_step(gradient(GENERAL.known, "X"))
    sizes, _ = caught(GENERAL.known.layer, with_pad(step, before, after), GENERAL.grid())
    assert sum(sizes.values()) <= 8


@pytest.mark.parametrize(("before", "after"), [(ONE, ZERO), (ZERO, ONE)])
def test_padding_that_is_too_large_admits_too_many_places(before: Expr, after: Expr) -> None:
    """Zeros that no window needs change no entry, but then the gradient would have more of them."""
    layer, found = GENERAL.known.layer, gradient(GENERAL.known, "X")
    wrong = with_pad(pad_step(found), before, after, follow=True)
    replayed(layer, [wrong], GENERAL.grid())
    (own,) = (s for s in found.steps if isinstance(s.after, Range) and s.after.index == "x")
    _, detail = caught(layer, replace(own, before=wrong.after), GENERAL.grid())
    assert detail.startswith("x takes the values")


def test_a_missing_remainder_is_noticed() -> None:
    """Without the remainder all is well while windows use the whole signal, and not at the first size where not."""
    step = pad_step(gradient(GENERAL.known, "X"))
    (cotangent, *_) = step.after.reads
    rest = cotangent.pad[-1][1] - cotangent.pad[-1][0]
    wrong = with_pad(step, ZERO, ZERO - rest)
    layer = GENERAL.known.layer
    whole, left = [], []
    for sizes in GENERAL.grid():
        (left if evaluate(rest, dict(sizes)) else whole).append(sizes)
    replayed(layer, [wrong], whole)
    for sizes in left:
        _, detail = caught(layer, wrong, [sizes])
        assert "is outside of" in detail


def test_padding_of_the_wrong_side_is_noticed() -> None:
    """The remainder belongs after the cotangent, not before it."""
    step = pad_step(gradient(GENERAL.known, "X"))
    (first, *others) = step.after.reads
    pads = tuple((after, before) for before, after in first.pad)
    wrong = replace(step, after=replace(step.after, reads=(replace(first, pad=pads), *others)))
    sizes, _ = caught(GENERAL.known.layer, wrong, GENERAL.grid())
    assert sizes["s"] > 1


def test_asymmetric_padding_is_not_turned_around() -> None:
    """With P before and Q after the input the cotangent lacks P before and Q after it, and not the other way round."""
    step = pad_step(gradient(ASYMMETRIC.known, "X"))
    ((before, after),) = step.after.reads[0].pad
    assert same(before, Sym("d") * Sym("m") - Sym("d") - Sym("P"))
    wrong = with_pad(step, Sym("P") - Sym("Q"), Sym("Q") - Sym("P"))
    sizes, _ = caught(ASYMMETRIC.known.layer, wrong, ASYMMETRIC.grid())
    assert sizes["P"] != sizes["Q"]
    assert str(after).startswith("d*m - d - Q + ")


def test_a_guard_dropped_without_padding_is_noticed() -> None:
    """Zeros that are not added are places that do not exist: wherever some are needed the step is found false."""
    step = pad_step(gradient(GENERAL.known, "X"))
    bare = tuple(Read(r.tensor, r.at, (), r.dilation) for r in step.after.reads)
    for sizes in GENERAL.grid():
        if dict(sizes)["d"] * (dict(sizes)["m"] - 1) > dict(sizes)["P"]:
            _, detail = caught(GENERAL.known.layer, replace(step, after=replace(step.after, reads=bare)), [sizes])
            assert "is outside of" in detail
