"""Mistakes of order: axes swapped, and entries read in the order of other axes, a reshape for a transpose."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import permutations

import numpy as np

from gradcheck.conventions.layout import axes as layout_axes
from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene
from gradcheck.targets.exchange import Array
from gradcheck.targets.roles import WORDS

MAX_RANK = 5  # arrays of more axes have too many orders to try
Order = tuple[int, ...]
Change = Callable[[Array, Order], Array]


def orders(scene: Scene) -> Iterator[Tried]:
    """The result, or what it is made from, with its axes in another order, or misread as such."""
    if scene.role == "b":
        return
    yield from _of_result(scene)
    for role in (*scene.arrays, *(["dy"] if scene.role != "y" else [])):
        if role not in ("b", scene.role):
            yield from _of_operand(scene, role)


def _of_result(scene: Scene) -> Iterator[Tried]:
    every = _orders(scene, scene.role)
    for told, apply in _ways(scene):
        for order in every:
            yield "axes-swapped", f"the result's axes in the order {order}{told}", partial(apply, scene, _turned, order)
        for order in every:
            for name, change in (("laid out", _laid_out), ("in the shape of", _reshaped), ("read", _misread)):
                variant = f"the result {name} as {order}{told}"
                yield "reshape-for-transpose", variant, partial(apply, scene, change, order)


def _ways(scene: Scene) -> Iterator[tuple[str, Callable[[Scene, Change, Order], Array]]]:
    """A change of the whole result, or of each group's where there are several."""
    yield "", _whole
    if scene.reference.convention.options.takes("g"):
        yield " in each group", _by_group


def _whole(scene: Scene, change: Change, order: Order) -> Array:
    return change(scene.right(), order)


def _by_group(scene: Scene, change: Change, order: Order) -> Array:
    """The groups' results one by one, and put together again."""
    role = scene.role
    parts = [change(part, order) for part in _split(scene, role, scene.right())]
    return np.concatenate(parts, axis=_group_axis(scene, role))


def _group_axis(scene: Scene, role: str) -> int:
    groups = layout_axes(scene.reference.convention.layouts[role])
    return next(n for n, names in enumerate(groups) if "h" in names)


def _split(scene: Scene, role: str, packed: Array) -> list[Array]:
    """An array of the target taken apart into its groups, which lie one after the other."""
    return np.split(packed, scene.case.g, axis=_group_axis(scene, role))


def _turned(array: Array, order: Order) -> Array:
    return array.transpose(order)


def _laid_out(array: Array, order: Order) -> Array:
    return array.transpose(order).reshape(array.shape)


def _reshaped(array: Array, order: Order) -> Array:
    return array.reshape([array.shape[a] for a in order])


def _misread(array: Array, order: Order) -> Array:
    """An array of the same shape whose entries were laid out as if its axes were in another order."""
    return array.reshape([array.shape[a] for a in order]).transpose(np.argsort(order))


def _same_shape(array: Array, order: Order) -> Array:
    turned = array.transpose(order)
    if turned.shape != array.shape:
        raise ValueError(turned.shape)
    return turned


def _of_operand(scene: Scene, role: str) -> Iterator[Tried]:
    every = _orders(scene, "y" if role == "dy" else role)
    grouped = (False, True) if scene.reference.convention.options.takes("g") else (False,)
    for cause, name, change in (
        ("reshape-for-transpose", "read as laid out as", _misread),
        ("reshape-for-transpose", "laid out as", _laid_out),
        ("axes-swapped", "with its axes as", _same_shape),
    ):
        for by_group in grouped:
            for order in every:
                told = f"{WORDS[role]} {name} {order}{' in each group' if by_group else ''}"
                yield cause, told, partial(_operand, scene, role, change, order, by_group)


def _operand(scene: Scene, role: str, change: Change, order: Order, by_group: bool) -> Array:
    convention = scene.reference.convention
    there = "y" if role == "dy" else role
    packed = convention.pack(there, scene.cotangent if role == "dy" else scene.arrays[role])
    if by_group:
        parts = [change(part, order) for part in _split(scene, there, packed)]
        changed = np.concatenate(parts, axis=_group_axis(scene, there))
    else:
        changed = change(packed, order)
    unpacked = convention.unpack(there, changed, scene.case)
    return scene.with_cotangent(unpacked) if role == "dy" else scene.with_array(role, unpacked)


def _orders(scene: Scene, role: str) -> list[Order]:
    """Every order of an array's axes but its own."""
    rank = len(layout_axes(scene.reference.convention.layouts[role]))
    return [order for order in permutations(range(rank)) if order != tuple(range(rank))] if rank <= MAX_RANK else []
