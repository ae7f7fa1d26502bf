"""Sizes are drawn with every corner of the hypotheses first, reproducibly."""

from dataclasses import replace

import pytest

from gradcheck.claims.parsing import parse_hypothesis
from gradcheck.errors import Untestable
from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.layers.layer import parse_layer
from gradcheck.numeric.draw import candidates, corners, draw

CONVOLUTIONS = ("conv1d", "conv2d", "conv3d", "trueconv2d")
CORNERS = {
    "m = 1": lambda s: s["m"] == 1,
    "m = n": lambda s: s["m"] == s["n"],
    "m = n > 1": lambda s: s["m"] == s["n"] > 1,
    "m < n": lambda s: s["m"] < s["n"],
    "n = 1": lambda s: s["n"] == 1,
    "k = 1": lambda s: s["k"] == 1,
    "p = 1": lambda s: s["p"] == 1,
    "m even": lambda s: s["m"] % 2 == 0,
    "m odd": lambda s: s["m"] % 2 == 1 and s["m"] > 1,
    "k < p": lambda s: s["k"] < s["p"],
    "k > p": lambda s: s["k"] > s["p"],
    "all least": lambda s: set(s.values()) == {1},
    "all different": lambda s: len(set(s.values())) == 4,
}


def drawn(kind="conv2d", where=("m <= n",), layers=200, seed=0, shapes=None):
    """The sizes drawn for a layer under these hypotheses."""
    layer = parse_layer(kind, shapes or CATALOGUE[kind][1])
    return draw(layer, [h for text in where for h in parse_hypothesis(text, layer)], layers, seed)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("corner", CORNERS)
def test_every_corner_is_among_200_layers(corner, seed):
    """Each corner of a convolution's sizes is tested, whatever the seed."""
    assert any(map(CORNERS[corner], drawn(seed=seed)))


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("kind", CONVOLUTIONS)
def test_every_corner_is_among_30_layers(kind, corner):
    """The corners come first: few layers have them all, of every kind of convolution."""
    assert any(map(CORNERS[corner], drawn(kind, layers=30)))


@pytest.mark.parametrize(
    "corner", ["m = 1", "m = n", "n = 1", "k = 1", "p = 1", "m even", "m odd", "k != p", "all least"]
)
def test_every_corner_is_one_that_is_drawn_from(corner):
    """Each corner is there by design and not by luck: one of the sets drawn from first lies within it."""
    holds = {**CORNERS, "k != p": lambda s: s["k"] != s["p"]}[corner]
    layer = parse_layer("conv2d", {})
    where = parse_hypothesis("m <= n", layer)
    sets = corners(candidates(layer, where), where)
    assert any(found and all(map(holds, found)) for found in sets)


def test_a_corner_can_be_missing_where_the_hypotheses_rule_it_out():
    """The tests of corners can fail: with m < n no layer has m = n."""
    assert not any(map(CORNERS["m = n"], drawn(where=("m < n",))))


@pytest.mark.parametrize("layers", [1, 2, 7, 40, 199])
def test_fewer_layers_are_the_first_of_more(layers):
    """A failure on layer K shows again with K layers."""
    assert drawn(layers=layers) == drawn(layers=200)[:layers]


def test_the_seed_alone_decides():
    """The same seed draws the same sizes, another seed others."""
    assert drawn(seed=3) == drawn(seed=3)
    assert drawn(seed=3) != drawn(seed=4)


@pytest.mark.parametrize("layers", [1, 21, 22, 23, 500])
def test_as_many_layers_as_asked_for(layers):
    """Corners neither add to nor take from the number of layers."""
    assert len(drawn(layers=layers)) == layers


def test_random_layers_differ():
    """Beyond the corners sizes vary."""
    assert len({tuple(sizes.items()) for sizes in drawn()}) > 50


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        (("m <= n",), lambda s: s["m"] <= s["n"]),
        (("m < n",), lambda s: s["m"] < s["n"]),
        (("n = 2*m",), lambda s: s["n"] == 2 * s["m"]),
        (("2 <= m <= n", "k = 3"), lambda s: 2 <= s["m"] <= s["n"] and s["k"] == 3),
        (("m <= n", "k < p"), lambda s: s["m"] <= s["n"] and s["k"] < s["p"]),
        (("m <= n", "n + p <= 5"), lambda s: s["m"] <= s["n"] and s["n"] + s["p"] <= 5),
        (("m <= n", "1 <= 2"), lambda s: s["m"] <= s["n"]),
    ],
)
def test_hypotheses_are_respected(where, holds):
    """Every layer drawn satisfies every hypothesis."""
    assert all(map(holds, drawn(where=where)))


def test_without_a_hypothesis_it_is_not_respected():
    """The test of hypotheses can fail: nothing said, m exceeds n somewhere."""
    assert any(sizes["m"] > sizes["n"] for sizes in drawn(where=()))


@pytest.mark.parametrize(
    ("where", "name", "low"),
    [
        ((), "k", 1),
        (("k >= 0",), "k", 1),  # a depth of 0 leaves an operand empty, with nothing to test
        (("m <= n", "5 <= m"), "m", 5),
        (("m <= n", "m > 2"), "m", 3),
        (("m <= n", "p >= 2", "p >= 4"), "p", 4),
        (("n = 28", "m <= n"), "n", 28),
        (("28 = n", "m <= n"), "n", 28),
    ],
)
def test_the_least_size_is_drawn_and_none_below(where, name, low):
    """A size starts from 1, or from where a hypothesis says."""
    found = {sizes[name] for sizes in drawn(where=where)}
    assert min(found) == low
    assert all(size >= low for size in found)


@pytest.mark.parametrize("where", [("n = 28", "m <= n"), ("n >= 28", "m <= n")])
@pytest.mark.parametrize("corner", ["m even", "m odd", "k < p", "k > p"])
def test_corners_are_tested_at_large_sizes_too(where, corner):
    """A layer that cannot be small is still tested with m > 1 and k, p different: m = 1 hides wrong readings."""
    assert any(map(CORNERS[corner], drawn(where=where)))


@pytest.mark.parametrize(
    "where",
    [("m <= n", "n < m"), ("n = 3", "n = 4"), ("n <= 0",), ("2 <= 1",), ("m <= n", "k = k + 1")],
)
def test_contradictory_hypotheses_are_untestable(where):
    """Where no sizes satisfy the hypotheses nothing would be tested, which is said and not passed."""
    with pytest.raises(Untestable, match="nothing would be tested"):
        drawn(where=where)


def test_the_complaint_names_the_hypotheses():
    """Contradictory hypotheses are quoted."""
    with pytest.raises(Untestable, match="n = 3, n = 4"):
        drawn(where=("n = 3", "n = 4"))


def test_a_layer_without_size_symbols_has_one_layer_to_test():
    """Fixed sizes are drawn as they are: there is nothing to choose."""
    found = drawn("Y[a] += X[a+u] * F[u]", (), 3, 0, {"X": "5", "F": "2"})
    assert found == ({}, {}, {})


def test_many_symbols_stay_within_the_grid():
    """Eight symbols are drawn as one is."""
    shapes = {"X": "a1 a2 a3 a4", "F": "b1 b2 b3 b4"}
    found = drawn("Y[i,j,k,l] += X[i,j,k,l] * F[i,j,k,l]", (), 20, 0, shapes)
    assert all(len(sizes) == 8 and min(sizes.values()) >= 1 for sizes in found)


@pytest.mark.parametrize(
    ("where", "shapes"),
    [
        (("m <= 999999999*999999999*999999999*n", "m <= n"), None),
        (("m <= n", "n >= 999999999"), None),
        (("m <= n", "n = 5000"), None),
        (("m <= n",), {"X": "k 999999999*999999999*999999999*n"}),
    ],
)
def test_sizes_beyond_any_machine_are_untestable_or_drawn_small(where, shapes):
    """No hypothesis makes the draw crash, nor gives a layer too large to take finite differences of."""
    layer = parse_layer("conv1d", shapes or {})
    hypotheses = [h for text in where for h in parse_hypothesis(text, layer)]
    try:
        found = draw(layer, hypotheses, 5, 0)
    except Untestable:
        return
    assert all(sizes["k"] * sizes["n"] <= 10_000 for sizes in found)


GENERAL = ("d*(m-1)+1 <= n+2*P", "r = (n+2*P-d*(m-1)-1) % s")
CORNERS_OF_ZEROS = {
    "no padding": lambda s: s["P"] == 0,
    "padding": lambda s: s["P"] > 0,
    "stride 1": lambda s: s["s"] == 1,
    "dilation 1": lambda s: s["d"] == 1,
    "stride over 1": lambda s: s["s"] > 1,
    "dilation over 1": lambda s: s["d"] > 1,
    "the window just fits": lambda s: s["d"] * (s["m"] - 1) + 1 == s["n"] + 2 * s["P"],
    "more than one window": lambda s: s["n"] + 2 * s["P"] > s["d"] * (s["m"] - 1) + s["s"],
    "a rest": lambda s: s["r"] > 0,
    "no rest": lambda s: s["r"] == 0,
    "stride is not dilation": lambda s: s["s"] != s["d"],
}


def drawn_general(layers=60, seed=0, where=GENERAL):
    """The sizes drawn for a layer with a stride, a padding and a dilation."""
    layer = replace(parse_layer("conv1d_general", {}), defined=("r",))
    return draw(layer, [h for text in where for h in parse_hypothesis(text, layer)], layers, seed)


GENERAL_SIZES = drawn_general()


@pytest.mark.parametrize("corner", CORNERS_OF_ZEROS)
def test_every_corner_of_the_zeros_is_drawn(corner):
    """Strides, dilations and paddings are drawn at their least and above it, with and without a rest."""
    assert any(map(CORNERS_OF_ZEROS[corner], GENERAL_SIZES))


def test_a_corner_of_the_zeros_can_be_missing():
    """The test of these corners can fail: with P >= 1 no layer is without padding."""
    assert not any(map(CORNERS_OF_ZEROS["no padding"], drawn_general(20, 0, (*GENERAL, "P >= 1"))))


def test_what_hypotheses_define_is_drawn_with_its_value():
    """A defined size comes with every layer, and has the value that its hypothesis gives."""
    for s in GENERAL_SIZES:
        assert s["r"] == (s["n"] + 2 * s["P"] - s["d"] * (s["m"] - 1) - 1) % s["s"]
        assert s["d"] * (s["m"] - 1) + 1 <= s["n"] + 2 * s["P"]


def test_a_padding_is_drawn_from_zero_and_a_stride_from_one():
    """A size that is only an amount of padding starts from 0, all others from 1."""
    assert {name: min(s[name] for s in GENERAL_SIZES) for name in "knpmsdP"} == dict.fromkeys("knpmsd", 1) | {"P": 0}


def test_an_output_of_given_sizes_is_drawn():
    """The sizes of an output that nothing bounds vary with the others."""
    found = drawn("bias", ())
    assert {name: min(s[name] for s in found) for name in "Npo"} == {"N": 1, "p": 1, "o": 1}
    assert all(len({s[name] for s in found}) > 2 for name in "Npo")
