"""A layer as one line of notation: what is parsed, what is derived from the names, and what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.errors import GradcheckError, NotationError
from gradcheck.layers.layer import MAX_OPERANDS, MAX_RANK, gradient_name, parse_layer
from gradcheck.notation.size_grammar import parse_sizes

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
        ("k n/2", "sizes have no division: expected '+', '-', '*' or '**', found '/'", 3),
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
        ("zzz", "unknown layer 'zzz'; known: dense, conv1d, conv2d, conv3d, depthwise2d, trueconv2d", 0),
        ("", "expected a tensor such as X[i], found the end", 0),
        ("Y[a] = X[a]", "expected '+=', found '='", 5),
        ("Y[a]", "expected '+=', found the end", 4),
        ("Y += X[a]", "expected '[', found '+='", 2),
        ("Y[] += X[a]", "expected a number, a symbol or '(', found ']'", 2),
        ("Y[a] += X[a] *", "expected a tensor such as X[i], found the end", 14),
        ("Y[a] += 2 * X[a]", "expected a tensor such as X[i], found '2'", 8),
        ("Y[a] += X[a] + X[a]", "expected the end, found '+'", 13),
        ("Y[a] += X[a", "expected ']', found the end", 11),
        ("Y[a] += X[a/2]", "sizes have no division: expected '+', '-', '*' or '**', found '/'", 11),
        ("Y[a] += X[a] * X[a]", "X stands here twice: a layer is linear in each operand", 8),
        ("X[a] += X[a]", "X stands here twice: a layer is linear in each operand", 0),
        ("sum[a] += X[a]", "'sum' already has a meaning: give the tensor another name", 0),
        ("depth[a] += X[a]", "'depth' already has a meaning: give the tensor another name", 0),
        ("Y[a] += X[a] * dX[a]", "'dX' already has a meaning: give the tensor another name", 15),
        ("Y[a] += X[a] * dY[a]", "'dY' already has a meaning: give the tensor another name", 15),
        ("Y[a] += X[a] * F[a]", "[shapes] has no sizes for F", 15),
        ("Y[a] += X[a*b]", "'a*b' multiplies indices: a read must be affine", 8),
        ("Y[a] += X[(a+b)**2]", "'(a + b)**2' multiplies indices: a read must be affine", 8),
        ("Y[a,a] += X[a]", "Y[a,a] must have one plain index for each axis, all different", 0),
        ("Y[a+1] += X[a]", "Y[a + 1] must have one plain index for each axis, all different", 0),
        ("Y[n] += X[a]", "Y[n] must have one plain index for each axis, all different", 0),
        ("Y[0] += X[a]", "Y[0] must have one plain index for each axis, all different", 0),
        ("Y[a,z] += X[a]", "index z is read by no operand: nothing bounds it", 4),
        ("Y[a] += X[a,b]", "X is read with 2 indices, but has 1 sizes here", 0),
    ],
)
def test_a_line_that_is_no_layer_is_refused_in_words(line, message, place):
    """Each mistake in a line is named with what was expected, and the place."""
    error = _refusal(line, {"X": "n"})
    assert (error.message, error.place) == (message, place)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ({"X": "n", "F": "m", "G": "m"}, "[shapes] names G: the layer does not read it; known: X, F"),
        ({"X": "n", "F": "m", "Y": "m"}, "[shapes] names Y: its sizes are derived; known: X, F"),
        ({"X": "n n", "F": "m"}, "X is read with 1 indices, but has 2 sizes here"),
        ({"X": "n", "F": ""}, "expected a number, a symbol or '(', found the end"),
        ({"X": "n", "F": "9**9**9"}, "expected a number, a symbol or '(', found '**'"),
        ({}, "[shapes] has no sizes for X"),
    ],
)
def test_shapes_that_do_not_fit_the_line_are_refused(shapes, message):
    """A table of sizes must name each operand, nothing else, and one size for each index."""
    assert _refusal("Y[a] += X[a+u] * F[u]", shapes).message == message


def test_a_power_of_an_index_is_affine_when_it_is_the_first():
    """A product of an index and a size, and a first power, are affine."""
    layer = parse_layer("Y[a] += X[n*a**1 + 2*u] * F[u]", {"X": "n*n", "F": "m"})
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


WORDS = st.sampled_from(["Y[a]", "X[a+u]", "F[u]", " += ", " * ", "a", "n", "[", "]", ",", "+", "-", "**", "2", "("])


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
    assert [len(shape) for shape in layer.shapes] == [len(read.at) for read in layer.reads]
