"""Delta elimination: a delta fixes an index, or a multiple of one, and then zeros stand between the entries."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from derivations import CASES, GENERAL, Case, case, caught, known, replayed

from gradcheck.errors import LayerError
from gradcheck.evidence import Step
from gradcheck.notation.arithmetic import ONE, Expr, Int
from gradcheck.notation.sums import Delta, Equation, Guard, Read
from gradcheck.symbolic.deltas import collapse
from gradcheck.symbolic.gradients import gradient
from gradcheck.symbolic.theory import Theory


def deltas(found: Theory, operand: str) -> list[Step]:
    """The steps that eliminate the deltas of a gradient."""
    return [step for step in gradient(found, operand).steps if step.rule in ("collapse", "insert zeros")]


def collapsed(line: str, shapes: Mapping[str, str] | None = None, *where: str, operand: str = "X") -> list[str]:
    """Each elimination: the rule, and the equation that it leads to."""
    return [f"{step.rule}: {step.after}" for step in deltas(known(line, shapes, *where), operand)]


XF = {"X": "n", "F": "m"}


@pytest.mark.parametrize(
    ("line", "shapes", "where", "steps"),
    [
        (
            "Y[a] += X[a+u] * F[u]",
            XF,
            ["m <= n"],
            ["collapse: dX[x] = sum_{u} [0 <= x - u <= n - m] dY[x - u] F[u]"],
        ),
        (
            "Y[a] += X[n-1-a-u] * F[u]",
            XF,
            ["m <= n"],
            ["collapse: dX[x] = sum_{u} [0 <= n - u - x - 1 <= n - m] dY[n - u - x - 1] F[u]"],
        ),
        (
            "Y[a] += X[2*a] * W[a]",
            {"X": "2*n", "W": "n"},
            ["1 <= n"],
            ["insert zeros: dX[x] = [0 <= x <= 2*n - 2] dilate(dY, 2)[x] dilate(W, 2)[x]"],
        ),
        (
            "Y[a] += X[s*a+u] * F[u]",
            XF,
            ["m <= n"],
            ["insert zeros: dX[x] = sum_{u} [0 <= x - u <= s*((n - m)//s)] dilate(dY, s)[x - u] F[u]"],
        ),
        (
            "Y[a] += X[n-m-s*a+u] * F[u]",
            XF,
            ["m <= n"],
            ["insert zeros: dX[x] = sum_{u} [0 <= n + u - m - x <= s*((n - m)//s)] dilate(dY, s)[n + u - m - x] F[u]"],
        ),
        (
            "Y[a] += pad(X, P)[s*a+u] * pad(Z, Q)[t*a+u] * F[u]",
            {"X": "n", "Z": "t*(n+2*P)+m", "F": "m"},
            ["m <= n+2*P", "s <= t", "(n+2*P-m)//s <= (t*(n+2*P)+2*Q)//t"],
            [
                "insert zeros: dX[x] = sum_{u} [0 <= P + x - u <= s*((n + 2*P - m)//s)] "
                "dilate(dY, s)[P + x - u] pad(dilate(Z, s), s*Q)[s*u + t*P + t*x - t*u] F[u]"
            ],
        ),
        (
            "Y[j] += X[2*i] * F[j,i]",
            {"X": "2*k", "F": "p k"},
            ["1 <= k"],
            ["insert zeros: dX[x] = sum_{j} [0 <= x <= 2*k - 2] dY[j] dilate(F, 2)[j,x]"],
        ),
        (
            "Y[a] += X[2*a+u,3*a+v] * F[u,v]",
            {"X": "2*n 3*n", "F": "2 3"},
            ["1 <= n"],
            [
                "insert zeros: dX[x,y] = sum_{u,v} [2*v + 3*x - 2*y - 3*u = 0] [0 <= x - u <= 2*n - 2] "
                "dilate(dY, 2)[x - u] F[u,v]",
                "insert zeros: dX[x,y] = sum_{v} [0 <= 2*y - 2*v <= 6*n - 6] [0 <= 2*v + 3*x - 2*y <= 3] "
                "dilate(dY, 6)[2*y - 2*v] dilate(F, 3)[2*v + 3*x - 2*y, v]",
            ],
        ),
    ],
)
def test_elimination(line: str, shapes: dict[str, str], where: list[str], steps: list[str]) -> None:
    """A delta goes with one index: in its place what the delta fixes, a guard, and zeros for a multiple."""
    assert collapsed(line, shapes, *where) == steps


def test_an_index_of_the_output_goes_first() -> None:
    """Of a stride and a tap the place of the output is fixed, so that the cotangent is what gets zeros."""
    (step,) = deltas(known("Y[a] += X[2*a+u] * F[u]", XF, "m <= n"), "X")
    assert (step.rule, {r.index for r in step.after.over}) == ("insert zeros", {"u"})


def test_of_two_output_indices_the_one_without_a_factor_goes() -> None:
    """Where one of them has the factor 1 no zeros are needed."""
    (step,) = deltas(known("Y[a,b] += X[s*a+b] * W[b]", {"X": "n", "W": "s"}, "s <= n"), "X")
    assert (step.rule, {r.index for r in step.after.over}) == ("collapse", {"a"})


def test_insertion_says_why() -> None:
    """The reason names the delta, the multiple that it fixes, and what happens where that is none."""
    step = deltas(GENERAL.known, "X")[-1]
    assert str(step.because) == (
        "[s*a + d*u = P + x] fixes s*a = P + x - d*u, with 0 <= a <= (d + n + 2*P - d*m - 1)//s: where that is no "
        "multiple of s there is no product, as if zeros stood between the entries"
    )


def test_what_insertion_needs_is_proved_or_missing() -> None:
    """Entries stand at least one place apart, and there is one: shown where a window fits, else missing."""
    fits, loose = (deltas(known(GENERAL.line, GENERAL.shapes, *where), "X")[-1] for where in (GENERAL.where, ()))
    assert (list(map(str, fits.missing)), list(map(str, loose.missing))) == ([], ["(d + n + 2*P - d*m - 1)//s"])
    assert {str(c.goal) for c in fits.certificates} == {"s - 1", "(d + n + 2*P - d*m - 1)//s"}


def test_a_factor_that_may_be_0_is_not_a_multiple() -> None:
    """Where a factor may be 0, the places of the entries are not shown to be apart."""
    found = known("Y[a] += X[s*a+u] * F[u] * W[a]", {"X": "s*n+m", "F": "m", "W": "n"}, "0 <= s")
    (step,) = deltas(found, "X")
    assert (step.rule, [str(e) for e in step.missing]) == ("insert zeros", ["s - 1"])


@pytest.mark.parametrize(
    ("line", "shapes", "message"),
    [
        ("Y[a] += X[a,a] * F[a]", {"X": "n n", "F": "n"}, r"no index is summed in \[a = x\]: a fixed place"),
        ("Y[a] += X[a,2] * F[a]", {"X": "n 3", "F": "n"}, r"no index is summed in \[2 = x\]: a fixed place"),
        ("Y[a] += X[2*a,3*a] * F[a]", {"X": "2*n 3*n", "F": "n"}, r"no index is summed in \[3\*x - 2\*y = 0\]"),
        (
            "Y[j] += X[2*i,i] * F[j]",
            {"X": "2*k k", "F": "p"},
            r"\[2\*i' = x\] holds only at multiples of 2, and nothing is read at i' alone",
        ),
    ],
)
def test_what_no_rule_covers_is_refused(line: str, shapes: dict[str, str], message: str) -> None:
    """A delta that fixes no summed index, or a multiple of one at which nothing is read, is not guessed at."""
    with pytest.raises(LayerError, match=message):
        gradient(known(line, shapes), "X")


TWICE = case("Y[a] += X[s*a+u,t*a+v] * F[u,v]", {"X": "n q", "F": "m r"}, "m <= n", "r <= q", "(n-m)//s = (q-r)//t")
ODD = {
    "both axes strided": replace(TWICE, at=TWICE.at | {"q": (1, 2, 3, 4), "r": (1, 2), "t": (1, 2), "s": (1, 3)}),
    "stride and channel": case("Y[a] += X[2*a+u,a] * F[u]", {"X": "2*n+m n", "F": "m"}),
    "two sums": case("Y[j] += X[s*i+t*l] * F[j,i] * G[l]", {"X": "s*k+t*q", "F": "p k", "G": "q"}, k=(1, 3), q=(1, 2)),
    "strided filter": case("Y[a] += X[a+d*u] * F[t*u] * G[u]", {"X": "n", "F": "t*m", "G": "m"}, "d*(m-1)+1 <= n"),
    "backwards": case("Y[a] += X[n-1-s*a-u] * F[u]", XF, "m <= n"),
    "cropped": case("Y[a] += pad(X,-P,op)[s*a+u] * F[u]", XF, "m+P <= n+op", n=(1, 2, 4, 5)),
    "dilated and strided": case("Y[a] += dilate(X,s)[t*a+d*u] * F[u]", XF, "d*(m-1) <= s*(n-1)", d=(1, 2)),
    "no zeros needed": case("Y[a] += X[s*a+u] * Z[s*a+u] * F[u]", {"X": "n", "Z": "n", "F": "m"}, "m <= n"),
    "space to depth": case("Y[a,b] += X[s*a+b] * W[b]", {"X": "n", "W": "s"}, "s <= n"),
    "two outputs strided": case("Y[a,b] += X[s*a+t*b] * W[a] * V[b]", {"X": "s*(n-1)+t*(m-1)+1", "W": "n", "V": "m"}),
    "strided weights": case("Y[a] += X[a+u] * F[s*a,u]", {"X": "n", "F": "s*n m"}, "m <= n"),
    "stride as large as the filter": case("Y[a] += X[m*a+u] * F[u]", XF, "m <= n"),
    "one channel for all": case("Y[a] += X[s*a] * W[t]", {"X": "n", "W": "m"}),
}


@pytest.mark.parametrize("own", [*CASES.values(), *ODD.values()], ids=[*CASES, *ODD])
def test_eliminations_hold_at_all_small_sizes(own: Case) -> None:
    """Whatever stands between and around the entries, each step of each gradient sums the products of the layer."""
    found = own.known
    for operand in found.layer.operands:
        steps = [step for step in deltas(found, operand) if not step.missing]
        assert steps
        replayed(found.layer, steps, own.grid()[::3])


def with_dilation(step: Step, by: Expr) -> Step:
    """The step with other zeros inserted into the cotangent."""
    return with_reads(step, lambda read: replace(read, dilation=tuple(by if d != ONE else d for d in read.dilation)))


def with_reads(step: Step, change) -> Step:
    """The step with its dilated reads changed."""
    assert isinstance(step.after, Equation)
    reads = tuple(change(read) if read.dilation else read for read in step.after.reads)
    assert reads != step.after.reads
    return replace(step, after=replace(step.after, reads=reads))


def without_zeros(read: Read) -> Read:
    """The read with nothing inserted."""
    return replace(read, dilation=())


def shifted(read: Read) -> Read:
    """The read one place further along."""
    return replace(read, at=(*read.at[:-1], read.at[-1] + ONE))


def backwards(read: Read) -> Read:
    """The read as if the delta had been solved with the wrong sign."""
    return replace(read, at=(*read.at[:-1], Int(0) - read.at[-1]))


@pytest.mark.parametrize("change", [without_zeros, shifted, backwards])
def test_zeros_in_the_wrong_places_are_noticed(change) -> None:
    """An insertion that is forgotten, shifted or turned around is false at some small size."""
    step = deltas(GENERAL.known, "X")[-1]
    assert caught(GENERAL.known.layer, with_reads(step, change), GENERAL.grid())


@pytest.mark.parametrize("more", [-1, 1])
def test_zeros_one_place_off_are_noticed(more: int) -> None:
    """Entries that stand s-1 or s+1 places apart are noticed as soon as there are two of them."""
    step = deltas(GENERAL.known, "X")[-1]
    (apart,) = {d for read in step.after.reads for d in read.dilation if d != ONE}
    points = [sizes for sizes in GENERAL.grid() if dict(sizes)["s"] > 1]
    sizes, _ = caught(GENERAL.known.layer, with_dilation(step, apart + Int(more)), points)
    assert dict(sizes)["n"] + 2 * dict(sizes)["P"] > dict(sizes)["s"]


def test_a_forgotten_guard_is_noticed() -> None:
    """Without the guard the cotangent is read where there is none."""
    step = deltas(GENERAL.known, "X")[-1]
    guards = tuple(c for c in step.after.where if not isinstance(c, Guard))
    _, detail = caught(GENERAL.known.layer, replace(step, after=replace(step.after, where=guards)), GENERAL.grid())
    assert "is outside of" in detail


def test_a_delta_that_is_forgotten_is_noticed() -> None:
    """A sum over an index that a delta should fix has too many products."""
    first, *_ = deltas(GENERAL.known, "X")
    left = tuple(c for c in first.after.where if not isinstance(c, Delta))
    assert caught(GENERAL.known.layer, replace(first, after=replace(first.after, where=left)), GENERAL.grid())


def test_one_delta_at_a_time() -> None:
    """Each step takes the first delta of the equation before it, and starts from there."""
    found = known("conv2d_general", None, *GENERAL.where)
    steps = deltas(found, "X")
    assert [step.rule for step in steps] == ["collapse", "insert zeros", "insert zeros"]
    for step in steps:
        assert collapse(found, step.before) == step
        counts = [sum(isinstance(c, Delta) for c in said.where) for said in (step.before, step.after)]
        assert counts[1] == counts[0] - 1
