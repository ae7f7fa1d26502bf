"""Proofs, refutations, and the honest third: open."""

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck import read_document
from gradcheck.claims.parsing import parse_formula, parse_hypothesis, parse_identity, parse_shape
from gradcheck.claims.small_sizes import small_sizes
from gradcheck.errors import NotationError
from gradcheck.evidence import Difference, Proof
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
