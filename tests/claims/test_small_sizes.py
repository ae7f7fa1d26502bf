"""The small sizes at which things are tried: in order, within the hypotheses, and never of nothing."""

from itertools import islice, product

from gradcheck import read_document
from gradcheck.claims.parsing import parse_hypothesis
from gradcheck.claims.small_sizes import small_sizes
from gradcheck.layers.layer import parse_layer

DOCUMENT = read_document()
LAYER, WHERE = DOCUMENT.layer, DOCUMENT.where


def test_sizes_come_in_order_of_their_sum() -> None:
    """Smaller sums first, and among equal sums the order of the sizes."""
    found = [tuple(sizes.values()) for sizes in islice(small_sizes(LAYER, WHERE), 100)]
    assert found == sorted(found, key=lambda sizes: (sum(sizes), sizes))
    assert len(set(found)) == 100


def test_no_small_size_is_left_out() -> None:
    """Up to any sum, the sizes are all those that satisfy the hypotheses."""
    found = {tuple(sizes.values()) for sizes in small_sizes(LAYER, WHERE) if sum(sizes.values()) <= 9}
    assert found == {(k, n, p, m) for k, n, p, m in product(range(1, 7), repeat=4) if m <= n and k + n + p + m <= 9}


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


def test_what_nothing_satisfies_has_no_sizes() -> None:
    """Hypotheses that contradict each other leave nothing to try."""
    where = (*parse_hypothesis("m < n", LAYER), *parse_hypothesis("n < m", LAYER))
    assert list(small_sizes(LAYER, where)) == []
