"""Mistakes of = for +=: of all that should be summed into an entry, only the last is there."""

from collections.abc import Iterator
from functools import partial
from itertools import product

import numpy as np

from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene
from gradcheck.numeric.form import contract
from gradcheck.targets.exchange import Array

MAX_TURNS = 2000  # loops of more turns are not replayed


def overwritten(scene: Scene) -> Iterator[Tried]:
    """The last of each loop, or nest of loops, that should add up; or one channel's result written to all."""
    for loops in _nests(scene):
        yield "overwritten", f"by the loop over {', '.join(loops)}", partial(_replayed, scene, loops)
    if scene.role == "w":
        for axis, what in ((1, "filter"), (2, "channel")):
            yield "overwritten", f"the last {what}'s for all", partial(_last_for_all, scene, axis)


def _last_for_all(scene: Scene, axis: int) -> Array:
    right = scene.result()
    return scene.pack(np.broadcast_to(np.take(right, [-1], axis), right.shape))


def _nests(scene: Scene) -> list[tuple[str, ...]]:
    """The nests of loops that people write, as indices of the line, outermost first."""
    form, family = scene.reference.form, scene.reference.convention.family
    windows = form.axes["X"][3:] if family.transposed else form.axes["Y"][3:]
    if scene.large:
        inner = "i" if family.transposed else "j"
        return [
            windows,
            family.taps,
            (inner,),
            (inner, *windows),
            (*windows, inner),
            (*windows, *family.taps),
            ("h", inner, *windows),
        ]
    if scene.role in "wb":
        return [windows, ("z", *windows), (*windows, "z")] if windows else []
    inner = "j" if family.transposed else "i"
    return [nest for nest in ((inner,), family.taps, (inner, *family.taps), (*family.taps, inner)) if nest]


def _replayed(scene: Scene, loops: tuple[str, ...]) -> Array:
    """What stands in the end where each turn writes over what the turns before wrote in the same places."""
    form, role = scene.reference.form, scene.role
    sides = [form.extents[name] for name in loops]
    if np.prod(sides) > MAX_TURNS:
        raise ValueError(sides)
    found: Array | None = None
    for at in product(*map(range, sides)):
        part, touched = _turn(scene, dict(zip(loops, at, strict=True)))
        found = part if found is None else np.where(touched, part, found)
    assert found is not None
    return scene.pack(found + scene.arrays["b"] if role == "y" and "b" in scene.arrays else found)


def _turn(scene: Scene, at: dict[str, int]) -> tuple[Array, Array]:
    """What one turn contributes, and the entries that it writes to."""
    form, role = scene.reference.form, scene.role
    if role == "b":
        names = form.axes["Y"]
        chosen = _mask(scene.cotangent.shape, names, at)
        spread = tuple(n for n, size in enumerate(scene.arrays["b"].shape) if size == 1)
        part = (scene.cotangent * chosen).sum(axis=spread, keepdims=True)
        return part, chosen.sum(axis=spread, keepdims=True) > 0
    tensors = scene.reference.convention.family.tensors
    wanted = tensors[role]
    arrays = {tensors[other]: scene.arrays[other] for other in "xw"} | {tensors["y"]: scene.cotangent}
    masks = {tensor: _mask(form.shape(tensor), form.axes[tensor], at) for tensor in form.axes}
    here = {tensor: arrays[tensor] * mask for tensor, mask in masks.items() if tensor != wanted}
    touched = contract(form, masks, wanted) * masks[wanted] if scene.large else masks[wanted]
    return contract(form, here, wanted) * masks[wanted], touched > 0


def _mask(shape: tuple[int, ...], names: tuple[str, ...], at: dict[str, int]) -> Array:
    """1 where the loops' indices have these values, else 0."""
    found = np.ones(shape)
    for axis, name in enumerate(names):
        if name in at:
            one = np.zeros(shape[axis])
            one[at[name]] = 1
            found = found * one.reshape([-1 if n == axis else 1 for n in range(len(shape))])
    return found
