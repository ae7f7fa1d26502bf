"""A target that is not affine in its input is told from one that is, on five runs."""

import numpy as np
import pytest

from gradcheck.conventions.nonlinear import is_nonlinear
from gradcheck.targets.exchange import Outcome, Request

X = np.array([[3.0, -1.0, 2.0, -4.0], [1.0, 2.0, -3.0, 2.0]])
W = np.array([[1.0, 2.0, -1.0], [3.0, -2.0, 1.0], [-1.0, -1.0, 2.0], [2.0, 1.0, -3.0]])


def judged(function):
    """What is said of a function of x."""

    def run(request):
        y = function(request.operands["x"])
        return None if y is None else Outcome((("", y),), ())

    request = Request({}, {"x": X})
    outcome = run(request)
    return is_nonlinear(run, request, outcome and outcome.y)


def test_sums_of_products_are_affine():
    """With a bias, rounded, constant or empty."""
    assert not judged(lambda x: x @ W)
    assert not judged(lambda x: x @ W + np.array([5.0, -3.0, 1.0]))
    assert not judged(lambda x: (x @ W / 3).astype(np.float16))
    assert not judged(lambda x: np.full((2, 2), 7.0))
    assert not judged(lambda x: x[:0])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.maximum(x @ W, 0),
        lambda x: np.maximum(x, 0),
        lambda x: np.abs(x @ W),
        lambda x: np.tanh(x @ W),
        lambda x: 1 / (1 + np.exp(-x)),
        lambda x: np.clip(x, -2, 2),
        lambda x: (x @ W) ** 2,
        lambda x: (x @ W) ** 3,
        lambda x: x.max(axis=1),
        lambda x: np.clip(x @ W, -2, 2),
        lambda x: (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5),
        lambda x: np.exp(x) / np.exp(x).sum(1, keepdims=True),
    ],
)
def test_what_is_not_affine(function):
    """Activations, norms, pooling by maximum, powers."""
    assert judged(function)


def rounded(y):
    """To the eight bits of bfloat16."""
    mantissa, exponent = np.frexp(y)
    return np.ldexp(np.round(mantissa * 256) / 256, exponent)


def test_rounding_is_not_taken_for_a_bend():
    """A sum and a bias in the lowest precision, both rounded."""
    random = np.random.default_rng(0)
    for _ in range(500):
        w, b = random.normal(size=(4, 3)), random.normal(size=3)
        assert not judged(lambda x, w=w, b=b: rounded(rounded(x @ w) + b))


def test_inputs_stay_within_the_range():
    """What overflows or is clipped beyond the largest input is not seen there."""
    assert not judged(lambda x: np.clip(x, -4, 4) @ W)


@pytest.mark.parametrize(
    "strange",
    [
        lambda x: None,
        lambda x: x[:1] ** 2,
        lambda x: np.full(x.shape, np.nan),
        lambda x: np.full(x.shape, np.inf),
        lambda x: (x**2).astype(int),
        lambda x: x**2 + 0j,
        lambda x: np.full(x.shape, "x"),
    ],
)
@pytest.mark.parametrize("where", [lambda x: not x.any(), lambda x: (x == X).all(), lambda x: x[0, 0] < 0])
@pytest.mark.filterwarnings("error")
def test_nothing_is_known_of_strange_outputs(strange, where):
    """Where a run fails, or its output is of another shape, not finite, or of another type, at one input or at all."""
    assert judged(lambda x: x**2)
    assert not judged(lambda x: strange(x) if where(x) else x**2)


def test_nothing_is_known_of_a_function_that_changes():
    """Another result for the same input says nothing about lines."""
    random = np.random.default_rng(0)
    assert not judged(lambda x: x**2 + random.normal(size=x.shape))
