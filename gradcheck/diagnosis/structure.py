"""What an error looks like, in words, where no known mistake explains it."""

from collections.abc import Iterator, Sequence

import numpy as np

from gradcheck.conventions.layout import axes
from gradcheck.diagnosis.scene import Scene
from gradcheck.targets.exchange import Array

LISTED = 12  # places that are listed one by one
DRAWN = (16, 40)  # rows and columns of a map, at most
NAMES = {
    "z": "sample",
    "h": "group",
    "i": "channel",
    "j": "filter",
    "t": "depth",
    "y": "row",
    "x": "column",
    "r": "tap in depth",
    "u": "tap row",
    "v": "tap column",
}


def structure(scene: Scene) -> tuple[str, ...]:
    """Which samples, channels, borders the error is in; whether it is a comb; a ratio; all in words."""
    right = scene.right()
    if scene.got.shape != right.shape:
        return ()
    layout = axes(scene.reference.convention.layouts[scene.role])
    names = [_named(axis, names) if names else "" for axis, names in enumerate(layout)]
    return described(scene.got, right, np.asarray(scene.got != right), names)


def _named(axis: int, names: Sequence[str]) -> str:
    return NAMES.get(names[-1], f"place of axis {axis}") + "s"


def described(got: Array, right: Array, wrong: Array, names: Sequence[str]) -> tuple[str, ...]:
    """The same for any two arrays and where they differ; `names` says what the places on each axis are."""
    return (f"{int(wrong.sum())} of {wrong.size} entries differ", *_places(wrong, names), *_values(got, right, wrong))


def _places(wrong: Array, names: Sequence[str]) -> Iterator[str]:
    for axis, name in enumerate(names):
        others = tuple(n for n in range(wrong.ndim) if n != axis)
        hit = np.flatnonzero(wrong.any(axis=others))
        side = wrong.shape[axis]
        if side > 1 and len(hit) not in (0, side) and name:
            yield f"only in {name} {_told(hit, side)}"


def _told(hit: Array, side: int) -> str:
    steps = set(np.diff(hit).tolist())
    if hit.tolist() in ([0], [side - 1]):
        return "first" if hit[0] == 0 else "last"
    if hit.tolist() == [0, side - 1]:
        return "first and last (the border)"
    if hit.tolist() == list(range(1, side - 1)) and side > 3:
        return "between the first and the last (the interior)"
    if len(steps) == 1 and len(hit) > 2 and (step := steps.pop()) > 1:
        return f"{hit[0]}, {hit[0] + step}, ...: every {step}th (a comb)"
    if len(hit) > LISTED:
        return f"{hit[0]}, {hit[1]}, … {hit[-1]} ({len(hit)} of {side})"
    return ", ".join(map(str, hit.tolist()))


def _values(got: Array, right: Array, wrong: Array) -> Iterator[str]:
    if not np.isfinite(got).all():
        return
    if not got[wrong].any():
        yield "zero wherever it is wrong"
    elif np.allclose(np.sort(got, axis=None), np.sort(right, axis=None), rtol=0, atol=0):
        yield "the right values, in the wrong places"
    elif np.isclose(float(got.sum()), float(right.sum()), rtol=0, atol=0):
        yield "the sum of all entries is right"


def heat(scene: Scene) -> tuple[tuple[float, ...], ...]:
    """How much is wrong at each place of the two axes that are positions (or taps), from 0 to 1."""
    right = scene.right()
    if scene.got.shape != right.shape or not right.size:
        return ()
    layout = axes(scene.reference.convention.layouts[scene.role])
    kept = [n for n, names in enumerate(layout) if names and names[-1] in "tyxsuv"][-2:]
    return density(np.asarray(scene.got != right), kept)


def density(wrong: Array, axes: Sequence[int] = ()) -> tuple[tuple[float, ...], ...]:
    """The share of wrong entries at each place of two axes, the last two unless others are named."""
    share = np.atleast_1d(np.asarray(wrong, float))
    kept = list(axes) or list(range(share.ndim))[-2:]
    mean = np.atleast_2d(share.mean(axis=tuple(n for n in range(share.ndim) if n not in kept)))
    rows, columns = (-(-size // most) for size, most in zip(mean.shape, DRAWN, strict=True))
    places = [range(0, size, step) for size, step in zip(mean.shape, (rows, columns), strict=True)]
    blocks = ([mean[r : r + rows, c : c + columns].mean() for c in places[1]] for r in places[0])
    return tuple(tuple(round(float(v), 3) for v in row) for row in blocks)
