"""Mistakes in what is multiplied and summed: samples, the cotangent, the bias, an update, a return position."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations

import numpy as np

from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene, only
from gradcheck.targets.exchange import Array


def samples(scene: Scene) -> Iterator[Tried]:
    """One sample where all should be summed, or a sum that was left out."""
    if scene.role == "y":
        return
    for last in (False, True):
        cause = "last-sample-only" if last else "first-sample-only"
        yield cause, "", partial(scene.with_cotangent, only(scene.cotangent, 0, last=last))
    if scene.role == "w":
        yield "not-summed-over-batch", "", partial(_by_sample, scene)


def _by_sample(scene: Scene) -> Array:
    """The result for each sample alone, all of them stacked."""
    parts = []
    for number in range(scene.case.N):
        cotangent = np.zeros_like(scene.cotangent)
        cotangent[number] = scene.cotangent[number]
        parts.append(scene.with_cotangent(cotangent))
    return np.stack(parts)


def upstream(scene: Scene) -> Iterator[Tried]:
    """The cotangent left out, as if it were 1 everywhere."""
    if scene.role != "y":
        yield "upstream-ignored", "", partial(scene.with_cotangent, np.ones_like(scene.cotangent))


def positions(scene: Scene) -> Iterator[Tried]:
    """The wrong thing in a return position, or nothing."""
    convention = scene.reference.convention
    if scene.role != "y":
        for role in convention.operands:
            if role != scene.role:
                yield "wrong-position", f"the gradient of {role}", partial(_gradient_of, scene, role)
        yield "wrong-position", "the cotangent itself", partial(convention.pack, "y", scene.cotangent)
        yield "wrong-position", "the output", partial(_output, scene)
    for role in convention.operands:
        yield "wrong-position", f"{role} itself", partial(convention.pack, role, scene.arrays[role])
    yield "all-zero", "", partial(_zeros, scene)


def _gradient_of(scene: Scene, role: str) -> Array:
    reference = scene.reference
    return reference.convention.pack(role, reference.gradient(role, scene.arrays, scene.cotangent))


def _output(scene: Scene) -> Array:
    return scene.reference.convention.pack("y", scene.reference.output(scene.arrays))


def _zeros(scene: Scene) -> Array:
    return np.zeros_like(scene.right())


def bias(scene: Scene) -> Iterator[Tried]:
    """The bias's gradient summed over the wrong axes; in the output, the bias left out, doubled, subtracted."""
    if "b" not in scene.reference.convention.layouts:
        return
    if scene.role == "y":
        for told, factor in (("left out", 0), ("added twice", 2), ("subtracted", -1)):
            yield "bias-in-forward", told, partial(scene.with_array, "b", factor * scene.arrays["b"])
    if scene.role == "b":
        yield from _sums(scene)


def _sums(scene: Scene) -> Iterator[Tried]:
    packed = scene.reference.convention.pack("y", scene.cotangent)
    target = scene.reference.convention.shape("b", scene.case)
    for size in range(packed.ndim + 1):
        for axes in combinations(range(packed.ndim), size):
            told = f"over axes {', '.join(map(str, axes)) or 'none'}"
            yield "bias-axes", told, partial(packed.sum, axis=axes)
            yield "bias-axes", f"{told}, which are kept", partial(packed.sum, axis=axes, keepdims=True)
            yield "bias-axes", f"{told}, spread", partial(_spread, packed, axes, target)
            yield "bias-axes", f"{told}, in its shape", partial(_reshaped, packed, axes, target)
            for shape in SHAPES if size else ():
                yield "bias-axes", f"{told}, in the shape {shape}", partial(_reshaped, packed, axes, shape)


SHAPES = ((-1, 1), (1, -1), (-1, 1, 1), (1, -1, 1, 1), (1, 1, 1, -1))


def _spread(packed: Array, axes: Sequence[int], target: Sequence[int]) -> Array:
    return np.broadcast_to(packed.sum(axis=tuple(axes)), tuple(target))


def _reshaped(packed: Array, axes: Sequence[int], target: Sequence[int]) -> Array:
    return np.asarray(packed.sum(axis=tuple(axes))).reshape(tuple(target))


def update(scene: Scene) -> Iterator[Tried]:
    """The input's gradient from filters that have been updated already."""
    if scene.role == "x":
        own = scene.reference.gradient("w", scene.arrays, scene.cotangent)
        for sign in (-1, 1):
            moved = scene.arrays["w"] + sign * scene.rate * own
            yield "updated-before-use", "" if sign < 0 else "uphill", partial(scene.with_array, "w", moved)
