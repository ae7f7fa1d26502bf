"""A layer as one line of notation: what is parsed, what is derived from the names, and what is refused."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.errors import GradcheckError, NotationError
from gradcheck.layers.layer import MAX_OPERANDS, MAX_RANK, gradient_name, parse_layer
from gradcheck.notation.size_grammar import parse_sizes

ROUNDED = "sizes are integers: expected a // b, rounded down, or ceil(a/b), rounded up, found '/'"
AFFINE = "is not affine: an index may be added and multiplied by sizes"
DIVISOR = "a divisor is made from numbers and sizes >= 1 by + and *"
UNKNOWN = "it is no axis of the output, and nothing is read at {} alone, so that nothing bounds it"
ALONE = "is read at an index alone: there is none to pad or dilate"
OUTPUT = "the output is written to as it is: only an operand can be padded or dilated"
LINE = "Y[j,a,b] += X[i,a+u,b+v] * F[j,i,u,v]"
SHAPES = {"X": "k n n", "F": "p k m m"}


def _refusal(text, shapes):
    with pytest.raises(NotationError) as caught:
        parse_layer(text, shapes)
    return caught.value


def test_a_line_becomes_a_layer():
    """The output, the reads and the sizes are those that the line and the shapes say."""
    layer = parse_layer(LINE, SHAPES)
    assert layer.text == LINE
    assert str(layer.output) == "Y[j,a,b]"
    assert [str(read) for read in layer.reads] == ["X[i, a + u, b + v]", "F[j,i,u,v]"]
    assert [" ".join(map(str, shape)) for shape in layer.shapes] == ["k n n", "p k m m"]


def test_shapes_follow_the_order_of_the_reads():
    """The sizes stand in the order in which the line reads the operands, whatever the table's order."""
    layer = parse_layer(LINE, dict(reversed(SHAPES.items())))
    assert [len(shape) for shape in layer.shapes] == [3, 4]


def test_names_are_derived_from_the_line():
    """Operands, indices, sizes and ranks are read off the line, each in its written order."""
    layer = parse_layer(LINE, SHAPES)
    assert layer.operands == ("X", "F")
    assert layer.cotangent == "dY"
    assert layer.indices == ("j", "a", "b", "i", "u", "v")
    assert layer.sizes == ("k", "n", "p", "m")
    assert layer.ranks == {"Y": 3, "X": 3, "F": 4, "dY": 3, "dX": 3, "dF": 4}


def test_a_size_inside_a_read_is_no_index():
    """A name that the shapes use stays a size when a read uses it too."""
    layer = parse_layer("Y[a] += X[s*a+u] * F[u]", {"X": "n*s", "F": "m"})
    assert (layer.indices, layer.sizes) == (("a", "u"), ("n", "s", "m"))


GENERAL = "Y[j,a] += pad(dilate(X, s), P, Q)[i,t*a+d*u] * F[j,i,u]"


def test_an_operand_is_read_among_zeros():
    """The zeros are those of the axes that are not read at an index alone."""
    layer = parse_layer(GENERAL, {"X": "k n", "F": "p k m"})
    x, f = layer.reads
    assert str(x) == "pad(dilate(X, s), P, Q)[i, t*a + d*u]"
    assert [tuple(map(str, (e, d, *pad))) for e, d, pad in x.axes] == [
        ("i", "1", "0", "0"),
        ("t*a + d*u", "s", "P", "Q"),
    ]
    assert (f.bare, layer.output.bare, x.bare) == (True, True, False)


def test_strides_and_amounts_of_zeros_are_sizes():
    """A name that stands alone on no axis is a size: of shapes first, then of reads, then of zeros."""
    layer = parse_layer(GENERAL, {"X": "k n", "F": "p k m"})
    assert layer.indices == ("j", "a", "i", "u")
    assert layer.sizes == ("k", "n", "p", "m", "t", "d", "s", "P", "Q")


@pytest.mark.parametrize(
    ("line", "shapes", "least"),
    [
        (GENERAL, {"X": "k n", "F": "p k m"}, {"P": 0, "Q": 0}),
        ("Y[a] += pad(X, P, P+Q)[a+u] * F[u]", {"X": "n", "F": "m"}, {"P": 0, "Q": 0}),
        ("Y[a] += pad(X, m*P)[a+u] * F[u]", {"X": "n", "F": "m"}, {"P": 0}),
        ("Y[a] += pad(X, n)[a+u] * F[u]", {"X": "n", "F": "m"}, {}),
        ("Y[a] += pad(X, s)[s*a+u] * F[u]", {"X": "n", "F": "m"}, {}),
        ("Y[a] += pad(dilate(X, s), s)[a+u] * F[u]", {"X": "n", "F": "m"}, {}),
        ("Y[a] += pad(X, P)[a+u] * F[u]", {"X": "n+P", "F": "m"}, {}),
        ("Y[a] += pad(X, P)[a+u+P] * F[u]", {"X": "n", "F": "m"}, {}),
        ("Y[j,a] += pad(B, P)[j+0]", {"B": "p", "Y": "p P"}, {}),
        (LINE, SHAPES, {}),
    ],
)
def test_an_amount_of_padding_may_be_zero(line, shapes, least):
    """A size that is only an amount of padding may be 0; one that is anything else too is at least 1."""
    layer = parse_layer(line, shapes)
    assert {size: layer.least(size) for size in layer.sizes} == dict.fromkeys(layer.sizes, 1) | least


@pytest.mark.parametrize(
    ("line", "same"),
    [
        ("Y[a] += pad(X, 0)[a+u] * F[u]", "Y[a] += X[a+u] * F[u]"),
        ("Y[a] += pad(X, 0, 0)[a] * F[a]", "Y[a] += X[a] * F[a]"),
        ("Y[a] += dilate(X, 1)[a+u] * F[u]", "Y[a] += X[a+u] * F[u]"),
        ("Y[a] += pad(X, P, P)[a+u] * F[u]", "Y[a] += pad(X, P)[a+u] * F[u]"),
        ("Y[a] += pad(dilate(X, 1), P)[a+u] * F[u]", "Y[a] += pad(X, P)[a+u] * F[u]"),
        ("Y[a] += pad(dilate(X, s), 0)[a+u] * F[u]", "Y[a] += dilate(X, s)[a+u] * F[u]"),
        ("Y[a] += pad(pad(X, 0), P)[a+u] * F[u]", "Y[a] += pad(X, P)[a+u] * F[u]"),
    ],
)
def test_zeros_that_are_none_are_not_there(line, same):
    """No padding and a dilation of 1 are the tensor itself."""
    shapes = {"X": "n", "F": "m"}
    assert parse_layer(line, shapes).reads == parse_layer(same, shapes).reads


def test_the_zeros_of_a_layer_tell_it_from_another():
    """Two layers that differ in one amount of zeros are not equal."""
    shapes, lines = {"X": "n", "F": "m"}, ["pad(X, P)", "pad(X, P, 0)", "pad(X, -P)", "dilate(X, P)", "X"]
    assert len({parse_layer(f"Y[a] += {line}[a+u] * F[u]", shapes).reads for line in lines}) == 5


def test_an_output_has_sizes_where_nothing_bounds_it():
    """The sizes of an output are given where an index of it is read by no operand."""
    layer = parse_layer("Y[j,a] += B[j]", {"B": "p", "Y": "p o"})
    assert (layer.indices, layer.sizes, layer.ranks["dB"]) == (("j", "a"), ("p", "o"), 1)
    assert " ".join(map(str, layer.given)) == "p o"
    assert [(read.tensor, " ".join(map(str, sizes))) for read, sizes in layer.sizes_by_axis] == [
        ("B", "p"),
        ("Y", "p o"),
    ]


def test_an_output_whose_sizes_are_derived_is_given_none():
    """Where the operands bound every index there is nothing to give."""
    layer = parse_layer(LINE, SHAPES)
    assert layer.given == ()
    assert [read.tensor for read, _ in layer.sizes_by_axis] == ["X", "F"]


@pytest.mark.parametrize(
    ("shapes", "message", "text", "place"),
    [
        ({"B": "p"}, "index a is read by no operand: [shapes] must give the sizes of Y", "Y[j,a] += B[j]", 4),
        ({"B": "p", "Y": "p"}, "Y is read with 2 indices, but has 1 sizes here", "p", 0),
        ({"B": "p", "Y": "p, o"}, "expected a number, a symbol or '(', found ','", "p, o", 1),
        ({"B": "p", "Z": "p o"}, "[shapes] names Z: the layer does not read it; known: B", "Z", 0),
        ({"Y": "p o"}, "[shapes] has no sizes for B", "Y[j,a] += B[j]", 10),
    ],
)
def test_sizes_of_an_output_that_do_not_fit_are_refused(shapes, message, text, place):
    """The sizes of an output that nothing bounds are asked for, and are one for each of its axes."""
    error = _refusal("Y[j,a] += B[j]", shapes)
    assert (error.message, error.text, error.place) == (message, text, place)


def test_a_name_that_hypotheses_define_is_no_size_of_the_layer():
    """What a hypothesis defines is known beside the sizes, and is not one to choose."""
    layer = replace(parse_layer(LINE, SHAPES), defined=("r",))
    assert (layer.names, layer.sizes) == (("k", "n", "p", "m", "r"), ("k", "n", "p", "m"))


def test_the_operand_of_a_gradient():
    """A gradient belongs to the operand that it is named after, and a cotangent to none."""
    layer = parse_layer(LINE, SHAPES)
    assert [layer.operand_of(name) for name in ("dX", "dF", "dY", "X")] == [*layer.reads, None, None]


def test_a_name_stands_for_its_line():
    """A catalogue name gives the same layer as its line with its shapes."""
    assert parse_layer("conv2d", {}) == parse_layer(LINE, SHAPES)


def test_a_named_layer_takes_other_sizes():
    """Sizes given beside a catalogue name replace its own."""
    layer = parse_layer("conv2d", {"X": "k h w"})
    assert layer.sizes == ("k", "h", "w", "p", "m")


def test_gradients_are_named_after_their_tensor():
    """The gradient with respect to a tensor is d and its name."""
    assert gradient_name("X") == "dX"


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("n", ["n"]),
        ("k n n", ["k", "n", "n"]),
        ("p n-m+1 2*n", ["p", "n - m + 1", "2*n"]),
        ("k (n + 1)", ["k", "(n + 1)"]),
    ],
)
def test_sizes_are_separated_by_blanks(text, sizes):
    """Each size ends where the next one cannot continue it."""
    assert [str(e) for e in parse_sizes(text)] == sizes


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "expected a number, a symbol or '(', found the end", 0),
        ("k, n", "expected a number, a symbol or '(', found ','", 1),
        ("k n/2", ROUNDED, 3),
    ],
)
def test_a_text_that_is_no_sizes_is_refused(text, message, place):
    """A comma, a division and nothing at all are each named, with the place."""
    with pytest.raises(NotationError) as caught:
        parse_sizes(text)
    assert (caught.value.message, caught.value.place) == (message, place)


@pytest.mark.parametrize(
    ("line", "message", "place"),
    [
        ("conv2", "unknown layer 'conv2'; did you mean 'conv2d'?", 0),
        ("zzz", "unknown layer 'zzz'", 0),
        ("", "expected a tensor such as X[i], found the end", 0),
        ("Y[a] = X[a]", "expected '+=', found '='", 5),
        ("Y[a]", "expected '+=', found the end", 4),
        ("Y += X[a]", "expected '[', found '+='", 2),
        ("Y[] += X[a]", "expected a number, a symbol or '(', found ']'", 2),
        ("Y[a] += X[a] *", "expected a tensor such as X[i], found the end", 14),
        ("Y[a] += 2 * X[a]", "expected a tensor such as X[i], found '2'", 8),
        ("Y[a] += X[a] + X[a]", "expected the end, found '+'", 13),
        ("Y[a] += X[a", "expected ']', found the end", 11),
        (
            "Y[a] += X[a/2]",
            ROUNDED,
            11,
        ),
        ("Y[a] += X[a] * X[a]", "X stands here twice: a layer is linear in each operand", 8),
        ("X[a] += X[a]", "X stands here twice: a layer is linear in each operand", 0),
        ("sum[a] += X[a]", "'sum' already has a meaning: give the tensor another name", 0),
        ("depth[a] += X[a]", "'depth' already has a meaning: give the tensor another name", 0),
        ("Y[a] += X[a] * dX[a]", "'dX' already has a meaning: give the tensor another name", 15),
        ("Y[a] += X[a] * dY[a]", "'dY' already has a meaning: give the tensor another name", 15),
        ("Y[a] += X[a] * F[a]", "[shapes] has no sizes for F", 15),
        ("Y[a,b] += X[a*b]", f"'a*b' {AFFINE}", 10),
        ("Y[a,b] += X[(a+b)**2]", f"'(a + b)**2' {AFFINE}", 10),
        ("Y[a] += X[a**2]", f"'a**2' {AFFINE}", 8),
        ("Y[a] += X[a//2]", f"'a//2' {AFFINE}", 8),
        ("Y[a] += X[n//a]", f"'n//a' {AFFINE}", 8),
        ("Y[a] += X[a%2]", f"'a%2' {AFFINE}", 8),
        ("Y[a] += X[ceil(a/2)]", f"'ceil(a/2)' {AFFINE}", 8),
        ("Y[a] += X[max(a,1)]", f"'max(a, 1)' {AFFINE}", 8),
        ("Y[a] += pad(X, 1)[2*(a - a//2)]", f"'2*(a - a//2)' {AFFINE}", 12),
        ("Y[a] += dilate(X, 2)[a*(a+1)]", f"'a*(a + 1)' {AFFINE}", 15),
        ("Y[a] += X[a//(n-1)]", DIVISOR, 13),
        ("Y[a] += X[a+n//0]", DIVISOR, 15),
        ("Y[a] += pad(X, n//-2)[a+1]", DIVISOR, 18),
        ("Y[a] += dilate(X, ceil(n/(1-n)))[a+1]", DIVISOR, 25),
        ("Y[a,a] += X[a]", "Y[a,a] must have one plain index for each axis, all different", 0),
        ("Y[a+1] += X[a]", "Y[a + 1] must have one plain index for each axis, all different", 0),
        ("Y[n] += X[a]", "Y[n] must have one plain index for each axis, all different", 0),
        ("Y[0] += X[a]", "Y[0] must have one plain index for each axis, all different", 0),
        ("Y[a,z] += X[a]", "index z is read by no operand: [shapes] must give the sizes of Y", 4),
        ("Y[z,a] += pad(X, z)[a+1]", "index z is no size: it cannot be an amount of zeros", 2),
        ("Y[a] += X[a+u]", f"unknown index u: {UNKNOWN.format('u')}", 12),
        ("Y[a] += X[2*a - 3*u + 1]", f"unknown index u: {UNKNOWN.format('u')}", 18),
        ("Y[a] += pad(X, P)[s*a+d*u]", f"unknown index d or u: {UNKNOWN.format('d or u')}", 24),
        ("Y[a] += pad(X, d)[s*a+d*u]", f"unknown index u: {UNKNOWN.format('u')}", 24),
        ("Y[a] += dilate(X, s)[a+u]", f"unknown index u: {UNKNOWN.format('u')}", 23),
        ("Y[a] += X[a+1] * F[a]", "[shapes] has no sizes for F", 17),
        ("Y[a] += pad(X, P)[a]", f"every axis of X {ALONE}", 8),
        ("Y[a] += pad(X, P, 0)[a]", f"every axis of X {ALONE}", 8),
        ("Y[a] += dilate(X, s)[a]", f"every axis of X {ALONE}", 8),
        ("Y[a] += pad(dilate(X, s), 0)[a]", f"every axis of X {ALONE}", 8),
        ("Y[a] += pad(pad(X, 1), P)[a+1]", "X is padded twice: add the amounts", 16),
        ("Y[a] += pad(pad(dilate(X, 2), 1), 2)[a+1]", "X is padded twice: add the amounts", 23),
        ("pad(Y, 1)[a+0] += X[a]", OUTPUT, 0),
        ("dilate(Y, 2)[a+0] += X[a]", OUTPUT, 0),
        ("pad(Y, 1)[a] += X[a]", f"every axis of Y {ALONE}", 0),
        ("Y[a] += pad(X)[a+1]", "expected ',', found ')'", 13),
        ("Y[a] += pad(X, 1, 2, 3)[a+1]", "expected ')', found ','", 19),
        ("Y[a] += pad(X, )[a+1]", "expected a number, a symbol or '(', found ')'", 15),
        ("Y[a] += pad(X, 1[a+1]", "expected ')', found '['", 16),
        ("Y[a] += pad(X[a+1], 1)", "expected ',', found '['", 13),
        ("Y[a] += pad(X, 1)", "expected '[', found the end", 17),
        ("Y[a] += pad(3, 1)[a+1]", "expected a tensor such as X[i], found '3'", 12),
        (
            "Y[a] += pad(X, P/2)[a+1]",
            ROUNDED,
            16,
        ),
        ("Y[a] += dilate(X)[a+1]", "expected ',', found ')'", 16),
        ("Y[a] += dilate(X, 2, 3)[a+1]", "expected ')', found ','", 19),
        ("Y[a] += dilate(3, 2)[a+1]", "expected a tensor: zeros are inserted first, then added around, found '3'", 15),
        ("Y[a] += crop(X, 1)[a+1]", "expected '[', found '('", 12),
        ("pad[a] += X[a]", "'pad' already has a meaning: give the tensor another name", 0),
        ("Y[a] += dilate[a] * X[a]", "'dilate' already has a meaning: give the tensor another name", 8),
        ("Y[a] += crop[a] * X[a]", "'crop' already has a meaning: give the tensor another name", 8),
    ],
)
def test_a_line_that_is_no_layer_is_refused_in_words(line, message, place):
    """Each mistake in a line is named with what was expected, and the place."""
    error = _refusal(line, {"X": "n"})
    assert (error.message, error.place, error.text) == (message, place, line)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ({"X": "n", "F": "m", "G": "m"}, "[shapes] names G: the layer does not read it; known: X, F"),
        ({"X": "n", "F": "m", "Y": "m"}, "[shapes] names Y: its sizes are derived"),
        ({"X": "n", "F": "m", "Y": "m m"}, "Y is read with 1 indices, but has 2 sizes here"),
        ({"X": "n n", "F": "m"}, "X is read with 1 indices, but has 2 sizes here"),
        ({"X": "n", "F": "m", "dX": "n"}, "[shapes] names dX: the layer does not read it; did you mean 'X'?"),
        ({"X": "n", "F": "m//(n-1)"}, DIVISOR),
        ({"X": "n", "F": ""}, "expected a number, a symbol or '(', found the end"),
        ({"X": "n", "F": "9**9**9"}, "expected a number, a symbol or '(', found '**'"),
        ({}, "[shapes] has no sizes for X"),
    ],
)
def test_shapes_that_do_not_fit_the_line_are_refused(shapes, message):
    """A table of sizes must name each operand, nothing else, and one size for each index."""
    assert _refusal("Y[a] += X[a+u] * F[u]", shapes).message == message


@pytest.mark.parametrize(
    "read", ["n*a + 2*u", "(a + u)*2 - u", "n**2*(a + m*u) + n//m", "-a + n - 1 - u", "(n%m + 1)*a + ceil(n/m)*u"]
)
def test_a_sum_of_multiples_of_indices_is_affine(read):
    """Indices may be added, and multiplied by anything made from sizes."""
    layer = parse_layer(f"Y[a] += X[{read}] * F[u]", {"X": "n*n", "F": "m"})
    assert layer.indices == ("a", "u")


def test_rank_is_limited():
    """A tensor of the largest rank is read, one axis more is refused."""
    axes = "abcdefghi"[:MAX_RANK]
    layer = parse_layer(f"Y[a] += X[{','.join(axes)}]", {"X": " ".join("n" * MAX_RANK)})
    assert layer.ranks["X"] == MAX_RANK
    error = _refusal(f"Y[a] += X[{','.join(axes)},z]", {"X": "n"})
    assert (error.message, error.place) == (f"tensors have at most {MAX_RANK} axes", 8)


def test_operands_are_limited():
    """A layer of the most operands is read, one more is refused."""
    names = "ABCDE"
    reads = [f"{name}[i]" for name in names]
    shapes = dict.fromkeys(names, "n")
    allowed = dict.fromkeys(names[:MAX_OPERANDS], "n")
    assert parse_layer(f"Y[i] += {' * '.join(reads[:MAX_OPERANDS])}", allowed).operands == tuple(names[:MAX_OPERANDS])
    assert _refusal(f"Y[i] += {' * '.join(reads)}", shapes).message == f"a layer has at most {MAX_OPERANDS} operands"


WORDS = st.sampled_from(
    [
        "Y[a]",
        "X[a+u]",
        "pad(X, n)[a+u]",
        "dilate(",
        "X, 2)",
        "//",
        "F[u]",
        " += ",
        " * ",
        "a",
        "n",
        "[",
        "]",
        ",",
        "+",
        "-",
        "**",
        "2",
        "(",
    ]
)


@given(
    st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=20).map("".join), st.just("Y[a] += X[a+u] * F[u]")),
    st.dictionaries(st.sampled_from(["X", "F", "Y", ""]), st.text(alphabet="nm 0+-*()/", max_size=12)),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_line_and_shapes_are_a_layer_or_refused(line, shapes):
    """Any line with any sizes is a layer whose output indices are all read, or is refused."""
    try:
        layer = parse_layer(line, shapes)
    except GradcheckError:
        return
    assert {str(e) for e in layer.output.at} <= set(layer.indices)
    assert set(layer.indices).isdisjoint(layer.sizes)
    assert [len(shape) for shape in layer.shapes] == [len(read.at) for read in layer.reads]
