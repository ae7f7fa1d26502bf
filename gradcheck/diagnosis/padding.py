"""Mistakes of padding: another one in backward than in forward, or the gradient of the padded input cut wrongly."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations

from gradcheck.conventions.layout import axes as layout_axes
from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene
from gradcheck.diagnosis.windows import subsets
from gradcheck.targets.exchange import Array

# By how much people pad the cotangent instead of by m-1-P: a function of the filter's (dilated) side m and of P.
FULL_PADDINGS: dict[str, Callable[[int, int], int]] = {
    "nothing": lambda m, P: 0,
    "P": lambda m, P: P,
    "m-1": lambda m, P: m - 1,
    "m-2": lambda m, P: m - 2,
    "m": lambda m, P: m,
    "m-1+P": lambda m, P: m - 1 + P,
    "m-P": lambda m, P: m - P,
    "m//2": lambda m, P: m // 2,
    "(m-1)//2": lambda m, P: (m - 1) // 2,
}


def padding(scene: Scene) -> Iterator[Tried]:
    """A padding in one pass that differs from the other's."""
    if not scene.case.n or scene.role == "b":
        return
    yield from _shifts(scene)
    if scene.role == "y":
        yield from _other_paddings(scene)
    if scene.role == "x" and not scene.reference.convention.family.transposed:
        yield from _amounts(scene)
        yield from _cuts(scene)


def _shifts(scene: Scene) -> Iterator[Tried]:
    """The result in its right shape, from windows that lie elsewhere."""
    case, dims = scene.case, len(scene.case.n)
    for by in (1, -1):
        yield "shifted-by-one", f"by {by:+d}", partial(_shifted, scene, [by * (m % 2 == 0) for m in case.m])
        for axes in subsets(dims):
            told = f"{by:+d} on axis {', '.join(str(a + 1) for a in axes)}"
            yield "backward-padding-differs", told, partial(_shifted, scene, [by * (a in axes) for a in range(dims)])
    before = [pair[0] for pair in case.padding]
    reach = [d * (m - 1) for m, d in zip(case.m, case.d, strict=True)]
    for told, amounts in {
        "none": [0] * dims,
        "twice as much": [2 * p for p in before],
        "m-1": reach,
        "m-1-P": [r - p for r, p in zip(reach, before, strict=True)],
        "half the filter": [m // 2 for m in case.m],
    }.items():
        by_axis = [amount - p for amount, p in zip(amounts, before, strict=True)]
        yield "backward-padding-differs", told, partial(_shifted, scene, by_axis)


def _shifted(scene: Scene, by: Sequence[int]) -> Array:
    sizes: dict[str, int] = {}
    for n, ((before, after), shift) in enumerate(zip(scene.case.padding, by, strict=True), start=1):
        sizes |= {f"P{n}": before + shift, f"Q{n}": after - shift}
    return scene.mistaken(sizes)


def _other_paddings(scene: Scene) -> Iterator[Tried]:
    """An output of the shape that another padding gives."""
    case = scene.case
    yield "padding-ignored", "", partial(scene.elsewhere, replace(case, padding=((0, 0),) * len(case.n)))
    for by in ((0, 1), (1, 0), (1, 1), (-1, -1)):
        more = tuple((a + by[0], b + by[1]) for a, b in case.padding)
        yield "padding-differs", f"by {by}", partial(scene.elsewhere, replace(case, padding=more))


def _amounts(scene: Scene) -> Iterator[Tried]:
    """The gradient of the padded input, another amount cut off; that is, the cotangent padded by another amount."""
    pads = [before for before, _ in scene.case.padding]
    for other in (1, -1, 2, -2):
        yield "backward-padding-differs", f"cut by {other:+d}", partial(_cut_by, scene, [a + other for a in pads])
    reach = [d * (m - 1) for d, m in zip(scene.case.d, scene.case.m, strict=True)]
    for told, amount in FULL_PADDINGS.items():
        cut = [r - amount(r + 1, a) for r, a in zip(reach, pads, strict=True)]
        yield "backward-padding-differs", f"the cotangent padded by {told}", partial(_cut_by, scene, cut)


def _cut_by(scene: Scene, amounts: Sequence[int]) -> Array:
    case = scene.case
    sides = tuple(n + a + b - 2 * cut for n, (a, b), cut in zip(case.n, case.padding, amounts, strict=True))
    if min(sides) < 1:
        raise ValueError(sides)
    return scene.elsewhere(replace(case, n=sides, padding=tuple((cut, cut) for cut in amounts)))


def _cuts(scene: Scene) -> Iterator[Tried]:
    """The gradient of the padded input, cut not at all, twice, on one side, on other axes; or to nothing."""
    case, space = scene.case, _spatial(scene)
    yield "padding-not-removed", "", partial(_cut, scene, {})
    sides = list(zip(space, case.n, case.padding, strict=True))
    yield "padding-removed-twice", "", partial(_cut, scene, {at: slice(2 * a, n) for at, n, (a, _) in sides})
    one_sided = {
        "in front only": {at: slice(a, None) for at, _, (a, _) in sides},
        "behind only": {at: slice(0, n + a) for at, n, (a, _) in sides},
        "the first n kept": {at: slice(0, n) for at, n, _ in sides},
        "the last n kept": {at: slice(a + b, None) for at, _, (a, b) in sides},
    }
    for told, slices in one_sided.items():
        yield "padding-removed-from-wrong-axes", told, partial(_cut, scene, slices)
    before, after = case.padding[0]
    inner = slice(before, -after or None)
    rank = len(layout_axes(scene.reference.convention.layouts["x"]))
    for size in range(1, rank + 1):
        for axes in combinations(range(rank), size):
            if axes != tuple(sorted(space)):
                told = f"from axes {', '.join(map(str, axes))} of the array"
                yield "padding-removed-from-wrong-axes", told, partial(_cut, scene, dict.fromkeys(axes, inner))
    for axes in reversed(subsets(len(space))):
        empty = {space[a]: slice(0, 0) for a in axes if not case.padding[a][0]}
        told = f"axes {', '.join(str(space[a]) for a in axes)}"
        yield "empty-at-padding-0", told, partial(_right_cut, scene, empty)


def _cut(scene: Scene, slices: dict[int, slice]) -> Array:
    """The gradient of the padded input with these parts of its axes."""
    case = scene.case
    wide = tuple(n + a + b for n, (a, b) in zip(case.n, case.padding, strict=True))
    found = scene.elsewhere(replace(case, n=wide, padding=((0, 0),) * len(wide)))
    return found[tuple(slices.get(axis, slice(None)) for axis in range(found.ndim))]


def _right_cut(scene: Scene, slices: dict[int, slice]) -> Array:
    right = scene.right()
    return right[tuple(slices.get(axis, slice(None)) for axis in range(right.ndim))]


def _spatial(scene: Scene) -> list[int]:
    """The axes of the target's array that are positions."""
    convention = scene.reference.convention
    groups = layout_axes(convention.layouts[scene.role])
    return [next(n for n, names in enumerate(groups) if name in names) for name in convention.family.space]
