"""A line of notation fixes a function's sizes: sums are as long as nested loops say, and outputs are compared."""

from collections import Counter

import numpy as np
import oracles
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from gradcheck import check
from gradcheck.errors import LayerError, NotationError
from gradcheck.functions.line import formed, structure, sums

RANDOM = np.random.default_rng(3)
BATCH, IMAGE, FILTERS = (RANDOM.normal(size=shape) for shape in ((2, 3, 6, 6), (3, 7, 7), (4, 3, 3, 3)))
ROW, TAPS = RANDOM.normal(size=(3, 9)), RANDOM.normal(size=(2, 3, 3))
OWN = "Y[j,a] += pad(X, 1)[i,2*a+u] * F[j,i,u]"
SIZES = {"k": 2, "n": 5, "m": 2, "p": 3, "g": 2, "q": 3, "N": 2, "o": 2, "s": 2, "d": 2, "P": 1, "Q": 1}
SIZES |= {"n1": 3, "n2": 4, "n3": 3, "m1": 1, "m2": 2, "m3": 2}
KINDS = [kind for kind in oracles.LAYERS if kind != "bias"]  # its output has sizes that no operand has


def at(kind):
    """The sizes of a layer by the catalogue's letters."""
    return {letter: SIZES[letter] for letter in oracles.LETTERS[kind].split()}


def conv(x, w, s=1):
    """The cross-correlation of a batch of images."""
    return np.einsum("zcabuv,fcuv->zfab", sliding_window_view(x, w.shape[2:], (2, 3))[:, :, ::s, ::s], w)


def conv_vjp(dy, x, w, s=1):
    """Its gradients, window by window."""
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for a, b in np.ndindex(dy.shape[2:]):
        at = np.s_[:, :, s * a : s * a + w.shape[2], s * b : s * b + w.shape[3]]
        dx[at] += np.tensordot(dy[:, :, a, b], w, 1)
        dw += np.tensordot(dy[:, :, a, b], x[at], ((0,), (0,)))
    return dx, dw


def padded(x, w):
    """A one-dimensional one with a stride of 2, with a zero on either side."""
    return conv(np.pad(x, ((0, 0), (1, 1)))[None, :, :, None], w[..., None], 2)[0, ..., 0]


def padded_vjp(dy, x, w):
    """Its gradients."""
    around = np.pad(x, ((0, 0), (1, 1)))
    dx, dw = conv_vjp(dy[None, :, :, None], around[None, :, :, None], w[..., None], 2)
    return dx[0, :, 1:-1, 0], dw[..., 0]


def strided(x, w):
    """One image, with a stride of 2."""
    return conv(x[None], w, 2)[0]


def strided_vjp(dy, x, w):
    """Its gradients."""
    dx, dw = conv_vjp(dy[None], x[None], w, 2)
    return dx[0], dw


# how long sums are


@pytest.mark.parametrize("kind", KINDS)
def test_no_sum_is_longer_than_is_told(kind):
    """Nested loops add at most as many products to any entry of the output, or of a gradient."""
    layer, of = formed(kind, oracles.shapes(kind, **at(kind)), at(kind))
    output, *gradients = sums(layer, of)
    told = dict(zip(layer.operands, gradients, strict=True))
    products = [one for one in oracles.terms(kind, **at(kind)) if None not in one]
    assert output.terms == len(layer.operands) * max(Counter(y for y, *_ in products).values())
    for n, name in enumerate(oracles.OPERANDS[kind]):
        entries = Counter(places[n] for _, *places in products)
        assert max(entries.values()) <= told[name].terms <= 4 * max(entries.values())


def test_a_sum_multiplies_all_other_arrays():
    """The output one entry of each operand, a gradient those of the others and of the cotangent."""
    _, of = formed("conv1d", ((3, 9), (2, 3, 3)), {})
    layer, _ = formed("conv1d", ((3, 9), (2, 3, 3)), {})
    assert [one.of for one in sums(layer, of)] == [{0, 1}, {1, 2}, {0, 2}]


# which outputs an element reaches


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operand", [0, 1])
def test_elements_of_one_colour_do_not_meet(kind, operand):
    """No output of the nested loops is reached by two elements whose places share their colours on all axes."""
    layer, of = formed(kind, oracles.shapes(kind, **at(kind)), at(kind))
    reach = structure(layer, of, operand).reach
    number = oracles.OPERANDS[kind].index(layer.operands[operand])
    seen = {}
    for y, *places in oracles.terms(kind, **at(kind)):
        own = places[number]
        if own is None:
            continue
        colours = tuple(
            int(axis.places(np.arange(axis.passes))[:, n].argmax()) for axis, n in zip(reach, own, strict=True)
        )
        assert seen.setdefault((y, colours), own) == own


def test_an_input_needs_as_many_colours_as_a_window_has_places():
    """A filter of 3 by 3: nine passes an image's channel, whatever its size."""
    layer, of = formed("conv2d_batch", ((2, 3, 12, 12), (4, 3, 3, 3)), {})
    assert [axis.passes for axis in structure(layer, of, 0).reach] == [1, 3, 3, 3]


def test_copies_are_laid_side_by_side_along_the_batch():
    """An axis that an operand shares with the output, and that no window moves along."""
    layer, of = formed("conv2d_batch", ((2, 3, 6, 6), (4, 3, 3, 3)), {})
    assert (structure(layer, of, 0).copies, structure(layer, of, 0).along) == ({0: 0}, 0)
    assert (structure(layer, of, 1).copies, structure(layer, of, 1).along) == ({1: 0}, 1)


# a line that is given


def test_the_range_is_proved():
    """A name in the catalogue: the numbers are as wide as its sums allow."""
    found = check(conv, BATCH, FILTERS, vjp=conv_vjp, like="conv2d_batch")
    assert (found.verdict, found.evidence.method, found.evidence.proved) == ("verified", "probe", True)
    assert "proved by the lengths of the line's sums" in str(found)


def test_without_a_line_nothing_is_proved():
    """The twin."""
    assert not check(conv, BATCH, FILTERS, vjp=conv_vjp).evidence.proved


def test_the_output_is_compared_element_by_element():
    """With every element of the gradients."""
    found = check(conv, BATCH, FILTERS, vjp=conv_vjp, like="conv2d_batch", method="full")
    assert found.verdict == "verified"
    assert [(one.name, one.elements) for one in found.gradients] == [
        ("output Y", 2 * 4 * 4 * 4),
        ("gradient of x", BATCH.size),
        ("gradient of w", FILTERS.size),
    ]


def doubled(x, w):
    """Twice what the line says."""
    return 2 * conv(x, w)


def doubled_vjp(dy, x, w):
    """Its own gradients."""
    return conv_vjp(2 * dy, x, w)


def test_an_output_of_other_values_is_refuted():
    """The gradients are those of the function, the function is not that of the line."""
    found = check(doubled, BATCH, FILTERS, vjp=doubled_vjp, like="conv2d_batch", method="full")
    assert (found.verdict, found.cause) == ("refuted", "constant-factor")
    assert [one.status for one in found.gradients] == ["wrong", "right", "right"]


def test_a_function_that_is_not_linear_is_not_that_of_a_line():
    """Where a line is given, another kind of function is refuted by its output."""

    def vjp(dy, x, w):
        return conv_vjp(dy / np.cosh(conv(x, w)) ** 2, x, w)

    found = check(lambda x, w: np.tanh(conv(x, w)), BATCH, FILTERS, vjp=vjp, like="conv2d_batch")
    assert (found.verdict, found.evidence.method) == ("refuted", "output")


def test_an_output_of_another_shape_is_refuted():
    """Both shapes are told."""

    def cropped(x, w):
        return conv(x, w)[:, :, 1:]

    def cropped_vjp(dy, x, w):
        return conv_vjp(np.pad(dy, ((0, 0), (0, 0), (1, 0), (0, 0))), x, w)

    assert check(cropped, BATCH, FILTERS, vjp=cropped_vjp).verdict == "verified"
    for method in ("auto", "full"):
        found = check(cropped, BATCH, FILTERS, vjp=cropped_vjp, like="conv2d_batch", method=method)
        wrong = next(one for one in found.gradients if one.status == "wrong")
        assert (found.verdict, wrong.name) == ("refuted", "output Y")
        assert (wrong.fault.shape, wrong.fault.expected) == ((2, 4, 3, 4), (2, 4, 4, 4))


def test_a_wrong_gradient_of_a_line_is_refuted():
    """The output is right, and a gradient is not."""
    found = check(
        conv, BATCH, FILTERS, vjp=lambda dy, x, w: (conv_vjp(dy, x, w)[0], -conv_vjp(dy, x, w)[1]), like="conv2d_batch"
    )
    assert (found.verdict, found.cause) == ("refuted", "wrong-sign")
    assert [one.status for one in found.gradients] == ["right", "right", "wrong"]


def test_a_stride_is_given_by_name():
    """Of inputs without a batch."""
    right, other = (
        check(strided, IMAGE, FILTERS, vjp=strided_vjp, like="conv2d_strided", sizes={"s": s}) for s in (2, 1)
    )
    assert (right.verdict, right.evidence.proved, other.verdict) == ("verified", True, "refuted")


@pytest.mark.parametrize("method", ["auto", "full"])
def test_a_line_of_the_users_own(method):
    """With zeros around the input, and numbers in the line."""
    found = check(padded, ROW, TAPS, vjp=padded_vjp, like=OWN, method=method)
    assert (found.verdict, found.evidence.proved) == ("verified", True)


def test_a_line_of_the_users_own_with_a_mistake():
    """The twin: a gradient of the padded input, its zeros cut off at one end alone."""

    def shifted(dy, x, w):
        around = np.pad(x, ((0, 0), (1, 1)))
        dx, dw = conv_vjp(dy[None, :, :, None], around[None, :, :, None], w[..., None], 2)
        return dx[0, :, 2:, 0], dw[..., 0]

    found = check(padded, ROW, TAPS, vjp=shifted, like=OWN)
    assert (found.verdict, [one.status for one in found.gradients]) == ("refuted", ["right", "wrong", "right"])


def test_sizes_in_a_line_of_the_users_own():
    """Letters for what no array tells."""
    named = "Y[j,a] += pad(X, P)[i,s*a+u] * F[j,i,u]"
    assert check(padded, ROW, TAPS, vjp=padded_vjp, like=named, sizes={"s": 2, "P": 1}).verdict == "verified"
    assert check(padded, ROW, TAPS, vjp=padded_vjp, like=named, sizes={"s": 3, "P": 1}).verdict == "refuted"


# a line that does not fit


@pytest.mark.parametrize(
    ("line", "error", "told"),
    [
        ("conv2d_btch", NotationError, "unknown layer 'conv2d_btch'; did you mean 'conv2d_batch'"),
        ("Y[z,j,a,b] += X[z,i,a+u,b+v] *", NotationError, "expected a tensor"),
        ("Y[z,j,a,b] = X[z,i,a+u,b+v] * F[j,i,u,v]", NotationError, "expected '\\+='"),
        ("conv2d", LayerError, "X has 3 axes, F has 4 axes, and the inputs have 4, 4"),
        ("conv2d_grouped", LayerError, "F has 5 axes, and the inputs have 4, 4"),
        ("bilinear", LayerError, "Z has 1 axes, and the inputs have 4, 4"),
        ("conv2d_depthwise", NotationError, "unknown layer"),
    ],
)
def test_a_line_that_does_not_fit(line, error, told):
    """What is wrong with it is told, before anything is run."""
    with pytest.raises(error, match=told):
        check(conv, BATCH, FILTERS, vjp=conv_vjp, like=line)


def test_a_size_that_no_array_tells():
    """How to pass it is told."""
    with pytest.raises(LayerError, match=r"no array tells s: pass sizes=\{'s': \.\.\.\}"):
        check(strided, IMAGE, FILTERS, vjp=strided_vjp, like="conv2d_strided")


def test_operands_that_do_not_fit_each_other():
    """The sizes that one has, and those that it should have."""
    with pytest.raises(LayerError, match=r"F is \(4, 3, 3, 2\), but should be \(4, 3, 2, 2\)"):
        check(conv, BATCH, FILTERS[..., :2], vjp=conv_vjp, like="conv2d_batch")


def test_a_line_for_more_inputs_than_there_are():
    """One input, two operands."""
    with pytest.raises(LayerError, match="and the inputs have 4"):
        check(lambda x: conv(x, FILTERS), BATCH, vjp=lambda dy, x: conv_vjp(dy, x, FILTERS)[0], like="conv2d_batch")
