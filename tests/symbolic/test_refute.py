"""The search for a counterexample: the smallest comes first, is worked out, and giving up is no refutation."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck import read_document
from gradcheck.claims.parsing import parse_formula, parse_hypothesis, parse_identity, parse_shape
from gradcheck.errors import NotationError
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import Int, evaluate, symbols
from gradcheck.notation.size_grammar import parse_sizes
from gradcheck.notation.sums import Chain, Expansion, Read
from gradcheck.symbolic.refute import expanded, refute, worked_out, wrong

DOCUMENT = read_document()
LAYER, WHERE = DOCUMENT.layer, DOCUMENT.where
SIZES = [(1, 2, 1, 1), (2, 5, 3, 2), (1, 3, 2, 3), (3, 4, 1, 2)]  # k, n, p, m
Entry = tuple[int, ...]
Product = tuple[tuple[str, Entry], ...]


def told(statement, sizes) -> tuple[str, list[str]]:
    """How a statement is false at given sizes, and its workings, as texts."""
    difference, workings = wrong(LAYER, statement, dict(zip("knpm", sizes, strict=True)))
    return str(difference), [str(working) for working in workings]


def test_only_sizes_that_matter_are_told() -> None:
    """A counterexample names the sizes that the claim depends on."""
    found = refute(LAYER, WHERE, parse_identity("n = m", LAYER), ("n", "m"))
    assert found.sizes == (("n", 2), ("m", 1))


def test_too_large_is_no_refutation() -> None:
    """Where the arrays become too large to try, nothing is said."""
    formula = parse_formula("dX[i] = sum(j, pad(corr(pad(dY[j], 500+m-1), F[j,i]), -500))", LAYER)
    assert refute(LAYER, WHERE, formula, ()) is None


@pytest.mark.parametrize("text", ["side(Y[j]) = n-m+1", "padding(dX) = m-1"])
def test_what_is_true_is_not_wrong(text: str) -> None:
    """A statement that holds has neither a difference nor workings."""
    for sizes in SIZES:
        assert wrong(LAYER, parse_identity(text, LAYER), dict(zip("knpm", sizes, strict=True))) is None


def test_a_counterexample_has_the_workings_of_its_sizes() -> None:
    """What is worked out is the statement at the smallest sizes at which it is false, not at any others."""
    statement = parse_shape({"Y": "p n-m+1 m"}, LAYER)
    found = refute(LAYER, WHERE, statement, LAYER.sizes)
    assert dict(found.sizes) == {"k": 1, "n": 2, "p": 1, "m": 1}
    assert (found.difference, found.workings) == wrong(LAYER, statement, dict(found.sizes))
    assert found.workings


@pytest.mark.parametrize("sizes", SIZES)
def test_a_shape_is_worked_out(sizes: tuple[int, int, int, int]) -> None:
    """The sizes claimed come with numbers put in, the layer's own with what a window really has room for."""
    k, n, p, m = sizes
    room = sum(a + m <= n for a in range(n))
    difference, workings = told(parse_shape({"Y": "p n-m+2 2*m+k"}, LAYER), sizes)
    assert difference == f"the shape of Y: got {p} x {room + 1} x {m + m + k}, should be {p} x {room} x {room}"
    assert workings == [
        f"n - m + 2 = {n} - {m} + 2 = {room + 1} as stated",
        f"2*m + k = 2*{m} + {k} = {m + m + k} as stated",
        f"Y: {p} x {room} x {room} by the layer",
    ]


def test_what_needs_no_working_out_has_none() -> None:
    """Numbers and single symbols stand for themselves: of them only what the layer has is told."""
    assert told(parse_shape({"X": "n n 7"}, LAYER), (2, 5, 3, 2)) == (
        "the shape of X: got 5 x 5 x 7, should be 2 x 5 x 5",
        ["X: 2 x 5 x 5 by the layer"],
    )


@pytest.mark.parametrize(
    ("sizes", "at", "chains"),
    [
        ("n m 3", {"n": 5, "m": 2}, []),
        ("n-m n-m", {"n": 5, "m": 2}, ["n - m = 5 - 2 = 3"]),
        ("n*n-m 2-1 m**2", {"n": 5, "m": 2}, ["n*n - m = 5*5 - 2 = 23", "m**2 = 2**2 = 4"]),
        ("(n+1)*m", {"n": 5, "m": 0}, ["(n + 1)*m = (5 + 1)*0 = 0"]),
        ("m-n", {"n": 5, "m": 2}, ["m - n = 2 - 5 = -3"]),
    ],
)
def test_sizes_are_worked_out_once(sizes: str, at: dict[str, int], chains: list[str]) -> None:
    """Each size that is no number and no symbol is told, put in, and evaluated, and none twice."""
    assert [str(chain) for chain in worked_out(parse_sizes(sizes), at)] == chains


QUANTITIES = st.recursive(
    st.sampled_from(["n", "m", "k", "0", "1", "7"]),
    lambda inner: st.builds("({}{}{})".format, inner, st.sampled_from("+-*"), inner),
    max_leaves=5,
)


@given(st.lists(QUANTITIES, min_size=1, max_size=3), st.tuples(*[st.integers(0, 9)] * 3))
def test_every_working_is_true(texts: list[str], values: tuple[int, int, int]) -> None:
    """All links of a chain have one value, the middle one without a symbol, and the last one a number."""
    at = dict(zip("nmk", values, strict=True))
    for chain in worked_out([size for text in texts for size in parse_sizes(text)], at):
        assert len({evaluate(link, at) for link in chain.links}) == 1
        assert symbols(chain.links[0])
        assert [symbols(link) for link in chain.links[1:]] == [()] * (len(chain.links) - 1)
        assert isinstance(chain.links[-1], Int)


def reach(n: int, m: int) -> int:
    """How many output positions before the first one have a window that still touches the input."""
    return -min(a for a in range(-n - m, n) if any(0 <= a + u < n for u in range(m)))


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(
    ("text", "workings"),
    [
        (
            "side(Y[j]) = n-m+7 = 2*m",
            lambda k, n, p, m: [
                f"side(Y[j]) = {sum(a + m <= n for a in range(n))}",
                f"n - m + 7 = {n} - {m} + 7 = {n - m + 7}",
                f"2*m = 2*{m} = {m + m}",
            ],
        ),
        ("padding(dX) = m+1", lambda k, n, p, m: [f"padding(dX) = {reach(n, m)}", f"m + 1 = {m} + 1 = {m + 1}"]),
        ("p+k = depth(dX)", lambda k, n, p, m: [f"p + k = {p} + {k} = {p + k}", f"depth(dX) = {k}"]),
        ("side(X[i]) = 99", lambda k, n, p, m: [f"side(X[i]) = {n}"]),
        ("n = 99", lambda k, n, p, m: []),
    ],
)
def test_an_identity_is_worked_out(text: str, workings: Callable[..., list[str]], sizes) -> None:
    """Each measure comes with the number read off its array, each size with its value, in the claim's order."""
    assert told(parse_identity(text, LAYER), sizes)[1] == workings(*sizes)


def test_no_working_says_that_different_numbers_are_equal() -> None:
    """Where a measure finds several sizes they are all told, but not as if they were one."""
    identity = parse_identity("side(X) = n", LAYER)
    difference, workings = wrong(LAYER, identity, {"k": 2, "n": 5, "p": 1, "m": 1})
    assert str(difference) == "side(X) = n: got 2 and 5, should be equal"
    assert any("2" in str(working) and "5" in str(working) for working in workings)
    chains = [part.links for working in workings for part in working.parts if isinstance(part, Chain)]
    assert all(len({link.value for link in links if isinstance(link, Int)}) <= 1 for links in chains)


def truth(k: int, n: int, p: int, m: int) -> Iterator[tuple[str, Entry, Product]]:
    """Every product that adds to an entry of a gradient, by the loops that define the layer."""
    o = n - m + 1
    for j, a, b, i, u, v in product(range(p), range(o), range(o), range(k), range(m), range(m)):
        x, f, y = ("X", (i, a + u, b + v)), ("F", (j, i, u, v)), ("dY", (j, a, b))
        yield "dX", x[1], (f, y)
        yield "dF", f[1], (x, y)


def convolved(k: int, n: int, p: int, m: int) -> Iterator[tuple[str, Entry, Product]]:
    """dF[j,i] as the true convolution of X[i] and dY[j]."""
    o = n - m + 1
    for j, i, u, v, a, b in product(range(p), range(k), range(m), range(m), range(o), range(o)):
        yield "dF", (j, i, u, v), (("X", (i, u + o - 1 - a, v + o - 1 - b)), ("dY", (j, a, b)))


def unrotated(k: int, n: int, p: int, m: int) -> Iterator[tuple[str, Entry, Product]]:
    """dX[i] with the filters as they are: sum_j corr(pad(dY[j], m-1), F[j,i])."""
    o = n - m + 1
    for j, i, x, y, u, v in product(range(p), range(k), range(n), range(n), range(m), range(m)):
        a, b = x + u - (m - 1), y + v - (m - 1)
        if 0 <= a < o and 0 <= b < o:
            yield "dX", (i, x, y), (("F", (j, i, u, v)), ("dY", (j, a, b)))


def collected(terms: Iterator[tuple[str, Entry, Product]], tensor: str) -> dict[Entry, Counter[Product]]:
    """The products of each entry of one tensor."""
    entries: dict[Entry, Counter[Product]] = {}
    for name, entry, factors in terms:
        if name == tensor:
            entries.setdefault(entry, Counter())[tuple(sorted(factors))] += 1
    return entries


def factor(read: Read) -> tuple[str, Entry]:
    """An entry that is read, as a tensor and a place."""
    return read.tensor, tuple(evaluate(e, {}) for e in read.at)


def counted(expansion: Expansion) -> Counter[Product]:
    """The products of an entry that is written out."""
    products = Counter({tuple(sorted(map(factor, reads))): n for n, reads in expansion.terms})
    assert len(products) == len(expansion.terms)
    return products


@pytest.mark.parametrize("sizes", [(1, 2, 1, 2), (2, 3, 1, 2), (1, 4, 2, 2), (2, 4, 2, 3)])
@pytest.mark.parametrize(
    ("text", "tensor", "claimed"),
    [
        ("dF[j,i] = conv(X[i], dY[j])", "dF", convolved),
        ("dX[i] = sum(j, corr(pad(dY[j], m-1), F[j,i]))", "dX", unrotated),
    ],
)
def test_a_formula_is_worked_out(text: str, tensor: str, claimed: Callable, sizes) -> None:
    """The first entry that differs is written out as the layer has it and as the claim has it, product by product."""
    by_layer, by_claim = (collected(terms(*sizes), tensor) for terms in (truth, claimed))
    differing = sorted(entry for entry in {*by_layer, *by_claim} if by_layer.get(entry) != by_claim.get(entry))
    found = wrong(LAYER, parse_formula(text, LAYER), dict(zip("knpm", sizes, strict=True)))
    if not differing:
        assert found is None
        return
    difference, (layer_has, claim_has, _) = found
    (first, *_) = differing
    assert str(difference.where) == f"{tensor}[{','.join(map(str, first))}]"
    assert [layer_has.parts[1], claim_has.parts[1]] == [" by the layer", " as stated"]
    for told, expected in ((layer_has.parts[0], by_layer[first]), (claim_has.parts[0], by_claim.get(first, Counter()))):
        assert factor(told.entry) == (tensor, first)
        assert counted(told) == expected


@pytest.mark.parametrize("sizes", [(1, 2, 1, 1), (2, 4, 1, 2)])
def test_a_convolution_differs_where_its_windows_have_room(sizes) -> None:
    """The test of the formulas does find something: at these sizes the two readings differ."""
    assert collected(truth(*sizes), "dF") != collected(convolved(*sizes), "dF")


def value(expansion: Expansion, put_in: dict[tuple[str, Entry], int]) -> int:
    """An entry that is written out, where these numbers are put in and every other entry is 0."""
    return sum(n * prod(put_in.get(one, 0) for one in factors) for factors, n in counted(expansion).items())


AMOUNTS = st.sampled_from(["0", "1", "m-1", "m", "n-m"])
PARTS = st.recursive(
    st.sampled_from(["X[i]", "dY[j]", "F[j,i]"]),
    lambda inner: st.one_of(
        st.builds("pad({}, {})".format, inner, AMOUNTS),
        st.builds("rot180({})".format, inner),
        st.builds("{}({}, {})".format, st.sampled_from(["corr", "conv"]), inner, inner),
    ),
    max_leaves=3,
)
SIDES = st.sampled_from(["dX[i] = sum(j, {})", "dF[j,i] = {}", "Y[j] = sum(i, {})", "dX[j] = sum(i, {})"])


@settings(max_examples=150, deadline=None)
@given(SIDES, PARTS)
def test_the_numbers_of_a_working_are_those_of_its_sums(form: str, part: str) -> None:
    """Where an entry is told in numbers, both sums have these numbers once the entries named are put in."""
    try:
        formula = parse_formula(form.format(part), LAYER)
    except NotationError:
        return
    found = refute(LAYER, WHERE, formula, LAYER.sizes)
    if found is None or len(found.workings) != 3:
        return
    layer_has, claim_has, in_numbers = found.workings
    chains = [part for part in in_numbers.parts if isinstance(part, Chain)]
    put_in = {factor(read): number.value for *reads, number in (chain.links for chain in chains) for read in reads}
    numbers = [part.value for part in in_numbers.parts if isinstance(part, Int)]
    assert put_in
    assert numbers == [value(layer_has.parts[0], put_in), value(claim_has.parts[0], put_in)]
    assert numbers[0] != numbers[1]


def test_an_entry_that_nothing_adds_to_is_written_out_as_zero() -> None:
    """A sum without products is 0, a product that is met twice is counted, one that is not met is left out."""
    entry = Read("Y", (Int(0),))
    x, f = ("X", (1,)), ("F", (0, 2))
    assert str(expanded(entry, Counter())) == "Y[0] = 0"
    assert str(expanded(entry, Counter({(x,): 0, (f, x): 2, (f,): 1}))) == "Y[0] = F[0,2] + 2 F[0,2] X[1]"


@pytest.mark.parametrize(("amount", "more"), [("m", 2), ("m+1", 4)])
@pytest.mark.parametrize("sizes", SIZES)
def test_a_formula_of_another_shape_has_both_shapes(amount: str, more: int, sizes) -> None:
    """Where the sides have different shapes, these are what is told."""
    n = sizes[1]
    formula = parse_formula(f"dX[i] = sum(j, corr(pad(dY[j], {amount}), rot180(F[j,i])))", LAYER)
    difference, workings = told(formula, sizes)
    assert difference == f"the shape of dX[i]: got {n + more} x {n + more}, should be {n} x {n}"
    assert workings == [
        f"dX[i]: {n} x {n} by the layer",
        f"{formula.right}: {n + more} x {n + more} as stated",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "dX[i] = sum(j, corr(pad(dY[j], m-2), rot180(F[j,i])))",
            "nothing is left of 1 x 1 after a padding of -1 before and -1 after",
        ),
        ("dF[j,i] = corr(X[i], dilate(dY[j], n-1))", "entries cannot stand 0 places apart"),
        ("dF[j,i] = corr(X[i], dY[j], stride=1-n)", "a stride of 0"),
        ("dF[j,i] = corr(X[i], pad(X[i], 1))", "a kernel of 3 x 3 does not fit into 1 x 1"),
    ],
)
def test_what_is_undefined_has_nothing_to_work_out(text: str, why: str) -> None:
    """A formula that has no value says why, and has no workings."""
    formula = parse_formula(text, LAYER)
    difference, workings = wrong(LAYER, formula, {"k": 1, "n": 1, "p": 1, "m": 1})
    assert (str(difference.where), str(difference.got), difference.should) == (str(formula), why, "defined")
    assert workings == ()


def test_a_dense_layer_is_worked_out_without_axes() -> None:
    """Entries of a layer where nothing slides are written out like any others."""
    layer = parse_layer("dense", {})
    found = refute(layer, (), parse_formula("dX[i] = sum(j, W[j,i])", layer), layer.sizes)
    assert dict(found.sizes) == {"p": 1, "k": 1}
    assert [str(working) for working in found.workings[:2]] == [
        "dX[0] = W[0,0] dY[0] by the layer",
        "dX[0] = W[0,0] as stated",
    ]


STRIDED = "Y[j,a] += pad(X,P)[i, s*a+d*u] * F[j,i,u]"


@pytest.mark.parametrize(
    ("claim", "where", "sizes", "difference", "workings"),
    [
        (
            {"Y": "p (n+2*P-d*(m-1))//s"},
            "d*(m-1)+1 <= n+2*P",
            {"n": 1, "p": 1, "m": 1, "s": 2, "d": 1, "P": 0},
            "the shape of Y: got 1 x 0, should be 1 x 1",
            [
                "(n + 2*P - d*(m - 1))//s = (1 + 2*0 - 1*(1 - 1))//2 = 0 as stated",
                "Y: 1 x 1 by the layer",
            ],
        ),
        (
            {"Y": "p ceil((n+2*P-d*(m-1))/s)+(n-1)%s"},
            "d*(m-1)+1 <= n+2*P",
            {"n": 2, "p": 1, "m": 1, "s": 2, "d": 1, "P": 0},
            "the shape of Y: got 1 x 2, should be 1 x 1",
            [
                "ceil((n + 2*P - d*(m - 1))/s) + (n - 1)%s = ceil((2 + 2*0 - 1*(1 - 1))/2) + (2 - 1)%2 = 2 as stated",
                "Y: 1 x 1 by the layer",
            ],
        ),
    ],
)
def test_floors_and_remainders_are_worked_out(
    claim: dict[str, str], where: str, sizes: dict[str, int], difference: str, workings: list[str]
) -> None:
    """A size with a stride is told with its numbers put in, at the smallest sizes at which it is false."""
    layer = parse_layer(STRIDED, {"X": "k n", "F": "p k m"})
    found = refute(layer, parse_hypothesis(where, layer), parse_shape(claim, layer), tuple(sizes))
    assert dict(found.sizes) == sizes
    assert str(found.difference) == difference
    assert [str(working) for working in found.workings] == workings


@pytest.mark.parametrize(
    ("text", "sizes", "workings"),
    [
        (
            "dX[i] = sum(j, conv(pad(dilate(dY[j], s), 0, (n-1)%s), F[j,i]))",
            {"k": 1, "n": 3, "p": 1, "m": 1, "s": 2, "d": 1, "P": 0},
            None,
        ),
        (
            "dX[i] = sum(j, conv(pad(dilate(dY[j], s), (n-1)%s, 0), F[j,i]))",
            {"k": 1, "n": 2, "p": 1, "m": 1, "s": 2, "d": 1, "P": 0},
            [
                "dX[0,0] = F[0,0,0] dY[0,0] by the layer",
                "dX[0,0] = 0 as stated",
                "with F[0,0,0] = 1, dY[0,0] = 1 and every other entry 0: 1 by the layer, 0 as stated",
            ],
        ),
        (
            "dX[i] = sum(j, conv(pad(dY[j], 0, n-1-(n-1)//s), F[j,i]))",
            {"k": 1, "n": 3, "p": 1, "m": 1, "s": 2, "d": 1, "P": 0},
            [
                "dX[0,1] = 0 by the layer",
                "dX[0,1] = F[0,0,0] dY[0,1] as stated",
                "with F[0,0,0] = 1, dY[0,1] = 1 and every other entry 0: 0 by the layer, 1 as stated",
            ],
        ),
    ],
)
def test_zeros_in_the_wrong_places_are_worked_out(text: str, sizes: dict[str, int], workings: list[str] | None) -> None:
    """With single taps a remainder on the wrong side, or no zeros between the entries, shows in one entry."""
    layer = parse_layer(STRIDED, {"X": "k n", "F": "p k m"})
    found = wrong(layer, parse_formula(text, layer), sizes)
    assert (found and [str(working) for working in found[1]]) == workings
