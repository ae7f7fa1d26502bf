"""A binding's convention is its line: the catalogue's layers as families compute what nested loops do."""

import numpy as np
import oracles
import pytest

from gradcheck.conventions.bound import FAMILIES, LAYERS, base_case, convention_of, own_cases
from gradcheck.conventions.family import Case
from gradcheck.conventions.line import line_of
from gradcheck.conventions.search import Found
from gradcheck.conventions.sweep import cases
from gradcheck.errors import Untestable
from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.layers.layer import parse_layer
from gradcheck.targets.exchange import Description

BILINEAR = ("Y[j] += W[j,i,l] * X[i] * Z[l]", {"W": "p k q", "X": "k", "Z": "q"})


def bound(layer, shapes=None, biased=False, roles=("x", "w")):
    """What a binding of a layer says of itself."""
    takes = (*roles, "b") if biased else roles
    return Description("binding", "Mine", "mine.py", 1, (), takes, takes, (layer, shapes or {}, ()))


def square(kind):
    """Sizes at which the catalogue's layer and its family are the same: images and filters are square."""
    convention, case = convention_of(bound(kind)), base_case(convention_of(bound(kind)), kind)
    dims, symbols = len(case.n), set(oracles.LETTERS[kind].split())
    each = {"n": (5,) * dims} if "n" in symbols else {}
    each |= {"s": (2,) * dims} if "s" in symbols else {}
    each |= {"d": (2,) * dims} if "d" in symbols else {}
    each |= {"padding": ((1, 1),) * dims} if "P" in symbols else {}
    each |= {"g": 2, "k": 4, "p": 6} if "g" in symbols else {}
    return convention, case.having(**each)


def by_catalogue(kind, case):
    """The sizes by the letters of the oracles."""
    found = {"N": case.N, "g": case.g, "k": case.k, "p": case.p, "n": case.n[0], "m": case.m[0], "Q": 0}
    found |= {"s": case.s[0], "d": case.d[0], "P": case.padding[0][0]}
    if kind == "conv2d_grouped":
        found |= {"k": case.k // case.g, "p": case.p // case.g}
    for axis, (n, m) in enumerate(zip(case.n, case.m, strict=True), start=1):
        found |= {f"n{axis}": n, f"m{axis}": m}
    return {letter: found[letter] for letter in oracles.LETTERS[kind].split()}


def compared(kind, other=None):
    """The output of a binding's convention and that of nested loops for the catalogue's layer of these sizes."""
    convention, case = square(kind)
    z, random = by_catalogue(other or kind, case), np.random.default_rng(0)
    operands = [random.integers(-9, 10, shape).astype(float) for shape in oracles.shapes(other or kind, **z)]
    reference = convention.reference(case)
    y = convention.pack("y", reference.output(reference.arrays(dict(zip("xw", operands, strict=True)))))
    return dict(np.ndenumerate(y)), oracles.forward(list(oracles.terms(other or kind, **z)), *operands)


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_layer_of_the_catalogue_is_a_family(kind):
    """The convention of a binding computes what nested loops do, in the catalogue's own layout."""
    found, expected = compared(kind)
    assert found == expected


def test_the_comparison_sees_another_layer():
    """A true convolution's convention is not the loops of a cross-correlation."""
    found, expected = compared("trueconv2d", "conv2d")
    assert found.keys() == expected.keys()
    assert found != expected


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_bias_has_an_entry_for_each_filter(kind):
    """A binding with one operand more has a bias, and one without has none."""
    convention, case = square(kind)
    assert convention.operands == ("x", "w")
    biased = convention_of(bound(kind, biased=True))
    assert biased.operands == ("x", "w", "b")
    filters = (case.g, case.p // case.g) if kind == "conv2d_grouped" else (case.p,)
    assert biased.shape("b", case) == filters


@pytest.mark.parametrize("kind", FAMILIES)
def test_the_sizes_that_the_line_has_are_told(kind):
    """Stride, dilation, padding and groups stand in the binding's sizes where its line has them."""
    convention, case = square(kind)
    told = convention.request(case, {}).options.get("sizes", {})
    wanted = {letter for letter in "sdPg" if letter in oracles.LETTERS[kind].split()}
    assert set(told) - {"Q"} == wanted
    assert all(told[letter] == by_catalogue(kind, case)[letter] for letter in wanted)


@pytest.mark.parametrize("kind", ["conv1d_transposed", "conv2d_transposed"])
def test_every_amount_of_zeros_is_told(kind):
    """A binding finds in its sizes every letter of its line that its operands' shapes do not tell."""
    convention, case = square(kind)
    told = convention.request(case, {}).options["sizes"]
    layer = parse_layer(kind, {})
    assert {name for name in layer.sizes if name in "sdPQ"} <= set(told)


@pytest.mark.parametrize("kind", FAMILIES)
def test_there_are_sizes_to_check(kind):
    """Every layer of the catalogue is checked on several sizes, each with an output."""
    convention = convention_of(bound(kind))
    every = cases(Found(convention, base_case(convention, kind), None, ("0",)))
    assert len(every) > 3
    assert all(min(case.outputs(convention.family)) >= 1 for case in every)
    if kind == "depthwise2d":
        assert all(case.g == case.k == case.p for case in every)


@pytest.mark.parametrize("kind", sorted(set(CATALOGUE) - set(FAMILIES)))
def test_any_other_layer_is_a_line_of_its_own(kind):
    """What is no family is its line of notation, every operand in the line's order, and is told all its sizes."""
    layer = parse_layer(kind, {})
    roles = ("x", "w", "v", "u")[: len(layer.operands)]
    convention = convention_of(bound(kind, roles=roles))
    (own, *_) = own_cases(kind, {}, (), 0)
    assert convention.operands == roles
    assert convention.request(own, {}).options == {"sizes": dict(own.own)}
    shapes = oracles.shapes(kind, **dict(own.own))
    assert [convention.shape(role, own) for role in roles] == list(shapes)
    random = np.random.default_rng(0)
    operands = [random.integers(-9, 10, shape).astype(float) for shape in shapes]
    reference = convention.reference(own)
    y = reference.output(reference.arrays(dict(zip(roles, operands, strict=True))))
    assert dict(np.ndenumerate(y)) == oracles.forward(list(oracles.terms(kind, **dict(own.own))), *operands)


def test_the_bias_of_a_line_has_the_filters_indices():
    """A bias has those of the output's indices that the second operand carries."""
    line = "Y[z,j,a] += X[z,i,a+u] * F[j,i,u]"
    shapes = {"X": "N k n", "F": "p k m"}
    convention = convention_of(bound(line, shapes, biased=True))
    assert convention.layouts["b"] == "Y1"
    own = (("N", 2), ("k", 1), ("n", 4), ("p", 3), ("m", 2))
    assert convention.shape("b", Case(1, 1, 1, 1, (), (), (), (), (), own)) == (3,)
    assert line_of(convention, Case(1, 1, 1, 1, (), (), (), (), (), own))[0] == line


def test_own_cases_keep_the_hypotheses():
    """All sizes satisfy what is given, no case comes twice, and the seed decides."""
    line, shapes = BILINEAR
    found = own_cases(line, shapes, ("q <= k", "p = 2"), 1)
    assert 1 < len(found) <= LAYERS
    assert len(set(found)) == len(found)
    for case in found:
        sizes = case.sizes()
        assert set(sizes) == {"p", "k", "q"}
        assert sizes["q"] <= sizes["k"]
        assert sizes["p"] == 2
        assert min(sizes.values()) >= 1
    assert found == own_cases(line, shapes, ("q <= k", "p = 2"), 1)
    assert found != own_cases(line, shapes, ("q <= k", "p = 2"), 2)


def test_hypotheses_may_be_needed():
    """Without a hypothesis there are cases that it would exclude."""
    line, shapes = BILINEAR
    assert any(case.sizes()["q"] > case.sizes()["k"] for case in own_cases(line, shapes, (), 0))


def test_hypotheses_that_nothing_satisfies_are_told():
    """Where there are no sizes nothing would be tested."""
    with pytest.raises(Untestable):
        own_cases(*BILINEAR, ("k < k",), 0)
