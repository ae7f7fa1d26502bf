"""Mistakes in which entries meet: rotation, stride, dilation, and windows left out."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations, product

import numpy as np

from gradcheck.conventions.family import Case
from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene, reversed_taps, without
from gradcheck.targets.exchange import Array

ROTATED = {"x": "filter-not-rotated", "w": "filter-gradient-rotated", "y": "filter-rotated"}


def rotation(scene: Scene) -> Iterator[Tried]:
    """The filter read backwards where it should not be, or not where it should."""
    taps = scene.reference.convention.family.taps
    if not taps or scene.role not in ROTATED:
        return
    yield ROTATED[scene.role], "", partial(reversed_taps, scene, taps)
    for number, tap in enumerate(taps if len(taps) > 1 else (), start=1):
        yield "filter-rotated-on-one-axis", f"axis {number}", partial(reversed_taps, scene, (tap,))
    if len(taps) == 2 and scene.case.m[0] == scene.case.m[1]:
        for turns in (1, 3):
            yield "filter-rotated-by-90", f"{90 * turns} degrees", partial(_turned, scene, turns)


def _turned(scene: Scene, turns: int) -> Array:
    if scene.role == "w":
        return scene.pack(np.rot90(scene.result(), turns, axes=(-2, -1)))
    return scene.with_array("w", np.rot90(scene.arrays["w"], turns, axes=(-2, -1)))


def stride(scene: Scene) -> Iterator[Tried]:
    """Windows at a instead of s*a; no zeros inserted; rows that no window reaches left out, or taps that are not there."""
    case, family = scene.case, scene.reference.convention.family
    if not family.dims or scene.role == "b":
        return
    yield "stride-ignored", "windows at neighbouring places", partial(_at, scene, "s", 1)
    one = replace(case, s=(1,) * family.dims)
    if scene.role == "y":
        yield "stride-ignored", "every window", partial(scene.elsewhere, one)
    elif scene.role == "x" and not family.transposed:
        outputs = case.outputs(family)
        yield "stride-ignored", "no zeros inserted", partial(scene.elsewhere, _reached(one, outputs))
        yield "remainder-lost", "", partial(scene.elsewhere, _reached(case, outputs))
    elif scene.role == "w" and not family.transposed:
        wide = tuple(m + _rest(case, n) // case.d[n] for n, m in enumerate(case.m))
        yield "remainder-kept", "", partial(scene.elsewhere, replace(case, m=wide))


def _reached(case: Case, outputs: tuple[int, ...]) -> Case:
    """The case with the input sides that so many windows reach exactly."""
    axes = zip(outputs, case.s, case.m, case.d, case.padding, strict=True)
    return replace(case, n=tuple(s * (o - 1) + d * (m - 1) + 1 - a - b for o, s, m, d, (a, b) in axes))


def _rest(case: Case, axis: int) -> int:
    """How many rows of the padded input no window reaches."""
    before, after = case.padding[axis]
    return (case.n[axis] + before + after - case.d[axis] * (case.m[axis] - 1) - 1) % case.s[axis]


def _at(scene: Scene, size: str, value: int) -> Array:
    """The result with one size, the same for each axis, other than it is."""
    return scene.mistaken({f"{size}{n}": value for n in range(1, len(scene.case.n) + 1)})


def dilation(scene: Scene) -> Iterator[Tried]:
    """Taps at neighbouring places."""
    if scene.case.n and scene.role != "b":
        yield "dilation-ignored", "taps at neighbouring places", partial(_at, scene, "d", 1)
        if scene.role == "y":
            yield "dilation-ignored", "", partial(scene.elsewhere, replace(scene.case, d=(1,) * len(scene.case.d)))


def subsets(n: int) -> list[tuple[int, ...]]:
    """The nonempty subsets of so many axes, the smallest first."""
    return [axes for size in range(1, n + 1) for axes in combinations(range(n), size)]


def windows_left_out(scene: Scene) -> Iterator[Tried]:
    """A loop over windows that stops one early, or starts one late."""
    for axes, last in product(reversed(subsets(len(scene.case.n))), (True, False)):
        told = f"{'last' if last else 'first'} of axis {', '.join(str(a + 1) for a in axes)}"
        cut = _output_without if scene.role == "y" else _cotangent_without
        yield "last-window-lost" if last else "first-window-lost", told, partial(cut, scene, axes, last)


def _output_without(scene: Scene, axes: tuple[int, ...], last: bool) -> Array:
    part = slice(0, -1) if last else slice(1, None)
    at = [slice(None)] * 3 + [part if a in axes else slice(None) for a in range(len(scene.case.n))]
    return scene.pack(scene.result()[tuple(at)])


def _cotangent_without(scene: Scene, axes: tuple[int, ...], last: bool) -> Array:
    cotangent = scene.cotangent
    for axis in axes:
        cotangent = without(cotangent, 3 + axis, last=last)
    return scene.with_cotangent(cotangent)
