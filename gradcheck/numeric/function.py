"""A function of several arrays and its derivatives, however they are computed; and its values as one long array."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from gradcheck.numeric.program import Array

Arrays = tuple[Array, ...]


class Function(Protocol):
    """A function with gradients: NumPy arrays in and out, whatever it computes with."""

    @property
    def dtype(self) -> str:
        """The type that it computes in."""

    def value(self, inputs: Arrays) -> Arrays:
        """Its outputs."""

    def pull(self, inputs: Arrays, cotangents: Arrays) -> tuple[Arrays, Arrays]:
        """Its outputs, and the gradient of <cotangents, outputs> with respect to each input."""


class Differentiable(Function, Protocol):
    """A function of a library: it has a forward mode, and gradients of its gradients."""

    def derived(self, outputs: int) -> "Differentiable":
        """The gradients as a function of the inputs and as many cotangents; raises TargetError where there is none."""

    def push(self, inputs: Arrays, tangents: Arrays) -> Arrays:
        """The directional derivative of each output (forward mode)."""


def moved(inputs: Arrays, index: int, to: Array) -> Arrays:
    """The inputs with one of them replaced."""
    return (*inputs[:index], to, *inputs[index + 1 :])


def flat(arrays: Sequence[Array]) -> Array:
    """All entries in one row."""
    return np.concatenate([np.ravel(array) for array in arrays])


def whole(arrays: Arrays) -> Array:
    """The only array as it is, or the entries of several in one row."""
    return arrays[0] if len(arrays) == 1 else flat(arrays)
