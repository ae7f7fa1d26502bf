"""What is asked of a target, and the plain facts that come back: frozen values that travel between processes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Named = tuple[tuple[str, Array | None], ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the constructor ("build") or of a function: its name, and whether it can be left out.

    `keys` are the names that the code looks up in it, for one that holds several options.
    """

    stage: str
    name: str
    required: bool
    default: object = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What a target is: `kind` in words, where it stands, and its parameters.

    `takes` are the operands that forward takes (weights that the layer keeps are not among them),
    `returns` the names in backward's return statement, `binds` the layer (a catalogue entry or a
    line), the shapes and the hypotheses that a binding names, `passes` what forward and backward are
    called, `most` the largest entry of its operands with which everything stays exact.
    """

    kind: str
    name: str
    file: str
    line: int
    parameters: tuple[Parameter, ...]
    takes: tuple[str, ...] = ("x",)
    returns: tuple[str, ...] = ()
    binds: tuple[str, Mapping[str, str], tuple[str, ...]] | None = None
    passes: tuple[str, str] = ("forward", "backward")
    most: int = 5


@dataclass(frozen=True, slots=True)
class Request:
    """One run on a fresh layer: options by parameter name, operands by role, and what to do.

    `weights` says at which path of the layer's state an operand is kept that forward does not
    take; without a cotangent there is no backward pass. `entropy` seeds the global generators.
    """

    options: Mapping[str, object]
    operands: Mapping[str, Array]
    weights: Mapping[str, str] = field(default_factory=dict)
    cotangent: Array | None = None
    rate: float = 1.0
    entropy: int = 0
    twice: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gave: arrays by their path, None where something else stands.

    `output` is what forward returned, `state` the layer's arrays after it; `returned` is what
    backward returned, `after` the layer's arrays then, and `second` what the same two calls on the
    same layer gave once more. `mutated` names what was changed in place, and by which pass;
    `aliases` the pairs of arrays that share memory.
    """

    output: Named
    state: Named
    returned: Named = ()
    after: Named = ()
    mutated: tuple[tuple[str, str], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    second: "Outcome | None" = None

    @property
    def y(self) -> Array | None:
        """The first array that forward returned."""
        return next((array for _, array in self.output if array is not None), None)


@dataclass(frozen=True, slots=True)
class Differences:
    """Ask for <dY, f(A + e) - f(A)> for every unit e of one operand of a request."""

    request: Request
    operand: str


def plain_arrays(found: object, path: str = "") -> Named:
    """A result taken apart: tuples, lists and dicts by their positions and keys; None for what is no array."""
    match found:
        case np.ndarray():
            return ((path, found.view(np.ndarray)),)
        case float() | int() | np.generic() if not isinstance(found, bool):
            return ((path, np.asarray(found)),)
        case dict():
            parts = [(str(key), value) for key, value in found.items()]
        case tuple() | list():
            parts = [(str(n), value) for n, value in enumerate(found)]
        case _:
            return ((path, None),)
    return tuple(one for key, value in parts for one in plain_arrays(value, f"{path}.{key}" if path else key))
