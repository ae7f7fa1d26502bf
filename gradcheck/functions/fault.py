"""Where a gradient is wrong, and which simple mistake explains it, whatever the function is."""

from collections.abc import Iterator
from itertools import chain, combinations, permutations

import numpy as np

from gradcheck.comparison import Gradient
from gradcheck.diagnosis.structure import density, described
from gradcheck.findings import Cause, Fault
from gradcheck.numeric.program import Array

MAX_RANK = 5  # arrays of more axes have too many orders to try


def compared(name: str, got: Array, right: Array, error: Array, steady: bool = False) -> Gradient:
    """A gradient against what is right within an error for each entry; `steady` is one that ignores the cotangent."""
    if got.shape != right.shape:
        return Gradient(name, "wrong", right.size, fault=Fault("", got.shape, right.shape))
    wrong = ~(np.abs(got - right) <= error)
    if not wrong.any():
        return Gradient(name, "right" if right.any() else "zero", right.size)
    at = tuple(int(n) for n in np.unravel_index(np.argmax(np.where(wrong, np.abs(got - right), -1)), got.shape))
    causes = (Cause("upstream-ignored"),) if steady and got.any() else tuple(_causes(got, right, error))
    names = [f"places of axis {n}" for n in range(got.ndim)]
    told = () if causes else described(got, right, wrong, names)
    shown = at, float(got[at]), float(right[at]), int(wrong.sum())
    return Gradient(
        name, "wrong", right.size, fault=Fault("", got.shape, right.shape, *shown, causes, told, density(wrong))
    )


def _causes(got: Array, right: Array, error: Array) -> Iterator[Cause]:
    """What gives this of the right gradient, within its error: a factor, axes swapped or reversed."""
    if not got.any():
        yield Cause("all-zero")
        return
    factor = _factor(got, right)
    if np.unique(np.abs(right)).size == 1 < right.size:
        return  # of equal entries, anything may be a factor
    told = next((text for digits in (6, 9, 12) if (text := f"{factor:.{digits}g}") != "1"), "1")
    for offered, cause in ((-1.0, Cause("wrong-sign")), (factor, Cause("constant-factor", told))):
        if np.isfinite(offered) and (np.abs(got - offered * right) <= 2 * (1 + abs(offered)) * error).all():
            yield cause
            return
    for cause, turned, blurred in _orders(right, error):
        if turned.shape == got.shape and (np.abs(got - turned) <= 2 * blurred).all():
            yield cause
            return


def _factor(got: Array, right: Array) -> float:
    """The ratio where the right gradient is largest."""
    at = np.unravel_index(np.argmax(np.abs(right)), right.shape)
    return float(got[at] / right[at]) if right[at] else np.nan


def _orders(right: Array, error: Array) -> Iterator[tuple[Cause, Array, Array]]:
    axes = range(min(right.ndim, MAX_RANK))
    for some in chain.from_iterable(combinations(axes, n) for n in range(1, len(axes) + 1)):
        told = ", ".join(map(str, some))
        yield Cause("index-reversed", f"axis {told}"), np.flip(right, some), np.flip(error, some)
    for order in permutations(axes) if right.ndim <= MAX_RANK else ():
        if order != tuple(axes):
            yield Cause("axes-swapped", f"in the order {order}"), right.transpose(order), error.transpose(order)
