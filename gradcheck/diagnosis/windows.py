"""Mistakes in which entries meet: rotation, stride, dilation, and windows left out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import combinations, product

import numpy as np

from gradcheck.conventions.family import Case
from gradcheck.conventions.layout import axes as layout_axes
from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene, reversed_taps, without
from gradcheck.targets.exchange import Array

ROTATED = {
    (False, "x"): "filter-not-rotated",
    (False, "y"): "filter-rotated",
    (True, "x"): "filter-rotated",
    (True, "y"): "filter-not-rotated",
}


def rotation(scene: Scene) -> Iterator[Tried]:
    """The filter, its gradient or the cotangent read backwards where it should not be, or not where it should."""
    family = scene.reference.convention.family
    taps = family.taps
    if not taps or scene.role == "b":
        return
    cause = "index-reversed" if family.line else ROTATED.get((family.transposed, scene.role), "filter-gradient-rotated")
    yield cause, "", partial(reversed_taps, scene, taps)
    for number, tap in enumerate(taps if len(taps) > 1 else (), start=1):
        one = ("index-reversed", tap) if family.line else ("filter-rotated-on-one-axis", f"axis {number}")
        yield *one, partial(reversed_taps, scene, (tap,))
    for turns in (1, 3) if len(taps) == len(scene.case.n) == 2 else ():
        for cut in (False, True):
            told = f"{90 * turns} degrees{', cut to size' if cut else ''}"
            yield "filter-rotated-by-90", told, partial(_turned, scene, turns, cut)
    if scene.role != "y" and not family.line:
        space = tuple(range(3, scene.cotangent.ndim))
        yield "upstream-rotated", "", partial(scene.with_cotangent, np.flip(scene.cotangent, space))


def _turned(scene: Scene, turns: int, cut: bool) -> Array:
    if scene.role == "w":
        return scene.pack(np.rot90(scene.result(), turns, axes=(-2, -1)))
    case = replace(scene.case, m=scene.case.m[::-1])
    turned = np.rot90(scene.arrays["w"], turns, axes=(-2, -1))
    if case.m == scene.case.m:
        return scene.with_array("w", turned)
    return _cut_to_size(scene, case, {"w": turned}) if cut else scene.elsewhere(scene.fit(case), {"w": turned})


def stride(scene: Scene) -> Iterator[Tried]:
    """Windows at a instead of s*a; no zeros inserted; the rows that no window reaches left out, or used as taps."""
    case = scene.case
    if not case.n or scene.role == "b":
        return
    yield "stride-ignored", "windows at neighbouring places", partial(_at, scene, "s", 1)
    one = replace(case, s=(1,) * len(case.n))
    yield "stride-ignored", "no zeros inserted", partial(_fitting, scene, one)
    if scene.large:
        yield "stride-ignored", "no zeros inserted, cut to size", partial(_cut_to_size, scene, one)
    if scene.role == "x":
        yield "remainder-lost", "", partial(_fitting, scene, case)
    if scene.role == "w":
        yield "remainder-kept", "", partial(_fitting, scene, case)
    if scene.role == "y" and not scene.large:
        rests = [
            (e - n - a - b) % s for e, n, s, (a, b) in zip(_spans(case), case.n, case.s, case.padding, strict=True)
        ]
        more = tuple((a, b + r) for (a, b), r in zip(case.padding, rests, strict=True))
        yield "remainder-counted", "padded", partial(scene.elsewhere, replace(case, padding=more))
        yield "remainder-counted", "left zero", partial(_counted, scene)


def _spans(case: Case) -> list[int]:
    """How many places a window spans on every axis."""
    return [d * (m - 1) + 1 for m, d in zip(case.m, case.d, strict=True)]


def _counted(scene: Scene) -> Array:
    """An output of n//s - m//s + 1 places a side, of which those that no window is at stay zero (but for a bias)."""
    case = scene.case
    axes = zip(case.n, case.padding, _spans(case), case.s, strict=True)
    sides = tuple((n + a + b) // s - e // s + 1 for n, (a, b), e, s in axes)
    right = scene.result()
    found = np.zeros((*right.shape[:3], *sides))
    common = tuple(slice(0, min(have, want)) for have, want in zip(right.shape, found.shape, strict=True))
    found[common] = right[common]
    return scene.pack(found)


def _fitting(scene: Scene, case: Case) -> Array:
    return scene.elsewhere(scene.fit(case))


def _cut_to_size(scene: Scene, case: Case, arrays: Mapping[str, Array] | None = None) -> Array:
    """What is left between P and P + n of the gradient of the padded input, or of the output before it is cut."""
    whole = replace(case, padding=((0, 0),) * len(case.n))
    found = scene.elsewhere(scene.fit(whole) if scene.role == "x" else whole, arrays)
    right = scene.right().shape
    at = {axis: slice(a, a + right[axis]) for axis, (a, _) in zip(spatial(scene), case.padding, strict=True)}
    return found[tuple(at.get(axis, slice(None)) for axis in range(found.ndim))]


def spatial(scene: Scene) -> list[int]:
    """The axes of the target's array that are positions."""
    convention = scene.reference.convention
    groups = layout_axes(convention.layouts[scene.role])
    return [next(n for n, names in enumerate(groups) if name in names) for name in convention.family.space]


def _at(scene: Scene, size: str, value: int) -> Array:
    """The result with one size, the same for each axis, other than it is."""
    return scene.mistaken({f"{size}{n}": value for n in range(1, len(scene.case.n) + 1)})


def dilation(scene: Scene) -> Iterator[Tried]:
    """Taps at neighbouring places, what is around being as it is, or as for these taps."""
    case = scene.case
    if set(case.d) <= {1} or set(case.m) <= {1} or scene.role == "b":
        return
    one = replace(case, d=(1,) * len(case.n))
    yield "dilation-ignored", "taps at neighbouring places", partial(_at, scene, "d", 1)
    yield "dilation-ignored", "of that size", partial(_fitting, scene, one)
    yield "dilation-ignored", "but for the padding", partial(_undilated, scene)


def _undilated(scene: Scene) -> Array:
    """Taps at neighbouring places, the cotangent padded for dilated ones."""
    axes = enumerate(zip(scene.case.m, scene.case.d, scene.case.padding, strict=True), start=1)
    sizes: dict[str, int] = {}
    for n, (m, d, (before, _)) in axes:
        sizes |= {f"d{n}": 1, f"P{n}": before - (d - 1) * (m - 1)}
    return scene.mistaken(sizes)


def subsets(n: int) -> list[tuple[int, ...]]:
    """The nonempty subsets of so many axes, the smallest first."""
    return [axes for size in range(1, n + 1) for axes in combinations(range(n), size)]


def windows_left_out(scene: Scene) -> Iterator[Tried]:
    """A loop over windows that stops one early, or starts one late."""
    transposed = scene.reference.convention.family.transposed
    for axes, last in product(reversed(subsets(len(scene.case.n))), (True, False)):
        told = f"{'last' if last else 'first'} of axis {', '.join(str(a + 1) for a in axes)}"
        cause = "last-window-lost" if last else "first-window-lost"
        if transposed and scene.role != "b":
            yield cause, told, partial(_inputs_without, scene, axes, last)
        else:
            yield cause, told, partial(_outputs_without, scene, axes, last)
            if scene.role == "y":
                yield cause, f"{told}, one place less", partial(_ended_early, scene, axes)


def _outputs_without(scene: Scene, axes: tuple[int, ...], last: bool) -> Array:
    if scene.role == "y":
        part = slice(0, -1) if last else slice(1, None)
        at = [slice(None)] * 3 + [part if a in axes else slice(None) for a in range(len(scene.case.n))]
        return scene.pack(scene.result()[tuple(at)])
    return scene.with_cotangent(_zeroed(scene.cotangent, axes, last))


def _ended_early(scene: Scene, axes: tuple[int, ...]) -> Array:
    """The output of windows that must end one place before the end: range(n - m), in steps of s."""
    less = tuple((a, b - (n in axes)) for n, (a, b) in enumerate(scene.case.padding))
    return scene.elsewhere(replace(scene.case, padding=less))


def _inputs_without(scene: Scene, axes: tuple[int, ...], last: bool) -> Array:
    if scene.role == "x":
        return scene.pack(_zeroed(scene.result(), axes, last))
    return scene.with_array("x", _zeroed(scene.arrays["x"], axes, last))


def _zeroed(array: Array, axes: tuple[int, ...], last: bool) -> Array:
    for axis in axes:
        array = without(array, 3 + axis, last=last)
    return array
