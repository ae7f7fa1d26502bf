"""For speed.py: the exponents and the plot of how the full check grows with each size of a convolution."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple


class Point(NamedTuple):
    """A full check with one size at this value: elements of all gradients, forward passes, seconds."""

    value: int
    elements: int
    passes: int
    seconds: float


def exponents(points: Mapping[str, Sequence[Point]]) -> list[list[str]]:
    """A table of how elements, passes and time grow: the slopes of straight lines in log-log."""
    import numpy as np

    rows = [["", "elements", "passes", "time"]]
    for axis, found in points.items():
        logs = np.log(found)
        rows.append([axis, *(f"{slope:z.2f}" for slope in np.polyfit(logs[:, 0], logs[:, 1:], 1)[0])])
    return rows


def plot(points: Mapping[str, Sequence[Point]], file: Path) -> str:
    """Draw passes and time against each size; returns what was done."""
    if not find_spec("matplotlib"):
        return "no plot: matplotlib is not installed"
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 4), layout="constrained")
    for axis, found in points.items():
        values = [one.value for one in found]
        left.loglog(values, [one.passes for one in found], "o-", label=axis)
        right.loglog(values, [1e3 * one.seconds for one in found], "o-", label=axis)
    for axes, what in ((left, "forward passes"), (right, "ms, median")):
        axes.set(xlabel="size", ylabel=what)
        axes.set_xscale("log", base=2)
        axes.legend()
    figure.suptitle("The full check of a convolution, one size at a time")
    figure.savefig(file)
    return f"plot: {file}"
