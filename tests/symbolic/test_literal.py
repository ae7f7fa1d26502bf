"""Layers worked out literally: the polynomials are those of plain nested loops."""

from collections import Counter
from itertools import product

import pytest

from gradcheck.claims.parsing import parse_formula
from gradcheck.layers.layer import Layer, parse_layer
from gradcheck.symbolic.literal import TooLarge, Undefined, literal, reach, tensors

CONV = parse_layer("conv2d", {})


def loops(k: int, n: int, p: int, m: int) -> dict[str, dict]:
    """Output and gradients of the document's layer, by the loops that define them."""
    o = n - m + 1
    found: dict[str, dict] = {"Y": {}, "dX": {}, "dF": {}}
    for j, a, b, i, u, v in product(range(p), range(o), range(o), range(k), range(m), range(m)):
        x, f, g = ("X", (i, a + u, b + v)), ("F", (j, i, u, v)), ("dY", (j, a, b))
        for tensor, entry, factors in (("Y", g[1], (f, x)), ("dX", x[1], (f, g)), ("dF", f[1], (x, g))):
            found[tensor].setdefault(entry, Counter())[tuple(sorted(factors))] += 1
    return found


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (2, 3, 1, 2), (1, 3, 2, 3), (2, 4, 2, 3)])
def test_tensors_are_those_of_the_loops(sizes: tuple[int, int, int, int]) -> None:
    """Output and gradients have the entries, and the shapes, of the defining loops."""
    k, n, p, m = sizes
    known = tensors(CONV, (("k", k), ("n", n), ("p", p), ("m", m)))
    for tensor, entries in loops(*sizes).items():
        assert known[tensor].entries == entries
    o = n - m + 1
    shapes = {"X": (k, n, n), "F": (p, k, m, m), "Y": (p, o, o)}
    assert {t: known[t].shape for t in known} == shapes | {f"d{t}": shape for t, shape in shapes.items()}


def value(text: str, layer: Layer = CONV, **sizes: int) -> dict:
    """The entries of the right side of a formula, as text."""
    formula = parse_formula(f"dX = {text}" if "dX" not in text else text, layer)
    known = tensors(layer, tuple(sizes.items()))
    return literal(formula.right, known, sizes, dict.fromkeys("ij", 0)).entries


SMALL = parse_layer("Y[a] += X[a+u] * F[u]", {"X": "n", "F": "m"})


def told(entries: dict) -> dict[int, str]:
    """Polynomials in one axis as text."""
    return {
        place[0]: " + ".join(
            "".join(f"{tensor}{entry[0]}" for tensor, entry in factors) for factors in sorted(polynomial)
        )
        for place, polynomial in sorted(entries.items())
    }


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("pad(X, 1)", {1: "X0", 2: "X1", 3: "X2"}),
        ("pad(X, -1)", {0: "X1"}),
        ("rot180(X)", {0: "X2", 1: "X1", 2: "X0"}),
        ("corr(X, F)", {0: "F0X0 + F1X1", 1: "F0X1 + F1X2"}),
        ("conv(X, F)", {0: "F0X1 + F1X0", 1: "F0X2 + F1X1"}),
        ("corr(pad(F, 1), F)", {0: "F0F1", 1: "F0F0 + F1F1", 2: "F0F1"}),
    ],
)
def test_functions(formula: str, expected: dict[int, str]) -> None:
    """Each function does what its definition says, entry by entry."""
    assert told(value(formula, SMALL, n=3, m=2)) == expected


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("pad(X, -2)", "nothing is left of 3 after a padding of -2"),
        ("corr(F, pad(X, 1))", "a kernel of 5 does not fit into 2"),
    ],
)
def test_what_does_not_fit_is_undefined(formula: str, message: str) -> None:
    """A crop or a kernel that is too large is said, not computed."""
    with pytest.raises(Undefined, match=message) as caught:
        value(formula, SMALL, n=3, m=2)
    assert str(caught.value.why) == str(caught.value) == message


def test_too_large_is_not_tried() -> None:
    """Arrays too large to walk through are refused at once."""
    with pytest.raises(TooLarge):
        value("corr(pad(X, 500000), pad(F, 400000))", SMALL, n=3, m=2)
    with pytest.raises(TooLarge):
        tensors(CONV, (("k", 50), ("n", 50), ("p", 50), ("m", 9)))


@pytest.mark.parametrize(("n", "m"), [(1, 1), (4, 1), (4, 3), (4, 4)])
def test_reach_is_measured(n: int, m: int) -> None:
    """The output positions that would read X reach m-1 beyond the output; those of F reach nowhere."""
    sizes = {"k": 1, "n": n, "p": 1, "m": m}
    assert set(reach(CONV, CONV.reads[0], sizes)) == {m - 1}
    assert reach(CONV, CONV.reads[1], sizes) == (0,)
