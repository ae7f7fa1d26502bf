"""A function as it stands, with a gradient and a forward mode written beside it, and no library."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


def several(found):
    """What a function returned, as a tuple of arrays."""
    return tuple(map(np.asarray, found)) if isinstance(found, tuple) else (np.asarray(found),)


@dataclass
class Given:
    """`vjp` takes the cotangents and the inputs, `jvp` a tuple of tangents and one of inputs; all run in `dtype`."""

    call: Callable
    vjp: Callable | None = None
    dtype: str = "float64"
    jvp: Callable | None = None

    def value(self, inputs):
        """Its outputs."""
        return self._wide(self.call(*self._narrow(inputs)))

    def pull(self, inputs, cotangents):
        """No outputs, and the gradients."""
        return (), self._wide(self.vjp(*self._narrow(cotangents), *self._narrow(inputs)))

    def push(self, inputs, tangents):
        """The directional derivatives."""
        return self._wide(self.jvp(self._narrow(tangents), self._narrow(inputs)))

    def _narrow(self, arrays):
        return arrays if self.dtype == "float64" else tuple(one.astype(self.dtype) for one in arrays)

    def _wide(self, found):
        return several(found) if self.dtype == "float64" else tuple(one.astype(float) for one in several(found))
