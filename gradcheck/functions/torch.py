"""A function on torch tensors: its gradients are autograd's."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gradcheck.numeric.function import Arrays
from gradcheck.numeric.program import Array
from gradcheck.targets.traces import told


@dataclass(frozen=True, slots=True)
class Torch:
    """`call` takes one tensor for each input and returns the tensors of its output."""

    call: Callable[..., Sequence[Tensor]]
    type: torch.dtype
    device: torch.device

    @property
    def dtype(self) -> str:
        """The type that it computes in."""
        return str(self.type).removeprefix("torch.")

    def value(self, inputs: Arrays) -> Arrays:
        """Its outputs."""
        with torch.no_grad():
            return self._out(self.call(*self._in(inputs)))

    def pull(self, inputs: Arrays, cotangents: Arrays) -> tuple[Arrays, Arrays]:
        """Its outputs, and the gradients; zeros for an input that the outputs do not depend on."""
        leaves = self._in(inputs)
        for leaf in leaves:
            leaf.requires_grad_()
        with torch.enable_grad():
            outputs = self.call(*leaves)
        pairs = [(y, dy) for y, dy in zip(outputs, self._in(cotangents), strict=True) if y.requires_grad]
        if not pairs:
            return self._out(outputs), tuple(map(np.zeros_like, inputs))
        try:
            found = torch.autograd.grad([y for y, _ in pairs], leaves, [dy for _, dy in pairs], allow_unused=True)
        except Exception as error:
            raise told("backward", error) from None
        given = [torch.zeros_like(leaf) if one is None else one for leaf, one in zip(leaves, found, strict=True)]
        return self._out(outputs), self._out(given)

    def derived(self, outputs: int) -> "Torch":
        """The gradients as a function of the inputs and, after them, the cotangents of so many outputs."""

        def gradients(*given: Tensor) -> Sequence[Tensor]:
            leaves = tuple(one if one.requires_grad else one.detach().requires_grad_() for one in given)
            with torch.enable_grad():
                inputs, cotangents = leaves[:-outputs], leaves[-outputs:]
                found = torch.autograd.grad(
                    self.call(*inputs), inputs, cotangents, create_graph=True, allow_unused=True
                )
            return [torch.zeros_like(x) if one is None else one for x, one in zip(leaves, found, strict=False)]

        return Torch(gradients, self.type, self.device)

    def push(self, inputs: Arrays, tangents: Arrays) -> Arrays:
        """The directional derivatives, by forward mode."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of torch.jit, which torch.func itself imports
            found = torch.func.jvp(lambda *leaves: tuple(self.call(*leaves)), self._in(inputs), self._in(tangents))
        return self._out(found[1])

    def _in(self, arrays: Arrays) -> tuple[Tensor, ...]:
        return tuple(torch.from_numpy(np.asarray(array)).to(self.device, self._type(array)) for array in arrays)

    def _type(self, array: Array) -> torch.dtype:
        """The function's own type, or the complex one of the same precision."""
        return self.type.to_complex() if array.dtype.kind == "c" else self.type

    def _out(self, tensors: Sequence[Tensor]) -> Arrays:
        return tuple(_array(one.detach()) for one in tensors)


def _array(tensor: Tensor) -> Array:
    if tensor.is_complex():
        return tensor.to("cpu", torch.complex128).resolve_conj().numpy()  # type: ignore[no-any-return]
    return tensor.to("cpu", torch.float64).numpy()  # type: ignore[no-any-return]
