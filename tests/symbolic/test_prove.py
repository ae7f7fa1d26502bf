"""Proofs, refutations, and the honest third: open."""

from functools import cache
from itertools import islice

import pytest
from derivations import CASES, GENERAL, REST, REVERSED, TRANSPOSED, Case, case
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck import read_document
from gradcheck.claims.parsing import parse_formula, parse_hypothesis, parse_identity, parse_shape
from gradcheck.claims.small_sizes import small_sizes
from gradcheck.difference import Difference
from gradcheck.errors import NotationError
from gradcheck.evidence import Proof
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import symbols
from gradcheck.symbolic.certificates import holds
from gradcheck.symbolic.prove import decide
from gradcheck.symbolic.refute import wrong
from gradcheck.symbolic.replay import replay
from gradcheck.symbolic.theory import theory

DOCUMENT = read_document()
LAYER, WHERE = DOCUMENT.layer, DOCUMENT.where
KNOWN = theory(LAYER, WHERE)


def identity(text: str, *where: str) -> Proof:
    """The verdict on an identity under some hypotheses."""
    hypotheses = tuple(h for one in where for h in parse_hypothesis(one, LAYER))
    return decide(theory(LAYER, hypotheses), hypotheses, parse_identity(text, LAYER))


@pytest.mark.parametrize(
    ("text", "where", "status"),
    [
        ("n - (n-m+1) + 1 = m", ["m <= n"], "proved"),
        ("(n-m+1)*(n+m-1) = n*n - (m-1)**2", [], "proved"),
        ("n = m", ["m <= n", "n <= m"], "proved"),
        ("n*m = m*m", ["n = m"], "proved"),
        ("n = 28", ["n = 28"], "proved"),
        ("n = m", ["m <= n"], "refuted"),
        ("n*m = n+m", [], "refuted"),
        ("(n-1)*(n-2)*(n-3) = 0", ["n <= 3"], "open"),
        ("n*n = n*n + 0*m", [], "proved"),
    ],
)
def test_identity(text: str, where: list[str], status: str) -> None:
    """An identity is proved, refuted, or left open, and open is neither."""
    assert identity(text, *where).status == status


def test_open_is_no_proof() -> None:
    """What is true but has no certificate has no counterexample and is not proved."""
    proof = identity("(n-1)*(n-2)*(n-3) = 0", "n <= 3")
    assert proof.counterexample is None
    assert any(step.missing for step in proof.steps)


def test_refutation_is_a_fact() -> None:
    """A counterexample satisfies the hypotheses and the claim is false there."""
    proof = identity("n*m = n+m", "3 <= m", "m <= n")
    assert dict(proof.counterexample.sizes) == {"n": 3, "m": 3}
    assert str(proof.counterexample.difference) == "n*m = n + m: got 9 and 6, should be equal"


@pytest.mark.parametrize("claim", DOCUMENT.claims, ids=lambda claim: claim.id)
def test_certificates_recheck(claim) -> None:
    """Every certificate of the document's proofs is an identity over facts that are listed as >= 0."""
    for step in decide(KNOWN, WHERE, claim.statement).steps:
        for certificate in step.certificates:
            facts = KNOWN.facts.plus([fact for _, product in certificate.parts for fact in product])
            assert holds(certificate, facts)


@pytest.mark.parametrize("claim", ["filter-gradient-formula", "input-gradient-formula"])
def test_a_comparison_says_each_thing_once(claim: str) -> None:
    """The certificates of a comparison speak of the indices of its two equations, and none repeats another."""
    (statement,) = (one.statement for one in DOCUMENT.claims if one.id == claim)
    (step,) = (step for step in decide(KNOWN, WHERE, statement).steps if step.rule == "compare")
    known = {*LAYER.sizes, *(r.index for said in (step.before, step.after) for r in (*said.free, *said.over))}
    goals = [certificate.goal for certificate in step.certificates]
    assert {name for goal in goals for name in symbols(goal)} <= known
    assert len(set(goals)) == len(goals) > 0
    assert "*" not in str(step.because)


AMOUNTS = st.sampled_from(["0", "1", "m-1", "m-2", "m", "1-m", "n-m", "2*m-2"])
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
def test_proofs_are_never_wrong(form: str, part: str) -> None:
    """A formula that is proved is true wherever it is tried; one that is refuted is false where that says."""
    try:
        formula = parse_formula(form.format(part), LAYER)
    except NotationError:
        return
    proof = decide(KNOWN, WHERE, formula)
    assert proof.status != "open"
    if proof.status == "proved":
        replay(LAYER, WHERE, proof.steps)
        assert not any(wrong(LAYER, formula, sizes) for sizes in islice(small_sizes(LAYER, WHERE), 60))
    else:
        assert wrong(LAYER, formula, dict(proof.counterexample.sizes))


@pytest.mark.parametrize(
    "text",
    [
        "dX[i] = sum(j, conv(pad(dY[j], m-1), F[j,i]))",
        "dX[i] = sum(j, corr(pad(F[j,i], n-m), rot180(dY[j])))",
        "dX[i] = sum(j, conv(pad(F[j,i], n-m), dY[j]))",
        "dX[i] = sum(j, pad(corr(pad(dY[j], 2*m-2), rot180(F[j,i])), 1-m))",
        "dF[j,i] = rot180(conv(rot180(X[i]), dY[j]))",
    ],
)
def test_other_ways_to_say_it(text: str) -> None:
    """A formula need not look like the derived one to be proved equal to it."""
    assert decide(KNOWN, WHERE, parse_formula(text, LAYER)).status == "proved"


def test_shape_of_an_index_that_does_not_fit() -> None:
    """An index that stands for axes of different sizes is refuted where they differ."""
    formula = parse_formula("dX[i] = sum(j, corr(pad(dY[i], m-1), rot180(F[j,i])))", LAYER)
    proof = decide(KNOWN, WHERE, formula)
    assert dict(proof.counterexample.sizes) == {"k": 1, "n": 1, "p": 2, "m": 1}
    difference, workings = wrong(LAYER, formula, {"k": 2, "n": 1, "p": 1, "m": 1})
    assert isinstance(difference, Difference)
    assert str(difference.where) == str(formula)
    assert (str(difference.got), difference.should) == ("dY[1] does not exist", "defined")
    assert workings == ()


def test_dense_layer_has_no_spatial_axes() -> None:
    """Products of numbers are correlations without axes."""
    layer = parse_layer("dense", {})
    known = theory(layer, ())
    for text in ("dW[j,i] = corr(dY[j], X[i])", "dX[i] = sum(j, corr(W[j,i], dY[j]))"):
        assert decide(known, (), parse_formula(text, layer)).status == "proved"
    assert decide(known, (), parse_formula("dX[i] = sum(j, W[j,i])", layer)).status == "refuted"


def test_a_shape_may_be_of_any_formula() -> None:
    """Sizes of arrays made by functions are derived like those of tensors."""
    shape = parse_shape({"pad(rot180(X[i]), m-n)": "2*m-n 2*m-n"}, LAYER)
    assert decide(KNOWN, WHERE, shape).status == "refuted"
    halves = parse_hypothesis("n <= 2*m", LAYER)
    assert decide(theory(LAYER, (*WHERE, *halves)), (*WHERE, *halves), shape).status == "proved"


def decided(own: Case, text: str) -> Proof:
    """What is found of a formula of a layer with strides and zeros; its proof is replayed."""
    found = _decided(tuple(CASES.values()).index(own), text)
    if found.status == "proved":
        replay(own.known.layer, hypotheses(own), found.steps)
    return found


@cache
def _decided(number: int, text: str) -> Proof:
    own = tuple(CASES.values())[number]
    return decide(own.known, hypotheses(own), parse_formula(text, own.known.layer))


def hypotheses(own: Case) -> tuple:
    """The hypotheses of a case."""
    return tuple(h for text in own.where for h in parse_hypothesis(text, own.known.layer))


PADDED = f"pad(dilate(dY[j], s), d*(m-1)-P, d*(m-1)-P+{REST})"
TRUE = [
    ("general", "Y[j] = sum(i, corr(pad(X[i], P), F[j,i], stride=s, dilation=d))"),
    ("general", "Y[j] = sum(i, corr(pad(X[i], P), dilate(F[j,i], d), stride=s))"),
    ("general", f"dX[i] = sum(j, corr({PADDED}, rot180(F[j,i]), dilation=d))"),
    ("general", f"dX[i] = sum(j, conv({PADDED}, F[j,i], dilation=d))"),
    ("general", f"dX[i] = sum(j, conv({PADDED}, dilate(F[j,i], d)))"),
    ("general", f"dX[i] = sum(j, crop(conv(pad(dilate(dY[j], s), d*(m-1), d*(m-1)+{REST}), F[j,i], dilation=d), P))"),
    ("reversed windows", "Y[j] = sum(i, conv(pad(X[i], P), F[j,i], stride=s, dilation=d))"),
    ("reversed windows", f"dX[i] = sum(j, corr({PADDED}, F[j,i], dilation=d))"),
    ("two axes", f"dX[i] = sum(j, conv({PADDED}, F[j,i], dilation=d))"),
    ("groups", f"dX[g,i] = sum(j, conv({PADDED.replace('dY[j]', 'dY[g,j]')}, F[g,j,i], dilation=d))"),
    ("asymmetric", "Y = corr(pad(X, P, Q), F, stride=s, dilation=d)"),
    (
        "asymmetric",
        "dX = conv(pad(dilate(dY, s), d*(m-1)-P, d*(m-1)-Q+(n+P+Q-d*(m-1)-1)%s), F, dilation=d)",
    ),
    (
        "transposed",
        "Y[j] = sum(i, conv(pad(dilate(X[i], s), d*(m-1)-P, d*(m-1)-P+op), F[i,j], dilation=d))",
    ),
    ("transposed", "dX[i] = sum(j, corr(pad(dY[j], P, P-op), F[i,j], stride=s, dilation=d))"),
    ("transposed", "dF[i,j] = corr(pad(dY[j], P, P-op), X[i], stride=d, dilation=s)"),
]


@pytest.mark.parametrize(("name", "text"), TRUE)
def test_formulas_with_strides_and_zeros_are_proved(name: str, text: str) -> None:
    """The output and the gradients have their formula for all strides, dilations and paddings; each proof replays."""
    own = CASES[name]
    assert decided(own, text).status == "proved"
    layer = own.known.layer
    formula = parse_formula(text, layer)
    for sizes in own.grid()[::4]:
        assert wrong(layer, formula, dict(sizes)) is None, sizes


FALSE = [
    (
        "general",
        "dX[i] = sum(j, conv(pad(dilate(dY[j], s), d*(m-1)-P), F[j,i], dilation=d))",
        {"k": 1, "n": 2, "p": 1, "m": 1, "s": 2, "d": 1, "P": 0},
        "the shape of dX[i]: got 1, should be 2",
    ),
    (
        "general",
        f"dX[i] = sum(j, corr({PADDED}, F[j,i], dilation=d))",
        {"k": 1, "n": 1, "p": 1, "m": 2, "s": 1, "d": 1, "P": 1},
        "dX[0,0]: got the term F[0,0,0] dY[0,0] once, should be not at all",
    ),
    (
        "general",
        f"dX[i] = sum(j, conv(pad(dilate(dY[j], s), d*(m-1)-P+{REST}, d*(m-1)-P), F[j,i], dilation=d))",
        {"k": 1, "n": 2, "p": 1, "m": 1, "s": 2, "d": 1, "P": 0},
        "dX[0,0]: got the term F[0,0,0] dY[0,0] not at all, should be once",
    ),
    (
        "general",
        f"dX[i] = sum(j, conv({PADDED}, F[j,i]))",
        {"k": 1, "n": 1, "p": 1, "m": 2, "s": 1, "d": 2, "P": 1},
        "the shape of dX[i]: got 2, should be 1",
    ),
    (
        "general",
        "Y[j] = sum(i, corr(pad(X[i], P), F[j,i], stride=d, dilation=s))",
        {"k": 1, "n": 1, "p": 1, "m": 1, "s": 1, "d": 2, "P": 1},
        "the shape of Y[j]: got 2, should be 3",
    ),
    (
        "general",
        "dF[j,i] = corr(pad(X[i], P), dY[j], stride=d, dilation=s)",
        {"k": 1, "n": 2, "p": 1, "m": 1, "s": 2, "d": 1, "P": 0},
        "the shape of dF[j,i]: got 2, should be 1",
    ),
    (
        "reversed windows",
        f"dX[i] = sum(j, conv({PADDED}, F[j,i], dilation=d))",
        {"k": 1, "n": 1, "p": 1, "m": 2, "s": 1, "d": 1, "P": 1},
        "dX[0,0]: got the term F[0,0,0] dY[0,0] not at all, should be once",
    ),
    (
        "transposed",
        "dX[i] = sum(j, corr(pad(dY[j], P), F[i,j], stride=s, dilation=d))",
        {"k": 1, "n": 1, "p": 1, "m": 1, "d": 1, "s": 1, "P": 0, "op": 1},
        "the shape of dX[i]: got 2, should be 1",
    ),
    (
        "asymmetric",
        "Y = corr(pad(X, Q, P), F, stride=s, dilation=d)",
        {"n": 1, "m": 1, "s": 1, "d": 1, "P": 0, "Q": 1},
        "Y[0]: got the term F[0] X[0] not at all, should be once",
    ),
]


@pytest.mark.parametrize(("name", "text", "sizes", "difference"), FALSE)
def test_false_strides_and_zeros_are_refuted(name: str, text: str, sizes: dict[str, int], difference: str) -> None:
    """A remainder left out, a stride or a dilation exchanged, a side mistaken: false, first of all at these sizes."""
    own = CASES[name]
    proof = decided(own, text)
    assert dict(proof.counterexample.sizes) == sizes
    assert str(proof.counterexample.difference) == difference
    layer = own.known.layer
    smaller = [at for at in grid_below(own, sum(sizes.values())) if wrong(layer, parse_formula(text, layer), dict(at))]
    assert smaller == []


def grid_below(own: Case, total: int) -> list:
    """All sizes with a smaller sum that satisfy the hypotheses."""
    first = islice(small_sizes(own.known.layer, hypotheses(own)), 40)  # the smallest sums come first
    return [at for at in first if sum(at.values()) < total]


@pytest.mark.parametrize(
    ("own", "where", "text"),
    [
        (
            case("Y[a] += X[s*a+u] * F[u]", {"X": "n", "F": "m"}),
            ["m <= n", "(n-m)%s = 0"],
            "dX = conv(pad(dilate(dY, s), m-1), F)",
        ),
        (
            case("Y[a] += X[s*a+u] * F[u]", {"X": "n", "F": "m"}),
            ["m <= n", "(n-m)%s = 0"],
            "dF = corr(X, dY, dilation=s)",
        ),
        (case("Y[a] += X[s*a+u] * F[u]", {"X": "n", "F": "m"}), ["m <= n", "s = 1"], "dF = corr(X, dY)"),
        (
            case("Y[a] += pad(X,P)[a+u] * F[u]", {"X": "n", "F": "m"}),
            ["m = 2*P+1"],
            "dX = conv(pad(dY, P), F)",
        ),
        (
            case("Y[a] += pad(X,P)[2*a+u] * F[u]", {"X": "n", "F": "m"}),
            ["m = 2*P+1"],
            "dX = conv(pad(dilate(dY, 2), P, P+(n-1)%2), F)",
        ),
        (TRANSPOSED, ["2*P <= s*(n-1)+d*(m-1)+op", "op < s"], TRUE[-2][1].replace("P, P-op", "P")),
    ],
)
def test_hypotheses_make_shorter_formulas_true(own: Case, where: list[str], text: str) -> None:
    """Where the windows use the whole signal, or a side is said to be what it must be, the remainder may go."""
    layer = own.known.layer
    assumed = tuple(h for one in where for h in parse_hypothesis(one, layer))
    formula = parse_formula(text, layer)
    proof = decide(theory(layer, assumed), assumed, formula)
    assert proof.status == "proved"
    replay(layer, assumed, proof.steps)
    assert decide(theory(layer, assumed[:-1]), assumed[:-1], formula).status == "refuted"


@pytest.mark.parametrize(
    ("sizes", "status"),
    [
        ("p (n+2*P-d*(m-1)-1)//s+1", "proved"),
        ("p ceil((n+2*P-d*(m-1))/s)", "proved"),
        ("p (n+2*P-d*(m-1)+s-1)//s", "proved"),
        ("p (n+2*P-d*(m-1))//s", "refuted"),
        ("p (n+2*P-d*m-1)//s+1", "refuted"),
        ("p (n+2*P-m)//s+1", "refuted"),
    ],
)
def test_sizes_with_floors(sizes: str, status: str) -> None:
    """The size of the output is proved however its floor is written, and refuted where that is another one."""
    for own in (GENERAL, REVERSED):
        shape = parse_shape({"Y": sizes}, own.known.layer)
        assert decide(own.known, hypotheses(own), shape).status == status


def test_an_empty_output_has_side_0_and_nothing_is_told_of_its_gradients() -> None:
    """Where no window fits the side is 0; that the gradients have the operands' sizes is true, but left open."""
    layer = GENERAL.known.layer
    none = parse_hypothesis("d*(m-1)+1 > n+2*P", layer)
    empty = theory(layer, none)
    assert decide(empty, none, parse_shape({"Y": "p 0"}, layer)).status == "proved"
    told = decide(empty, none, parse_shape({"Y": "p (n+2*P-d*(m-1)-1)//s+1"}, layer))
    assert str(told.counterexample.difference) == "the shape of Y: got 1 x -1, should be 1 x 0"
    assert decide(empty, none, parse_shape({"dX": "k n", "dF": "p k m"}, layer)).status == "open"
    slid = decide(empty, none, parse_formula(TRUE[0][1], layer))
    assert slid.status == "refuted"
    assert "a kernel of 3 does not fit into 1" in str(slid.counterexample.difference)


def test_the_padding_of_a_strided_layer_differs_on_its_sides() -> None:
    """A claim on the padding is about every side: with a remainder no single number is right."""
    layer = GENERAL.known.layer
    for text in ("padding(dX) = d*(m-1)-P", f"padding(dX) = d*(m-1)-P+{REST}"):
        proof = decide(GENERAL.known, hypotheses(GENERAL), parse_identity(text, layer))
        assert "got 0 and 1, should be equal" in str(proof.counterexample.difference)
    whole = (*hypotheses(GENERAL), *parse_hypothesis(f"{REST} = 0", layer))
    proof = decide(theory(layer, whole), whole, parse_identity("padding(dX) = d*(m-1)-P", layer))
    assert proof.status == "proved"


STRIDED = case("Y[a] += X[s*a+u] * F[u]", {"X": "n", "F": "m"}, "m <= n")
SIDES_OF_ZEROS = st.sampled_from(["0", "1", "-1", "m-1", "(n-m)%s", "m-1+(n-m)%s", "-((n-m)%s)", "1-m"])
APART = st.sampled_from(["1", "2", "s", "m"])
STRIDED_FORMS = st.sampled_from(
    [
        "dX = corr(pad(dilate(dY, {d}), {a}, {b}), rot180(F), stride={s})",
        "dX = crop(conv(pad(dilate(dY, {d}), {a}), F), 0, {b})",
        "dX = pad(conv(pad(dilate(dY, s), m-1), F, dilation={d}), {a}, {b})",
        "dF = corr(pad(X, {a}, {b}), dY, stride={s}, dilation={d})",
        "dF = crop(corr(X, dY, stride={s}, dilation={d}), {a}, {b})",
        "Y = corr(pad(X, {a}, {b}), F, stride={s}, dilation={d})",
    ]
)


@settings(max_examples=25, deadline=None)
@given(STRIDED_FORMS, SIDES_OF_ZEROS, SIDES_OF_ZEROS, APART, APART)
def test_proofs_with_strides_are_never_wrong(form: str, a: str, b: str, s: str, d: str) -> None:
    """A formula with strides and zeros that is proved is true wherever it is tried, one that is open as well."""
    layer, where = STRIDED.known.layer, hypotheses(STRIDED)
    formula = parse_formula(form.format(a=a, b=b, s=s, d=d), layer)
    proof = decide(STRIDED.known, where, formula)
    if proof.status == "refuted":
        assert wrong(layer, formula, dict(proof.counterexample.sizes))
        return
    assert not any(wrong(layer, formula, sizes) for sizes in islice(small_sizes(layer, where), 60))
    if proof.status == "proved":
        replay(layer, where, proof.steps)
