"""The windows drawn are those of the equation: found again by brute force."""

from itertools import product

import pytest
from printing import DOCUMENTS, report_on

from gradcheck.claims.reader import read_document
from gradcheck.notation.arithmetic import evaluate
from gradcheck.report.windows import READABLE, drawn_axes, readable_sizes, shape_of, window_grids
from gradcheck.symbolic.basis import basis

BASES = {"the document": None, **DOCUMENTS}


def found(name):
    """The basis of a document, and its sizes for figures."""
    own = report_on(BASES[name]).basis
    return own, readable_sizes(own)


def figures(name):
    """Each derivation with its grids."""
    own, sizes = found(name)
    return [(own, d.windows, sizes, window_grids(own, d.windows, sizes)) for d in own.derivations]


@pytest.mark.parametrize("name", BASES)
def test_equal_letters_are_the_factors_of_one_product(name):
    """Each letter stands in every operand's grid at the place that one point of the sum reads there."""
    for own, windows, sizes, (*operands, result) in figures(name):
        places = [
            {cell.text: (y, x) for y, row in enumerate(grid.rows) for x, cell in enumerate(row) if "read" in cell.kind}
            for grid in operands
        ]
        (entry,) = [(y, x) for y, row in enumerate(result.rows) for x, cell in enumerate(row) if cell.kind == "written"]
        assert places == expected(own, windows, sizes, entry)


def expected(own, windows, sizes, entry):
    """The same by walking over the whole sum."""
    left = drawn_axes(own.layer, windows, windows.left)
    entry = entry[-len(left) :]
    axes = [drawn_axes(own.layer, windows, read) for read in windows.reads]
    moving = {r.index for r in windows.over}
    letters = [{} for _ in windows.reads]
    points = []
    for point in product(*(range(evaluate(r.low, sizes), evaluate(r.high, sizes) + 1) for r in windows.over)):
        at = {**sizes, **{r.index: evaluate(r.high, sizes) // 2 for r in windows.free}}
        at |= {windows.free[axis].index: x for axis, x in zip(left, entry, strict=True)}
        at |= {r.index: n for r, n in zip(windows.over, point, strict=True)}
        seen = tuple(
            tuple(evaluate(read.at[axis], at) for axis in own_axes)
            for read, own_axes in zip(windows.reads, axes, strict=True)
        )
        if seen not in points:
            points.append(seen)
    assert moving or len(points) == 1
    for n, seen in enumerate(points):
        for letter, place in zip(letters, seen, strict=True):
            if place not in letter.values():
                letter["abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[n % 52]] = (0, *place)[-2:]
    return letters


@pytest.mark.parametrize("name", BASES)
def test_squares_are_as_many_as_the_sizes_say(name):
    """Each grid has the sides of its tensor, zeros of the padding included, and is readable."""
    for own, windows, sizes, grids in figures(name):
        for grid, read in zip(grids, (*windows.reads, windows.left), strict=True):
            axes = drawn_axes(own.layer, windows, read)
            if read is windows.left:
                sides = [evaluate(windows.free[axis].high, sizes) + 1 for axis in axes]
            else:
                shape = [evaluate(e, sizes) for e in shape_of(own, read.tensor)]
                pads = [evaluate(a, sizes) + evaluate(b, sizes) for a, b in read.pad] or [0] * len(shape)
                sides = [shape[axis] + pads[axis] for axis in axes]
            assert [len(grid.rows), len(grid.rows[0])] == ([1] * (2 - len(sides)) + sides)
            assert max(sides) <= READABLE


def test_zeros_of_the_padding_are_grey_and_entries_are_not():
    """Of the padded cotangent the inner squares are its entries, all others zeros, read or not."""
    own, windows, sizes, (padded, *_) = figures("conv1d")[1]
    (row,) = padded.rows
    inside = range(sizes["m"] - 1, len(row) - sizes["m"] + 1)
    assert [x for x, cell in enumerate(row) if not cell.kind.startswith("zero")] == list(inside)
    assert [cell.text for cell in row if cell.kind == "zero"] == ["0"] * (2 * (sizes["m"] - 1) - 1)
    assert own.derivations[1].windows is windows


def test_readable_sizes_can_be_told_apart():
    """Sides of 3 and more, all different, where there are such sizes."""
    assert found("the document")[1] == {"k": 1, "n": 6, "p": 1, "m": 3}


@pytest.mark.parametrize(("where", "sizes"), [("n = 1", {"n": 1, "m": 1}), ("n >= 99", None)])
def test_sizes_that_are_not_so_readable(claims_file, where, sizes):
    """Small layers are drawn as they are, and large ones not at all."""
    path = claims_file(
        f'title = "t"\nlayer = "Y[a] += X[a+u] * F[u]"\nwhere = ["m <= n", "{where}"]\n[shapes]\nX = "n"\nF = "m"\n'
        '[[claim]]\nid = "c"\nshape = { X = "n" }\n'
    )
    document = read_document(path)
    assert readable_sizes(basis(document.layer, document.where)) == sizes
