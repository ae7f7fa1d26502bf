"""Mistakes of padding: another one in backward than in forward, or the gradient of the padded input cut wrongly."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Literal

import numpy as np

from gradcheck.conventions.family import Case
from gradcheck.conventions.layout import axes as layout_axes
from gradcheck.conventions.layout import unpack
from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene
from gradcheck.diagnosis.windows import spatial, subsets
from gradcheck.targets.exchange import Array

# By how much people pad the cotangent instead of by m-1-P: a function of the filter's (dilated) side m and of P.
FULL_PADDINGS: dict[str, Callable[[int, int], int]] = {
    "nothing": lambda m, pad: 0,
    "P": lambda m, pad: pad,
    "m-1": lambda m, pad: m - 1,
    "m-2": lambda m, pad: m - 2,
    "m": lambda m, pad: m,
    "m-1+P": lambda m, pad: m - 1 + pad,
    "m-P": lambda m, pad: m - pad,
    "m//2": lambda m, pad: m // 2,
    "(m-1)//2": lambda m, pad: (m - 1) // 2,
}


def padding(scene: Scene) -> Iterator[Tried]:
    """A padding in one pass that differs from the other's."""
    if not scene.case.n or scene.role == "b":
        return
    if scene.large:
        yield from _cuts(scene)
    yield from _shifts(scene)
    yield from _amounts(scene)
    if scene.role in ("w", "y") and not scene.reference.convention.family.transposed:
        yield from _edges(scene)


def _shifts(scene: Scene) -> Iterator[Tried]:
    """The result in its right shape, from windows that lie elsewhere."""
    case, dims = scene.case, len(scene.case.n)
    spans = [d * (m - 1) + 1 for m, d in zip(case.m, case.d, strict=True)]
    for by in (1, -1):
        yield "shifted-by-one", f"by {by:+d}", partial(_shifted, scene, [by * (span % 2 == 0) for span in spans])
        yield "shifted-by-one", f"by {by:+d}d", partial(_shifted, scene, [by * (m % 2 == 0) for m in case.m])
        for axes in subsets(dims):
            told = f"{by:+d} on axis {', '.join(str(a + 1) for a in axes)}"
            yield "backward-padding-differs", told, partial(_shifted, scene, [by * (a in axes) for a in range(dims)])
    before = [pair[0] for pair in case.padding]
    reach = [span - 1 for span in spans]
    for told, amounts in {
        "none": [0] * dims,
        "twice as much": [2 * p for p in before],
        "m-1": reach,
        "m-1-P": [r - p for r, p in zip(reach, before, strict=True)],
        "half the filter": [m // 2 for m in case.m],
    }.items():
        by_axis = [amount - p for amount, p in zip(amounts, before, strict=True)]
        yield "backward-padding-differs", told, partial(_shifted, scene, by_axis)
    rests = [(n + a + b - span) % s for n, (a, b), span, s in zip(case.n, case.padding, spans, case.s, strict=True)]
    for sign in (-1, 1):
        told = "the remainder's zeros on both sides"
        yield "backward-padding-differs", told, partial(_shifted, scene, [sign * (rest // 2) for rest in rests])


def _shifted(scene: Scene, by: Sequence[int]) -> Array:
    sizes: dict[str, int] = {}
    for n, ((before, after), shift) in enumerate(zip(scene.case.padding, by, strict=True), start=1):
        sizes |= {f"P{n}": before + shift, f"Q{n}": after - shift}
    return scene.mistaken(sizes)


def _amounts(scene: Scene) -> Iterator[Tried]:
    """The result of the shape that another amount of padding gives."""
    case = scene.case
    pads = [before for before, _ in case.padding]
    none = "padding-ignored" if scene.role == "y" else "backward-padding-differs"
    differs = "padding-differs" if scene.role == "y" else "backward-padding-differs"
    yield none, "none at all", partial(_padded_by, scene, [0] * len(pads))
    for other in (1, -1, 2, -2):
        yield differs, f"by {other:+d}", partial(_padded_by, scene, [a + other for a in pads])
    yield differs, "twice as much", partial(_padded_by, scene, [2 * a for a in pads])
    if scene.role == "y":
        for behind in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            yield differs, f"by {behind}", partial(scene.elsewhere, _more(scene, behind))
    reach = [d * (m - 1) for d, m in zip(case.d, case.m, strict=True)]
    for told, amount in FULL_PADDINGS.items() if scene.large else ():
        cut = [r - amount(r + 1, a) for r, a in zip(reach, pads, strict=True)]
        yield differs, f"the cotangent padded by {told}", partial(_padded_by, scene, cut)


def _more(scene: Scene, by: tuple[int, int]) -> Case:
    return replace(scene.case, padding=tuple((a + by[0], b + by[1]) for a, b in scene.case.padding))


def _padded_by(scene: Scene, amounts: Sequence[int]) -> Array:
    """The result with another padding, in the shape that comes of it."""
    case = replace(scene.case, padding=tuple((amount, amount) for amount in amounts))
    if scene.role == "x" and scene.large:
        sides = zip(scene.case.n, scene.case.padding, amounts, strict=True)
        return scene.elsewhere(replace(case, n=tuple(n + a + b - 2 * amount for n, (a, b), amount in sides)))
    if scene.role == "w":
        fitted = scene.fit(case)
        return scene.elsewhere(replace(fitted, m=tuple(map(min, fitted.m, _room(scene)))))
    return scene.elsewhere(scene.fit(case))


def _room(scene: Scene) -> tuple[int, ...]:
    """The filter's sides, as people cut a filter's gradient where the stride leaves more taps than there are."""
    return scene.case.m if set(scene.case.s) != {1} else tuple(m + 99 for m in scene.case.m)


EDGES: tuple[Literal["edge", "reflect", "wrap"], ...] = ("edge", "reflect", "wrap")


def _edges(scene: Scene) -> Iterator[Tried]:
    """The input surrounded by its own entries in place of zeros."""
    for mode in EDGES:
        cause = "padding-differs" if scene.role == "y" else "backward-padding-differs"
        yield cause, f"not by zeros ({mode})", partial(_surrounded, scene, mode)


def _surrounded(scene: Scene, mode: Literal["edge", "reflect", "wrap"]) -> Array:
    case = scene.case
    wide = tuple(n + a + b for n, (a, b) in zip(case.n, case.padding, strict=True))
    x = np.pad(scene.arrays["x"], [(0, 0)] * 3 + list(case.padding), mode=mode)
    return scene.elsewhere(replace(case, n=wide, padding=((0, 0),) * len(wide)), {"x": x})


def _cuts(scene: Scene) -> Iterator[Tried]:
    """What windows are written to, cut not at all, twice, on one side, on other axes; or to nothing."""
    case, space = scene.case, spatial(scene)
    right = scene.right().shape
    yield "padding-not-removed", "", partial(_cut, scene, {})
    sides = [(at, right[at], pair) for at, pair in zip(space, case.padding, strict=True)]
    yield "padding-removed-twice", "", partial(_cut, scene, {at: slice(2 * a, n) for at, n, (a, _) in sides})
    one_sided = {
        "in front only": {at: slice(a, None) for at, _, (a, _) in sides},
        "behind only": {at: slice(0, n + a) for at, n, (a, _) in sides},
        "the first n kept": {at: slice(0, n) for at, n, _ in sides},
        "the last n kept": {at: slice(a + b, None) for at, _, (a, b) in sides},
    }
    for told, slices in one_sided.items():
        yield "padding-removed-from-wrong-axes", told, partial(_cut, scene, slices)
    yield from _cuts_elsewhere(scene, space)
    for axes in reversed(subsets(len(space))):
        empty = {space[a]: slice(0, 0) for a in axes if not case.padding[a][0]}
        told = f"axes {', '.join(str(space[a]) for a in axes)}"
        yield "empty-at-padding-0", told, partial(_right_cut, scene, empty)


def _cuts_elsewhere(scene: Scene, space: Sequence[int]) -> Iterator[Tried]:
    """[P:-P] on every other choice of axes, those of the whole array and those of one group's."""
    before, after = scene.case.padding[0]
    inner = slice(before, -after or None)
    rank = len(layout_axes(scene.reference.convention.layouts[scene.role]))
    for size in range(1, rank + 1):
        for axes in combinations(range(rank), size):
            if axes != tuple(sorted(space)):
                told = f"from axes {', '.join(map(str, axes))} of the array"
                yield "padding-removed-from-wrong-axes", told, partial(_cut, scene, dict.fromkeys(axes, inner))
    line = (0, *range(2, 3 + len(space)))
    for size in range(1, len(line) + 1):
        for axes in combinations(line, size):
            if axes != tuple(range(3, 3 + len(space))):
                told = f"from axes {', '.join(map(str, axes))} of each group"
                yield "padding-removed-from-wrong-axes", told, partial(_group_cut, scene, dict.fromkeys(axes, inner))


def _uncut(scene: Scene) -> Array:
    """What windows are written to, its padding still there."""
    case = scene.case
    wide = tuple(n + a + b for n, (a, b) in zip(case.n, case.padding, strict=True))
    none = ((0, 0),) * len(wide)
    return scene.elsewhere(replace(case, padding=none) if scene.role == "y" else replace(case, n=wide, padding=none))


def _cut(scene: Scene, slices: Mapping[int, slice]) -> Array:
    found = _uncut(scene)
    return found[tuple(slices.get(axis, slice(None)) for axis in range(found.ndim))]


def _group_cut(scene: Scene, slices: Mapping[int, slice]) -> Array:
    """The same with the axes of one group's array, in the line's order."""
    convention = scene.reference.convention
    found = _uncut(scene)
    sizes = dict(zip(convention.names(scene.role), scene.result().shape, strict=True))
    space = dict(zip(convention.family.space, (found.shape[at] for at in spatial(scene)), strict=True))
    line = unpack(found, convention.names(scene.role), convention.layouts[scene.role], sizes | space)
    return scene.pack(line[tuple(slices.get(axis, slice(None)) for axis in range(line.ndim))])


def _right_cut(scene: Scene, slices: Mapping[int, slice]) -> Array:
    right = scene.right()
    return right[tuple(slices.get(axis, slice(None)) for axis in range(right.ndim))]
