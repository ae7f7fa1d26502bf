"""A function on NumPy arrays, or those of any library that follows the array API, with a gradient of the user's own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.errors import TargetError
from gradcheck.numeric.function import Arrays, Differentiable
from gradcheck.numeric.program import Array


class Missing(Exception):
    """A gradient that is None: `indices` are the numbers of the inputs that have none."""

    def __init__(self, indices: tuple[int, ...]) -> None:
        super().__init__(indices)
        self.indices = indices


@dataclass(frozen=True, slots=True)
class Plain:
    """`call` and `vjp` take and return tuples of arrays of a library; `vjp` takes the cotangents first."""

    call: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    vjp: Callable[[tuple[Any, ...], tuple[Any, ...]], tuple[Any, ...]]
    jvp: Callable[[tuple[Any, ...], tuple[Any, ...]], tuple[Any, ...]] | None
    dtype: str
    library: Any = np

    def value(self, inputs: Arrays) -> Arrays:
        """Its outputs."""
        return self._out(self.call(self._in(inputs)))

    def pull(self, inputs: Arrays, cotangents: Arrays) -> tuple[Arrays, Arrays]:
        """No outputs are needed for these gradients: an empty tuple, and the gradients."""
        found = self.vjp(self._in(cotangents), self._in(inputs))
        missing = tuple(n for n, one in enumerate(found) if one is None)
        if missing:
            raise Missing(missing)
        return (), self._out(found)

    def derived(self, outputs: int) -> Differentiable:
        """A gradient in plain NumPy has no gradient of its own."""
        raise TargetError("order=2 needs a function in torch, JAX or autograd, which can differentiate a gradient")

    def push(self, inputs: Arrays, tangents: Arrays) -> Arrays:
        """The directional derivatives, by the user's own jvp."""
        if self.jvp is None:
            raise TargetError("forward=True needs jvp: a function of the tangents and the inputs")
        return self._out(self.jvp(self._in(tangents), self._in(inputs)))

    def _in(self, arrays: Arrays) -> tuple[Any, ...]:
        return tuple(self._one(array) for array in arrays)

    def _one(self, array: Array) -> Any:
        kind = np.result_type(self.dtype, np.complex64) if array.dtype.kind == "c" else np.dtype(self.dtype)
        own = array if array.dtype == kind else array.astype(kind)
        return own if self.library is np else self.library.asarray(own)

    def _out(self, arrays: tuple[Any, ...]) -> Arrays:
        return tuple(_wide(np.asarray(one)) for one in arrays)


def _wide(array: Array) -> Array:
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64, copy=False)
