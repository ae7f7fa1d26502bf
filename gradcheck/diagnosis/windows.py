"""Mistakes in which entries meet: rotation, stride, dilation, padding, and windows left out or overwritten."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import numpy as np

from gradcheck.conventions.family import Case
from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene, reversed_taps, without
from gradcheck.targets.exchange import Array


def rotation(scene: Scene) -> Iterator[Tried]:
    """The filter read backwards where it should not be, or not where it should."""
    family = scene.reference.convention.family
    taps = family.taps
    cause = "filter-gradient-rotated" if scene.role == "w" else "filter-not-rotated" if scene.role == "x" else "filter-rotated"
    if taps:
        yield cause, "", lambda: scene.pack(scene.result(reversed_taps(scene.reference.form, taps)))
    for tap in taps if len(taps) > 1 else ():
        yield (
            "filter-rotated-on-one-axis",
            f"axis {taps.index(tap) + 1}",
            lambda tap=tap: scene.pack(scene.result(reversed_taps(scene.reference.form, (tap,)))),
        )
    if len(taps) == 2 and scene.case.m[0] == scene.case.m[1]:
        for turns in (1, 3):
            yield "filter-rotated-by-90", f"{90 * turns} degrees", lambda turns=turns: _turned(scene, turns)


def _turned(scene: Scene, turns: int) -> Array:
    if scene.role == "w":
        return scene.pack(np.rot90(scene.result(), turns, axes=(-2, -1)))
    return scene.pack(scene.result(w=np.rot90(scene.arrays["w"], turns, axes=(-2, -1))))


def stride(scene: Scene) -> Iterator[Tried]:
    """Windows at a instead of s*a; no zeros inserted; rows that no window reaches left out."""
    case, family = scene.case, scene.reference.convention.family
    if not family.dims:
        return
    yield "stride-ignored", "windows at neighbouring places", lambda: _at(scene, s=1)
    one = replace(case, s=(1,) * family.dims)
    if scene.role == "y":
        yield "stride-ignored", "every window", lambda: scene.elsewhere(one)
    elif scene.role == "x" and not family.transposed:
        yield "stride-ignored", "no zeros inserted", lambda: scene.elsewhere(replace(one, n=_reached(one, case)))
        yield "remainder-lost", "", lambda: scene.elsewhere(replace(case, n=_reached(case, case)))
    elif scene.role == "w" and not family.transposed:
        wide = tuple(m + _rest(case, n) // case.d[n] for n, m in enumerate(case.m))
        yield "remainder-kept", "", lambda: scene.elsewhere(replace(case, m=wide))


def _reached(by: Case, case: Case) -> tuple[int, ...]:
    """The input sides that so many windows reach exactly."""
    outputs = _outputs(case)
    axes = zip(outputs, by.s, case.m, case.d, case.padding, strict=True)
    return tuple(s * (o - 1) + d * (m - 1) + 1 - a - b for o, s, m, d, (a, b) in axes)


def _outputs(case: Case) -> tuple[int, ...]:
    axes = zip(case.n, case.m, case.s, case.d, case.padding, strict=True)
    return tuple((n + a + b - d * (m - 1) - 1) // s + 1 for n, m, s, d, (a, b) in axes)


def _rest(case: Case, axis: int) -> int:
    before, after = case.padding[axis]
    return (case.n[axis] + before + after - case.d[axis] * (case.m[axis] - 1) - 1) % case.s[axis]


def _at(scene: Scene, **size: int) -> Array:
    """The result with one size, the same for each axis, other than it is."""
    sizes = {f"{name}{n}": value for name, value in size.items() for n in range(1, len(scene.case.n) + 1)}
    return scene.pack(scene.result(scene.mistaken(**sizes)))


def dilation(scene: Scene) -> Iterator[Tried]:
    """Taps at neighbouring places."""
    if scene.case.n:
        yield "dilation-ignored", "taps at neighbouring places", lambda: _at(scene, d=1)
        if scene.role == "y":
            yield "dilation-ignored", "", lambda: scene.elsewhere(replace(scene.case, d=(1,) * len(scene.case.d)))


def padding(scene: Scene) -> Iterator[Tried]:
    """A padding in one pass that differs from the other's."""
    case, dims = scene.case, len(scene.case.n)
    if not dims:
        return
    for by in (1, -1):
        yield "shifted-by-one", f"by {by:+d}", lambda by=by: _shifted(scene, [by * (m % 2 == 0) for m in case.m])
        for axes in _subsets(dims):
            yield (
                "backward-padding-differs",
                f"{by:+d} on axis {','.join(str(a + 1) for a in axes)}",
                lambda by=by, axes=axes: _shifted(scene, [by * (a in axes) for a in range(dims)]),
            )
    for told, shift in {
        "none": [-before for before, _ in case.padding],
        "twice": [before for before, _ in case.padding],
        "m-1": [d * (m - 1) - p for m, d, (p, _) in zip(case.m, case.d, case.padding, strict=True)],
        "m-1-P": [d * (m - 1) - 2 * p for m, d, (p, _) in zip(case.m, case.d, case.padding, strict=True)],
        "half the filter": [m // 2 - p for m, (p, _) in zip(case.m, case.padding, strict=True)],
    }.items():
        yield "backward-padding-differs", told, lambda shift=shift: _shifted(scene, shift)
    if scene.role == "y":
        yield "padding-ignored", "", lambda: scene.elsewhere(replace(case, padding=((0, 0),) * dims))
        for by in ((0, 1), (1, 0), (1, 1), (-1, -1)):
            more = tuple((a + by[0], b + by[1]) for a, b in case.padding)
            yield "backward-padding-differs", str(by), lambda more=more: scene.elsewhere(replace(case, padding=more))
    if scene.role == "x" and not scene.reference.convention.family.transposed:
        yield from _kept_padding(scene)


def _shifted(scene: Scene, by: list[int]) -> Array:
    sizes = {f"P{n}": pair[0] + shift for n, (pair, shift) in enumerate(zip(scene.case.padding, by, strict=True), 1)}
    if scene.reference.convention.family.transposed:
        sizes |= {f"Q{n}": pair[1] - shift for n, (pair, shift) in enumerate(zip(scene.case.padding, by, strict=True), 1)}
    return scene.pack(scene.result(scene.mistaken(**sizes)))


def _kept_padding(scene: Scene) -> Iterator[Tried]:
    """The gradient of the padded input, cut wrongly."""
    case, dims = scene.case, len(scene.case.n)
    wide = tuple(n + a + b for n, (a, b) in zip(case.n, case.padding, strict=True))
    whole = replace(case, n=wide, padding=((0, 0),) * dims)

    def cut(*slices: tuple[int, slice]) -> Array:
        found = scene.elsewhere(whole)
        at = [slice(None)] * found.ndim
        for axis, part in slices:
            at[axis] = part
        return found[tuple(at)]

    yield "padding-not-removed", "", cut
    for other in (1, -1, 2, -2):
        yield "backward-padding-differs", f"cut by {other:+d}", lambda other=other: _cut_at(scene, [a + other for a, _ in case.padding])
    full = [d * (m - 1) for d, m in zip(case.d, case.m, strict=True)]
    yield "backward-padding-differs", "of m-1", lambda: _cut_at(scene, full)
    yield "backward-padding-differs", "of m-1-P", lambda: _cut_at(scene, [f - a for f, (a, _) in zip(full, case.padding, strict=True)])
    amount = case.padding[0][0]
    rank = scene.right().ndim
    space = _spatial(scene)
    before = [slice(a, None) for a, _ in case.padding]
    after = [slice(None, -b) if b else slice(None) for _, b in case.padding]
    both = [slice(a, n + a) for n, (a, _) in zip(case.n, case.padding, strict=True)]
    twice = [slice(2 * a, n) for n, (a, _) in zip(case.n, case.padding, strict=True)]
    corner = [slice(0, n) for n in case.n]
    end = [slice(2 * a, None) for a, _ in case.padding]
    yield "padding-removed-twice", "", lambda: cut(*zip(space, twice, strict=True))
    for told, parts in {"in front only": before, "behind only": after, "the first n kept": corner, "the last n kept": end}.items():
        yield (
            "padding-removed-from-wrong-axes",
            told,
            lambda parts=parts: cut(*zip(space, parts, strict=True)),
        )
    for axes in _subsets(dims)[:-1]:
        yield (
            "padding-removed-from-wrong-axes",
            f"axis {','.join(str(a + 1) for a in axes)} only",
            lambda axes=axes: cut(*((space[a], both[a]) for a in axes)),
        )
    for size in range(1, rank + 1):
        for axes in combinations(range(rank), size):
            if axes != tuple(sorted(space)):
                inner = slice(amount, -amount) if amount else slice(None)
                yield (
                    "padding-removed-from-wrong-axes",
                    f"array axes {','.join(map(str, axes))}",
                    lambda axes=axes, inner=inner: cut(*((a, inner) for a in axes)),
                )
    for axes in reversed(_subsets(dims)):
        yield "empty-at-padding-0", str(axes), lambda axes=axes: _emptied(scene, [space[a] for a in axes])


def _cut_at(scene: Scene, amounts: list[int]) -> Array:
    """The gradient of the padded input, or beyond it, with so much cut off on every side."""
    case = scene.case
    sides = tuple(n + a + b - 2 * cut for n, (a, b), cut in zip(case.n, case.padding, amounts, strict=True))
    if min(sides) < 1:
        raise ValueError(sides)
    return scene.elsewhere(replace(case, n=sides, padding=tuple((cut, cut) for cut in amounts)))


def _emptied(scene: Scene, axes: list[int]) -> Array:
    """What [P:-P] leaves of an axis: nothing for P = 0."""
    found = scene.right()
    at = [slice(None)] * found.ndim
    for axis, (pad, _) in zip(axes, scene.case.padding, strict=False):
        if not pad:
            at[axis] = slice(0, 0)
    return found[tuple(at)]


def _spatial(scene: Scene) -> list[int]:
    """The axes of the target's array that are positions."""
    from gradcheck.conventions.layout import axes

    convention = scene.reference.convention
    groups = axes(convention.layouts[scene.role])
    return [next(n for n, names in enumerate(groups) if name in names) for name in convention.family.space]


def _subsets(n: int) -> list[tuple[int, ...]]:
    """The nonempty subsets of so many axes, the smallest first."""
    return [axes for size in range(1, n + 1) for axes in combinations(range(n), size)]


def windows_left_out(scene: Scene) -> Iterator[Tried]:
    """A loop over windows that stops one early, or starts one late."""
    dims = len(scene.case.n)
    for axes, last in product(reversed(_subsets(dims)), (True, False)):
        told = f"{'last' if last else 'first'} of axis {','.join(str(a + 1) for a in axes)}"
        cause = "last-window-lost" if last else "first-window-lost"
        if scene.role == "y":
            part = slice(0, -1) if last else slice(1, None)
            yield cause, told, lambda axes=axes, part=part: _cut_output(scene, axes, part)
        else:
            yield cause, told, lambda axes=axes, last=last: _lost(scene, axes, last)


def _cut_output(scene: Scene, axes: tuple[int, ...], part: slice) -> Array:
    at = [slice(None)] * 3 + [part if a in axes else slice(None) for a in range(len(scene.case.n))]
    return scene.pack(scene.result()[tuple(at)])


def _lost(scene: Scene, axes: tuple[int, ...], last: bool) -> Array:
    cotangent = scene.cotangent
    for axis in axes:
        cotangent = without(cotangent, 3 + axis, last=last)
    return scene.pack(scene.result(cotangent=cotangent))
