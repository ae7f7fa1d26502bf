"""Mistakes in what is multiplied and summed: samples, groups, axes, channels, the cotangent, the bias."""

from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Any

import numpy as np

from gradcheck.conventions.layout import axes as layout_axes
from gradcheck.conventions.layout import shape as layout_shape
from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene, only
from gradcheck.targets.exchange import Array

MAX_RANK = 5  # arrays of more axes have too many orders to try


def samples(scene: Scene) -> Iterator[Tried]:
    """One sample where all should be summed, or a sum that was left out."""
    if scene.role == "y":
        return
    for last in (False, True):
        cause = "last-sample-only" if last else "first-sample-only"
        yield cause, "", lambda last=last: scene.pack(scene.result(cotangent=only(scene.cotangent, 0, last=last)))
    if scene.role != "x":
        yield "not-summed-over-batch", "", lambda: np.stack([_of_sample(scene, n) for n in range(scene.case.N)])


def _of_sample(scene: Scene, number: int) -> Array:
    cotangent = np.zeros_like(scene.cotangent)
    cotangent[number] = scene.cotangent[number]
    return scene.pack(scene.result(cotangent=cotangent))


def groups(scene: Scene) -> Iterator[Tried]:
    """One group only, or groups and their channels in another order."""
    g = scene.case.g
    if g == 1:
        return
    for last in (False, True):
        told = "last" if last else "first"
        if scene.role != "y":
            yield "one-group-only", told, lambda last=last: scene.pack(
                scene.result(cotangent=only(scene.cotangent, 1, last=last))
            )
    yield "groups-mixed", "filters", lambda: scene.pack(scene.result(w=np.flip(scene.arrays["w"], 0)))
    if scene.role == "w":
        yield "groups-mixed", "reversed", lambda: scene.pack(np.flip(scene.result(), 0))
    for other in range(1, g):
        yield "groups-mixed", f"moved by {other}", lambda other=other: scene.pack(
            np.roll(scene.result(), other, 0 if scene.role == "w" else 1)
        )
    if scene.role in "xy":
        yield "groups-mixed", "interleaved", lambda: scene.pack(_interleaved(scene.result()))
        yield "groups-mixed", "not interleaved", lambda: scene.pack(_interleaved(scene.result(), back=True))
    if scene.role != "y":
        yield "groups-mixed", "cotangent interleaved", lambda: scene.pack(
            scene.result(cotangent=_interleaved(scene.cotangent))
        )
        for other in range(1, g):
            yield "groups-mixed", f"cotangent moved by {other}", lambda other=other: scene.pack(
                scene.result(cotangent=np.roll(scene.cotangent, other, 1))
            )
    if scene.role == "w":
        yield "groups-mixed", "input interleaved", lambda: scene.pack(scene.result(x=_interleaved(scene.arrays["x"])))


def _interleaved(array: Array, back: bool = False) -> Array:
    """The channels of z h i ... in the order i h instead of h i."""
    z, h, i, *space = array.shape
    if back:
        return array.reshape(z, i, h, *space).swapaxes(1, 2).reshape(array.shape)
    return array.swapaxes(1, 2).reshape(array.shape)


def channels(scene: Scene) -> Iterator[Tried]:
    """Channels of the filter, or of the result, in reverse: a flip over all axes takes them along."""
    if scene.role == "b":
        return
    for own in ((1, 2), (1,), (2,)):
        told = f"filter axes {own}"
        if scene.role == "w":
            yield "channels-reversed", told, lambda own=own: scene.pack(np.flip(scene.result(), own))
            everything = (*own, *range(3, 3 + len(scene.case.n)))
            yield "channels-reversed", f"{told} and taps", lambda e=everything: scene.pack(np.flip(scene.result(), e))
        else:
            yield "channels-reversed", told, lambda own=own: scene.pack(
                scene.result(w=np.flip(scene.arrays["w"], own))
            )
            everything = (*own, *range(3, 3 + len(scene.case.n)))
            yield "channels-reversed", f"{told} and taps", lambda e=everything: scene.pack(
                scene.result(w=np.flip(scene.arrays["w"], e))
            )


def orders(scene: Scene) -> Iterator[Tried]:
    """Axes swapped, and entries read in the order of other axes: a reshape where a transpose was meant."""
    if scene.role == "b":
        return
    yield from _result_orders(scene)
    roles = {"x": ("w",), "w": ("x",), "y": ("x", "w")}[scene.role]
    for role in roles:
        yield from _operand_orders(scene, role)
    if scene.role != "y":
        yield from _operand_orders(scene, "dy")


def _result_orders(scene: Scene) -> Iterator[Tried]:
    right = _once(scene.right)
    rank = len(layout_axes(scene.reference.convention.layouts[scene.role]))
    for order in _orders(rank):
        yield "axes-swapped", f"the result's axes in the order {order}", lambda order=order: right().transpose(order)
    for order in _orders(rank):
        yield (
            "reshape-for-transpose",
            f"the result, laid out as {order}",
            lambda order=order: right().transpose(order).reshape(right().shape),
        )
        yield (
            "reshape-for-transpose",
            f"the result, given the shape of {order}",
            lambda order=order: right().reshape([right().shape[a] for a in order]),
        )
    for order in _orders(rank):
        yield (
            "reshape-for-transpose",
            f"the result, read as laid out as {order}",
            lambda order=order: _misread(right(), order),
        )


def _operand_orders(scene: Scene, role: str) -> Iterator[Tried]:
    packed = _once(lambda: _packed(scene, role))
    told = {"dy": "the cotangent", "w": "the filters", "x": "the input"}[role]
    rank = len(layout_axes(scene.reference.convention.layouts["y" if role == "dy" else role]))
    for order in _orders(rank):
        yield (
            "reshape-for-transpose",
            f"{told}, read as laid out as {order}",
            lambda order=order: _with(scene, role, _misread(packed(), order)),
        )
    for order in _orders(rank):
        yield "axes-swapped", f"{told}, axes {order}", lambda order=order: _transposed(scene, role, packed(), order)


def _transposed(scene: Scene, role: str, packed: Array, order: tuple[int, ...]) -> Array:
    turned = packed.transpose(order)
    if turned.shape != packed.shape:
        raise ValueError(turned.shape)
    return _with(scene, role, turned)


def _orders(rank: int) -> list[tuple[int, ...]]:
    return [order for order in permutations(range(rank)) if order != tuple(range(rank))] if rank <= MAX_RANK else []


def _misread(array: Array, order: tuple[int, ...]) -> Array:
    """An array of the same shape whose entries were laid out as if its axes were in another order."""
    back = np.argsort(order)
    return array.reshape([array.shape[a] for a in order]).transpose(back)


def _packed(scene: Scene, role: str) -> Array:
    convention = scene.reference.convention
    return convention.pack("y", scene.cotangent) if role == "dy" else convention.pack(role, scene.arrays[role])


def _with(scene: Scene, role: str, packed: Array) -> Array:
    convention = scene.reference.convention
    unpacked = convention.unpack("y" if role == "dy" else role, packed, scene.case)
    return scene.pack(scene.result(cotangent=unpacked) if role == "dy" else scene.result(**{role: unpacked}))


def _once(work: Any) -> Any:
    """A function that computes once."""
    found: list[Array] = []
    return lambda: found[0] if found else (found.append(work()) or found[0])


def cotangent(scene: Scene) -> Iterator[Tried]:
    """The cotangent left out, or returned as it is."""
    if scene.role != "y":
        yield "upstream-ignored", "", lambda: scene.pack(scene.result(cotangent=np.ones_like(scene.cotangent)))


def positions(scene: Scene) -> Iterator[Tried]:
    """The wrong thing in a return position, or nothing."""
    convention = scene.reference.convention
    for role in convention.operands:
        if role != scene.role and scene.role != "y":
            there = lambda role=role: convention.pack(role, scene.reference.gradient(role, scene.arrays, scene.cotangent))  # noqa: E731
            yield "wrong-position", f"the gradient of {role}", there
        yield "wrong-position", f"{role} itself", lambda role=role: convention.pack(role, scene.arrays[role])
    if scene.role != "y":
        yield "wrong-position", "the cotangent itself", lambda: convention.pack("y", scene.cotangent)
        yield "wrong-position", "the output", lambda: convention.pack("y", scene.reference.output(scene.arrays))
    yield "all-zero", "", lambda: np.zeros_like(scene.right())


def bias(scene: Scene) -> Iterator[Tried]:
    """The bias's gradient summed over the wrong axes; in the output, the bias left out, doubled, subtracted."""
    convention = scene.reference.convention
    if "b" not in convention.layouts:
        return
    if scene.role == "y":
        b = scene.arrays["b"]
        for told, factor in (("left out", 0), ("added twice", 2), ("subtracted", -1)):
            yield "bias-in-forward", told, lambda factor=factor: scene.pack(scene.result(b=factor * b))
    if scene.role != "b":
        return
    packed = convention.pack("y", scene.cotangent)
    target = layout_shape(convention.layouts["b"], convention.sizes("b", scene.case))
    for size in range(packed.ndim + 1):
        for axes in combinations(range(packed.ndim), size):
            for keep in (False, True):
                told = f"over {axes or 'nothing'}{', axes kept' if keep else ''}"
                yield "bias-axes", told, lambda axes=axes, keep=keep: packed.sum(axis=axes, keepdims=keep)
            yield (
                "bias-axes",
                f"over {axes}, spread",
                lambda axes=axes: np.broadcast_to(packed.sum(axis=axes), target),
            )
    for axes in combinations(range(packed.ndim), packed.ndim - 1):
        yield "bias-axes", f"over {axes}, in its shape", lambda axes=axes: packed.sum(axis=axes).reshape(target)


def update(scene: Scene) -> Iterator[Tried]:
    """The input's gradient from filters that have been updated already."""
    if scene.role == "x":
        own = scene.reference.gradient("w", scene.arrays, scene.cotangent)
        for sign in (-1, 1):
            moved = scene.arrays["w"] + sign * scene.rate * own
            yield "updated-before-use", f"{sign:+d}", lambda moved=moved: scene.pack(scene.result(w=moved))
