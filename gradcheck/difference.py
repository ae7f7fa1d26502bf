"""Where a claim is false, and how."""

from collections.abc import Sequence
from dataclasses import dataclass

from gradcheck.notation.arrays import Array
from gradcheck.notation.phrase import Said, phrase
from gradcheck.notation.sums import by


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a claim is false: `got` is what the claim gives there, `should` what is the case."""

    where: Said
    got: Said
    should: Said

    def __str__(self) -> str:
        return f"{self.where}: got {self.got}, should be {self.should}"


@dataclass(frozen=True, slots=True)
class ShapeDifference(Difference):
    """Where it is the shape of an array that a claim has wrong."""


def shapes_differ(array: Array, got: Sequence[int], should: Sequence[int]) -> ShapeDifference:
    """The shape that a claim gives an array, and the one that it has."""
    return ShapeDifference(phrase("the shape of ", array), phrase(by(got)), phrase(by(should)))
