"""A function on JAX arrays: its gradients are those of jax.vjp."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradcheck.numeric.function import Arrays
from gradcheck.numeric.program import Array
from gradcheck.targets.traces import telling


@dataclass(frozen=True, slots=True)
class Jax:
    """`call` takes one array for each input and returns a tuple of arrays."""

    call: Callable[..., tuple[Any, ...]]
    dtype: str

    def value(self, inputs: Arrays) -> Arrays:
        """Its outputs."""
        return _out(self.call(*self._in(inputs)))

    def pull(self, inputs: Arrays, cotangents: Arrays) -> tuple[Arrays, Arrays]:
        """Its outputs, and the gradients."""
        outputs, pull = jax.vjp(self.call, *self._in(inputs))
        given = (jnp.asarray(dy, y.dtype) for y, dy in zip(outputs, cotangents, strict=True))
        with telling("backward"):
            return _out(outputs), _out(pull(tuple(given)))

    def derived(self, outputs: int) -> "Jax":
        """The gradients as a function of the inputs and, after them, the cotangents of so many outputs."""

        def gradients(*given: Any) -> tuple[Any, ...]:
            inputs, cotangents = given[:-outputs], given[-outputs:]
            return tuple(jax.vjp(self.call, *inputs)[1](tuple(cotangents)))

        return Jax(gradients, self.dtype)

    def push(self, inputs: Arrays, tangents: Arrays) -> Arrays:
        """The directional derivatives, by forward mode."""
        return _out(jax.jvp(self.call, self._in(inputs), self._in(tangents))[1])

    def _in(self, arrays: Arrays) -> tuple[Any, ...]:
        return tuple(jnp.asarray(array, self._type(array)) for array in arrays)

    def _type(self, array: Array) -> Any:
        return jnp.result_type(self.dtype, jnp.complex64) if array.dtype.kind == "c" else self.dtype


def _out(arrays: Sequence[Any]) -> Arrays:
    wide = (np.complex128 if jnp.iscomplexobj(one) else np.float64 for one in arrays)
    return tuple(np.asarray(one).astype(kind) for one, kind in zip(arrays, wide, strict=True))


def precision(like: Any) -> str:
    """The type that JAX computes in, given such an array: 32 bits unless it was told otherwise."""
    return str(jnp.asarray(like).real.dtype)
