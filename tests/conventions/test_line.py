"""A convention written as a line of notation: the line parses, and computes what the convention does."""

import re

import numpy as np
import pytest

from gradcheck.claims.parsing import parse_given
from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Case, Family
from gradcheck.conventions.line import line_of
from gradcheck.conventions.options import Options
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import evaluate
from gradcheck.numeric.program import count, run

NCHW = {"x": "z (h i) y x", "w": "(h j) i u v", "y": "z (h j) y x"}
NHWC = {"x": "z y x (h i)", "w": "u v i (h j)", "y": "z y x (h j)"}
CHW = {"x": "(h i) y x", "w": "(h j) (i u v)", "y": "(h j) y x"}
GREY = {"x": "y x", "w": "(h j) u v", "y": "y x (h j)"}
NCL = {"x": "z (h i) x", "w": "(h j) i v", "y": "z (h j) x"}
NCDHW = {"x": "z (h i) t y x", "w": "(h j) i r u v", "y": "z (h j) t y x"}
DENSE = {"x": "z (h i)", "w": "i (h j)", "y": "z (h j)"}
IOHW = {**NCHW, "w": "(h i) j u v"}


def case(dims=2, m=3, s=1, d=1, pad=(0, 0), **more):
    """Sizes of a layer, alike on each axis but for the image's."""
    each = [(one,) * dims for one in (m, s, d, pad)]
    return Case(2, 2, 3, 1, (8, 7, 6)[:dims], *each).having(**more)


WRITTEN = [  # the family, layouts, what the target is told, and the sizes
    (Family(2), NCHW, "", case()),
    (Family(2), NCHW, "sdP", case(s=2, d=2, pad=(1, 1))),
    (Family(2), NCHW, "", case(s=2, d=3, pad=(2, 2))),
    (Family(2), NHWC, "sP", case(s=2, pad=(1, 1))),
    (Family(2), NHWC, "", case(m=2, n=(5, 6))),
    (Family(2), NCHW, "P", case(m=3, n=(4, 5), pad=(2, 2))),
    (Family(2), CHW, "s", case(s=3, N=1)),
    (Family(2), GREY, "", case(N=1, k=1)),
    (Family(2, flipped=True), NCHW, "sd", case(s=2, d=2)),
    (Family(2, transposed=True), IOHW, "sdP", case(s=2, d=2, pad=(1, 1))),
    (Family(2, transposed=True), IOHW, "", case(s=2)),
    (Family(2, transposed=True, flipped=True), IOHW, "s", case(s=3, pad=(1, 1))),
    (Family(1), NCL, "sdP", case(1, s=2, d=2, pad=(1, 1))),
    (Family(3), NCDHW, "P", case(3, m=2, pad=(1, 1))),
    (Family(3), NCDHW, "", case(3, m=2, s=2)),
    (Family(0), DENSE, "", case(0)),
    (Family(0), {**DENSE, "x": "(h i)", "y": "(h j)"}, "", case(0, N=1)),
    (Family(3), NCDHW, "s", case(3, m=2, s=2)),
    (Family(2), {**NCHW, "w": "(h j) u v"}, "", case(k=3, g=3)),
    (Family(2), NCHW, "", case(m=2, pad=(0, 1))),
]


def of(family, layouts, takes):
    """A target that is told these sizes, the others fixed in it."""
    return Convention(family, layouts, {}, Options({role: (role,) for role in takes}))


def drawn(convention, one):
    """Operands in the line's order."""
    random, sizes = np.random.default_rng(0), {}
    for role in "xw":
        sizes[role] = [convention.sizes(role, one)[name] for name in convention.names(role)]
    return {role: random.integers(-9, 10, sides).astype(float) for role, sides in sizes.items()}


def laid(convention, role, array):
    """An array in the order of the target's axes, none merged but groups with what stands after them."""
    order, names = re.findall(r"[a-z]", convention.layouts[role]), list(convention.names(role))
    kept = [name for name in names if name in order]
    gone = tuple(n for n, name in enumerate(names) if name not in order)
    turned = array.squeeze(gone).transpose([kept.index(name) for name in order])
    if "h" not in order:
        return turned
    at, sides = order.index("h"), list(turned.shape)
    return turned.reshape([*sides[:at], sides[at] * sides[at + 1], *sides[at + 2 :]])


def computed(convention, one):
    """What the line and what the convention give for the same operands."""
    line, shapes, where = line_of(convention, one)
    layer, hypotheses = parse_given(line, shapes, where)
    arrays = drawn(convention, one)
    expected = laid(convention, "y", convention.reference(one).output(arrays))
    numbers = {"N": one.N, "k": one.k, "p": one.p}
    for n, m, axis in zip(one.n, one.m, range(1, 4), strict=False):
        numbers |= {f"n{axis}": n, f"m{axis}": m, "m": m}
    numbers |= {"s": one.s[0], "d": one.d[0], "P": one.padding[0][0]} if one.n else {}
    sizes = {name: numbers[name] for name in layer.names}
    there = {"X": laid(convention, "x", arrays["x"]), "F": laid(convention, "w", arrays["w"])}
    assert all(evaluate(h.low, sizes) <= evaluate(h.high, sizes) for h in hypotheses)
    return run(layer.output, layer.reads, there, sizes, count(layer, sizes)), expected


@pytest.mark.parametrize(("family", "layouts", "takes", "one"), WRITTEN)
def test_the_line_computes_what_the_convention_does(family, layouts, takes, one):
    """Run on the same operands, the line that is written gives the output of the convention."""
    found, expected = computed(of(family, layouts, takes), one)
    assert found.shape == expected.shape
    assert np.array_equal(found, expected)


def test_the_comparison_sees_another_line():
    """A line of a stride that was not found gives another output."""
    found, _ = computed(of(Family(2), NCHW, ""), case(s=2))
    _, expected = computed(of(Family(2), NCHW, ""), case(s=1))
    assert found.shape != expected.shape


@pytest.mark.parametrize(
    ("family", "layouts", "takes", "one", "line"),
    [
        (Family(2), NCHW, "", case(), "Y[z,j,a,b] += X[z,i,a+u,b+v] * F[j,i,u,v]"),
        (
            Family(2),
            NHWC,
            "sdP",
            case(),
            "Y[z,a,b,j] += pad(X, P)[z,s*a+d*u,s*b+d*v,i] * F[u,v,i,j]",
        ),
        (Family(1), NCL, "", case(1, s=2, pad=(1, 1)), "Y[z,j,b] += pad(X, 1)[z,i,2*b+v] * F[j,i,v]"),
        (Family(2), GREY, "", case(N=1, k=1), "Y[a,b,j] += X[a+u,b+v] * F[j,u,v]"),
        (
            Family(1, flipped=True),
            NCL,
            "",
            case(1),
            "Y[z,j,b] += X[z,i,b+(m1-1-v)] * F[j,i,v]",
        ),
        (Family(0), DENSE, "", case(0), "Y[z,j] += X[z,i] * F[i,j]"),
    ],
)
def test_the_line_is_in_the_targets_order(family, layouts, takes, one, line):
    """What the target is told is a letter, what is fixed in it a number, and its axes come as it has them."""
    assert line_of(of(family, layouts, takes), one)[0] == line


def test_the_sizes_are_those_of_the_operands():
    """Each operand has its sizes in the target's order, and the filter fits into the padded image."""
    _, shapes, where = line_of(of(Family(2), NHWC, "dP"), case())
    assert shapes == {"X": "N n1 n2 k", "F": "m1 m2 k p"}
    assert where == ("d*(m1-1) + 1 <= n1 + 2*P", "d*(m2-1) + 1 <= n2 + 2*P")


def test_a_line_of_its_own_is_written_as_it_is():
    """A binding's line is the line."""
    layer = parse_layer("Y[a] += X[a] * F[a]", {"X": "n", "F": "n"})
    layouts = {"x": "X0", "w": "F0", "y": "Y0"}
    assert line_of(of(Family(0, line=layer), layouts, ""), case(0))[0] == "Y[a] += X[a] * F[a]"
