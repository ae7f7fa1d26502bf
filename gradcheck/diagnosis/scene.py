"""One run of a target as hypotheses see it: what it was given, what is right, and what another program would give."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck.conventions.convention import Reference
from gradcheck.conventions.family import Case, layer_of
from gradcheck.numeric.form import Form, form
from gradcheck.targets.exchange import Array

SPREAD = 2.0**-20  # how far a quotient of integers below 2**20 can be from exact, many times over


@dataclass(frozen=True, slots=True)
class Scene:
    """A result (y, or the gradient of x, w or b) of one run; arrays are in the line's order."""

    reference: Reference
    arrays: Mapping[str, Array]
    cotangent: Array
    role: str
    got: Array
    rate: float = 1.0

    @property
    def case(self) -> Case:
        """The sizes."""
        return self.reference.case

    def right(self) -> Array:
        """What is right, in the target's layout."""
        return self.pack(self.result())

    def result(
        self, of: Form | None = None, cotangent: Array | None = None, arrays: Mapping[str, Array] | None = None
    ) -> Array:
        """The result of the same program with another form, cotangent or operands, in the line's order."""
        reference = self.reference if of is None else replace(self.reference, form=of)
        there = {**self.arrays, **(arrays or {})}
        if self.role == "y":
            return reference.output(there)
        return reference.gradient(self.role, there, self.cotangent if cotangent is None else cotangent)

    def with_cotangent(self, cotangent: Array) -> Array:
        """The result for another cotangent, in the target's layout."""
        return self.pack(self.result(cotangent=cotangent))

    def with_array(self, role: str, array: Array) -> Array:
        """The result with another operand, in the target's layout."""
        return self.pack(self.result(arrays={role: array}))

    def pack(self, array: Array) -> Array:
        """A result in the target's layout."""
        return self.reference.convention.pack(self.role, array)

    def mistaken(self, sizes: Mapping[str, int]) -> Array:
        """The result where entries meet as other sizes would have them meet, in the target's layout."""
        of = form(layer_of(self.reference.convention.family), self.case.sizes(), sizes)
        return self.pack(self.result(of))

    def elsewhere(self, case: Case, arrays: Mapping[str, Array] | None = None) -> Array:
        """The same program for a layer of other sizes, which give the result another shape.

        What is not the result is as it is: only what the cotangent has is summed over.
        """
        convention = self.reference.convention
        layer = layer_of(convention.family)
        outputs = dict(zip(map(str, layer.output.at), self.cotangent.shape, strict=False)) if self.role != "y" else {}
        sides = {"x": case.n, "w": case.m, "y": case.outputs(convention.family)}[self.role]
        if min(sides, default=1) < 1:
            return self.pack(np.zeros((*self.result().shape[:3], *(max(0, side) for side in sides))))
        there = replace(self, reference=Reference(convention, case, form(layer, case.sizes(), extents=outputs)))
        return convention.pack(self.role, there.result(arrays=arrays))

    def fit(self, case: Case) -> Case:
        """The case with the sides of the result that come of its other sizes, all that is given being as it is."""
        axes = list(zip(self._outputs(), case.n, case.m, case.s, case.d, case.padding, strict=True))
        transposed = self.reference.convention.family.transposed
        if self.role == "x" and transposed:
            return replace(case, n=tuple((o + a + b - d * (m - 1) - 1) // s + 1 for o, _, m, s, d, (a, b) in axes))
        if self.role == "x":
            return replace(case, n=tuple(s * (o - 1) + d * (m - 1) + 1 - a - b for o, _, m, s, d, (a, b) in axes))
        if self.role == "w":
            pairs = [((o, n) if transposed else (n, o), *rest) for o, n, _, *rest in axes]
            return replace(case, m=tuple((b + sum(p) - s * (q - 1) - 1) // d + 1 for (b, q), s, d, p in pairs))
        return case

    def _outputs(self) -> tuple[int, ...]:
        return self.cotangent.shape[3:] if self.role != "y" else self.case.outputs(self.reference.convention.family)

    @property
    def large(self) -> bool:
        """Whether the result is what windows are read from or written to: dx, or the output of a transposed layer."""
        return self.role == ("y" if self.reference.convention.family.transposed else "x")

    def equals(self, other: Array) -> bool:
        """Whether the target returned exactly this."""
        return self.got.shape == other.shape and bool(np.array_equal(self.got, other))

    def is_quotient(self, whole: Array, divisor: int) -> bool:
        """Whether the target returned these integers over a divisor, rounded as floats are."""
        if self.got.shape != whole.shape or divisor == 1:
            return False
        return bool(np.all(np.abs(np.asarray(self.got, float) * divisor - whole) < SPREAD))


def reversed_taps(scene: Scene, taps: tuple[str, ...]) -> Array:
    """The result with the filter read backwards along some of its axes, in the target's layout."""
    deltas = {}
    for axis, (own, delta) in scene.reference.form.deltas.items():
        turned = tuple(n for n, name in enumerate(own) if name in taps)
        deltas[axis] = own, np.flip(delta, turned) if turned else delta
    return scene.pack(scene.result(replace(scene.reference.form, deltas=deltas)))


def only(array: Array, axis: int, *, last: bool = False) -> Array:
    """The array with all entries zero but the first (or last) along an axis."""
    return _kept(array, axis, slice(-1, None) if last else slice(0, 1))


def without(array: Array, axis: int, *, last: bool) -> Array:
    """The array with the last (or first) entries along an axis zero."""
    return _kept(array, axis, slice(0, -1) if last else slice(1, None))


def _kept(array: Array, axis: int, part: slice) -> Array:
    found = np.zeros_like(array)
    at: list[Any] = [slice(None)] * array.ndim
    at[axis] = part
    found[tuple(at)] = array[tuple(at)]
    return found
