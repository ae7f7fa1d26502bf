"""What a target was found to be: a family, a layout for each array, and what it is told and what is fixed in it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck.conventions.family import Case, Family, layer_of
from gradcheck.conventions.layout import Names, pack, shape, unpack
from gradcheck.conventions.options import Options
from gradcheck.layers.layer import gradient_name
from gradcheck.numeric.form import Form, contract, form
from gradcheck.targets.binding import ROLES
from gradcheck.targets.exchange import Array, Request


@dataclass(frozen=True, slots=True)
class Convention:
    """How to talk to a target, and what it computes.

    `layouts` has x, w, y and, where there is a bias, b; `weights` says where in its state the
    operands are that forward does not take; `rule` is the padding's, where the target is not told it.
    """

    family: Family
    layouts: Mapping[str, str]
    weights: Mapping[str, str]
    options: Options
    rule: str = ""

    @property
    def operands(self) -> tuple[str, ...]:
        """x, w and, where there is one, b."""
        return tuple(role for role in (*ROLES, "b") if role in self.layouts)

    def called(self, role: str) -> str:
        """What the result of a role is called: y, dx, dw, db, or as the tensors of a line of its own."""
        if self.family.line and role != "b":
            tensor = self.family.tensors[role]
            return tensor if role == "y" else gradient_name(tensor)
        return "y" if role == "y" else gradient_name(role)

    def names(self, role: str) -> Names:
        """The axes of an array in the line's order; a bias has those of the output."""
        return self.family.names("y" if role == "b" else role)

    def sizes(self, role: str, case: Case) -> dict[str, int]:
        """The size of each axis of an array."""
        if self.family.line:
            of = form(self.family.line, case.sizes())
            own = of.shape(self.family.tensors["y" if role == "b" else role])
            return dict(zip(self.names(role), own, strict=True))
        outputs = dict(zip(self.family.space, case.outputs(self.family), strict=True))
        return case.known(self.family) | (outputs if role in "yb" else {})

    def shape(self, role: str, case: Case) -> tuple[int, ...]:
        """The shape of an array in the target's layout."""
        return shape(self.layouts[role], self.sizes(role, case))

    def pack(self, role: str, array: Array) -> Array:
        """An array of the line in the target's layout."""
        return pack(array, self.names(role), self.layouts[role])

    def unpack(self, role: str, array: Array, case: Case) -> Array:
        """An array of the target in the line's order; raises ValueError where its shape is another."""
        return unpack(array, self.names(role), self.layouts[role], self.sizes(role, case))

    def request(self, case: Case, operands: Mapping[str, Array], **more: object) -> Request:
        """The run of this layer on operands in the target's layout."""
        options = self.options.values(case, self.family, self.layouts["x"])
        return Request(options, operands, self.weights, **more)  # type: ignore[arg-type]

    def reference(self, case: Case) -> "Reference":
        """What this layer computes, by its line of notation."""
        return Reference(self, case, form(layer_of(self.family), case.sizes()))


@dataclass(frozen=True, slots=True)
class Reference:
    """A layer of given sizes as its line of notation has it; arrays are in the line's order."""

    convention: Convention
    case: Case
    form: Form

    def arrays(self, packed: Mapping[str, Array]) -> dict[str, Array]:
        """Arrays by role, from the target's layout."""
        return {role: self.convention.unpack(role, array, self.case) for role, array in packed.items()}

    def output(self, arrays: Mapping[str, Array]) -> Array:
        """Y, the bias added."""
        tensors = self.convention.family.tensors
        product = contract(self.form, {tensors[role]: arrays[role] for role in arrays if role != "b"}, tensors["y"])
        return product + arrays["b"] if "b" in arrays else product

    def gradient(self, role: str, arrays: Mapping[str, Array], cotangent: Array) -> Array:
        """The gradient of <cotangent, Y> with respect to an operand."""
        if role == "b":
            spread = tuple(n for n, size in enumerate(arrays["b"].shape) if size == 1)
            return np.asarray(cotangent.sum(axis=spread, keepdims=True))
        tensors = self.convention.family.tensors
        others = {tensors[other]: arrays[other] for other in arrays if other != "b"} | {tensors["y"]: cotangent}
        return contract(self.form, others, tensors[role])
