"""Every kind of convolution is one line of notation: plain nested loops must agree with it, entry for entry."""

from itertools import product

import numpy as np
import pytest

from gradcheck.conventions.family import Case, Family, layer_of
from gradcheck.layers.layer import parse_layer
from gradcheck.numeric.program import count, run
from gradcheck.numeric.trial import adjoint

FAMILIES = [Family(d, t, f) for d in (1, 2, 3) for t in (False, True) for f in (False, True)]
AXES = [  # n, m, s, d, and the zeros before and after; of a transposed layer, what is cut off
    (4, 2, 1, 1, (0, 0)),
    (3, 3, 1, 1, (1, 0)),
    (5, 2, 2, 1, (0, 1)),  # a stride that does not divide
    (4, 2, 3, 2, (1, 2)),
    (3, 1, 2, 3, (0, 0)),
    (4, 3, 2, 1, (1, 1)),
]
CHANNELS = [(1, 1, 1, 1), (2, 2, 3, 1), (1, 4, 2, 2), (1, 3, 3, 3)]  # N, k, p, g
SHIFTS = range(len(AXES))


def case_of(dims, shift):
    """Sizes that differ on each axis."""
    axes = [AXES[(shift + axis) % len(AXES)] for axis in range(dims)]
    n, m, s, d, padding = zip(*axes, strict=True) if axes else ((),) * 5
    return Case(*CHANNELS[shift % len(CHANNELS)], n, m, s, d, padding)


def meetings(family, n, m, s, d, before, after):
    """The side of an output, and every place of it with the entry and the tap of the filter that meet there."""
    tap = (lambda u: m - 1 - u) if family.flipped else (lambda u: u)
    if family.transposed:
        side = s * (n - 1) + d * (m - 1) + 1 - before - after
        every = [(s * x + d * u - before, x, tap(u)) for x in range(n) for u in range(m)]
        return side, [one for one in every if 0 <= one[0] < side]
    side, found = 0, []
    while s * side + d * (m - 1) < before + n + after:
        every = [(side, s * side + d * u - before, tap(u)) for u in range(m)]
        found += [one for one in every if 0 <= one[1] < n]
        side += 1
    return side, found


def products(family, case):
    """The shapes of output, input and filters, and all places at which they meet."""
    axes = zip(case.n, case.m, case.s, case.d, case.padding, strict=True)
    along = [meetings(family, n, m, s, d, *pads) for n, m, s, d, pads in axes]
    channels, filters = case.k // case.g, case.p // case.g
    shapes = (
        (case.N, case.g, filters, *(side for side, _ in along)),
        (case.N, case.g, channels, *case.n),
        (case.g, *((channels, filters) if family.transposed else (filters, channels)), *case.m),
    )
    found = []
    for z, h, i, j in product(*map(range, (case.N, case.g, channels, filters))):
        for meeting in product(*(one for _, one in along)):
            y, x, u = zip(*meeting, strict=True) if meeting else ((), (), ())
            found.append(((z, h, j, *y), (z, h, i, *x), (h, *((i, j) if family.transposed else (j, i)), *u)))
    return shapes, found


def by_loops(family, case, x, w, cotangent):
    """The output of nested loops, and the gradients of <cotangent, output>."""
    (shape, *_), found = products(family, case)
    y, dx, dw = np.zeros(shape), np.zeros(x.shape), np.zeros(w.shape)
    for to, of, by in found:
        y[to] += x[of] * w[by]
        dx[of] += cotangent[to] * w[by]
        dw[by] += cotangent[to] * x[of]
    return y, dx, dw


def by_line(family, case, x, w, cotangent):
    """The same by the family's line."""
    layer, sizes = layer_of(family), case.sizes()
    extents, arrays = count(layer, sizes), {"X": x, "F": w, "dY": cotangent}
    y = run(layer.output, layer.reads, arrays, sizes, extents)
    return y, *(adjoint(layer, read, {**arrays, "Y": y}, sizes, extents) for read in layer.reads)


def drawn(family, case):
    """Operands and cotangent, small integers."""
    random = np.random.default_rng(0)
    (y, x, w), _ = products(family, case)
    return [random.integers(-9, 10, size=shape).astype(float) for shape in (x, w, y)]


def agree(one, other):
    """Whether two lists of arrays are alike in shapes and entries."""
    return all(a.shape == b.shape and np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.called)
def test_a_family_is_nested_loops(family):
    """Output and gradients are those of nested loops for all strides, dilations, paddings and groups."""
    for shift in SHIFTS[:: 3 if family.dims == 3 else 1]:
        case = case_of(family.dims, shift)
        assert agree(by_line(family, case, *drawn(family, case)), by_loops(family, case, *drawn(family, case))), shift


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_dense_layer_is_nested_loops(shift):
    """Without spatial axes a family is a dense layer, in groups."""
    family, case = Family(0), case_of(0, shift)
    assert agree(by_line(family, case, *drawn(family, case)), by_loops(family, case, *drawn(family, case)))


@pytest.mark.parametrize(
    "wrong",
    [{"s": (1, 1)}, {"d": (1, 2)}, {"padding": ((0, 1), (0, 1))}, {"padding": ((1, 0), (1, 0))}],
    ids=str,
)
def test_the_comparison_sees_other_sizes(wrong):
    """Loops with another stride, dilation or padding are not the family."""
    case = Case(1, 1, 1, 1, (4, 5), (2, 2), (2, 2), (2, 2), ((1, 0), (0, 1)))
    operands = drawn(Family(2), case)
    other = by_loops(Family(2), case.having(**wrong), *operands[:2], np.zeros((1, 1, 1, 9, 9)))
    assert not agree(by_line(Family(2), case, *operands)[:1], other[:1])


@pytest.mark.parametrize(
    ("one", "other"), [(Family(2), Family(2, flipped=True)), (Family(1, True), Family(1, True, True))]
)
def test_the_comparison_sees_a_reversed_filter(one, other):
    """A true convolution is not the cross-correlation."""
    case = Case(1, 1, 1, 1, (4, 5)[: one.dims], (2, 3)[: one.dims], (1, 1), (1, 1), ((0, 0), (0, 0)))
    case = case.having(s=(1,) * one.dims, d=(1,) * one.dims, padding=((0, 0),) * one.dims)
    assert not agree(by_line(one, case, *drawn(one, case)), by_loops(other, case, *drawn(one, case)))


@pytest.mark.parametrize("family", [*FAMILIES, Family(0)], ids=lambda family: family.called)
def test_the_outputs_sides_are_those_of_the_loops(family):
    """The size rule says how often a window fits, or how far a transposed layer reaches."""
    for shift in SHIFTS:
        case = case_of(family.dims, shift)
        assert (case.N, case.g, case.p // case.g, *case.outputs(family)) == products(family, case)[0][0]


def test_the_outputs_sides_of_all_small_sizes():
    """Counted windows and the size rule agree wherever the filter fits."""
    for n, m, s, d, before, after in product(range(1, 6), range(1, 4), range(1, 4), range(1, 4), range(3), range(3)):
        case = Case(1, 1, 1, 1, (n,), (m,), (s,), (d,), ((before, after),))
        if before + n + after >= d * (m - 1) + 1:
            assert case.outputs(Family(1)) == (meetings(Family(1), n, m, s, d, before, after)[0],)


def test_transposing_is_the_gradient_of_the_other_family():
    """dX of a layer is the transposed layer run on dY, with the same filters."""
    case = Case(2, 4, 6, 2, (6, 4), (3, 2), (2, 1), (1, 2), ((1, 0), (0, 1)))
    x, w, cotangent = drawn(Family(2), case)
    back = case.having(k=case.p, p=case.k, n=case.outputs(Family(2)))
    assert back.outputs(Family(2, True)) == case.n  # the stride divides
    _, dx, _ = by_line(Family(2), case, x, w, cotangent)
    y, *_ = by_line(Family(2, True), back, cotangent, w, np.zeros(dx.shape))
    assert np.array_equal(dx, y)


@pytest.mark.parametrize("family", [*FAMILIES, Family(0)], ids=lambda family: family.called)
def test_the_axes_have_the_shapes_of_the_operands(family):
    """The names of the axes and their sizes are those of the arrays in the line's order."""
    case = case_of(family.dims, 2)
    sizes = case.known(family)
    (_, x, w), _ = products(family, case)
    assert tuple(sizes[name] for name in family.names("x")) == x
    assert tuple(sizes[name] for name in family.names("w")) == w
    assert len(family.names("y")) == len(x)


@pytest.mark.parametrize(
    ("family", "called"),
    [
        (Family(0), "dense layer"),
        (Family(2), "2-D cross-correlation"),
        (Family(1, flipped=True), "1-D true convolution (the filter reversed)"),
        (Family(3, True), "3-D transposed cross-correlation"),
        (Family(0, line=parse_layer("Y[a] += X[a] * F[a]", {"X": "n", "F": "n"})), "Y[a] += X[a] * F[a]"),
    ],
)
def test_a_family_is_called_what_it_is(family, called):
    """The number of axes, transposed or not, the filter reversed or not; a line of its own is its name."""
    assert family.called == called


def test_no_two_families_have_one_line():
    """Layers are told apart by their text, which is a key of caches."""
    every = [*FAMILIES, Family(0)]
    assert len({layer_of(family).text for family in every}) == len(every)


def test_a_line_of_its_own_is_the_familys():
    """The roles x, w, v are its operands in their order, and its sizes are those of the case alone."""
    layer = parse_layer("Y[j] += W[j,i,l] * X[i] * Z[l]", {"W": "p k q", "X": "k", "Z": "q"})
    family = Family(0, line=layer)
    assert layer_of(family) == layer
    assert family.tensors == {"x": "W", "w": "X", "v": "Z", "y": "Y"}
    assert [family.names(role) for role in "xwvy"] == [("W0", "W1", "W2"), ("X0",), ("Z0",), ("Y0",)]
    assert family.taps == ("i", "l")
    case = Case(1, 1, 1, 1, (), (), (), (), (), (("p", 2), ("k", 3), ("q", 1)))
    assert case.sizes() == {"p": 2, "k": 3, "q": 1}
    assert case.told() == "p=2, k=3, q=1"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "N=2, k=3, p=4, n=5x6, m=3x2"),
        ({"s": (2, 2)}, "N=2, k=3, p=4, n=5x6, m=3x2, s=2x2"),
        ({"d": (1, 2)}, "N=2, k=3, p=4, n=5x6, m=3x2, d=1x2"),
        ({"padding": ((1, 1), (2, 2))}, "N=2, k=3, p=4, n=5x6, m=3x2, P=1x2"),
        ({"padding": ((1, 0), (0, 0))}, "N=2, k=3, p=4, n=5x6, m=3x2, P=((1, 0), (0, 0))"),
        ({"k": 4, "g": 2}, "N=2, k=4, p=4, n=5x6, m=3x2, g=2"),
        ({"n": (), "m": (), "s": (), "d": (), "padding": ()}, "N=2, k=3, p=4"),
        ({"n": (5,), "m": (3,), "s": (2,), "d": (1,), "padding": ((1, 1),)}, "N=2, k=3, p=4, n=5, m=3, s=2, P=1"),
    ],
)
def test_a_case_is_told_in_a_line(more, words):
    """Every size that is not its usual value, in the notation's letters."""
    case = Case(2, 3, 4, 1, (5, 6), (3, 2), (1, 1), (1, 1), ((0, 0), (0, 0)))
    assert case.having(**more).told() == words


def test_a_case_with_other_sizes_is_another():
    """Cases are values: having changes none."""
    case = case_of(2, 0)
    assert case.having(N=7).N == 7
    assert case == case_of(2, 0)
