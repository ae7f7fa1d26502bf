"""Mistakes of = for +=: of all that should be summed into an entry, only the last is there."""

from collections.abc import Iterator
from functools import partial
from itertools import product

import numpy as np

from gradcheck.conventions.convention import TENSORS
from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene
from gradcheck.numeric.form import contract
from gradcheck.targets.exchange import Array

MAX_TURNS = 2000  # loops of more turns are not replayed


def overwritten(scene: Scene) -> Iterator[Tried]:
    """The last of each loop, or nest of loops, that should add up."""
    for loops in _nests(scene):
        yield "overwritten", f"by the loop over {', '.join(loops)}", partial(_replayed, scene, loops)


def _nests(scene: Scene) -> list[tuple[str, ...]]:
    """The nests of loops that people write, as indices of the line, outermost first."""
    form = scene.reference.form
    space = form.axes["Y"][3:]
    taps = tuple(tap for tap in scene.reference.convention.family.taps)
    nests = {
        "x": [space, taps, ("j",), ("j", *space), (*space, "j"), (*space, *taps), ("h", "j", *space), ("z", *space)],
        "w": [space, ("z", *space), (*space, "z")],
        "b": [space, ("z", *space), (*space, "z")],
        "y": [("i",), taps, ("i", *taps), (*taps, "i")],
    }
    return [nest for nest in nests[scene.role] if nest]


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
    arrays = {TENSORS[other]: scene.arrays[other] for other in "xw"} | {"Y": scene.cotangent}
    here, everywhere = {}, {}
    for tensor in form.axes:
        mask = _mask(form.shape(tensor), form.axes[tensor], at)
        here[tensor], everywhere[tensor] = arrays[tensor] * mask if tensor in arrays else mask, mask
    wanted = {"y": "Y"}.get(role) or TENSORS[role]
    mask = _mask(form.shape(wanted), form.axes[wanted], at)
    return contract(form, here, wanted) * mask, contract(form, everywhere, wanted) * mask > 0


def _mask(shape: tuple[int, ...], names: tuple[str, ...], at: dict[str, int]) -> Array:
    """1 where the loops' indices have these values, else 0."""
    found = np.ones(shape)
    for axis, name in enumerate(names):
        if name in at:
            one = np.zeros(shape[axis])
            one[at[name]] = 1
            found = found * one.reshape([-1 if n == axis else 1 for n in range(len(shape))])
    return found
