"""Mistakes of groups and channels: one group only, another order, channels reversed along with the taps."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene, only
from gradcheck.targets.exchange import Array


def groups(scene: Scene) -> Iterator[Tried]:
    """One group only, groups taken together, or groups and their channels in another order."""
    grouped = scene.case.g > 1 or scene.reference.convention.options.takes("g")
    if not grouped or scene.role == "b":
        return
    yield from _one_only(scene)
    yield from _together(scene)
    cotangent, x, w = scene.cotangent, scene.arrays["x"], scene.arrays["w"]
    for back in (False, True):
        told = "channel by channel" if back else "interleaved"
        if scene.role != "y":
            yield (
                "groups-mixed",
                f"cotangent {told}",
                partial(_with_cotangent, scene, partial(_interleaved, cotangent, back)),
            )
        if scene.role != "x":
            yield "groups-mixed", f"input {told}", partial(_with_input, scene, partial(_interleaved, x, back))
    for by in range(1, scene.case.g) if scene.role != "y" else ():
        yield "groups-mixed", f"cotangent moved by {by}", partial(scene.with_cotangent, np.roll(cotangent, by, 1))
    if scene.role != "w" and scene.case.k != scene.case.g:
        yield "groups-mixed", "filters", partial(scene.with_array, "w", np.flip(w, 0))
    yield from _results_mixed(scene)


def _one_only(scene: Scene) -> Iterator[Tried]:
    axis = 0 if scene.role == "w" else 1
    for last in (False, True) if scene.role != "y" else ():
        told = "last" if last else "first"
        yield "one-group-only", told, partial(scene.with_cotangent, only(scene.cotangent, 1, last=last))
        part = slice(-1, None) if last else slice(0, 1)
        yield "one-group-only", f"{told} (and no more)", partial(_after, scene, partial(_part, axis=axis, part=part))


def _part(array: Array, axis: int, part: slice) -> Array:
    return array[part] if axis == 0 else array[:, part]


def _together(scene: Scene) -> Iterator[Tried]:
    """All groups as if they were one."""
    x = scene.arrays["x"]
    if scene.role in "xw":
        axis = 0 if scene.role == "w" else 1
        yield "groups-ignored", "summed", partial(_after, scene, partial(np.sum, axis=axis, keepdims=True))
        yield "groups-ignored", "summed for each", partial(_after, scene, partial(_shared, axis=axis))
    if scene.role != "x":
        yield "groups-ignored", "the input of all", partial(scene.with_array, "x", _shared(x, axis=1))
        yield "groups-ignored", "the first's input", partial(scene.with_array, "x", np.broadcast_to(x[:, :1], x.shape))
    if scene.role == "w":
        yield "groups-ignored", "every channel for every filter", partial(_every_channel, scene)


def _shared(array: Array, axis: int) -> Array:
    return np.broadcast_to(array.sum(axis=axis, keepdims=True), array.shape)


def _every_channel(scene: Scene) -> Array:
    """The filters' gradient with a column for every channel of the input, of its own group or not."""
    g, x = scene.case.g, scene.arrays["x"]
    moved = [scene.result(arrays={"x": np.roll(x, -by, axis=1)}) for by in range(g)]
    inner = 1 if scene.reference.convention.family.transposed else 2
    rows = [np.concatenate([moved[(to - h) % g][h] for to in range(g)], axis=inner - 1) for h in range(g)]
    return scene.pack(np.stack(rows))


def _with_cotangent(scene: Scene, work: partial[Array]) -> Array:
    return scene.with_cotangent(work())


def _with_input(scene: Scene, work: partial[Array]) -> Array:
    return scene.with_array("x", work())


def _results_mixed(scene: Scene) -> Iterator[Tried]:
    axis = 0 if scene.role == "w" else 1
    yield "groups-mixed", "reversed", partial(_after, scene, partial(np.flip, axis=axis))
    for by in range(1, scene.case.g):
        yield "groups-mixed", f"moved by {by}", partial(_after, scene, partial(np.roll, shift=by, axis=axis))
    if scene.role in "xy":
        yield "groups-mixed", "interleaved", partial(_after, scene, partial(_interleaved))
        yield "groups-mixed", "not interleaved", partial(_after, scene, partial(_interleaved, back=True))


def _after(scene: Scene, change: partial[Array]) -> Array:
    return scene.pack(change(scene.result()))


def _interleaved(array: Array, back: bool = False) -> Array:
    """The channels of z h i ... in the order i h instead of h i."""
    z, h, i, *space = array.shape
    if back:
        return array.reshape(z, i, h, *space).swapaxes(1, 2).reshape(array.shape)
    return array.swapaxes(1, 2).reshape(array.shape)


def channels(scene: Scene) -> Iterator[Tried]:
    """Channels of the filter, or of its gradient, in reverse: a flip over all axes takes them along."""
    if scene.role == "b":
        return
    taps = tuple(range(3, 3 + len(scene.case.n)))
    for own in ((0, 1, 2), (1, 2), (1,), (2,)):
        for told, axes in ((f"axes {own}", own), (f"axes {own} and the taps", (*own, *taps))):
            if scene.role == "w":
                yield "channels-reversed", told, partial(_after, scene, partial(np.flip, axis=axes))
            else:
                yield "channels-reversed", told, partial(scene.with_array, "w", np.flip(scene.arrays["w"], axes))
