"""A wrong gradient of a function that is a layer gets the name of the mistake; any other keeps what was found."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from gradcheck import check
from gradcheck.functions.causes import GENERAL, diagnosed
from gradcheck.functions.library import bind

RANDOM = np.random.default_rng(5)
X, F, B = (RANDOM.normal(size=shape) for shape in ((2, 3, 6, 5), (4, 3, 3, 2), (4,)))


def correlation(x, w):
    """The cross-correlation of a batch of images, of any size."""
    return np.einsum("zcabuv,fcuv->zfab", sliding_window_view(x, w.shape[2:], (2, 3)), w)


def full(dy, w, k):
    """The full correlation of a cotangent with filters whose first two axes are exchanged."""
    sides = [(side - 1,) * 2 for side in w.shape[2:]]
    return correlation(np.pad(dy, ((0, 0), (0, 0), *sides)), k.swapaxes(0, 1))


def right(dy, x, w):
    """Its gradients."""
    return full(dy, w, w[:, :, ::-1, ::-1]), np.einsum(
        "zcabuv,zfab->fcuv", sliding_window_view(x, w.shape[2:], (2, 3)), dy
    )


def not_rotated(dy, x, w):
    """The filter is used as it is."""
    return full(dy, w, w), right(dy, x, w)[1]


def rotated(dy, x, w):
    """The filters' gradient is turned round."""
    dx, dw = right(dy, x, w)
    return dx, dw[:, :, ::-1, ::-1]


def first_sample(dy, x, w):
    """The filters' gradient is that of the first sample."""
    return right(dy, x, w)[0], right(dy[:1], x[:1], w)[1]


def biased(x, w, b):
    """A cross-correlation with a bias."""
    return correlation(x, w) + b[:, None, None]


MISTAKES = {"filter-not-rotated": not_rotated, "filter-gradient-rotated": rotated, "first-sample-only": first_sample}


def test_a_right_pair_is_verified():
    """No cause is looked for."""
    found = check(correlation, X, F, vjp=right)
    assert (found.verdict, found.cause) == ("verified", None)


@pytest.mark.parametrize("cause", MISTAKES)
@pytest.mark.parametrize("layer", [None, "conv2d_batch"])
def test_a_mistake_in_a_convolution_is_named(cause, layer):
    """On sizes of its own an examination finds what the one point does not tell."""
    x, w = (X[..., :5, :], F[:, :, :2]) if layer else (X, F)  # that line has square images and filters
    found = check(correlation, x, w, vjp=MISTAKES[cause], like=layer)
    assert (found.verdict, found.cause) == ("refuted", cause)
    wrong = [one for one in found.gradients if one.status == "wrong"]
    assert len(wrong) == 1
    assert wrong[0].fault.structure == ()
    assert wrong[0].fault.entry


def test_the_name_is_in_the_text():
    """What it is, why, and how to mend it."""
    told = str(check(correlation, X, F, vjp=not_rotated))
    assert "gradient of x: the filter is not rotated by 180°" in told
    assert "why: " in told
    assert "fix: " in told


def test_a_mistake_in_a_layer_with_a_bias_is_named():
    """Of three inputs, the third is the bias."""
    found = check(biased, X, F, B, vjp=lambda dy, x, w, b: (*not_rotated(dy, x, w), dy.sum((0, 2, 3))))
    assert (found.verdict, found.cause) == ("refuted", "filter-not-rotated")
    mean = check(biased, X, F, B, vjp=lambda dy, x, w, b: (*right(dy, x, w), dy.mean(0).sum((1, 2))))
    assert (mean.verdict, mean.cause) == ("refuted", "mean-over-batch")


def test_both_gradients_get_their_names():
    """Each its own."""
    found = check(correlation, X, F, vjp=lambda dy, x, w: (not_rotated(dy, x, w)[0], rotated(dy, x, w)[1]))
    assert [one.fault.causes[0].id for one in found.gradients] == ["filter-not-rotated", "filter-gradient-rotated"]


def test_what_is_certain_is_kept():
    """A wrong sign needs no examination."""
    found = check(correlation, X, F, vjp=lambda dy, x, w: (right(dy, x, w)[0], -right(dy, x, w)[1]))
    assert found.cause == "wrong-sign"
    assert found.cause not in GENERAL


def test_a_mistake_that_nobody_knows_keeps_its_place():
    """Examined in vain: entry and structure are those of the comparison."""
    spike = np.zeros(F.shape)
    spike[1, 2, 0, 1] = 3
    found = check(correlation, X, F, vjp=lambda dy, x, w: (right(dy, x, w)[0], right(dy, x, w)[1] + spike))
    fault = found.gradients[1].fault
    assert (found.cause, fault.entry, fault.got - fault.should) == (None, (1, 2, 0, 1), 3)
    assert fault.structure


def test_a_function_of_one_input_is_no_layer():
    """Of one input nothing is examined, and what was found is given back as it is."""
    found = check(lambda x: 3 * x, X, vjp=lambda dy, x: dy[::-1] * 3)
    given = bind(lambda x: 3 * x, (X,), lambda dy, x: dy[::-1] * 3, None)
    assert found.verdict == "refuted"
    assert diagnosed(found, lambda x: 3 * x, given, None) is found


def test_a_function_that_is_not_linear_is_no_layer():
    """What was found by differences is given back as it is."""
    found = check(lambda x, w: np.tanh(x * w), X, X, vjp=lambda dy, x, w: (dy, dy))
    given = bind(lambda x, w: np.tanh(x * w), (X, X), lambda dy, x, w: (dy, dy), None)
    assert (found.verdict, found.evidence.method) == ("refuted", "differences")
    assert diagnosed(found, None, given, None) is found


def test_a_matrix_product_has_no_taps():
    """A gradient whose rows run backwards is reversed, and nothing about spatial axes is said of it."""
    a, b = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=(4, 5))
    found = check(lambda a, b: a @ b, a, b, vjp=lambda dy, a, b: (dy @ b.T, (a.T @ dy)[::-1]))
    assert found.verdict == "refuted"
    assert "spatial" not in str(found)


def test_an_autograd_function_in_torch_is_named():
    """The same mistake, in a torch.autograd.Function whose filter may have any size."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    from targets import torch_layers as layers

    x, w, b = (torch.from_numpy(one) for one in (X, F, B))
    assert check(layers.Conv.apply, x, w, b).verdict == "verified"
    found = check(layers.FilterNotRotated.apply, x, w, b)
    assert (found.verdict, found.cause, found.function) == ("refuted", "filter-not-rotated", "FilterNotRotated")
    assert [one.status for one in found.gradients] == ["wrong", "right", "right"]
