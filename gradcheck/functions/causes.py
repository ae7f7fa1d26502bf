"""A named cause for a wrong gradient of a layer: the function is examined as a layer, on sizes of its own."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from gradcheck.comparison import Comparison, Gradient
from gradcheck.errors import CouldNotRun, GradcheckError
from gradcheck.examination.examine import examine
from gradcheck.findings import Cause
from gradcheck.functions.library import Bound
from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.numeric.function import Arrays, Function
from gradcheck.targets.binding import ROLES
from gradcheck.targets.exchange import Description, Parameter
from gradcheck.targets.plain import Plain
from gradcheck.targets.recognise import Target, recognise
from gradcheck.targets.running import generators_kept

GENERAL = frozenset({"axes-swapped", "index-reversed", "constant-factor"})  # an examination may know more of these


def diagnosed(found: Comparison, f: object, of: Bound, like: str | None) -> Comparison:
    """The comparison, with the causes that an examination of the function as a layer finds, where it is one."""
    wrong = [one for one in found.gradients if one.status == "wrong" and one.name.startswith("gradient")]
    wanting = [one for one in wrong if _wanting(one)]
    if found.evidence.method not in ("full", "shapes") or len(of.point) < 2 or not wanting:
        return found
    roles = (*ROLES[:2], "b") if len(of.point) == 3 and not like else ROLES[: len(of.point)]
    for target in _targets(f, of, roles, like):
        with contextlib.suppress(GradcheckError, CouldNotRun), generators_kept():
            seen = examine(target, found.function, seed=found.seed)
            known = {result.role: _of_a_gradient(result.fault.causes) for result in seen.results if result.fault}
            causes = {
                f"gradient of {name}": known[role]
                for name, role in zip(of.names, roles, strict=False)
                if known.get(role)
            }
            if causes:
                return replace(found, gradients=tuple(_caused(one, causes) for one in found.gradients))
    return found


def _of_a_gradient(causes: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """Those whose words fit any function: of a product, "channels" run backwards, but there are no taps."""
    return tuple(cause for cause in causes if cause.id != "channels-reversed")


def _wanting(one: Gradient) -> bool:
    return one.fault is not None and not {cause.id for cause in one.fault.causes} - GENERAL


def _caused(one: Gradient, causes: dict[str, Any]) -> Gradient:
    if one.name not in causes or one.status != "wrong" or not one.fault or not _wanting(one):
        return one
    return replace(one, fault=replace(one.fault, causes=causes[one.name], structure=()))


@dataclass(slots=True)
class _Kept:
    """A function as a layer with two methods."""

    function: Function
    inputs: Arrays = field(default=())

    def forward(self, **operands: Any) -> Any:
        self.inputs = tuple(operands.values())
        return self.function.value(self.inputs)[0]

    def backward(self, dy: Any) -> Any:
        return self.function.pull(self.inputs, (dy,))[1]


def _targets(f: object, of: Bound, roles: tuple[str, ...], like: str | None) -> Iterator[Target]:
    """The function as its framework has it, before any engine mends the gradients; and as it is."""
    if of.library in ("torch", "jax"):
        with contextlib.suppress(GradcheckError):
            yield recognise(f)
    named = (*(Parameter("forward", role, required=True) for role in roles), Parameter("backward", "dy", required=True))
    binds: tuple[str, dict[str, str], tuple[str, ...]] | None = (like, {}, ()) if like in CATALOGUE else None
    described = Description("function", "f", "", 0, named, roles, tuple(f"d{role}" for role in roles), binds)
    own = {role: role for role in roles}
    yield Plain(described, lambda **_: _Kept(of.function), _Kept.forward, _Kept.backward, own, {"dy": "dy"})
