"""What the experiment tries: well-formed layouts of the family's axes, each once, the likeliest first."""

import re

import pytest

from gradcheck.conventions import candidates
from gradcheck.conventions.candidates import biases, families, filters, fitted, inputs, outputs, starts
from gradcheck.conventions.family import Case, Family
from gradcheck.conventions.options import Options
from gradcheck.targets.exchange import Description

FAMILIES = [Family(0), *(Family(d, t) for d in (1, 2, 3) for t in (False, True))]
CASE = Case(4, 2, 5, 1, (9, 8), (3, 3), (1, 1), (1, 1), ((0, 0), (0, 0)))


def named(name):
    """What is known of a target of that name."""
    return Description("class", name, "layer.py", 1, ())


def letters(layout):
    """The names of the axes in a layout, in their order."""
    return re.findall(r"[a-z]", layout)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Conv2d", Family(2)),
        ("conv1d_forward", Family(1)),
        ("Conv3D", Family(3)),
        ("Dense", Family(0)),
        ("Linear", Family(0)),
        ("affine_forward", Family(0)),
        ("layers.FC", Family(0)),
        ("ConvTranspose2d", Family(2, transposed=True)),
        ("conv1d_transposed", Family(1, transposed=True)),
        ("Deconvolution", Family(2, transposed=True)),
        ("Convolution2d", Family(2)),
        ("Layer", Family(0)),
        ("Conv2DTranspose", Family(2, transposed=True)),
    ],
)
def test_the_name_says_what_is_tried_first(name, first):
    """The number of axes, dense or transposed, are read off a target's name."""
    assert families(named(name))[0] == first


@pytest.mark.parametrize("name", ["Layer", "ConvTranspose", "Conv2d", "Dense"])
def test_every_family_is_tried_once(name):
    """A name that says nothing leaves every kind of layer; no family is tried twice, and none flipped."""
    found = families(named(name))
    assert len(set(found)) == len(found)
    assert not any(one.flipped for one in found)
    if name in ("Layer", "ConvTranspose"):
        assert set(found) == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.called)
def test_inputs_have_the_axes_of_their_family(family):
    """Every layout of an input has all positions and no other, each once; samples and channels may be left out."""
    found = inputs(family)
    assert found
    assert len(set(found)) == len(found)
    for one in found:
        assert len(set(letters(one))) == len(letters(one))
        assert set(letters(one)) - set("zhi") == set(family.space)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.called)
def test_filters_have_the_axes_of_their_family(family):
    """Every layout of filters has all taps and no other; groups go with the channels where it is transposed."""
    found = filters(family)
    assert found
    assert len(set(found)) == len(found)
    for one in found:
        assert len(set(letters(one))) == len(letters(one))
        assert set(letters(one)) - set("hij") == set(family.taps)
        together = "h i" if family.transposed else "h j"
        assert "h" not in one or together in one or one.split()[-2:] == ["h", "j"] or one.split()[:2] == ["h", "j"]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.called)
def test_biases_have_an_entry_for_each_filter(family):
    """Every layout of a bias is of the filters, of positions, or of one number."""
    found = biases(family)
    assert "(h j)" in found
    assert "1 1 1 (h j)" in found
    assert all(set(letters(one)) - set("hj") in (set(), set(family.space)) for one in found)


def test_no_layout_of_a_bias_is_tried_twice():
    """A dense layer has no positions, so that its biases are those without."""
    repeated = [family for family in FAMILIES if len(set(biases(family))) < len(biases(family))]
    assert all(family.dims == 0 for family in repeated)


@pytest.mark.parametrize(
    ("family", "fixed", "found"),
    [
        (Family(2), "z y x C", ("z y x (h i)",)),
        (Family(1), "z y x C", ()),
        (Family(3), "z y x C", ()),
        (Family(0), "z C", ("z (h i)",)),
        (Family(2), "z C", ()),
    ],
)
def test_a_fixed_input_is_the_only_one(family, fixed, found):
    """A layout that the user gives is the one of the family that has these axes, and of no other."""
    assert inputs(family, fixed) == found


@pytest.mark.parametrize(
    ("family", "fixed", "found"),
    [
        (Family(2), "u v I J", ("u v i (h j)",)),
        (Family(2, True), "J I u v", ("j (h i) u v",)),
        (Family(2), "J (I u v)", ("(h j) (i u v)",)),
        (Family(2, True), "(I u v) J", ("(h i u v) j",)),
        (Family(1), "u v I J", ()),
        (Family(0), "J I", ("(h j) i",)),
    ],
)
def test_fixed_filters_are_the_only_ones(family, fixed, found):
    """A layout of filters that the user gives is that of the families that have these taps."""
    assert filters(family, fixed) == found


@pytest.mark.parametrize("image", ["z (h i) y x", "z y x (h i)", "(h i) y x", "y x"])
def test_an_output_has_samples_where_the_input_has(image):
    """The likeliest output is laid out as the input is, with filters for channels."""
    found = outputs(Family(2), image, CASE)
    assert all(("z" in one) == ("z" in image) for one in found)
    if "i" in image:
        assert found[0] == image.replace("i", "j")


def test_an_output_of_one_filter_may_have_no_axis_for_it():
    """Filters can only be left out where there is one."""
    assert all("j" in one for one in outputs(Family(2), "z (h i) y x", CASE))
    assert "z y x" in outputs(Family(2), "z (h i) y x", CASE.having(p=1))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.called)
def test_the_first_sizes_are_all_different(family):
    """Samples, channels, filters, positions and taps differ first, so that no axis is taken for another."""
    first = next(starts(family, Options({})))
    sizes = [first.N, first.k, first.p, *first.n, *first.m[:1]]
    assert len(set(sizes)) == len(sizes)
    assert (len(first.n), len(first.m), len(first.padding)) == (family.dims,) * 3


def test_later_sizes_are_what_a_layer_might_insist_on():
    """Square images, one channel and three, and images of 28 are tried too."""
    found = list(starts(Family(2), Options({})))
    assert {case.k for case in found} == {1, 2, 3}
    assert {(9, 9), candidates.LARGE[:2]} <= {case.n for case in found}


def test_fixed_sizes_are_in_every_case():
    """What the user has fixed is never varied."""
    found = list(starts(Family(2), Options({}, fixed={"n": (6, 7), "k": 4, "s": 2})))
    assert {(case.n, case.k, case.s) for case in found} == {((6, 7), 4, (2, 2))}


@pytest.mark.parametrize(
    ("fixed", "sizes"),
    [
        ({"s": 2}, {"s": (2, 2)}),
        ({"s": (1, 2)}, {"s": (1, 2)}),
        ({"d": [2, 1]}, {"d": (2, 1)}),
        ({"m": 5}, {"m": (5, 5)}),
        ({"P": 1}, {"padding": ((1, 1), (1, 1))}),
        ({"P": (1, 2)}, {"padding": ((1, 1), (2, 2))}),
        ({"n": (28, 28), "g": 2}, {"n": (28, 28), "g": 2}),
        ({"s": "two"}, {}),  # what is no size is left to the target
        ({"s": (1, 2, 3)}, {}),
        ({"P": "same"}, {}),
        ({"P": (1, 2, 3)}, {}),
        ({"k": (1, 2)}, {}),
        ({"Q": 1}, {}),
    ],
)
def test_a_fixed_size_is_taken_on_every_axis(fixed, sizes):
    """A number holds for every axis, a tuple or list has one for each; anything else is ignored."""
    assert fitted(CASE, Options({}, fixed=fixed)) == CASE.having(**sizes)
