"""What is no layer is told with what was seen of it, and what to do."""

import re

import numpy as np
import pytest

from gradcheck import Binding
from gradcheck.errors import TargetError
from gradcheck.examination.examine import examine
from gradcheck.targets.recognise import recognise


def dense(output):
    """A dense layer whose forward gives this of its sums."""

    class Dense:
        __qualname__ = "Dense"

        def __init__(self, in_channels, out_channels):
            self.w = np.zeros((in_channels, out_channels))

        def forward(self, x):
            self.x = x
            return output(x @ self.w)

        def backward(self, dy):
            return dy @ self.w.T, self.x.T @ dy

    return Dense


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (lambda y: None, "Dense: its forward returns no array: does it end in a return?"),
        (lambda y: "y", "Dense: its forward returns no array"),
        (lambda y: y * np.nan, "Dense: its output has NaN or infinity where all that was given is small integers"),
        (
            lambda y: np.where(y == y.max(initial=0), np.inf, y),
            "Dense: its output has NaN or infinity where all that was given is small integers",
        ),
        (
            np.tanh,
            "Dense is no dense, convolutional or transposed layer (its output is not affine in its input): "
            "check it as a function of its input and parameters: gradcheck.check(f, *inputs, vjp=...)",
        ),
        (
            lambda y: y.cumsum(axis=-1) / 3,
            "Dense is no dense, convolutional or transposed layer in any layout that gradcheck knows: "
            "say which one it is in a binding",
        ),
    ],
)
def test_what_was_seen_of_it_is_told(output, told):
    """No output, none that is finite, one that is not affine, or another; a layer that is right is verified."""
    assert examine(recognise(dense(lambda y: y)), "Dense").verdict == "verified"
    with pytest.raises(TargetError, match=f"^{re.escape(told)}"):
        examine(recognise(dense(output)), "Dense")


class Unwritten(Binding):
    """A binding as it is before it is written."""

    layer = "Y[z,j] += X[z,i] * F[j,i]"
    shapes = {"X": "N k", "F": "p k"}  # noqa: RUF012

    def forward(self, x, w):
        """Y."""
        raise NotImplementedError

    def backward(self, dy):
        """DX and dF."""
        raise NotImplementedError


def test_each_reason_is_told_once():
    """Where every size is refused, the first size is told with each reason."""
    told = r"^Unwritten accepts none of the sizes that were tried: N=\d+, k=\d+, p=\d+: NotImplementedError$"
    with pytest.raises(TargetError, match=told):
        examine(recognise(Unwritten), "Unwritten")
