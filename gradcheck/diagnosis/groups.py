"""Mistakes of groups and channels: one group only, another order, channels reversed along with the taps."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene, only
from gradcheck.targets.exchange import Array


def groups(scene: Scene) -> Iterator[Tried]:
    """One group only, or groups and their channels in another order."""
    if scene.case.g == 1 or scene.role == "b":
        return
    cotangent, x, w = scene.cotangent, scene.arrays["x"], scene.arrays["w"]
    if scene.role != "y":
        for last in (False, True):
            one = partial(only, cotangent, 1, last=last)
            yield "one-group-only", "last" if last else "first", partial(_with_cotangent, scene, one)
        swapped = partial(_interleaved, cotangent)
        yield "groups-mixed", "cotangent interleaved", partial(_with_cotangent, scene, swapped)
        for by in range(1, scene.case.g):
            moved = partial(np.roll, cotangent, by, 1)
            yield "groups-mixed", f"cotangent moved by {by}", partial(_with_cotangent, scene, moved)
    yield "groups-mixed", "filters", partial(scene.with_array, "w", np.flip(w, 0))
    if scene.role == "w":
        yield "groups-mixed", "input interleaved", partial(scene.with_array, "x", _interleaved(x))
    yield from _results_mixed(scene)


def _with_cotangent(scene: Scene, work: partial[Array]) -> Array:
    return scene.with_cotangent(work())


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
    for own in ((1, 2), (1,), (2,)):
        for told, axes in ((f"axes {own}", own), (f"axes {own} and the taps", (*own, *taps))):
            if scene.role == "w":
                yield "channels-reversed", told, partial(_after, scene, partial(np.flip, axis=axes))
            else:
                yield "channels-reversed", told, partial(scene.with_array, "w", np.flip(scene.arrays["w"], axes))
