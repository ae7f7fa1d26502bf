"""The small sizes at which things are tried: in order, within the hypotheses, and never of nothing."""

from dataclasses import replace
from itertools import islice, product

from gradcheck import read_document
from gradcheck.claims.parsing import parse_hypothesis
from gradcheck.claims.small_sizes import MAX_TRIED, determined, free_sizes, small_sizes, smallest
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


def test_the_smallest_are_the_first() -> None:
    """So many sizes are kept as are tried, the smallest of them."""
    assert smallest(LAYER, WHERE) == tuple(islice(small_sizes(LAYER, WHERE), MAX_TRIED))


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


STRIDED = replace(parse_layer("conv1d_general", {}), defined=("r",))


def test_amounts_of_padding_start_from_zero() -> None:
    """The first sizes have no padding, and those with some come in their turn."""
    where = parse_hypothesis("d*(m-1)+1 <= n+2*P", STRIDED)
    found = list(islice(small_sizes(parse_layer("conv1d_general", {}), where), 40))
    assert found[0] == {"k": 1, "n": 1, "p": 1, "m": 1, "s": 1, "d": 1, "P": 0}
    assert {one["P"] for one in found[:20]} == {0, 1, 2}
    assert all(one["n"] + 2 * one["P"] >= one["d"] * (one["m"] - 1) + 1 for one in found)


def test_a_defined_size_has_its_value() -> None:
    """A name that a hypothesis defines is worked out from the others, and comes with them."""
    where = parse_hypothesis("r = n % s", STRIDED)
    found = list(islice(small_sizes(STRIDED, where), 200))
    assert all(one["r"] == one["n"] % one["s"] for one in found)
    assert {one["r"] for one in found} == {0, 1, 2}
    assert free_sizes(STRIDED, where) == STRIDED.sizes


def test_a_hypothesis_on_a_defined_size_is_respected() -> None:
    """What is further said of a defined name chooses among the sizes."""
    where = (*parse_hypothesis("r = n % s", STRIDED), *parse_hypothesis("r >= 1", STRIDED))
    assert all(one["n"] % one["s"] >= 1 for one in islice(small_sizes(STRIDED, where), 50))


def test_sizes_that_equations_give_are_not_free() -> None:
    """A size that equals something made from others is determined, each after those that it needs."""
    where = tuple(h for text in ("n = 2*m", "m = k + 1", "P = n") for h in parse_hypothesis(text, STRIDED))
    assert free_sizes(STRIDED, where) == ("k", "p", "s", "d")
    names = [name for name, _ in determined(STRIDED, where)]
    assert names == ["m", "n", "P"]
    one = next(small_sizes(replace(STRIDED, defined=()), where))
    assert (one["k"], one["m"], one["n"], one["P"]) == (1, 2, 4, 4)


def test_an_output_of_given_sizes_is_tried() -> None:
    """The sizes of an output that nothing bounds are among those that vary."""
    found = [tuple(one.items()) for one in islice(small_sizes(parse_layer("bias", {}), ()), 4)]
    assert found == [(("p", p), ("N", n), ("o", o)) for p, n, o in [(1, 1, 1), (1, 1, 2), (1, 2, 1), (2, 1, 1)]]
