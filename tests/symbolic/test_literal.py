"""Array formulas worked out literally: entry by entry what their definitions say."""

from collections.abc import Mapping
from math import prod
from random import Random

import numpy as np
import oracles
import pytest

from gradcheck.claims.parsing import parse_formula
from gradcheck.layers.layer import Layer, parse_layer
from gradcheck.notation.arrays import Ref, Slide
from gradcheck.symbolic.literal import axis_length, literal
from gradcheck.symbolic.tensors import Polynomial, Tensor, TooLarge, Undefined, tensors

CONV = parse_layer("conv2d", {})
SMALL = parse_layer("Y[a] += X[a+u] * F[u]", {"X": "n", "F": "m"})


def worked_out(text: str, layer: Layer = SMALL, **sizes: int) -> Tensor:
    """The right side of a formula for dX."""
    formula = parse_formula(f"dX = {text}", layer)
    return literal(formula.right, tensors(layer, tuple(sizes.items())), sizes, {})


def told(entries: Mapping[tuple[int, ...], Polynomial]) -> dict[int, str]:
    """Polynomials in one axis as text."""
    return {
        place[0]: " + ".join(
            "".join(f"{tensor}{entry[0]}" for tensor, entry in factors) for factors in sorted(polynomial)
        )
        for place, polynomial in sorted(entries.items())
    }


@pytest.mark.parametrize(
    ("formula", "side", "expected"),
    [
        ("pad(X, 1)", 5, {1: "X0", 2: "X1", 3: "X2"}),
        ("pad(X, 1, 0)", 4, {1: "X0", 2: "X1", 3: "X2"}),
        ("pad(X, 0, 2)", 5, {0: "X0", 1: "X1", 2: "X2"}),
        ("pad(X, 1, -1)", 3, {1: "X0", 2: "X1"}),
        ("pad(X, -1)", 1, {0: "X1"}),
        ("crop(X, 1)", 1, {0: "X1"}),
        ("crop(X, 1, 0)", 2, {0: "X1", 1: "X2"}),
        ("crop(X, 0, 2)", 1, {0: "X0"}),
        ("crop(X, -1, 1)", 3, {1: "X0", 2: "X1"}),
        ("crop(X, 2, 1)", 0, {}),
        ("dilate(X, 1)", 3, {0: "X0", 1: "X1", 2: "X2"}),
        ("dilate(X, 3)", 7, {0: "X0", 3: "X1", 6: "X2"}),
        ("dilate(crop(X, 3, 0), 5)", 0, {}),
        ("rot180(X)", 3, {0: "X2", 1: "X1", 2: "X0"}),
        ("rot180(pad(X, 1, 0))", 4, {0: "X2", 1: "X1", 2: "X0"}),
        ("corr(X, F)", 2, {0: "F0X0 + F1X1", 1: "F0X1 + F1X2"}),
        ("conv(X, F)", 2, {0: "F0X1 + F1X0", 1: "F0X2 + F1X1"}),
        ("corr(pad(F, 1), F)", 3, {0: "F0F1", 1: "F0F0 + F1F1", 2: "F0F1"}),
        ("corr(X, F, stride=2)", 1, {0: "F0X0 + F1X1"}),
        ("corr(pad(X, 0, 1), F, stride=2)", 2, {0: "F0X0 + F1X1", 1: "F0X2"}),
        ("corr(X, F, dilation=2)", 1, {0: "F0X0 + F1X2"}),
        ("conv(X, F, dilation=2)", 1, {0: "F0X2 + F1X0"}),
        ("conv(pad(X, 1), F, stride=2)", 2, {0: "F0X0", 1: "F0X2 + F1X1"}),
        ("corr(pad(X, 1), F, stride=2, dilation=2)", 2, {0: "F1X1", 1: "F0X1"}),
        ("corr(X, X, stride=7)", 1, {0: "X0X0 + X1X1 + X2X2"}),
        ("corr(crop(X, 2, 0), F)", 0, {}),
        ("corr(crop(X, 3, 0), F, stride=2)", 0, {}),
    ],
)
def test_functions(formula: str, side: int, expected: dict[int, str]) -> None:
    """Each function does what its definition says, entry by entry."""
    found = worked_out(formula, n=3, m=2)
    assert found.shape == (side,)
    assert told(found.entries) == expected


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("pad(X, -2)", "nothing is left of 3 after a padding of -2 before and -2 after"),
        ("crop(X, 2)", "nothing is left of 3 after a padding of -2 before and -2 after"),
        ("crop(X, 3, 1)", "nothing is left of 3 after a padding of -3 before and -1 after"),
        ("pad(X, 1, -5)", "nothing is left of 3 after a padding of 1 before and -5 after"),
        ("dilate(X, n-3)", "entries cannot stand 0 places apart"),
        ("corr(X, F, dilation=2-n)", "entries cannot stand -1 places apart"),
        ("corr(X, F, stride=m-2)", "a stride of 0"),
        ("corr(F, pad(X, 1))", "a kernel of 5 does not fit into 2"),
        ("corr(X, F, dilation=4)", "a kernel of 5 does not fit into 3"),
        ("corr(X, F, stride=2, dilation=5)", "a kernel of 6 does not fit into 3"),
    ],
)
def test_what_does_not_fit_is_undefined(formula: str, message: str) -> None:
    """A crop, a kernel or an amount that makes no sense is said, not computed."""
    with pytest.raises(Undefined, match=message) as caught:
        worked_out(formula, n=3, m=2)
    assert str(caught.value.why) == str(caught.value) == message


def numbers(tensor: Tensor, known: Mapping[str, np.ndarray]) -> np.ndarray:
    """A tensor with numbers put in for the unknowns."""
    found = np.zeros(tensor.shape, dtype=int)
    for place, polynomial in tensor.entries.items():
        found[place] = sum(n * prod(int(known[t][e]) for t, e in factors) for factors, n in polynomial.items())
    return found


def drawn(*shapes: tuple[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Arrays of small numbers that are not zero."""
    random = Random(str(shapes))
    return {
        name: np.array([random.choice((-3, -2, -1, 1, 2, 3)) for _ in range(prod(shape))]).reshape(shape)
        for name, shape in shapes
    }


PLANES = parse_layer("Y[a,b] += X[a+u,b+v] * F[u,v]", {"X": "n q", "F": "m r"})
PLANE_SIZES = {"n": 6, "q": 5, "m": 2, "r": 3}


@pytest.mark.parametrize("op", ["corr", "conv"])
@pytest.mark.parametrize(("stride", "apart"), [(1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (7, 1)])
def test_slides_are_those_of_nested_loops(op: str, stride: int, apart: int) -> None:
    """A kernel slid over two axes, with a stride and a dilation, gives the numbers of plain loops."""
    known = drawn(("X", (6, 5)), ("F", (2, 3)))
    text = f"{op}(X, F, stride={stride}, dilation={apart})"
    found = numbers(worked_out(text, PLANES, **PLANE_SIZES), known)
    expected = oracles.slid(known["X"], known["F"], op == "conv", stride, apart)
    assert dict(np.ndenumerate(found)) == expected
    assert expected != oracles.slid(known["X"], known["F"], op == "corr", stride, apart)


@pytest.mark.parametrize(
    ("text", "before", "after", "apart"),
    [
        ("pad(X, 1, 2)", 1, 2, 1),
        ("crop(X, 2, 1)", -2, -1, 1),
        ("dilate(X, 3)", 0, 0, 3),
        ("pad(dilate(X, 2), 1, -2)", 1, -2, 2),
        ("crop(dilate(X, 2), -3, 1)", 3, -1, 2),
    ],
)
def test_zeros_are_those_of_nested_loops(text: str, before: int, after: int, apart: int) -> None:
    """Padding, cropping and zero insertion act on every axis, as plain loops would."""
    known = drawn(("X", (6, 5)))
    found = numbers(worked_out(text, PLANES, **PLANE_SIZES), known)
    expected = oracles.spread(known["X"], before, after, apart)
    assert dict(np.ndenumerate(found)) == expected
    assert expected != oracles.spread(known["X"], before + 1, after - 1, apart)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("corr(X, F, stride=2)", "corr(X, F)"),
        ("corr(X, F, dilation=2)", "corr(X, F)"),
        ("pad(X, 1, 2)", "pad(X, 2, 1)"),
        ("crop(X, 1, 0)", "crop(X, 0, 1)"),
        ("dilate(X, 2)", "dilate(X, 3)"),
    ],
)
def test_amounts_matter(text: str, said: str) -> None:
    """Another stride, dilation or side of zeros is another array."""
    assert worked_out(text, n=3, m=2) != worked_out(said, n=3, m=2)


def test_a_slide_with_strides_is_one_of_the_places_of_a_dilated_kernel() -> None:
    """corr(X, F, stride=s, dilation=d)[x] = corr(X, dilate(F, d))[s*x], as the definition says."""
    whole = worked_out("corr(X, dilate(F, 2))", n=9, m=3)
    some = worked_out("corr(X, F, stride=3, dilation=2)", n=9, m=3)
    assert some.entries == {(x // 3,): p for (x,), p in whole.entries.items() if x % 3 == 0}
    assert (whole.shape, some.shape) == ((5,), (2,))


def test_sums_and_indices() -> None:
    """A sum adds over the whole axis that its index stands for; a fixed index takes a part of a tensor."""
    formula = parse_formula("dX[i] = sum(j, pad(F[j,i], 0, 1))", CONV)
    sizes = {"k": 2, "n": 2, "p": 3, "m": 1}
    known = tensors(CONV, tuple(sizes.items()))
    found = literal(formula.right, known, sizes, {"i": 1})
    assert found.shape == (2, 2)
    assert found.entries == {(0, 0): {(("F", (j, 1, 0, 0)),): 1 for j in range(3)}}
    assert axis_length("j", [formula.right], known) == 3


def test_an_empty_sum_and_a_missing_entry_are_undefined() -> None:
    """Adding over no values, or reading beyond an axis, is said."""
    sizes = {"k": 2, "n": 1, "p": 3, "m": 1}
    known = tensors(CONV, tuple(sizes.items()))
    right = parse_formula("dX[i] = sum(j, F[j,i])", CONV).right
    with pytest.raises(Undefined, match="the sum over j has no terms"):
        literal(right, {**known, "F": Tensor((0, 2, 1, 1), {})}, sizes, {"i": 0})
    with pytest.raises(Undefined, match=r"F\[0,2\] does not exist"):
        literal(right, known, sizes, {"i": 2})


def test_a_star_has_no_value() -> None:
    """What may be corr or conv is not worked out."""
    sizes = {"n": 3, "m": 2}
    with pytest.raises(ValueError, match=r"star\(X, F\) has no reading"):
        literal(Slide("star", Ref("X"), Ref("F")), tensors(SMALL, tuple(sizes.items())), sizes, {})


def test_too_large_is_not_tried() -> None:
    """Arrays too large to walk through are refused at once."""
    with pytest.raises(TooLarge):
        worked_out("corr(pad(X, 500000), pad(F, 400000))", n=3, m=2)
    with pytest.raises(TooLarge):
        worked_out("corr(corr(X, X), corr(X, X))", n=40, m=1)
