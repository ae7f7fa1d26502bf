"""How a target is talked to and what it computes: in its own layouts, against the sum written out over its entries."""

from itertools import product

import numpy as np
import pytest

from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Case, Family
from gradcheck.conventions.options import Options

CASE = Case(2, 4, 6, 2, (5, 4), (3, 2), (2, 1), (1, 2), ((1, 0), (0, 1)))
LAYOUTS = {"x": "z y x (h i)", "w": "u v i (h j)", "y": "z y x (h j)", "b": "1 1 1 (h j)"}
PLAIN = {"x": "z (h i) y x", "w": "(h j) i u v", "y": "z (h j) y x"}


def convention(layouts=None, family=None, **more):
    """A layer of two dimensions, NHWC with HWIO filters."""
    return Convention(family or Family(2), LAYOUTS if layouts is None else layouts, {}, Options({}), **more)


def by_hand(x, w, b=0.0, case=CASE):
    """The layer in NHWC and HWIO with a stride, dilation and padding on each axis, entry by entry; and dX, dW of dY=Y."""
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


@pytest.mark.parametrize("wrong", [{"s": (1, 1)}, {"d": (1, 1)}, {"padding": ((0, 0), (0, 0))}, {"g": 1}], ids=str)
def test_the_comparison_sees_other_sizes(wrong):
    """The sum written out for another stride, dilation, padding or grouping is not the reference."""
    other, operands = CASE.having(**wrong), drawn()
    operands["w"] = drawn()["w"][:, :, : 4 // CASE.g]
    reference = convention().reference(CASE)
    y, _ = by_hand(**operands, case=other)
    assert not np.array_equal(convention().pack("y", reference.output(reference.arrays(operands))), y)


@pytest.mark.parametrize(
    ("bias", "kept"),
    [("(h j)", (6,)), ("(h j) 1", (6, 1)), ("1 (h j) y x", (1, 6, 3, 3)), ("", ()), ("1", (1,)), ("y x (h j)", (3, 3, 6))],
)
def test_a_bias_is_added_wherever_it_has_no_axis(bias, kept):
    """Its gradient is the cotangent summed over every axis that it has not, in its own shape."""
    of = convention({**LAYOUTS, "b": bias})
    assert of.shape("b", CASE) == kept
    operands = {**drawn(), "b": np.arange(1.0, 1 + np.prod(kept)).reshape(kept)}
    reference = of.reference(CASE)
    if "j" not in bias:  # one number for all filters
        of.family, arrays = of.family, None
        with pytest.raises(ValueError, match=".*"):
            reference.arrays({**operands, "b": np.zeros((6, 6))})
        return
    arrays = reference.arrays(operands)
    cotangent = np.random.default_rng(1).integers(-9, 10, of.shape("y", CASE)).astype(float)
    found = of.pack("b", reference.gradient("b", arrays, of.unpack("y", cotangent, CASE)))
    rows = cotangent.sum(0)
    assert np.array_equal(found.ravel(), (rows.sum((0, 1)) if "y" not in bias else _ordered(rows, bias)).ravel())


def _ordered(rows, bias):
    """Rows, columns, filters in the order of a bias."""
    return rows.transpose(2, 0, 1) if bias.startswith("1 (h j)") else rows
