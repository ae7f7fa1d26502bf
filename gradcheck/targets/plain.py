"""Layers in plain NumPy: a class with two methods, or two functions, however they pass things on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck.targets import state
from gradcheck.targets.arguments import bound
from gradcheck.targets.exchange import Array, Description, Differences, Named, Outcome, Parameter, Request, plain_arrays
from gradcheck.targets.roles import argument, operand
from gradcheck.targets.running import same, seed_everything, unit_differences
from gradcheck.targets.traces import telling

Pass = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Plain:
    """A layer in plain Python: how to make a fresh one, and its two passes as (layer, **arguments)."""

    description: Description
    make: Pass
    forward: Pass
    backward: Pass
    forward_roles: Mapping[str, str]
    backward_roles: Mapping[str, str]

    def _stage(self, stage: str) -> tuple[Parameter, ...]:
        return tuple(p for p in self.description.parameters if p.stage == stage)

    def run(self, request: Request) -> Outcome:
        """Forward, and backward where there is a cotangent, on a fresh layer, and once more if asked for."""
        layer = self._fresh(request)
        outcome = self._once(layer, request)
        if not request.twice:
            return outcome
        self._set(layer, request)
        return replace(outcome, second=self._once(layer, request))

    def _once(self, layer: object, request: Request) -> Outcome:
        given = self._given(request)
        watch = _Watch(given, request)
        output = self._pass_forward(layer, given, request)
        found = _taken(plain_arrays(output)), tuple(_copies(state.arrays(layer)).items())
        watch.look("forward", state.arrays(layer))
        if request.cotangent is None:
            return Outcome(*found, mutated=watch.mutated)
        returned = plain_arrays(self._pass_backward(layer, given, output, request))
        after = tuple(_copies(state.arrays(layer)).items())
        watch.look("backward", state.arrays(layer))
        return Outcome(*found, _taken(returned), after, watch.mutated, watch.aliases(returned))

    def differences(self, ask: Differences) -> Array:
        """<dY, f(A + e) - f(A)> for every unit e of one operand, each on a fresh layer."""
        return unit_differences(ask, self._y)

    def _y(self, request: Request) -> Array:
        flat = plain_arrays(self._pass_forward(self._fresh(request), self._given(request), request))
        return np.asarray(next(array for _, array in flat if array is not None), float)

    def _fresh(self, request: Request) -> object:
        """A new layer with its weights set; one that makes them in its first forward pass has had one."""
        seed_everything(request.entropy)
        with telling("the constructor"):
            layer = self.make(**self._built(request))
        for name, value in getattr(layer, "__dict__", {}).items():
            if argument(name) == "rate" and isinstance(value, int | float):
                setattr(layer, name, request.rate)
        try:
            self._set(layer, request)
        except LookupError:
            self._pass_forward(layer, self._given(request), request)
            with telling("setting the weights"):
                self._set(layer, request)
        return layer

    def _built(self, request: Request) -> dict[str, object]:
        """The constructor's arguments: options, and weights where it takes the arrays themselves."""
        found = self._stage("build")
        roles = {
            p.name: role for p in found if p.name not in request.options and (role := operand(p.name)) in ("w", "b")
        }
        return bound(found, roles, self._given(request), request.options)

    def _set(self, layer: object, request: Request) -> None:
        for role, path in request.weights.items():
            state.put(layer, path, request.operands[role])

    def _given(self, request: Request) -> dict[str, Array]:
        return {role: array.copy() for role, array in request.operands.items() if role not in request.weights}

    def _pass_forward(self, layer: object, given: Mapping[str, Array], request: Request) -> object:
        arguments = bound(self._stage("forward"), self.forward_roles, given, request.options)
        with telling("forward"):
            return self.forward(layer, **arguments)

    def _pass_backward(self, layer: object, given: dict[str, Array], output: object, request: Request) -> object:
        given["dy"] = np.asarray(request.cotangent).copy()
        there: dict[str, object] = {**given, "rate": request.rate, "memory": _memory(output)}
        there |= {f"{role}_shape": given[role].shape for role in ("x", "w") if role in given}
        arguments = bound(self._stage("backward"), self.backward_roles, there, request.options)
        with telling("backward"):
            return self.backward(layer, **arguments)


def _memory(output: object) -> object:
    """What forward returned besides its output, for backward."""
    if not isinstance(output, tuple):
        return output
    return output[1] if len(output) == 2 else output[1:]


def _copies(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {path: array.copy() for path, array in arrays.items()}


def _taken(flat: Named) -> Named:
    return tuple((path, array if array is None else array.copy()) for path, array in flat)


class _Watch:
    """Whether what is given to a layer is as it was, and what shares its memory."""

    def __init__(self, given: Mapping[str, Array], request: Request) -> None:
        self._given, self._request = given, request
        self.mutated: tuple[tuple[str, str], ...] = ()

    def look(self, stage: str, held: Mapping[str, Array]) -> None:
        """Note what has changed that had not before; weights that backward changes are updates, not told here."""
        seen = {role for role, _ in self.mutated}
        now = dict(self._given)
        if stage == "forward":
            now |= {role: held[path] for role, path in self._request.weights.items() if path in held}
        expected = {**self._request.operands, "dy": self._request.cotangent}
        changed = [role for role, array in now.items() if role not in seen and not same(array, expected[role])]
        self.mutated += tuple((role, stage) for role in changed)

    def aliases(self, flat: Named) -> tuple[tuple[str, str], ...]:
        """The returned arrays that share memory with what was given."""
        return tuple(
            (path, role)
            for path, array in flat
            for role, own in self._given.items()
            if array is not None and array.size and np.may_share_memory(array, own)
        )
