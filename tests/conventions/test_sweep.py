"""The sizes to check are those that expose mistakes, as far as a target takes them; and what is dropped is named."""

import pytest

from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Case, Family
from gradcheck.conventions.geometry import RULES
from gradcheck.conventions.options import Options
from gradcheck.conventions.search import Found
from gradcheck.conventions.sweep import RELAXATIONS, WISHES, Accepted, Wish, cases, relaxed, rules

IMAGES = {0: "z (h i)", 1: "z (h i) x", 2: "z (h i) y x", 3: "z (h i) t y x"}
FILTERS = {0: "(h j) i", 1: "(h j) i v", 2: "(h j) i u v", 3: "(h j) i r u v"}
ALL = "kpmsdPg"
KEPT = {"w": "weight"}


def found(takes=ALL, dims=2, transposed=False, fixed=None, weights=None, layouts=None, styles=None, told=(), **sizes):
    """A target that is told these sizes, found on a layer of others."""
    one = (1,) * dims
    case = Case(4, 2, 5, 1, (9, 8, 7)[:dims], (3,) * dims, one, one, ((0, 0),) * dims).having(**sizes)
    options = Options({role: (role,) for role in takes}, fixed=fixed or {}, styles=styles or {})
    every = {"x": IMAGES[dims], "w": FILTERS[dims], "y": IMAGES[dims].replace("i", "j")} | (layouts or {})
    kept = KEPT if weights is None else weights
    return Found(Convention(Family(dims, transposed), every, kept, options, next(iter(told), "")), case, None, told)


WISH = Wish(2, 4, 6, (5, 4, 3), (2, 3, 1), 2, 3, 1, 2)


def test_a_target_that_is_told_everything_gets_the_wish():
    """Where every size is free the case is what was wished for."""
    assert Accepted(found()).fit(WISH) == Case(2, 4, 6, 2, (5, 4), (2, 3), (2, 2), (3, 3), ((1, 1), (1, 1)))


@pytest.mark.parametrize(
    ("role", "kept"),
    [
        ("k", {"k": 2}),
        ("p", {"p": 5}),
        ("m", {"m": (3, 3)}),
        ("s", {"s": (1, 1)}),
        ("d", {"d": (1, 1)}),
        ("P", {"padding": ((0, 0), (0, 0))}),
        ("g", {"g": 1}),
    ],
)
def test_a_size_that_a_target_is_not_told_stays_as_it_was_found(role, kept):
    """A layer that keeps its weights has the sizes that it was found with, but for those that it is told."""
    accepted = Accepted(found(ALL.replace(role, "")))
    wanted = Accepted(found()).fit(WISH)
    assert not accepted.free(role)
    assert accepted.fit(WISH) == wanted.having(**kept)
    assert wanted.having(**kept) != wanted


@pytest.mark.parametrize(("role", "free"), [("k", True), ("p", True), ("m", True), ("s", False), ("g", False)])
def test_sizes_of_arrays_that_are_handed_over_are_free(role, free):
    """A layer that is given its filters has the channels, filters and taps of these."""
    assert Accepted(found("", weights={})).free(role) is free


@pytest.mark.parametrize("role", ["N", "n", "k", "p", "m", "s", "d", "P", "g"])
def test_what_the_user_has_fixed_is_not_free(role):
    """A size that was passed is never varied, whether the target is told it or not."""
    assert Accepted(found()).free(role)
    assert not Accepted(found(fixed={role: 1})).free(role)


@pytest.mark.parametrize(("layouts", "role"), [({"x": "(h i) y x"}, "N"), ({"x": "z y x"}, "k"), ({"y": "z y x"}, "p")])
def test_an_axis_that_is_not_there_has_no_size(layouts, role):
    """Without an axis for samples, channels or filters there is one of them."""
    assert not Accepted(found(layouts=layouts)).free(role)


def test_the_inputs_shape_tells_the_channels():
    """A layer that is told its input's shape can have any channels."""
    assert Accepted(found("n")).free("k")
    assert not Accepted(found("")).free("k")


@pytest.mark.parametrize("takes", [ALL, "", "kpm", "sdP", "g"])
@pytest.mark.parametrize("weights", [KEPT, {}], ids=["kept", "handed over"])
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_every_case_is_a_layer_with_an_output(dims, transposed, weights, takes):
    """The filter fits into every image, channels and filters into the groups, and no case comes twice."""
    one = found(takes, dims, transposed, weights=weights)
    every = cases(one)
    assert every
    assert len(set(every)) == len(every)
    for case in every:
        assert min(case.outputs(one.convention.family)) >= 1
        assert (case.k % case.g, case.p % case.g) == (0, 0)


def test_an_image_grows_until_a_large_filter_fits():
    """A filter that cannot be changed needs images as large as itself."""
    every = cases(found("", m=(7, 6)))
    assert all(n >= m for case in every for n, m in zip(case.n, case.m, strict=True))
    assert {case.m for case in every} == {(7, 6)}


def test_an_image_that_is_fixed_does_not_grow():
    """Images of one size are of that size in every case."""
    assert {case.n for case in cases(found(fixed={"n": (9, 8)}))} == {(9, 8)}


def test_a_dense_layer_is_checked_on_several_sizes():
    """Without positions the wishes differ in samples, inputs, outputs and groups."""
    every = cases(found("kpg", 0))
    assert len({(case.N, case.k, case.p, case.g) for case in every}) == len(every) > 3


EXPOSES = {
    "a stride that does not divide": lambda c: any(
        (n + a + b - d * (m - 1) - 1) % s for n, m, s, d, (a, b) in zip(c.n, c.m, c.s, c.d, c.padding, strict=True)
    ),
    "images that are not square": lambda c: len(set(c.n)) > 1,
    "square images": lambda c: len(set(c.n)) == 1,
    "filters that are not square": lambda c: len(set(c.m)) > 1,
    "even filters": lambda c: any(m % 2 == 0 for m in c.m),
    "filters of one tap": lambda c: set(c.m) == {1},
    "filters as large as the image": lambda c: c.m == c.n,
    "a stride of three": lambda c: 3 in c.s,
    "dilation": lambda c: max(c.d) > 1,
    "dilation with stride": lambda c: max(c.d) > 1 and max(c.s) > 1,
    "padding": lambda c: any(map(any, c.padding)),
    "one sample": lambda c: c.N == 1,
    "samples": lambda c: c.N > 1,
    "one channel": lambda c: c.k == 1,
    "one filter": lambda c: c.p == 1,
    "groups": lambda c: c.g > 1,
    "more channels than filters": lambda c: c.k > c.p,
}


@pytest.mark.parametrize("what", EXPOSES)
def test_the_wishes_have_what_exposes_mistakes(what):
    """Each of the sizes at which mistakes show is among the cases of a layer that is told everything, not in all."""
    every = [EXPOSES[what](case) for case in cases(found())]
    assert any(every)
    assert not all(every)


def test_there_is_no_case_more_than_there_are_wishes():
    """Each wish is one case, or falls together with another."""
    assert len(cases(found())) == len(WISHES)
    assert len(cases(found(""))) < len(WISHES)


def test_a_depthwise_layer_keeps_one_group_for_each_channel():
    """Where there is a group for each channel and the layer is told none, channels, groups and filters go together."""
    every = cases(found("km", k=2, p=2, g=2))
    assert all(case.k == case.g == case.p for case in every)
    assert len({case.k for case in every}) > 1


def test_a_depthwise_layer_keeps_its_multiplier():
    """Two filters for each channel stay two."""
    assert all((case.g, case.p) == (case.k, 2 * case.k) for case in cases(found("km", k=2, p=4, g=2)))


CASE = Case(2, 2, 3, 1, (6, 5), (4, 2), (2, 2), (2, 2), ((1, 1), (1, 1)))
HAS = {name: test for name, test in EXPOSES.items() if name in RELAXATIONS} | {
    "a stride above 1": lambda c: max(c.s) > 1,
    "a dilation above 1": lambda c: max(c.d) > 1,
    "several samples": lambda c: c.N > 1,
}


@pytest.mark.parametrize("name", RELAXATIONS)
def test_a_relaxation_drops_what_it_is_named_after(name):
    """A case that demands something of a target does so no more after that is dropped."""
    case = CASE.having(n=(7, 8), m=(4, 2), d=(1, 1)) if name == "a stride that does not divide" else CASE
    assert HAS[name](case)
    assert not HAS[name](RELAXATIONS[name](case))


def test_one_demand_is_dropped_before_two():
    """Single demands come first, then pairs, and each case once."""
    every = list(relaxed(CASE, found()))
    numbers = [len(names) for names, _ in every]
    assert numbers == sorted(numbers)
    assert set(numbers) == {1, 2}
    assert len({case for _, case in every}) == len(every)
    assert CASE not in [case for _, case in every]


@pytest.mark.parametrize(
    ("takes", "kept"), [("kpsdP", {"m": (3, 3)}), ("kpmdP", {"s": (1, 1)}), ("kpmsP", {"d": (1, 1)})]
)
def test_what_a_target_is_not_told_is_not_dropped(takes, kept):
    """What stands in the code stays as it is in every case."""
    case = CASE.having(**kept)
    every = list(relaxed(case, found(takes)))
    assert every
    assert all({role: getattr(one, role) for role in kept} == kept for _, one in every)


def test_nothing_is_dropped_that_was_not_there():
    """A case of odd filters is not relaxed to one without even filters."""
    case = CASE.having(m=(3, 3))
    assert not [one for names, one in relaxed(case, found()) if names == ("even filters",)]


def test_an_image_that_is_fixed_is_not_dropped():
    """Images of one size stay so, whatever is dropped."""
    one = found(fixed={"n": (6, 5)}, n=(6, 5))
    assert {case.n for _, case in relaxed(CASE, one)} == {(6, 5)}


def test_padding_that_is_told_needs_no_rule():
    """A case of a target that is told its padding stays as it is."""
    assert list(rules(found(), CASE)) == [("", CASE)]


def test_padding_that_is_not_told_follows_each_rule_that_is_left():
    """The case has the padding of every rule that explained the first output."""
    told = ("1", "'full' (m - 1)")
    every = list(rules(found("kpmsd", told=told), CASE))
    assert [rule for rule, _ in every] == list(told)
    assert [case.padding for _, case in every] == [((1, 1), (1, 1)), ((6, 6), (2, 2))]


def test_padding_that_is_fixed_stays():
    """Padding that the user has fixed has no rule, and is that of the case."""
    assert list(rules(found(fixed={"P": 1}, told=("",)), CASE)) == [("", CASE)]


def test_padding_by_a_word_is_any_rule():
    """'same' may be any padding, 'valid' is none."""
    one = found(styles={"P": "string"})
    assert [rule for rule, _ in rules(one, CASE)] == [rule for rule in RULES if rule != "0"]
    none = CASE.having(padding=((0, 0), (0, 0)))
    assert list(rules(one, none)) == [("0", none)]
