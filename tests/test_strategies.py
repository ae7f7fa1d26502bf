"""The strategies for hypothesis: small layers that satisfy their hypotheses, and shrink to the smallest that fails."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import oracles
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis.errors import NoSuchExample

from gradcheck import RandomLayer
from gradcheck.errors import NotationError
from gradcheck.strategies import ENTRIES, layers, operands, sizes

LINE, SHAPES, WHERE = "Y[j,a] += X[i,a+u] * F[j,i,u]", {"X": "k n", "F": "p k m"}, ["m <= n", "n <= 3", "k + p <= 4"]
SMALL = {"shapes": SHAPES, "where": WHERE}  # few sizes and no claims file: fast to draw
QUIET = settings(deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))


def smallest(strategy: Any, fails: Callable[[Any], bool], seed: int = 0) -> Any:
    """What a failing example shrinks to."""
    return find(strategy, fails, settings=settings(QUIET, max_examples=400), random=random.Random(seed))


def full(one: RandomLayer, filters: np.ndarray) -> np.ndarray:
    """The full correlation of a 1-D convolution's cotangent with filters."""
    m = filters.shape[-1]
    padded = np.pad(one.dY, ((0, 0), (m - 1, m - 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, m, axis=1)
    return np.einsum("jau,jiu->ia", windows, filters)


def wrong(one: RandomLayer) -> bool:
    """Whether a layer tells that the filter was not rotated."""
    return not np.array_equal(full(one, one.F), one.dX)


@settings(QUIET, max_examples=20)
@given(one=layers(LINE, **SMALL))
def test_layers_satisfy_their_hypotheses(one: RandomLayer) -> None:
    """Sizes meet what is given, arrays have these sizes and small integers, and gradients are those of nested loops."""
    at = one.sizes
    assert at["m"] <= at["n"] <= 3
    assert at["k"] + at["p"] <= 4
    assert (one.X.shape, one.F.shape) == oracles.shapes("conv1d", **at)
    assert all(np.abs(array).max() <= ENTRIES and (array == np.round(array)).all() for array in (one.X, one.F, one.dY))
    told = oracles.backward(list(oracles.terms("conv1d", **at)), one.X, one.F, one.dY)
    for name, expected in zip(("dX", "dF"), told, strict=True):
        assert dict(np.ndenumerate(getattr(one, name))) == expected


@settings(QUIET, max_examples=8)
@given(one=layers("conv2d_strided"))
def test_names_have_the_hypotheses_of_their_claims_file(one: RandomLayer) -> None:
    """A layer of the catalogue has an output, and its own arrays are right."""
    assert one.sizes["m"] <= one.sizes["n"]
    assert one.Y.size > 0
    one.assert_gradients(Y=one.Y, dX=one.dX, dF=one.dF)


@pytest.mark.parametrize("name", ["conv1d_general", "conv2d_general"])
def test_general_names_have_layers(name: str) -> None:
    """The layers with strides, padding and dilation are layers of the catalogue, too."""
    assert smallest(sizes(name), lambda at: True)["m"] == 1


def test_the_simplest_sizes_are_the_smallest() -> None:
    """All sizes are 1, unless the hypotheses say otherwise."""
    assert smallest(sizes("conv1d"), lambda at: True) == {"k": 1, "n": 1, "p": 1, "m": 1}
    assert smallest(sizes("conv1d", where=["k = p + 1"]), lambda at: True) == {"k": 2, "n": 1, "p": 1, "m": 1}


def test_sizes_shrink_to_the_smallest() -> None:
    """Whichever sizes failed first, those that are left are the least that fail."""
    left = [smallest(sizes("conv1d"), lambda at: at["m"] > 1, seed) for seed in range(4)]
    assert left == [{"k": 1, "n": 2, "p": 1, "m": 2}] * len(left)


def test_operands_shrink_to_zeros() -> None:
    """The arrays have the sizes that are asked for, with one entry left that is not 0, and that is 1."""
    found = smallest(operands("conv1d", {"k": 2, "n": 3, "p": 1, "m": 2}), lambda own: bool(own["F"].any()))
    assert (found["X"].shape, found["F"].shape) == ((2, 3), (1, 2, 2))
    assert not found["X"].any()
    assert sorted(found["F"].ravel()) == [0, 0, 0, 1]


def test_a_false_alarm_is_none() -> None:
    """Where the gradient is right, no layer fails."""
    with pytest.raises(NoSuchExample):
        find(
            layers(LINE, **SMALL),
            lambda one: not np.array_equal(full(one, one.F[..., ::-1]), one.dX),
            settings=settings(QUIET, max_examples=30),
        )


def test_an_unrotated_filter_shrinks() -> None:
    """The layer that is left has two inputs, two taps, and as many zeros as can be."""
    one = smallest(layers(LINE, shapes=SHAPES, where=["m <= n", "n <= 2", "k = 1", "p = 1"]), wrong)
    assert (one.sizes["n"], one.sizes["m"]) == (2, 2)
    assert [sorted(np.abs(array).ravel()) for array in (one.F, one.X, one.dY)] == [[0, 1], [0, 0], [1]]


def test_an_unrotated_filter_shrinks_to_the_smallest() -> None:
    """The one that is left has two inputs, two taps, one channel and one filter."""
    assert smallest(layers(LINE, **SMALL), wrong).sizes == {"k": 1, "n": 2, "p": 1, "m": 2}


def test_what_is_no_layer_is_told() -> None:
    """An unknown name is told when the strategy is used."""
    with pytest.raises(NotationError, match="unknown layer 'conv9d'"):
        sizes("conv9d")
    with pytest.raises(NotationError, match="unknown layer 'conv9d'"):
        find(layers("conv9d"), lambda one: True)


def test_a_hundred_examples_find_an_unrotated_filter() -> None:
    """As many as a test has by default are enough: the sizes are not all degenerate, the entries not all equal."""
    for seed in range(3):
        find(layers("conv1d"), wrong, settings=settings(QUIET, max_examples=100), random=random.Random(seed))
