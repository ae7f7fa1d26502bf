"""A target that is not affine in its input is told from one that is, on four runs."""

import numpy as np
import pytest

from gradcheck.conventions.affine import affine
from gradcheck.errors import TargetRaised
from gradcheck.targets.exchange import Outcome, Request

X = np.array([[3.0, -1.0, 2.0, -4.0], [1.0, 2.0, -3.0, 2.0]])
W = np.array([[1.0, 2.0, -1.0], [3.0, -2.0, 1.0], [-1.0, -1.0, 2.0], [2.0, 1.0, -3.0]])


def judged(function, x=X):
    """What is said of a function of x."""
    return affine(lambda request: Outcome((("", function(request.operands["x"])),), ()), Request({}, {"x": x}))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x @ W,
        lambda x: x @ W + np.array([5.0, -3.0, 1.0]),
        lambda x: (x @ W / 3).astype(np.float16),
        lambda x: np.full((2, 2), 7.0),
        lambda x: x[:0],
        lambda x: None,
    ],
)
def test_what_is_affine(function):
    """Sums of products, with a bias, rounded, constant or empty."""
    assert judged(function)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.maximum(x @ W, 0),
        lambda x: np.abs(x @ W),
        lambda x: np.tanh(x @ W),
        lambda x: (x @ W) ** 2,
        lambda x: (x @ W) ** 3,
        lambda x: x.max(axis=1),
        lambda x: np.clip(x @ W, -2, 2),
        lambda x: (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5),
        lambda x: np.exp(x) / np.exp(x).sum(1, keepdims=True),
    ],
)
def test_what_is_not_affine(function):
    """Activations, norms, pooling by maximum, squares."""
    assert not judged(function)


def test_nothing_is_known_of_a_function_that_changes():
    """Another result for the same input says nothing about lines."""
    random = np.random.default_rng(0)
    assert judged(lambda x: x**2 + random.normal(size=x.shape))


@pytest.mark.parametrize("bad", [lambda x: (x == 0).all(), lambda x: (x == -2 * X).all()])
def test_nothing_is_known_of_a_function_that_raises(bad):
    """Nor does an input that is not taken, or another shape there."""

    def raises(x):
        if bad(x):
            raise TargetRaised("forward", "not this", "")
        return x**2

    assert judged(raises)
    assert judged(lambda x: x[:1] ** 2 if bad(x) else x**2)
