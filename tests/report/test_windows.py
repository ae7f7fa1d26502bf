"""The windows drawn are those of the equation: found again by brute force."""

from collections import Counter
from itertools import product
from string import ascii_letters

import pytest
from oracles import terms
from printing import DOCUMENTS, report_on

from gradcheck.claims.reader import read_document
from gradcheck.evidence import Basis
from gradcheck.notation.arithmetic import evaluate
from gradcheck.report.markdown import _text
from gradcheck.report.readable import READABLE, readable_sizes
from gradcheck.report.windows import drawn_axes, shape_of, windows_drawn
from gradcheck.symbolic.basis import basis

BASES = {"the document": None, **DOCUMENTS}
LAYERS = {
    "three operands": ("Y[a] += X[a+u] * F[u] * R[a]", {"X": "n", "F": "m", "R": "n-m+1"}, "m <= n"),
    "two channels": ("Y[a] += X[i,a+u] * F[i,u]", {"X": "k n", "F": "k m"}, "k >= 2"),
    "channels last": ("Y[a,j] += X[a+u,i] * F[u,i,j]", {"X": "n k", "F": "m k p"}, "k = 2"),
    "nothing slides": ("Y[a,b] += X[a+u,b+v] * F[u,v]", {"X": "n n", "F": "1 1"}, "n >= 8"),
    "strided": (
        "Y[j,a] += pad(X, P)[i,s*a+d*u] * F[j,i,u]",
        {"X": "k n", "F": "p k m"},
        "d*(m-1)+1 <= n+2*P",
    ),
    "strided2d": (
        "Y[j,a,b] += pad(X, P)[i,s*a+d*u,s*b+d*v] * F[j,i,u,v]",
        {"X": "k n n", "F": "p k m m"},
        "d*(m-1)+1 <= n+2*P",
    ),
    "transposed": (
        "Y[j,y] += pad(dilate(X, s), d*(m-1)-P, d*(m-1)-P+Q)[i,y+d*(m-1-u)] * F[i,j,u]",
        {"X": "k n", "F": "k p m"},
        "2*P <= s*(n-1)+d*(m-1)+Q",
    ),
    "cropped": ("Y[a] += pad(X, -1, 1-r)[a+u] * F[u]", {"X": "n", "F": "m"}, "m <= n-r"),
    "constants": ("Y[a] += X[a+u] * F[u]", {"X": "5", "F": "2"}, "1 <= 1"),
}


@pytest.fixture
def found(claims_file):
    """The basis of a layer or of a document, by its name."""

    def finding(name: str) -> Basis:
        if name in BASES:
            return report_on(BASES[name]).basis
        line, shapes, where = LAYERS[name]
        told = "\n".join(f'{operand} = "{sizes}"' for operand, sizes in shapes.items())
        operand, sizes = next(iter(shapes.items()))
        claim = f'[[claim]]\nid = "c"\nshape = {{ {operand} = "{sizes}" }}\n'
        path = claims_file(f'title = "t"\nlayer = "{line}"\nwhere = ["{where}"]\n[shapes]\n{told}\n{claim}')
        document = read_document(path)
        return basis(document.layer, document.where)

    return finding


def drawn(own):
    """Each derivation with its sizes, its grids and its caption."""
    chosen = zip(own.derivations, readable_sizes(own), strict=True)
    return [
        (derived.windows, sizes, *windows_drawn(own, derived, sizes)) for derived, sizes in chosen if sizes is not None
    ]


@pytest.mark.parametrize("name", [*BASES, *LAYERS])
def test_equal_letters_are_the_factors_of_one_product(found, name):
    """Each letter stands in every operand's grid at the one place that one point of the sum reads there."""
    own = found(name)
    for windows, sizes, (*operands, result), _ in drawn(own):
        (entry,) = places(result, "written").values()
        for read, grid, expected in zip(windows.reads, operands, factors(own, windows, sizes, entry), strict=True):
            letters = {cell.text: at for at, cell in squares(grid).items() if "read" in cell.kind and cell.text}
            shared = {at for at, cell in squares(grid).items() if "read" in cell.kind and not cell.text}
            times = Counter(expected)
            assert letters == {ascii_letters[n]: at for n, at in enumerate(expected) if times[at] == 1}, read
            assert shared == {at for at, n in times.items() if n > 1}


def squares(grid):
    """The squares of a grid by their places."""
    return {(y, x): cell for y, row in enumerate(grid.rows) for x, cell in enumerate(row)}


def places(grid, kind):
    """Where the squares of a kind are."""
    return {cell.text: at for at, cell in squares(grid).items() if cell.kind == kind}


def factors(own, windows, sizes, entry):
    """For each read, the place that each point of the sum reads, walking over the whole sum."""
    left = drawn_axes(windows, windows.left)
    axes = [drawn_axes(windows, read) for read in windows.reads]
    at = {**sizes, **{r.index: evaluate(r.high, sizes) // 2 for r in windows.free}}
    at |= {windows.free[axis].index: x for axis, x in zip(left, entry[-len(left) :], strict=True)}
    seen = []
    for point in product(*(range(evaluate(r.low, sizes), evaluate(r.high, sizes) + 1) for r in windows.over)):
        here = {**at, **{r.index: n for r, n in zip(windows.over, point, strict=True)}}
        seen.append([
            (0, *(evaluate(read.at[axis], here) for axis in own_axes))[-2:]
            for read, own_axes in zip(windows.reads, axes, strict=True)
        ])  # fmt: skip
    return list(zip(*([list(s) for s in dict.fromkeys(map(tuple, seen))]), strict=True))


@pytest.mark.parametrize("name", [*BASES, *LAYERS])
def test_squares_are_as_many_as_the_sizes_say(found, name):
    """Each grid has the sides of its tensor, zeros of the padding included, and is readable."""
    own = found(name)
    for windows, sizes, grids, _ in drawn(own):
        for grid, read in zip(grids, (*windows.reads, windows.left), strict=True):
            axes = drawn_axes(windows, read)
            if read is windows.left:
                sides = [evaluate(windows.free[axis].high, sizes) + 1 for axis in axes]
            else:
                shape = [evaluate(e, sizes) for e in shape_of(own, read.tensor)]
                pads = [evaluate(a, sizes) + evaluate(b, sizes) for a, b in read.pad] or [0] * len(shape)
                between = [evaluate(e, sizes) - 1 for e in read.dilation] or [0] * len(shape)
                sides = [shape[axis] + between[axis] * (shape[axis] - 1) + pads[axis] for axis in axes]
            assert [len(grid.rows), len(grid.rows[0])] == [1] * (2 - len(sides)) + sides
            assert max(sides) <= READABLE


def test_zeros_of_the_padding_are_grey_and_entries_are_not(found):
    """Of the padded cotangent the inner squares are its entries, all others zeros, read or not."""
    _, sizes, (padded, *_), caption = drawn(found("conv1d"))[1]
    (row,) = padded.rows
    inside = range(sizes["m"] - 1, len(row) - sizes["m"] + 1)
    assert [x for x, cell in enumerate(row) if not cell.kind.startswith("zero")] == list(inside)
    assert [cell.text for cell in row if cell.kind == "zero"] == ["0"] * (2 * (sizes["m"] - 1) - 1)
    assert "Grey squares are the zeros of the padding." in _text(caption)


@pytest.mark.parametrize(
    ("name", "captions"),
    [
        ("the document", [" at $`n = 6, m = 3`$", " at $`n = 6, m = 3`$", " at $`n = 6, m = 3`$"]),
        ("constants", [": squares", ": squares", ": squares"]),
        ("two channels", [", as are those for every other $`i`$.", "added. Grey", "added."]),
        ("three operands", ["is a factor of several", "added. Grey", "added.", "is a factor of several"]),
        ("nothing slides", ["added.", "added.", None]),
    ],
)
def test_captions_say_what_is_drawn(found, name, captions):
    """The sizes, if there are any; the products left out, the squares shared, and zeros only where they are."""
    own = found(name)
    for derived, sizes, told in zip(own.derivations, readable_sizes(own), captions, strict=True):
        assert (sizes is None) == (told is None)
        if sizes is not None:
            grids, caption = windows_drawn(own, derived, sizes)
            assert told in _text(caption)
            zeros = any("zero" in cell.kind for grid in grids for cell in squares(grid).values())
            assert ("Grey squares" in _text(caption)) == zeros


def test_titles_fix_what_is_not_drawn(found):
    """An axis after those that are drawn has its place, and these a dot."""
    _, _, grids, _ = drawn(found("channels last"))[0]
    assert [_text(grid.title) for grid in grids] == [
        r"$`X_{\cdot, 0}`$: $`6`$",
        r"$`F_{\cdot, 0, 0}`$: $`3`$",
        r"$`Y_{\cdot, 0}`$: $`4`$",
    ]


def test_what_is_not_drawn_is_taken_from_the_middle(found):
    """Of volumes one plane is drawn: of 3 places the second, and of 4 the second, so that they meet inside."""
    _, sizes, grids, _ = drawn(found("conv3d"))[0]
    assert (sizes["n"], sizes["m"]) == (6, 3)
    assert [_text(grid.title[:1]) for grid in grids] == [
        "$`X_{2}^{({0})}`$",
        "$`F_{0, 1}^{({0})}`$",
        "$`Y_{1}^{({0})}`$",
    ]


def test_readable_sizes_can_be_told_apart(found):
    """Sides of 3 and more, all different, and the same sizes for all figures where that can be."""
    assert readable_sizes(found("the document")) == [{"k": 1, "n": 6, "p": 1, "m": 3}] * 3


@pytest.mark.parametrize(
    ("where", "sizes"),
    [
        ("n = 1", [{"n": 1, "m": 1}] * 3),
        ("n >= 99", [None] * 3),
        ("m = 8", [{"n": 9, "m": 8}, None, {"n": 9, "m": 8}]),
    ],
)
def test_sizes_that_are_not_so_readable(claims_file, where, sizes):
    """Small layers are drawn as they are, what is too large is not, and keeps nothing else from being drawn."""
    path = claims_file(
        f'title = "t"\nlayer = "Y[a] += X[a+u] * F[u]"\nwhere = ["m <= n", "{where}"]\n[shapes]\nX = "n"\nF = "m"\n'
        '[[claim]]\nid = "c"\nshape = { X = "n" }\n'
    )
    document = read_document(path)
    assert readable_sizes(basis(document.layer, document.where)) == sizes


KINDS = {"the document": "conv2d", "conv1d": "conv1d", "depthwise": "depthwise2d", "trueconv": "trueconv2d"}


@pytest.mark.parametrize("name", KINDS)
def test_windows_are_those_of_nested_loops(found, name):
    """The pairs of squares with equal letters, zeros of the padding aside, are the products of plain loops."""
    own = found(name)
    for windows, sizes, (*operands, result), _ in drawn(own):
        assert (sizes["k"], sizes.get("p", 1)) == (1, 1)  # so that the last two axes tell all
        (entry,) = places(result, "written").values()
        products = [dict(zip("YXF", at, strict=True)) for at in terms(KINDS[name], **{"p": 1} | sizes)]
        names = [read.tensor.removeprefix("d") for read in windows.reads]
        left = windows.left.tensor.removeprefix("d")
        looped = {tuple(at[name][-2:] for name in names) for at in products if at[left][-2:] == entry}
        assert set(pairs(windows.reads, operands, sizes)) == looped


def pairs(reads, operands, sizes):
    """For each letter, its square in every operand, counted without the padding."""
    places = []
    for read, grid in zip(reads, operands, strict=True):
        before = evaluate(read.pad[-1][0], sizes) if read.pad else 0
        rows = before if len(grid.rows) > 1 else 0
        places.append({
            cell.text: (y - rows, x - before) for (y, x), cell in squares(grid).items() if cell.kind == "read"
        })  # fmt: skip
    shared = [letter for letter in places[0] if all(letter in other for other in places)]
    return [tuple(found[letter] for found in places) for letter in shared]


def test_an_empty_output_is_not_drawn(claims_file):
    """Where the filter is larger than the input there is no entry of the output to show."""
    path = claims_file('title = "t"\nlayer = "conv1d"\nwhere = ["n < m"]\n[[claim]]\nid = "c"\nshape = { X = "k n" }\n')
    document = read_document(path)
    assert readable_sizes(basis(document.layer, document.where))[0] is None


STRIDED = ("strided", "strided2d", "transposed")


@pytest.mark.parametrize("name", STRIDED)
def test_strides_and_padding_show(found, name):
    """Where a layer has them, a stride of 2 and a padding of 1 are drawn."""
    for sizes in readable_sizes(found(name)):
        assert (sizes["s"], sizes["d"], sizes["P"]) == (2, 1, 1)


def test_a_dilation_shows_where_there_is_no_stride(claims_file):
    """A filter whose entries are two places apart."""
    path = claims_file(
        'title = "t"\nlayer = "Y[a] += X[a+d*u] * F[u]"\nwhere = ["d*(m-1)+1 <= n"]\n[shapes]\nX = "n"\nF = "m"\n'
        '[[claim]]\nid = "c"\nshape = { X = "n" }\n'
    )
    document = read_document(path)
    assert [sizes["d"] for sizes in readable_sizes(basis(document.layer, document.where))] == [2, 2, 2]


def test_what_cannot_show_a_stride_is_drawn_without(claims_file):
    """Hypotheses come before what shows well."""
    path = claims_file(
        'title = "t"\nlayer = "Y[a] += pad(X, P)[s*a+u] * F[u]"\nwhere = ["m <= n", "s = 3", "P = 0"]\n'
        '[shapes]\nX = "n"\nF = "m"\n[[claim]]\nid = "c"\nshape = { X = "n" }\n'
    )
    document = read_document(path)
    sizes = readable_sizes(basis(document.layer, document.where))
    assert {(one["s"], one["P"]) for one in sizes} == {(3, 0)}


def test_windows_of_strided_layers_are_those_of_nested_loops(found):
    """Of the output's second entry the letters are s*a + d*u - P; of the input's, the entries of dY that reach it."""
    own = found("strided")
    (_, sizes, (x, _, y), _), (_, _, (dilated, _, _), _), _ = drawn(own)
    s, d, padding, n, m = (sizes[name] for name in ("s", "d", "P", "n", "m"))
    (entry,) = places(y, "written").values()
    assert [at - padding for _, at in read_inside(x)] == [
        s * entry[1] + d * u - padding for u in range(m) if 0 <= s * entry[1] + d * u - padding < n
    ]
    outputs = len(y.rows[0])
    before = d * (m - 1) - padding
    assert [(at - before) / s for _, at in read_inside(dilated)] == [
        a for a in range(outputs) if any(s * a + d * u - padding == 1 for u in range(m))
    ]


def read_inside(grid):
    """The places of a grid that are read and that are entries."""
    return [at for at, cell in squares(grid).items() if cell.kind == "read"]


@pytest.mark.parametrize("name", STRIDED)
def test_zeros_between_entries_are_grey(found, name):
    """Of a grid with zeros inserted every second square is an entry, between the zeros of the padding."""
    own = found(name)
    seen = 0
    for windows, sizes, grids, caption in drawn(own):
        for read, grid in zip(windows.reads, grids, strict=False):
            if read.dilation:
                seen += 1
                before, after = (evaluate(e, sizes) for e in read.pad[-1])
                columns = range(len(grid.rows[0]))
                inside = [x for x in columns if not all(row[x].kind.startswith("zero") for row in grid.rows)]
                assert inside == list(columns[before : len(columns) - after : 2])
                assert "Grey squares are zeros, of the padding or between the entries." in _text(caption)
    assert seen


def test_what_is_cropped_is_not_drawn(found):
    """An amount that is negative takes squares away."""
    _, sizes, (cropped, *_), caption = drawn(found("cropped"))[0]
    assert len(cropped.rows[0]) == sizes["n"] - sizes["r"]
    assert "Grey" not in _text(caption)


def test_captions_tell_the_padding(found):
    """It is told even where it is 1."""
    *_, caption = drawn(found("strided"))[0]
    assert "s = 2, P = 1" in _text(caption)
    assert "d = " not in _text(caption)
