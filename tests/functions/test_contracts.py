"""Two calls show what no comparison of gradients can be made with."""

import numpy as np
from given import Given

from gradcheck.functions.contracts import contracts

X = np.random.default_rng(0).normal(size=(3, 4))


def ids(call, x=X):
    """What is told, and whether it refutes."""
    return [(one.id, one.refutes) for one in contracts(Given(call), (x,), 2.0**-52)]


def test_a_function_that_keeps_them_is_not_told_of():
    """The twin of all others."""
    assert ids(np.sin) == []


def test_a_random_function_is_told_of():
    """Another output for the same input."""
    random = np.random.default_rng(0)
    assert ids(lambda x: np.sin(x) * (random.random(x.shape) < 0.5)) == [("not-deterministic", True)]


def test_a_change_in_place_is_told_of():
    """The input is another one afterwards; what was handed over is not."""

    def changing(x):
        y = np.sin(x)
        x += 1
        return y

    before = X.copy()
    assert ids(changing) == [("input-mutated", True)]
    assert np.array_equal(X, before)


def test_an_output_that_is_no_number_is_told_of():
    """Of a logarithm of zero; that is no error of the function."""
    with np.errstate(all="ignore"):
        assert ids(np.log, np.array([0.0, 1, 2])) == [("not-finite", False)]
