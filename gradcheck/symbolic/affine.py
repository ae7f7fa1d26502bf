"""Index expressions at fixed sizes, for evaluating them at many points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradcheck.notation.arithmetic import Expr, evaluate, symbols


@dataclass(frozen=True, slots=True)
class Affine:
    """An index expression at fixed sizes: constant + sum of slopes times index values."""

    constant: int
    slopes: tuple[tuple[int, int], ...]

    def __call__(self, point: Sequence[int]) -> int:
        value = self.constant
        for n, slope in self.slopes:
            value += slope * point[n]
        return value


def affine(e: Expr, sizes: Mapping[str, int], indices: Sequence[str]) -> Affine:
    """An index expression at given sizes, to be applied to values of these indices."""
    names = symbols(e)
    own = [(n, index) for n, index in enumerate(indices) if index in names]
    origin = {**sizes, **{index: 0 for _, index in own}}
    constant = evaluate(e, origin)
    return Affine(constant, tuple((n, evaluate(e, {**origin, index: 1}) - constant) for n, index in own))
