"""Mistakes of order: axes swapped, and entries read in the order of other axes, a reshape for a transpose."""

from collections.abc import Iterator
from functools import partial
from itertools import permutations

import numpy as np

from gradcheck.conventions.layout import axes as layout_axes
from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene
from gradcheck.targets.exchange import Array

MAX_RANK = 5  # arrays of more axes have too many orders to try
TOLD = {"dy": "the cotangent", "w": "the filters", "x": "the input"}
OTHERS = {"x": ("w", "dy"), "w": ("x", "dy"), "y": ("x", "w")}
Order = tuple[int, ...]


def orders(scene: Scene) -> Iterator[Tried]:
    """The result, or what it is made from, with its axes in another order, or misread as such."""
    if scene.role not in OTHERS:
        return
    yield from _of_result(scene)
    for role in OTHERS[scene.role]:
        yield from _of_operand(scene, role)


def _of_result(scene: Scene) -> Iterator[Tried]:
    every = _orders(scene, scene.role)
    for order in every:
        yield "axes-swapped", f"the result's axes in the order {order}", partial(_turned, scene, order)
    for order in every:
        yield "reshape-for-transpose", f"the result, laid out as {order}", partial(_laid_out, scene, order)
        yield "reshape-for-transpose", f"the result, in the shape of {order}", partial(_reshaped, scene, order)
        yield "reshape-for-transpose", f"the result, read as {order}", partial(_result_misread, scene, order)


def _turned(scene: Scene, order: Order) -> Array:
    return scene.right().transpose(order)


def _laid_out(scene: Scene, order: Order) -> Array:
    right = scene.right()
    return right.transpose(order).reshape(right.shape)


def _reshaped(scene: Scene, order: Order) -> Array:
    right = scene.right()
    return right.reshape([right.shape[a] for a in order])


def _result_misread(scene: Scene, order: Order) -> Array:
    return _misread(scene.right(), order)


def _of_operand(scene: Scene, role: str) -> Iterator[Tried]:
    every = _orders(scene, "y" if role == "dy" else role)
    for order in every:
        told = f"{TOLD[role]}, read as laid out as {order}"
        yield "reshape-for-transpose", told, partial(_operand_misread, scene, role, order)
    for order in every:
        yield "axes-swapped", f"{TOLD[role]}, axes {order}", partial(_operand_turned, scene, role, order)


def _operand_misread(scene: Scene, role: str, order: Order) -> Array:
    return _with(scene, role, _misread(_packed(scene, role), order))


def _operand_turned(scene: Scene, role: str, order: Order) -> Array:
    packed = _packed(scene, role)
    turned = packed.transpose(order)
    if turned.shape != packed.shape:
        raise ValueError(turned.shape)
    return _with(scene, role, turned)


def _orders(scene: Scene, role: str) -> list[Order]:
    """Every order of an array's axes but its own."""
    rank = len(layout_axes(scene.reference.convention.layouts[role]))
    return [order for order in permutations(range(rank)) if order != tuple(range(rank))] if rank <= MAX_RANK else []


def _misread(array: Array, order: Order) -> Array:
    """An array of the same shape whose entries were laid out as if its axes were in another order."""
    return array.reshape([array.shape[a] for a in order]).transpose(np.argsort(order))


def _packed(scene: Scene, role: str) -> Array:
    convention = scene.reference.convention
    return convention.pack("y", scene.cotangent) if role == "dy" else convention.pack(role, scene.arrays[role])


def _with(scene: Scene, role: str, packed: Array) -> Array:
    convention = scene.reference.convention
    if role == "dy":
        return scene.with_cotangent(convention.unpack("y", packed, scene.case))
    return scene.with_array(role, convention.unpack(role, packed, scene.case))
