"""Six hundred random configurations of a convolution: derived formulas, finite differences, and torch, exactly."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from gradcheck.claims.parsing import parse_given
from gradcheck.claims.reader import read_document
from gradcheck.numeric.check import check
from gradcheck.numeric.draw import draw
from gradcheck.numeric.trial import Trial, trial

CONFIGURATIONS = 600
GROUPED = "Y[h,j,a] += pad(X, P)[h,i,s*a+d*u] * F[h,j,i,u]"
SHAPES = {"X": "g k n", "F": "g p k m"}
WHERE = ("d*(m-1)+1 <= n+2*P",)


def remainder(at: dict[str, int]) -> int:
    """What the stride leaves of the padded input."""
    return (at["n"] + 2 * at["P"] - at["d"] * (at["m"] - 1) - 1) % at["s"]


CORNERS = {
    "a crop of the filter gradient": lambda at: remainder(at) >= at["d"],
    "a remainder without a crop": lambda at: 0 < remainder(at) < at["d"],
    "negative padding": lambda at: at["P"] > at["d"] * (at["m"] - 1),
    "a stride": lambda at: at["s"] > 1,
    "a dilation": lambda at: at["d"] > 1 < at["m"],
    "stride and dilation": lambda at: at["s"] > 1 < at["d"],
}


def test_derived_formulas_are_the_finite_differences() -> None:
    """Every claim on the general convolution holds for each of the configurations, in every entry."""
    document = read_document("conv1d_general")
    sizes = draw(document.layer, document.where, CONFIGURATIONS, 0)
    *_, last = check(document.layer, document.claims, sizes, 0)
    assert [(found.layers, found.failure) for found in last.checks] == [(CONFIGURATIONS, None)] * len(document.claims)
    for told, corner in CORNERS.items():
        assert sum(map(corner, sizes)) >= 10, told


@cache
def trials() -> tuple[Trial, ...]:
    """The configurations with groups: operands, output, and gradients by finite differences."""
    layer, where = parse_given(GROUPED, SHAPES, WHERE)
    return tuple(trial(layer, n, at, 0) for n, at in enumerate(draw(layer, where, CONFIGURATIONS, 1), start=1))


def by_torch(one: Trial, reverse: bool = False) -> dict[str, Any]:
    """The output and the gradients that torch gives, with channels and filters of all groups together."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    at, arrays = one.sizes, one.arrays
    x = torch.tensor(arrays["X"].reshape(1, at["g"] * at["k"], at["n"]), requires_grad=True)
    f = torch.tensor(arrays["F"].reshape(at["g"] * at["p"], at["k"], at["m"]), requires_grad=True)
    settings = {"stride": at["s"], "padding": at["P"], "dilation": at["d"], "groups": at["g"]}
    y = torch.nn.functional.conv1d(x, f.flip(-1) if reverse else f, **settings)
    y.backward(torch.tensor(arrays["dY"].reshape(y.shape)))
    found = {"Y": y.detach().numpy(), "dX": x.grad.numpy(), "dF": f.grad.numpy()}
    return {name: array.reshape(arrays[name].shape) for name, array in found.items()}


def test_torch_gives_the_same_gradients() -> None:
    """On integers, torch's output and gradients equal ours in every entry."""
    for one in trials():
        for name, found in by_torch(one).items():
            assert np.array_equal(found, one.arrays[name]), (name, one.sizes)


def test_the_comparison_with_torch_notices_a_reversed_filter() -> None:
    """With its filter reversed, torch gives other arrays."""
    different = {
        name
        for one in trials()
        for name, found in by_torch(one, True).items()
        if not np.array_equal(found, one.arrays[name])
    }
    assert different == {"Y", "dX", "dF"}
