"""An array in a layout has the entries of the array in the line's order, and back: counted by hand."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.conventions.layout import axes, pack, shape, solve, told, unpack

ROLES = [  # the axes of inputs, outputs and filters in the line's order
    ("z", "h", "i", "x"),
    ("z", "h", "j", "y", "x"),
    ("z", "h", "i", "t", "y", "x"),
    ("h", "j", "i", "u", "v"),
    ("h", "i", "j", "s", "u", "v"),
    ("z", "h", "i"),
]


def written(groups):
    """A layout as text: merged axes in parentheses, an empty group as an axis of one entry."""
    return " ".join("1" if not group else group[0] if len(group) == 1 else f"({' '.join(group)})" for group in groups)


def packed_by_hand(array, names, groups):
    """The entries of an array by the place that they have in a layout."""
    sizes, found = dict(zip(names, array.shape, strict=True)), {}
    for place in product(*(range(side) for side in array.shape)):
        at, there = dict(zip(names, place, strict=True)), []
        for group in groups:
            flat = 0
            for name in group:
                flat = flat * sizes[name] + at[name]
            there.append(flat)
        found[tuple(there)] = array[place]
    return found


@st.composite
def drawn(draw):
    """The axes of an array, their sizes, and a layout: axes permuted, merged, of one entry, and left out."""
    names = draw(st.sampled_from(ROLES))
    sizes = {name: draw(st.integers(1, 3)) for name in names}
    kept = [name for name in draw(st.permutations(names)) if sizes[name] > 1 or draw(st.booleans())]
    groups = []
    for name in kept:
        if groups and groups[-1] and draw(st.booleans()):
            groups[-1].append(name)
        else:
            groups += [[]] * draw(st.integers(0, 1)) + [[name]]
    return names, sizes, groups


def array_of(sizes):
    """An array whose entries are all different."""
    sides = list(sizes.values())
    return np.arange(np.prod(sides)).reshape(sides)


@settings(max_examples=150, deadline=None)
@given(drawn())
def test_an_array_is_packed_as_by_hand(one):
    """Every entry stands where its place in the line's order, counted along merged axes, says."""
    names, sizes, groups = one
    found = pack(array_of(sizes), names, written(groups))
    assert found.shape == shape(written(groups), sizes)
    assert dict(np.ndenumerate(found)) == packed_by_hand(array_of(sizes), names, groups)


def test_the_comparison_sees_two_axes_merged_the_wrong_way_round():
    """(i u) is not (u i): the entries are the same and stand elsewhere."""
    array = array_of({"i": 2, "u": 3})
    assert dict(np.ndenumerate(pack(array, "iu", "(u i)"))) != packed_by_hand(array, "iu", [["i", "u"]])


@settings(max_examples=150, deadline=None)
@given(drawn())
def test_unpack_is_the_inverse_of_pack(one):
    """What is packed and unpacked is the array, its shape included; and what is unpacked and packed, too."""
    names, sizes, groups = one
    array, layout = array_of(sizes), written(groups)
    there = pack(array, names, layout)
    back = unpack(there, names, layout, sizes)
    assert back.shape == array.shape
    assert np.array_equal(back, array)
    assert np.array_equal(pack(back, names, layout), there)


def test_another_layout_is_no_inverse():
    """An array of two equal sides that is unpacked by another layout is another array."""
    array = array_of({"y": 2, "x": 2})
    assert not np.array_equal(unpack(pack(array, "yx", "x y"), "yx", "y x", {"y": 2, "x": 2}), array)


@settings(max_examples=60, deadline=None)
@given(drawn(), st.data())
def test_an_array_of_another_shape_is_not_unpacked(one, data):
    """An array with one entry more along an axis is refused."""
    names, sizes, groups = one
    sides = list(shape(written(groups), sizes))
    if sides:
        sides[data.draw(st.integers(0, len(sides) - 1))] += 1
    else:
        sides = [1]
    with pytest.raises(ValueError, match=r"\d"):
        unpack(np.zeros(sides), names, written(groups), sizes)


def test_no_entry_is_lost():
    """An axis of two entries cannot be left out."""
    with pytest.raises(ValueError, match="squeeze"):
        pack(np.zeros((2, 3)), ("i", "x"), "x")


@settings(max_examples=150, deadline=None)
@given(drawn(), st.data())
def test_sizes_are_solved_from_a_shape(one, data):
    """Where at most one size of each axis is unknown, they are the sizes that the array has."""
    _, sizes, groups = one
    unknown = [data.draw(st.sampled_from(group)) for group in groups if group and data.draw(st.booleans())]
    known = {name: size for name, size in sizes.items() if name not in unknown}
    assert solve(written(groups), shape(written(groups), sizes), known) == sizes


@settings(max_examples=60, deadline=None)
@given(drawn(), st.data())
def test_no_sizes_are_solved_from_a_shape_that_is_not_of_the_layout(one, data):
    """Where every size is known, any other shape has no solution."""
    _, sizes, groups = one
    sides = list(shape(written(groups), sizes))
    other = data.draw(st.lists(st.integers(1, 5), min_size=max(0, len(sides) - 1), max_size=len(sides) + 1))
    assert (solve(written(groups), other, sizes) == sizes) == (other == sides)


@pytest.mark.parametrize(
    ("layout", "found", "known", "sizes"),
    [
        ("(h j) i u v", (6, 2, 3, 4), {"h": 2, "i": 2}, {"h": 2, "i": 2, "j": 3, "u": 3, "v": 4}),
        ("(h j) (i u v)", (5, 18), {"h": 1, "i": 2, "u": 3}, {"h": 1, "i": 2, "u": 3, "j": 5, "v": 3}),
        ("(h j) i", (5, 2), {"h": 2, "i": 2}, None),  # 5 filters in 2 groups
        ("(u v) u", (12, 3), {}, {"u": 3, "v": 4}),  # one size helps another
        ("(i u)", (12,), {}, None),  # two unknowns
        ("1 j", (1, 4), {}, {"j": 4}),
        ("1 j", (2, 4), {}, None),
        ("", (), {"j": 1}, {"j": 1}),
        ("x", (3,), {"x": 4}, None),
    ],
)
def test_sizes_follow_where_they_are_determined(layout, found, known, sizes):
    """A size is the side of its axis by what it is merged with, and there is none where that is not whole."""
    assert solve(layout, found, known) == sizes


def test_what_is_known_is_not_changed():
    """The sizes that were known are left as they are."""
    known = {"h": 1}
    solve("(h j)", (3,), known)
    assert known == {"h": 1}


@pytest.mark.parametrize(
    ("layout", "groups"),
    [
        ("z (h i) y x", (("z",), ("h", "i"), ("y",), ("x",))),
        ("1 (h j) 1 1", ((), ("h", "j"), (), ())),
        ("(u v i) (h j)", (("u", "v", "i"), ("h", "j"))),
        ("", ()),
    ],
)
def test_a_layout_is_read_axis_by_axis(layout, groups):
    """Each axis is the names that it merges, none for an axis of one entry."""
    assert axes(layout) == groups


@pytest.mark.parametrize(
    ("layout", "role", "words"),
    [
        ("z (h i) y x", "x", "NCHW"),
        ("z y x (h i)", "x", "NHWC"),
        ("(h i) y x", "x", "CHW"),
        ("y x", "x", "HW"),
        ("z (h i) x", "x", "NCL"),
        ("z x (h j)", "y", "NLC"),
        ("z (h i) t y x", "x", "NCDHW"),
        ("z (h i)", "x", "NC"),
        ("(h i) 1", "x", "C1"),
        ("z (h j) y x", "y", "NCHW"),
        ("(h j) i u v", "w", "OIHW"),
        ("u v i (h j)", "w", "HWIO"),
        ("(h i) j u v", "w", "IOHW"),
        ("h j u v", "w", "GOHW"),
        ("(h j) (i u v)", "w", "O(IHW)"),
        ("(u v i) (h j)", "w", "(HWI)O"),
        ("(h j) i v", "w", "OIL"),
        ("(h j) i r u v", "w", "OIDHW"),
        ("(h j)", "b", "(F,)"),
        ("(h j) 1", "b", "(F,1)"),
        ("1 1 1 (h j)", "b", "(1,1,1,F)"),
        ("1 (h j) 1 1", "b", "(1,F,1,1)"),
        ("1 (h j) y x", "b", "(1,F,H,W)"),
        ("", "x", "a number"),
    ],
)
def test_a_layout_is_told_in_peoples_letters(layout, role, words):
    """NCHW, OIHW, O(IHW) and (1,F,1,1): what people call a layout."""
    assert told(layout, role) == words
