"""The search for a counterexample: the smallest comes first, and giving up is no refutation."""

from itertools import islice

from gradcheck import read_document
from gradcheck.claims.parsing import parse_formula, parse_hypothesis, parse_identity
from gradcheck.layers.layer import parse_layer
from gradcheck.symbolic.refute import refute, small_sizes

DOCUMENT = read_document()
LAYER, WHERE = DOCUMENT.layer, DOCUMENT.where


def test_sizes_come_in_order_of_their_sum() -> None:
    """Smaller sums first, and among equal sums the order of the sizes."""
    found = [tuple(sizes.values()) for sizes in islice(small_sizes(LAYER, WHERE), 100)]
    assert found == sorted(found, key=lambda sizes: (sum(sizes), sizes))
    assert len(set(found)) == 100


def test_hypotheses_and_least_values_are_respected() -> None:
    """No size is below its least, and none violates a hypothesis."""
    where = (*parse_hypothesis("3 <= m", LAYER), *parse_hypothesis("m < n", LAYER))
    assert all(3 <= sizes["m"] < sizes["n"] for sizes in islice(small_sizes(LAYER, where), 50))


def test_no_operand_is_empty() -> None:
    """A size that may be 0 is 0 only where that leaves something to sum."""
    layer = parse_layer("Y[j] += W[j,i] * X[i]", {"W": "p k+r", "X": "k+r"})
    where = (*parse_hypothesis("k >= 0", layer), *parse_hypothesis("r >= 0", layer))
    sizes = list(islice(small_sizes(layer, where), 30))
    assert {"p": 1, "k": 0, "r": 1} in sizes
    assert all(one["k"] + one["r"] > 0 for one in sizes)


def test_only_sizes_that_matter_are_told() -> None:
    """A counterexample names the sizes that the claim depends on."""
    found = refute(LAYER, WHERE, parse_identity("n = m", LAYER), ("n", "m"))
    assert found.sizes == (("n", 2), ("m", 1))


def test_too_large_is_no_refutation() -> None:
    """Where the arrays become too large to try, nothing is said."""
    formula = parse_formula("dX[i] = sum(j, pad(corr(pad(dY[j], 500+m-1), F[j,i]), -500))", LAYER)
    assert refute(LAYER, WHERE, formula, ()) is None
