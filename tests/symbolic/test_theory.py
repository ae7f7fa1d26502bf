"""The size rule: ranges and sizes come from the bounds of the reads."""

import pytest
from derivations import CASES, known

from gradcheck.claims.parsing import parse_hypothesis
from gradcheck.errors import LayerError
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import Sym, evaluate
from gradcheck.symbolic.certificates import Facts
from gradcheck.symbolic.sizes import extremes, need
from gradcheck.symbolic.tensors import window_positions
from gradcheck.symbolic.theory import stated


@pytest.mark.parametrize(
    ("line", "shapes", "where", "expected"),
    [
        ("conv2d", {}, ["m <= n"], "p | n - m + 1 | n - m + 1"),
        ("conv3d", {}, ["m <= n"], "p | n - m + 1 | n - m + 1 | n - m + 1"),
        ("dense", {}, [], "p"),
        ("trueconv2d", {}, ["m <= n"], "p | n - m + 1 | n - m + 1"),
        ("Y[a] += X[a+2*u] * F[u]", {"X": "n", "F": "m"}, ["2*m <= n"], "n - 2*m + 2"),
        ("Y[a] += X[a+u+v] * F[u] * H[v]", {"X": "n", "F": "m", "H": "r"}, ["m+r <= n"], "n - m - r + 2"),
        ("Y[i,j] += A[i,l] * B[l,j]", {"A": "p k", "B": "k n"}, [], "p | n"),
        ("Y[a] += X[a] * W[a+u] * F[u]", {"X": "n", "W": "n+m", "F": "m"}, [], "n"),
        ("Y[a] += X[a+u] * W[a+u] * F[u]", {"X": "n", "W": "n+1", "F": "m"}, ["m <= n"], "n - m + 1"),
        ("Y[a] += X[2*a+u] * F[u]", {"X": "n", "F": "m"}, ["m <= n"], "(m + n)//2 - m + 1"),
        ("Y[a] += X[s*a+u] * F[u]", {"X": "n", "F": "m"}, ["m <= n"], "(n - m)//s + 1"),
        ("Y[a] += X[s*a+m-1-u] * F[u]", {"X": "n", "F": "m"}, ["m <= n"], "(n - m)//s + 1"),
        ("Y[a] += X[n-m-s*a+u] * F[u]", {"X": "n", "F": "m"}, ["m <= n"], "(n - m)//s + 1"),
        ("Y[a] += pad(X,P)[a+u] * F[u]", {"X": "n", "F": "m"}, ["m <= n+2*P"], "n + 2*P - m + 1"),
        ("Y[a] += pad(X,P,-Q)[a+u] * F[u]", {"X": "n", "F": "m"}, ["m+Q <= n+P"], "n + P - Q - m + 1"),
        ("Y[a] += dilate(X,s)[a+u] * F[u]", {"X": "n", "F": "m"}, ["m <= n"], "n*s - s - m + 2"),
        ("Y[a] += dilate(X,s)[s*a] * F[a]", {"X": "n", "F": "n"}, [], "n"),
        ("conv1d_general", {}, ["d*(m-1)+1 <= n+2*P"], "p | (d + n + 2*P - d*m - 1)//s + 1"),
        ("avgpool2d", {}, ["m <= n"], "k | (n - m)//s + 1 | (n - m)//s + 1"),
        ("local2d", {}, ["m <= n"], "p | n - m + 1 | n - m + 1"),
        ("conv1d_transposed", {}, ["2*P <= s*(n-1)+d*(m-1)+Q"], "p | n*s + d*m + Q - s - d - 2*P + 1"),
    ],
)
def test_output_sizes(line: str, shapes: dict[str, str], where: list[str], expected: str) -> None:
    """The output has the sizes that keep every read in bounds."""
    found = known(line, shapes, *where)
    assert " | ".join(map(str, found.output_sizes)) == expected
    assert not any(step.missing for step in found.steps)


def test_dilation_may_be_a_symbol() -> None:
    """A symbolic dilation is no harder than a number."""
    found = known("Y[a] += X[a+d*u] * F[u] * D[d0]", {"X": "n", "F": "m", "D": "d"}, "d*(m-1) < n")
    assert " | ".join(map(str, found.output_sizes)) == "n + d - d*m"


@pytest.mark.parametrize(("stride", "where"), [("s", "0 <= s"), ("(n-m)", "m <= n")])
def test_a_stride_that_may_be_0_is_refused(stride: str, where: str) -> None:
    """Windows that may all be at one place have no number; the hypothesis that is lacking is named."""
    name = stride.strip("()").replace("-", " - ")
    with pytest.raises(LayerError, match=rf"a is multiplied by {name}, which may be 0: add the hypothesis {name} >= 1"):
        known(f"Y[a] += X[{stride}*a+u] * F[u]", {"X": "n", "F": "m"}, where)


def test_an_output_that_is_always_empty_has_side_0() -> None:
    """Where no window ever fits there is no place of the output, rather than less than none."""
    found = known("Y[a] += X[s*a+u] * F[u]", {"X": "n", "F": "m"}, "n < m")
    assert list(map(str, found.output_sizes)) == ["0"]
    assert not any(step.missing for step in found.steps)


@pytest.mark.parametrize(
    ("where", "missing"),
    [(["0 <= n"], ["n - 1", "n*s - s - m + 2"]), (["0 <= n", "m <= s*(n-1)+1"], ["n - 1"]), (["m <= n"], [])],
)
def test_what_zero_insertion_needs_is_said(where: list[str], missing: list[str]) -> None:
    """Between the entries of an axis that may be empty there are no places for zeros."""
    found = known("Y[a] += dilate(X,s)[a+u] * F[u]", {"X": "n", "F": "m"}, *where)
    assert [str(e) for step in found.steps for e in step.missing] == missing


@pytest.mark.parametrize("name", CASES)
def test_output_sizes_are_counted(name: str) -> None:
    """The sizes that are derived are those counted at every small size, window by window."""
    own = CASES[name]
    found = own.known
    for at in map(dict, own.grid()):
        counted = window_positions(found.layer, at)
        sizes = [evaluate(e, at) for e in found.output_sizes]
        assert sizes == [counted[str(e)] for e in found.layer.output.at]


def test_missing_hypothesis_is_said() -> None:
    """Without m <= n it is not shown that the side is not negative."""
    missing = [str(e) for step in known("conv2d", {}).steps for e in step.missing]
    assert missing == ["n - m + 1", "n - m + 1"]


@pytest.mark.parametrize(
    ("line", "shapes", "message"),
    [
        ("Y[a] += X[2*a] * F[a]", {"X": "n", "F": "m"}, "does not stay within"),
        ("Y[a] += X[a-u] * F[u]", {"X": "n", "F": "m"}, "starts at m - 1, not at 0: replace a by a \\+ m - 1"),
        ("Y[a,b] += X[a+b] * F[u]", {"X": "n", "F": "m"}, "nothing bounds them apart"),
        ("Y[j] += X[i] * F[j,i]", {"X": "n", "F": "p k"}, "index i runs over n .* and over k"),
        ("Y[a] += X[a+u] * W[a+u] * F[u]", {"X": "n", "W": "k", "F": "m"}, "that orders them"),
        ("Y[a,b] += X[2*a+3*b] * F[u]", {"X": "n", "F": "m"}, "a and b are read together: nothing bounds them apart"),
        (
            "Y[a] += X[2*a-u] * F[u]",
            {"X": "n", "F": "m"},
            r"starts at m - \(m \+ 1\)//2, not at 0: replace a by a \+ m",
        ),
        ("Y[a] += X[s*a] * F[a]", {"X": "n", "F": "n"}, r"s\*a does not stay within 0 <= s\*a <= n - 1"),
        ("Y[a] += X[s*a+u] * W[s*a+u] * F[u]", {"X": "n", "W": "k", "F": "m"}, r"which of \(n - m\)//s, \(k - m\)//s"),
        ("Y[j] += X[i+u] * F[j,i,u]", {"X": "n", "F": "p k m"}, "does not stay within"),
    ],
)
def test_unbounded_layer(line: str, shapes: dict[str, str], message: str) -> None:
    """A layer whose indices are not bounded, or read outside, is refused with the reason."""
    with pytest.raises(LayerError, match=message):
        known(line, shapes)


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ([], ["1 <= n", "1 <= m"]),
        (["m <= n"], ["1 <= n", "1 <= m", "m <= n"]),
        (["0 <= m", "m < n"], ["1 <= n", "0 <= m", "m < n"]),
        (["3 <= m", "5 <= m"], ["1 <= n", "5 <= m", "3 <= m"]),
        (["n = 4"], ["1 <= m", "n = 4"]),
        (["-3 <= n"], ["-3 <= n", "1 <= m"]),
        (["1 <= m", "1 <= m", "m <= n", "m <= n"], ["1 <= n", "1 <= m", "m <= n"]),
    ],
)
def test_all_assumptions_are_stated(where: list[str], told: list[str]) -> None:
    """The least value of each size comes first, then each hypothesis that says more, none of them twice."""
    layer = parse_layer("Y[a] += X[a+u] * F[u]", {"X": "n", "F": "m"})
    found = stated(layer, tuple(h for text in where for h in parse_hypothesis(text, layer)))
    assert list(map(str, found)) == told


def test_what_is_needed_twice_is_told_once() -> None:
    """Needs are added up without repeats, and keep their order."""
    facts = Facts(()).plus([Sym("n") - Sym("m")])
    one = need(facts, [Sym("n") - Sym("m"), Sym("k")])
    both = one + need(facts, [Sym("p"), Sym("n") - Sym("m"), Sym("k")])
    assert [str(certificate.goal) for certificate in both.proved] == ["n - m"]
    assert list(map(str, both.missing)) == ["k", "p"]


def test_unknown_sign_is_refused() -> None:
    """The extremes of an expression whose slope has no known sign are not guessed."""
    found = known("Y[a] += X[a+u] * F[u]", {"X": "n", "F": "m"}, "m <= n")
    u = found.forward.over[0]
    slope = found.layer.shapes[0][0] - found.layer.shapes[1][0] - found.layer.shapes[1][0]
    with pytest.raises(LayerError, match="sign of"):
        extremes(slope * Sym(u.index), (u,), found.facts)
