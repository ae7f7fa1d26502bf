"""How a target is talked to and what it computes: in its own layouts, against the sum written out over its entries."""

from itertools import product

import numpy as np
import pytest

from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Case, Family
from gradcheck.conventions.options import Options
from gradcheck.layers.layer import parse_layer

CASE = Case(2, 4, 6, 2, (5, 4), (3, 2), (2, 1), (1, 2), ((1, 0), (0, 1)))
LAYOUTS = {"x": "z y x (h i)", "w": "u v i (h j)", "y": "z y x (h j)", "b": "1 1 1 (h j)"}


def convention(layouts=None, family=None, **more):
    """A layer of two dimensions, NHWC with HWIO filters."""
    return Convention(family or Family(2), LAYOUTS if layouts is None else layouts, {}, Options({}), **more)


def by_hand(x, w, b=0.0, case=CASE):
    """The layer in NHWC and HWIO entry by entry, and the places of output, input and filters that meet."""
    rows, columns = (
        (n + sum(pad) - d * (m - 1) - 1) // s + 1
        for n, m, s, d, pad in zip(case.n, case.m, case.s, case.d, case.padding, strict=True)
    )
    y = np.zeros((case.N, rows, columns, case.p)) + b
    meet = []
    for z, j, i, a, c, u, v in product(*map(range, (case.N, case.p, w.shape[2], rows, columns, *case.m))):
        channel = j // (case.p // case.g) * w.shape[2] + i
        row = case.s[0] * a + case.d[0] * u - case.padding[0][0]
        column = case.s[1] * c + case.d[1] * v - case.padding[1][0]
        if 0 <= row < case.n[0] and 0 <= column < case.n[1]:
            meet.append(((z, a, c, j), (z, row, column, channel), (u, v, i, j)))
    for to, of, by in meet:
        y[to] += x[of] * w[by]
    return y, meet


def drawn(seed=0):
    """Operands in the layouts of the target."""
    random = np.random.default_rng(seed)
    shapes = {"x": (2, 5, 4, 4), "w": (3, 2, 2, 6), "b": (1, 1, 1, 6)}
    return {role: random.integers(-9, 10, shape).astype(float) for role, shape in shapes.items()}


@pytest.mark.parametrize("biased", [False, True])
def test_the_reference_is_the_sum_written_out(biased):
    """Output and gradients, in the target's layouts, are those of plain loops in its layouts."""
    layouts = {role: one for role, one in LAYOUTS.items() if biased or role != "b"}
    of, operands = convention(layouts), {role: one for role, one in drawn().items() if role in layouts}
    reference = of.reference(CASE)
    arrays = reference.arrays(operands)
    y, meet = by_hand(*operands.values())
    assert np.array_equal(of.pack("y", reference.output(arrays)), y)
    cotangent = np.random.default_rng(1).integers(-9, 10, y.shape).astype(float)
    expected = {role: np.zeros(one.shape) for role, one in operands.items()}
    for to, at, by in meet:
        expected["x"][at] += operands["w"][by] * cotangent[to]
        expected["w"][by] += operands["x"][at] * cotangent[to]
    if biased:
        expected["b"] += cotangent.sum((0, 1, 2))
    for role, right in expected.items():
        found = reference.gradient(role, arrays, of.unpack("y", cotangent, CASE))
        assert np.array_equal(of.pack(role, found), right), role


@pytest.mark.parametrize("wrong", [{"s": (1, 1)}, {"d": (1, 1)}, {"padding": ((0, 0), (0, 0))}], ids=str)
def test_the_comparison_sees_other_sizes(wrong):
    """The sum written out for another stride, dilation or padding is not the reference."""
    other, operands = CASE.having(**wrong), drawn()
    reference = convention().reference(CASE)
    y, _ = by_hand(**operands, case=other)
    assert not np.array_equal(convention().pack("y", reference.output(reference.arrays(operands))), y)


@pytest.mark.parametrize(
    ("bias", "kept", "summed"),
    [
        ("(h j)", (6,), (0, 1, 2)),
        ("(h j) 1", (6, 1), (0, 1, 2)),
        ("1 1 1 (h j)", (1, 1, 1, 6), (0, 1, 2)),
        ("1 y x (h j)", (1, 2, 3, 6), (0,)),
        ("y x (h j)", (2, 3, 6), (0,)),
        ("1", (1,), (0, 1, 2, 3)),
        ("", (), (0, 1, 2, 3)),
    ],
)
def test_a_bias_is_added_wherever_it_has_no_axis(bias, kept, summed):
    """Its gradient is the cotangent summed over every axis that it does not have, in its own shape."""
    of = convention({**LAYOUTS, "b": bias})
    operands = {**drawn(), "b": np.arange(1.0, 1 + np.prod(kept)).reshape(kept)}
    reference = of.reference(CASE)
    arrays = reference.arrays(operands)
    y, _ = by_hand(**{**operands, "b": operands["b"].T if bias == "(h j) 1" else operands["b"]})
    assert of.shape("b", CASE) == kept
    assert np.array_equal(of.pack("y", reference.output(arrays)), y)
    cotangent = np.random.default_rng(1).integers(-9, 10, y.shape).astype(float)
    found = of.pack("b", reference.gradient("b", arrays, of.unpack("y", cotangent, CASE)))
    assert found.shape == kept
    assert found.ravel().tolist() == cotangent.sum(summed).ravel().tolist()


def test_the_shapes_are_those_of_the_targets_arrays():
    """Every array has the axes of its layout, the output's from the size rule."""
    of = convention()
    assert [of.shape(role, CASE) for role in "xwyb"] == [(2, 5, 4, 4), (3, 2, 2, 6), (2, 2, 3, 6), (1, 1, 1, 6)]


def test_an_array_of_another_shape_is_refused():
    """An array that is not of the layout is no operand."""
    with pytest.raises(ValueError, match="4, 5"):
        convention().unpack("x", np.zeros((2, 4, 5, 4)), CASE)


@pytest.mark.parametrize("role", ["x", "w", "y", "b"])
def test_packing_undoes_unpacking(role):
    """From the target's layout to the line's order and back."""
    of, shape = convention(), convention().shape(role, CASE)
    array = np.arange(np.prod(shape)).reshape(shape)
    assert np.array_equal(of.pack(role, of.unpack(role, array, CASE)), array)


def test_the_operands_are_those_with_a_layout():
    """A layer without a bias has two operands."""
    assert convention().operands == ("x", "w", "b")
    assert convention({role: LAYOUTS[role] for role in "xwy"}).operands == ("x", "w")


def test_a_run_is_asked_for_in_the_targets_words():
    """The options by their names, the weights by their paths, and what else is asked for."""
    options = Options({"s": ("stride",), "n": ("input_shape",)}, styles={"s": "tuple", "n": "tuple"})
    of = Convention(Family(2), LAYOUTS, {"w": "kernel"}, options)
    request = of.request(CASE, drawn(), entropy=3)
    assert request.options == {"stride": (2, 1), "input_shape": (5, 4, 4)}
    assert (request.weights, request.entropy, request.cotangent) == ({"w": "kernel"}, 3, None)


def bilinear():
    """A line of its own with three operands, and its sizes."""
    line = parse_layer("Y[j] += W[j,i,l] * X[i] * Z[l]", {"W": "p k q", "X": "k", "Z": "q"})
    layouts = {"x": "W1 W0 W2", "w": "X0", "v": "Z0", "y": "Y0", "b": "Y0"}
    sizes = (("p", 2), ("k", 3), ("q", 4))
    return convention(layouts, Family(0, line=line)), Case(1, 1, 1, 1, (), (), (), (), (), sizes)


def test_results_are_called_as_people_call_them():
    """y, dx, dw, db; of a line of its own as its tensors are."""
    assert [convention().called(role) for role in "yxwb"] == ["y", "dx", "dw", "db"]
    assert [bilinear()[0].called(role) for role in "yxwvb"] == ["Y", "dW", "dX", "dZ", "db"]


def test_a_line_of_its_own_is_computed():
    """Output and gradients are those of the sum written out, with operands in other layouts, too."""
    of, case = bilinear()
    random = np.random.default_rng(0)
    assert [of.shape(role, case) for role in "xwvyb"] == [(3, 2, 4), (3,), (4,), (2,), (2,)]
    operands = {role: random.integers(-9, 10, of.shape(role, case)).astype(float) for role in "xwvb"}
    w, x, z, b = operands.values()
    reference = of.reference(case)
    arrays = reference.arrays(operands)
    y = [b[j] + sum(w[i, j, e] * x[i] * z[e] for i in range(3) for e in range(4)) for j in range(2)]
    assert reference.output(arrays).tolist() == y
    g = np.array([2.0, -3.0])
    dz = [sum(w[i, j, e] * x[i] * g[j] for i in range(3) for j in range(2)) for e in range(4)]
    dw = [[[x[i] * z[e] * g[j] for e in range(4)] for j in range(2)] for i in range(3)]
    assert reference.gradient("v", arrays, g).tolist() == dz
    assert of.pack("x", reference.gradient("x", arrays, g)).tolist() == dw
    assert reference.gradient("b", arrays, g).tolist() == g.tolist()
