"""An explicit binding: a layer whose arrays are in the layout of a line of notation that it names."""

from collections.abc import Mapping
from typing import Any, ClassVar

from gradcheck.errors import TargetError
from gradcheck.layers.layer import parse_layer
from gradcheck.targets.arguments import parameters, source
from gradcheck.targets.exchange import Description, Parameter
from gradcheck.targets.plain import Plain

ROLES, BIAS = ("x", "w", "v", "u"), ("b",)


class Binding:
    """What to subclass: name the layer, and say how to run both passes.

    `layer` is a catalogue entry or a line of index notation, `shapes` the operands' sizes for a
    line, `where` hypotheses on them. forward takes the operands in the line's order (and a bias
    last, if it has one parameter more); backward takes the cotangent and returns the gradients in
    the same order. The sizes that are drawn (stride s, padding P, ...) stand in `self.sizes`.
    """

    layer: ClassVar[str] = ""
    shapes: ClassVar[Mapping[str, str]] = {}
    where: ClassVar[tuple[str, ...]] = ()
    sizes: Mapping[str, int]

    def forward(self, *operands: Any) -> Any:
        """The output, from arrays in the layer's own layout."""
        raise NotImplementedError

    def backward(self, dy: Any) -> Any:
        """The gradients of <dy, output>, in the order of forward's operands."""
        raise NotImplementedError


def bound_layer(kind: type[Binding]) -> Plain:
    """A binding as a target. Raises NotationError for what it names, TargetError if forward does not fit that."""
    if not kind.layer:
        raise TargetError(f'{kind.__qualname__} names no layer: add layer = "conv2d", or a line of index notation')
    operands = parse_layer(kind.layer, dict(kind.shapes)).operands
    taken = [p.name for p in parameters("forward", kind.forward, 1)]
    if len(taken) not in (len(operands), len(operands) + 1):
        raise TargetError(
            f"{kind.__qualname__}.forward takes {len(taken)} arrays ({', '.join(taken)}), but {kind.layer} has "
            f"{len(operands)} ({', '.join(operands)}), and a bias may follow"
        )
    roles = dict(zip(taken, ROLES[: len(operands)] + BIAS, strict=False))
    found = (
        Parameter("build", "sizes", required=False),
        *parameters("forward", kind.forward, 1),
        *parameters("backward", kind.backward, 1)[:1],
    )
    taking = tuple(roles.values())
    description = Description("binding", kind.__qualname__, *source(kind), found, taking, taking, _bound(kind))
    cotangent = {p.name: "dy" for p in found if p.stage == "backward"}
    return Plain(description, _maker(kind), kind.forward, kind.backward, roles, cotangent)


def _bound(kind: type[Binding]) -> tuple[str, dict[str, str], tuple[str, ...]]:
    return kind.layer, dict(kind.shapes), tuple(kind.where)


def _maker(kind: type[Binding]) -> Any:
    def make(sizes: Mapping[str, int] | None = None) -> Binding:
        made = kind()
        made.sizes = sizes or {}
        return made

    return make
