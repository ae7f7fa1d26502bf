"""A function on arrays of autograd.numpy: its gradients are those of make_vjp."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from autograd import make_jvp, make_vjp
from autograd.builtins import tuple as autograd_tuple

from gradcheck.numeric.function import Arrays


@dataclass(frozen=True, slots=True)
class Autograd:
    """`call` takes one array for each input and returns a tuple of arrays."""

    call: Callable[..., tuple[Any, ...]]
    dtype: str

    def value(self, inputs: Arrays) -> Arrays:
        """Its outputs."""
        return _out(self.call(*self._in(inputs)))

    def pull(self, inputs: Arrays, cotangents: Arrays) -> tuple[Arrays, Arrays]:
        """Its outputs, and the gradients."""
        given = self._in(inputs)
        pull, outputs = make_vjp(self._packed)(autograd_tuple(given))
        return _out(tuple(outputs)), _out(tuple(pull(autograd_tuple(self._in(cotangents)))))

    def derived(self, outputs: int) -> "Autograd":
        """The gradients as a function of the inputs and, after them, the cotangents of so many outputs."""

        def gradients(*given: Any) -> tuple[Any, ...]:
            pull, _ = make_vjp(self._packed)(autograd_tuple(given[:-outputs]))
            return autograd_tuple(pull(autograd_tuple(given[-outputs:])))  # type: ignore[no-any-return]

        return Autograd(gradients, self.dtype)

    def push(self, inputs: Arrays, tangents: Arrays) -> Arrays:
        """The directional derivatives, by forward mode."""
        _, found = make_jvp(self._packed)(autograd_tuple(self._in(inputs)))(autograd_tuple(self._in(tangents)))
        return _out(tuple(found))

    def _packed(self, inputs: Any) -> Any:
        return autograd_tuple(self.call(*inputs))

    def _in(self, arrays: Arrays) -> tuple[Any, ...]:
        return tuple(array if array.dtype.kind == "c" else array.astype(self.dtype) for array in arrays)


def _out(arrays: tuple[Any, ...]) -> Arrays:
    wide = (np.complex128 if np.iscomplexobj(one) else np.float64 for one in arrays)
    return tuple(np.asarray(one).astype(kind) for one, kind in zip(arrays, wide, strict=True))
