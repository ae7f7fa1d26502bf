"""Gradients derived rule by rule: the padding, the rotation and the sizes come out."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from derivations import CASES as GRID
from derivations import Case, case, caught, known, replayed

from gradcheck.claims.parsing import parse_hypothesis
from gradcheck.errors import LayerError
from gradcheck.evidence import Step
from gradcheck.notation.arithmetic import ONE, Expr, Sym
from gradcheck.notation.sums import Equation, Read
from gradcheck.symbolic.gradients import Gradient, definition, gradient, shape
from gradcheck.symbolic.replay import replay


def told(found: Gradient) -> tuple[str, str, str]:
    """The last equation of a gradient, its padding, and its sizes."""
    padding = ", ".join(dict.fromkeys(f"{before}|{after}" for before, after in found.padding))
    return str(found.padded), padding, " ".join(map(str, found.sizes))


CASES = [
    (
        "conv2d",
        "X",
        "dX[i,x,y] = sum_{j,u,v} pad(dY, m - 1)[j, x + u, y + v] F[j, i, m - u - 1, m - v - 1]",
        "m - 1|m - 1",
        "k n n",
    ),
    ("conv2d", "F", "dF[j,i,u,v] = sum_{a,b} dY[j,a,b] X[i, a + u, b + v]", "", "p k m m"),
    ("conv1d", "X", "dX[i,x] = sum_{j,u} pad(dY, m - 1)[j, x + u] F[j, i, m - u - 1]", "m - 1|m - 1", "k n"),
    (
        "conv3d",
        "X",
        "dX[i,x,y,z] = sum_{j,u,v,w} pad(dY, m - 1)[j, x + u, y + v, z + w] F[j, i, m - u - 1, m - v - 1, m - w - 1]",
        "m - 1|m - 1",
        "k n n n",
    ),
    (
        "depthwise2d",
        "X",
        "dX[i,x,y] = sum_{u,v} pad(dY, m - 1)[i, x + u, y + v] F[i, m - u - 1, m - v - 1]",
        "m - 1|m - 1",
        "k n n",
    ),
    (
        "trueconv2d",
        "X",
        "dX[i,x,y] = sum_{j,u,v} pad(dY, m - 1)[j, u + x, v + y] F[j,i,u,v]",
        "m - 1|m - 1",
        "k n n",
    ),
    (
        "trueconv2d",
        "F",
        "dF[j,i,u,v] = sum_{a,b} dY[j,a,b] X[i, a + m - u - 1, b + m - v - 1]",
        "",
        "p k m m",
    ),
    (
        "conv2d_strided",
        "X",
        "dX[i,x,y] = sum_{j,u,v} pad(dilate(dY, s), m - 1, m - 1 + (n - m)%s)[j, x + u, y + v] "
        "F[j, i, m - u - 1, m - v - 1]",
        "m - 1|m - 1 + (n - m)%s",
        "k n n",
    ),
    ("conv2d_strided", "F", "dF[j,i,u,v] = sum_{a,b} dY[j,a,b] X[i, s*a + u, s*b + v]", "", "p k m m"),
    (
        "conv2d_dilated",
        "X",
        "dX[i,x,y] = sum_{j,u,v} pad(dY, d*m - d)[j, x + d*u, y + d*v] F[j, i, m - u - 1, m - v - 1]",
        "d*m - d|d*m - d",
        "k n n",
    ),
    ("conv2d_dilated", "F", "dF[j,i,u,v] = sum_{a,b} dY[j,a,b] X[i, a + d*u, b + d*v]", "", "p k m m"),
    (
        "conv2d_padded",
        "X",
        "dX[i,x,y] = sum_{j,u,v} pad(dY, m - P - 1)[j, x + u, y + v] F[j, i, m - u - 1, m - v - 1]",
        "m - P - 1|m - P - 1",
        "k n n",
    ),
    (
        "avgpool2d",
        "X",
        "dX[i,x,y] = sum_{u,v} pad(dilate(dY, s), m - 1, m - 1 + (n - m)%s)[i, x + u, y + v] W[m - u - 1, m - v - 1]",
        "m - 1|m - 1 + (n - m)%s",
        "k n n",
    ),
    ("dense", "W", "dW[j,i] = dY[j] X[i]", "", "p k"),
    ("dense", "X", "dX[i] = sum_{j} dY[j] W[j,i]", "", "k"),
]


@pytest.mark.parametrize(("layer", "operand", "equation", "padding", "sizes"), CASES)
def test_gradient_is_derived(layer: str, operand: str, equation: str, padding: str, sizes: str) -> None:
    """The gather form, its padding and its sizes are what the rules give."""
    fits = {"dense": [], "conv2d_dilated": ["d*(m-1)+1 <= n"], "conv2d_padded": ["m <= n+2*P"]}.get(layer, ["m <= n"])
    found = gradient(known(layer, None, *fits), operand)
    assert told(found) == (equation, padding, sizes)
    assert not any(step.missing for step in found.steps)


def test_dilated_gradient() -> None:
    """A dilation d pads by d(m-1) and reads every d-th entry, with d a symbol."""
    dilated = known("Y[a] += X[a+d*u] * F[u] * D[e]", {"X": "n", "F": "m", "D": "d"}, "d*(m-1) < n")
    found = gradient(dilated, "X")
    assert [(str(b), str(a)) for b, a in found.padding] == [("d*m - d", "d*m - d")]
    assert " ".join(map(str, found.sizes)) == "n"


def test_steps_chain() -> None:
    """Each equation is where the next step starts."""
    steps = gradient(known("conv2d", None, "m <= n"), "X").steps
    equations = [step for step in steps if isinstance(step.after, Equation)]
    assert [step.rule for step in equations] == [
        "define",
        "differentiate",
        *["collapse"] * 3,
        "drop",
        *["reverse"] * 2,
        "pad",
    ]
    for earlier, later in pairwise(equations):
        assert later.before == earlier.after


def test_every_tensor_has_a_shape() -> None:
    """Operands, output, cotangent and gradients all have their derived sizes."""
    layer = known("conv1d", None, "m <= n")
    found = {tensor: " ".join(map(str, shape(layer, tensor))) for tensor in layer.layer.ranks}
    output = "p n - m + 1"
    assert found == {"Y": output, "X": "k n", "F": "p k m", "dY": output, "dX": "k n", "dF": "p k m"}


def test_definition_scatters() -> None:
    """The definition of a gradient adds every product to the entry that it reads."""
    layer = known("conv1d", None, "m <= n")
    assert str(definition(layer, "dX")) == "dX[i, a + u] = sum_{j,a,i,u} dY[j,a] F[j,i,u]"
    assert definition(layer, "Y") is layer.forward


def test_a_fixed_place_is_refused() -> None:
    """A delta in which nothing is summed is not guessed at."""
    layer = known("Y[a] += X[a,a] * W[a]", {"X": "n n", "W": "n"})
    with pytest.raises(LayerError, match=r"no index is summed in \[a = x\]: a fixed place has no gradient formula"):
        gradient(layer, "X")


def test_two_windows_over_one_output_index() -> None:
    """A second window that the guard does not name is padded too, where the first is zero anyway."""
    shapes = {"X": "n", "F": "m", "W": "n-m+r", "H": "r"}
    layer = known("Y[a] += X[a+u] * F[u] * W[a+v] * H[v]", shapes, "m <= n")
    found = gradient(layer, "X")
    assert str(found.padded) == "dX[x] = sum_{u,v} pad(dY, m - 1)[x + u] F[m - u - 1] pad(W, m - 1)[x + v + u] H[v]"
    assert " ".join(map(str, found.sizes)) == "n"
    replay(layer.layer, parse_hypothesis("m <= n", layer.layer), found.steps)


MORE = {
    "two axes, transposed": case(
        "conv2d_transposed", {}, "2*P <= s*(n-1)+d*(m-1)+Q", n=(1, 2), m=(1, 2), s=(1, 2), d=(1, 2), Q=(0, 1)
    ),
    "mixed strides": case(
        "Y[a,b] += X[2*a+u,b+2*v] * F[u,v]", {"X": "n q", "F": "m r"}, "m <= n", "2*r <= q+1", q=(1, 3, 4), r=(1, 2)
    ),
    "weights by place": case("Y[a] += X[s*a] * W[a]", {"X": "n", "W": "(n-1)//s+1"}, n=(1, 2, 3, 4, 5)),
    "padding larger than the reach": case(
        "Y[a] += pad(X,P)[s*a+d*u] * F[u]", {"X": "n", "F": "m"}, "d*(m-1) < P", P=(1, 2, 3, 5)
    ),
}


@pytest.mark.parametrize("own", [*GRID.values(), *MORE.values()], ids=[*GRID, *MORE])
def test_every_step_holds_at_all_small_sizes(own: Case) -> None:
    """Every step of every gradient, and of the output, is true at small sizes, and nothing is missing."""
    found = own.known
    for operand in found.layer.operands:
        steps = (*found.steps, *gradient(found, operand).steps)
        assert [step.missing for step in steps if step.missing] == []
        replayed(found.layer, steps, own.grid()[1::4])


@pytest.mark.parametrize("name", GRID)
def test_another_layer_is_noticed(name: str) -> None:
    """A gradient of another layer with the same operands, read one entry further, does not replay."""
    own = GRID[name]
    layer = own.known.layer
    for operand in layer.operands:
        last = next(step for step in reversed(gradient(own.known, operand).steps) if isinstance(step.after, Equation))
        assert isinstance(last.after, Equation)
        *others, read = last.after.reads
        wrong = replace(last.after, reads=(*others, replace(read, at=(*read.at[:-1], read.at[-1] + ONE))))
        assert caught(layer, replace(last, after=wrong), own.grid())


LEFT = "d*m - d - P"
RIGHT = "d*m - P - d + (d + n + 2*P - d*m - 1)%s"
GENERAL_CASES = [
    (
        "general",
        "X",
        f"dX[i,x] = sum_{{j,u}} pad(dilate(dY, s), {LEFT}, {RIGHT})[j, x + d*u] F[j, i, m - u - 1]",
        "k n",
    ),
    ("general", "F", "dF[j,i,u] = sum_{a} dY[j,a] pad(X, P)[i, s*a + d*u]", "p k m"),
    ("reversed windows", "X", f"dX[i,x] = sum_{{j,u}} pad(dilate(dY, s), {LEFT}, {RIGHT})[j, d*u + x] F[j,i,u]", "k n"),
    ("reversed windows", "F", "dF[j,i,u] = sum_{a} dY[j,a] pad(X, P)[i, s*a + d*m - d - d*u]", "p k m"),
    (
        "groups",
        "X",
        f"dX[g,i,x] = sum_{{j,u}} pad(dilate(dY, s), {LEFT}, {RIGHT})[g, j, x + d*u] F[g, j, i, m - u - 1]",
        "h k n",
    ),
    (
        "two axes",
        "X",
        f"dX[i,x,y] = sum_{{j,u,v}} pad(dilate(dY, s), {LEFT}, {RIGHT})[j, x + d*u, y + d*v] "
        "F[j, i, m - u - 1, m - v - 1]",
        "k n n",
    ),
    ("transposed", "X", "dX[i,x] = sum_{j,u} pad(dY, P, P - op)[j, d*u + s*x] F[i,j,u]", "k n"),
    (
        "transposed",
        "F",
        "dF[i,j,u] = sum_{y} dY[j,y] pad(dilate(X, s), d*(m - 1) - P, d*(m - 1) - P + op)[i, y + d*m - d - d*u]",
        "k p m",
    ),
    (
        "locally connected",
        "X",
        f"dX[i,x] = sum_{{j,u}} pad(dilate(dY, s), {LEFT}, {RIGHT})[j, x + d*u] "
        f"pad(dilate(F, s), {LEFT}, {RIGHT})[j, i, x + d*u, m - u - 1]",
        "k n",
    ),
    ("locally connected", "F", "dF[j,i,a,u] = dY[j,a] pad(X, P)[i, s*a + d*u]", None),
    (
        "two strided operands",
        "X",
        "dX[x] = sum_{u,v} pad(dilate(dY, s), m - 1, m - 1 + (n - m)%s)[x + u] "
        "pad(dilate(Z, s), t*m - t, s*r + t*n - s*q - t)[s*v + t*x + t*u] F[m - u - 1] G[v]",
        "n",
    ),
]


@pytest.mark.parametrize(("name", "operand", "equation", "sizes"), GENERAL_CASES)
def test_gradients_with_strides_paddings_and_dilations(
    name: str, operand: str, equation: str, sizes: str | None
) -> None:
    """For symbolic s, d and P the zeros between and around come out, with the remainder, and the operand's sizes."""
    known_ = GRID[name].known
    found = gradient(known_, operand)
    assert str(found.padded) == equation
    assert sizes is None or " ".join(map(str, found.sizes)) == sizes
    assert not any(step.missing for step in found.steps)


def in_cotangent(step: Step, change: Callable[[Read], Read]) -> Step:
    """The step with its first read, that of the cotangent, changed."""
    first, *others = step.after.reads
    return replace(step, after=replace(step.after, reads=(change(first), *others)))


def in_filter(step: Step, change: Callable[[Expr], Expr]) -> Step:
    """The step with the last index of its last read changed."""
    *others, last = step.after.reads
    return replace(
        step, after=replace(step.after, reads=(*others, replace(last, at=(*last.at[:-1], change(last.at[-1])))))
    )


FAULTS = {
    "one zero too many before": lambda s: in_cotangent(
        s, lambda r: replace(r, pad=(*r.pad[:-1], (r.pad[-1][0] + ONE, r.pad[-1][1])))
    ),
    "one zero too few after": lambda s: in_cotangent(
        s, lambda r: replace(r, pad=(*r.pad[:-1], (r.pad[-1][0], r.pad[-1][1] - ONE)))
    ),
    "no remainder": lambda s: in_cotangent(s, lambda r: replace(r, pad=(*r.pad[:-1], (r.pad[-1][0],) * 2))),
    "zeros one place further apart": lambda s: in_cotangent(
        s, lambda r: replace(r, dilation=(*r.dilation[:-1], r.dilation[-1] + ONE))
    ),
    "no zeros between": lambda s: in_cotangent(s, lambda r: replace(r, dilation=())),
    "filter not reversed": lambda s: in_filter(s, lambda e: Sym("u")),
    "filter reversed one too far": lambda s: in_filter(s, lambda e: e - ONE),
    "filter reversed one too short": lambda s: in_filter(s, lambda e: e + ONE),
    "one tap less": lambda s: replace(
        s,
        after=replace(s.after, over=(*s.after.over[:-1], replace(s.after.over[-1], high=s.after.over[-1].high - ONE))),
    ),
}


@pytest.mark.parametrize("name", ["general", "groups", "locally connected"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_gradient_is_noticed(name: str, fault: str) -> None:
    """Whatever is wrong with the windows of a gradient, the replay finds small sizes at which it is false."""
    own = GRID[name]
    (step,) = (s for s in gradient(own.known, "X").steps if s.rule == "pad")
    wrong = FAULTS[fault](step)
    assert wrong != step
    sizes, _ = caught(own.known.layer, wrong, own.grid())
    assert fault != "no remainder" or sizes["s"] > 1


def test_zeros_one_place_too_close_are_noticed() -> None:
    """Entries that stand s-1 places apart are false as soon as there are two of them."""
    own = GRID["general"]
    (step,) = (s for s in gradient(own.known, "X").steps if s.rule == "pad")
    wrong = in_cotangent(step, lambda r: replace(r, dilation=(*r.dilation[:-1], r.dilation[-1] - ONE)))
    sizes, _ = caught(own.known.layer, wrong, [at for at in own.grid() if dict(at)["s"] > 1])
    assert sizes["n"] + 2 * sizes["P"] > sizes["s"]
