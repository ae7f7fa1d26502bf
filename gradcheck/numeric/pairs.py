"""A function of complex numbers as one of pairs of real ones: its real directions are all that there are."""

from dataclasses import dataclass

import numpy as np

from gradcheck.numeric.function import Arrays, Differentiable
from gradcheck.numeric.program import Array


def paired(array: Array) -> Array:
    """The real and the imaginary parts, along a last axis of two."""
    return np.stack([array.real, array.imag], axis=-1)


@dataclass(frozen=True, slots=True)
class Pairs:
    """A function whose marked inputs and outputs are complex.

    A library's cotangents and gradients are a + ib for dL = a dx + b dy (as torch has it), or, where
    `conjugate` says so, a - ib (as JAX and autograd have it).
    """

    function: Differentiable
    inputs: tuple[bool, ...]
    outputs: tuple[bool, ...]
    conjugate: bool

    @property
    def dtype(self) -> str:
        """The type of each number of a pair."""
        return self.function.dtype

    def value(self, inputs: Arrays) -> Arrays:
        """Its outputs."""
        return self._real(self.function.value(_complex(inputs, self.inputs)), self.outputs)

    def pull(self, inputs: Arrays, cotangents: Arrays) -> tuple[Arrays, Arrays]:
        """Its outputs, and the gradients."""
        given = self._turned(_complex(cotangents, self.outputs))
        outputs, gradients = self.function.pull(_complex(inputs, self.inputs), given)
        return self._real(outputs, self.outputs), self._real(self._turned(gradients), self.inputs)

    def derived(self, outputs: int) -> Differentiable:
        """The gradients as a function of the inputs and the cotangents."""
        return Pairs(self.function.derived(outputs), self.inputs + self.outputs, self.inputs, self.conjugate)

    def push(self, inputs: Arrays, tangents: Arrays) -> Arrays:
        """The directional derivatives."""
        given = _complex(inputs, self.inputs), _complex(tangents, self.inputs)
        return self._real(self.function.push(*given), self.outputs)

    def _turned(self, arrays: Arrays) -> Arrays:
        return tuple(np.asarray(one.conj()) for one in arrays) if self.conjugate else arrays

    @staticmethod
    def _real(arrays: Arrays, marked: tuple[bool, ...]) -> Arrays:
        return tuple(paired(one) if is_complex else one.real for one, is_complex in zip(arrays, marked, strict=False))


def _complex(arrays: Arrays, marked: tuple[bool, ...]) -> Arrays:
    pairs = zip(arrays, marked, strict=True)
    return tuple(np.asarray(one[..., 0] + 1j * one[..., 1]) if is_complex else one for one, is_complex in pairs)
