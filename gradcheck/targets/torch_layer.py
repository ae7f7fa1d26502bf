"""Running a layer in PyTorch, whatever it is: arrays in, arrays out."""

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from gradcheck.targets.arguments import bound
from gradcheck.targets.exchange import Array, Description, Differences, Named, Outcome, Request, plain_arrays
from gradcheck.targets.frameworks import MOST
from gradcheck.targets.running import same, seed_everything, unit_differences
from gradcheck.targets.traces import telling

Layer: TypeAlias = nn.Module | None
Arguments = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Torch:
    """A layer in PyTorch: how to make a fresh one, to run it on arguments by name, and to get its gradients.

    `backward` takes the layer, the operands' leaves, all that forward returned, and the cotangent.
    Everything runs in `dtype`; arrays of that type come back as float64.
    """

    described: Description
    make: Callable[..., Layer]
    forward: Callable[[Layer, Arguments], object]
    backward: Callable[[Layer, Mapping[str, Tensor], object, Tensor], object]
    roles: Mapping[str, str]
    dtype: str = "float64"

    @property
    def description(self) -> Description:
        """What is known of it before it has run."""
        return replace(self.described, most=MOST.get(self.dtype, self.described.most))

    def run(self, request: Request) -> Outcome:
        """Forward, and backward where there is a cotangent, on a fresh layer."""
        with _quietly():
            layer = self._fresh(request)
            one = self._once(layer, request)
            return replace(one, second=self._again(layer, request)) if request.twice else one

    def _again(self, layer: Layer, request: Request) -> Outcome:
        """The same layer once more, its gradients and its weights as they were."""
        if layer is not None:
            layer.zero_grad()
            self._set(layer, request)
        return self._once(layer, request)

    def differences(self, ask: Differences) -> Array:
        """<dY, f(A + e) - f(A)> for every unit e of one operand, each on a fresh layer."""
        with _quietly(), torch.no_grad():
            return unit_differences(ask, self._y)

    def _y(self, request: Request) -> Array:
        output = self._forward(self._fresh(request), self._leaves(request), request)
        return self._array(first(output)).astype(float)

    def _once(self, layer: Layer, request: Request) -> Outcome:
        leaves = self._leaves(request)
        given = {role: leaf.clone() for role, leaf in leaves.items()}
        output = self._forward(layer, given, request)
        flat, state = self._flat(output), self._state(layer)
        held = {**given, **self._weights(layer, request)}
        changed = self._changed("forward", held, request)
        if request.cotangent is None:
            return Outcome(flat, state, mutated=changed)
        dy = self._tensor(request.cotangent).to(first(output).dtype)
        with telling("backward"):
            returned = self.backward(layer, leaves, output, dy)
        seen = {role for role, _ in changed}
        later = {role: one for role, one in {**given, "dy": dy}.items() if role not in seen}
        changed += self._changed("backward", later, request)
        return Outcome(flat, state, self._flat(returned), self._state(layer), changed, _aliases(returned, given))

    def _forward(self, layer: Layer, given: Mapping[str, Tensor], request: Request) -> object:
        named = tuple(p for p in self.described.parameters if p.stage == "forward")
        with telling("forward"):
            output = self.forward(layer, bound(named, self.roles, given, request.options))
            first(output)
        return output

    def _fresh(self, request: Request) -> Layer:
        """A new layer with its weights set; one that makes them in its first forward pass has had one."""
        seed_everything(request.entropy)
        torch.default_generator.manual_seed(request.entropy)
        named = tuple(p for p in self.described.parameters if p.stage == "build")
        with telling("the constructor"):
            layer = self.make(**bound(named, {}, {}, request.options))
        if layer is None:
            return None
        layer.to(self._type())
        if any(map(nn.parameter.is_lazy, layer.parameters())):
            self._forward(layer, self._leaves(request), request)
        self._set(layer, request)
        return layer

    def _set(self, layer: nn.Module, request: Request) -> None:
        own = dict(layer.named_parameters())
        for role, path in request.weights.items():
            own[path].data = self._tensor(request.operands[role])

    def _leaves(self, request: Request) -> dict[str, Tensor]:
        """The operands that forward takes, asking for gradients."""
        taken = {role: array for role, array in request.operands.items() if role not in request.weights}
        return {role: self._tensor(array).requires_grad_() for role, array in taken.items()}

    def _weights(self, layer: Layer, request: Request) -> dict[str, Tensor]:
        own: dict[str, Tensor] = dict(layer.named_parameters()) if layer is not None else {}
        return {role: own[path] for role, path in request.weights.items()}

    def _state(self, layer: Layer) -> Named:
        """The parameters by their dotted paths, and their gradients once there are any; attributes that are tensors."""
        if layer is None:
            return ()
        own = list(layer.named_parameters())
        found: list[tuple[str, Tensor | None]] = [*own, *((f"{path}.grad", one.grad) for path, one in own)]
        found += [(name, one) for name, one in vars(layer).items() if isinstance(one, Tensor)]
        return tuple((path, None if one is None else self._array(one)) for path, one in found)

    def _changed(self, stage: str, held: Mapping[str, Tensor], request: Request) -> tuple[tuple[str, str], ...]:
        """What a pass has changed in place."""
        expected = {**request.operands, "dy": request.cotangent}
        return tuple((role, stage) for role, one in held.items() if not same(self._array(one), expected[role]))

    def _flat(self, found: object) -> Named:
        return plain_arrays(self._arrays(found))

    def _arrays(self, found: object) -> object:
        match found:
            case Tensor():
                return self._array(found)
            case tuple() | list():
                return tuple(map(self._arrays, found))
            case dict():
                return {key: self._arrays(one) for key, one in found.items()}
        return found

    def _array(self, tensor: Tensor) -> Array:
        """A copy: float64 where it is of the type that everything runs in, float32 where NumPy has none like it."""
        own, lacking = tensor.dtype is self._type(), tensor.dtype is torch.bfloat16
        wide = torch.float64 if own else torch.float32 if lacking else tensor.dtype
        return np.array(tensor.detach().cpu().to(wide).numpy())

    def _tensor(self, array: Array) -> Tensor:
        return torch.tensor(array, dtype=self._type())

    def _type(self) -> torch.dtype:
        return getattr(torch, self.dtype)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without warnings on what is only tried, and in one thread: for a few numbers, two take far longer."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.set_num_threads(threads)


def tensors(found: object) -> Iterator[Tensor]:
    """The tensors in a result."""
    if isinstance(found, Tensor):
        yield found
    elif isinstance(found, tuple | list):
        for one in found:
            yield from tensors(one)


def first(output: object) -> Tensor:
    """The output; raises TypeError where there is no tensor."""
    for one in tensors(output):
        return one
    raise TypeError(f"it returned {type(output).__name__}, and no tensor")


def _aliases(returned: object, given: Mapping[str, Tensor]) -> tuple[tuple[str, str], ...]:
    """The returned tensors that share memory with an operand; that the cotangent is passed on is usual."""
    flat = [(str(n), one) for n, one in enumerate(returned)] if isinstance(returned, tuple) else [("", returned)]
    return tuple(
        (path, role)
        for path, one in flat
        for role, own in given.items()
        if isinstance(one, Tensor) and one.untyped_storage().data_ptr() == own.untyped_storage().data_ptr()
    )
