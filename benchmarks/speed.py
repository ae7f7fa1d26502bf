"""How long it takes to check a convolution's gradients, against torch, JAX and autograd, taking turns in one process.

    python benchmarks/speed.py [--part 1|2] [--rounds N] [--threads N] [--plot [FILE]]

Part 1 is the probe, our default: all gradients at once, to 1e-12. Part 2 is the full check, of every element: against
torch's slow mode, how it grows with each size, and how much memory it needs. All is float64, batch 1, in one thread
unless told otherwise. A turn repeats a call for 20 ms or, if that is longer, makes it once; every round begins with
another peer. Cells are the median and the minimum of the turns, ratios are of medians. What is imported, derived or
compiled at the first call is not in them: part 1 prints the first calls apart.
"""

import argparse
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from speed_plot import Point, exponents, plot

Size = tuple[int, int, int, int]  # n, m, k, p: side of the input, side of the kernel, channels, filters
Calls = Mapping[Any, Callable[[], Any]]
Times = Mapping[Any, Sequence[float]]

PROBED = ((8, 3, 2, 3), (16, 3, 3, 8), (24, 5, 3, 8), (32, 3, 16, 32), (64, 3, 64, 64))
LOOPED = 2  # at so many of them autograd's convolution, a loop in Python, is checked, too
COMPARED = (16, 3, 3, 8)
AROUND = {"n": 24, "m": 3, "k": 4, "p": 8}
RANGES = {
    "n": (8, 12, 16, 24, 32, 48, 64),
    "k": (1, 2, 4, 8, 16),
    "p": (1, 2, 4, 8, 16, 32),
    "m": (1, 2, 3, 4, 5, 6, 7),
}
LARGE = (64, 3, 16, 32)
LIMIT = 1024  # MiB
TURN = 0.02  # seconds
LAYER = "conv2d_batch"
PLOT = Path(__file__).parent / "full.svg"


def arrays(size: Size) -> tuple:
    """A random image of n x n in k channels, and p filters of m x m."""
    import numpy as np

    n, m, k, p = size
    random = np.random.default_rng(0)
    return random.normal(size=(1, k, n, n)), random.normal(size=(p, k, m, m))


def tensors(size: Size) -> list:
    """The same for torch."""
    import torch

    return [torch.tensor(one, requires_grad=True) for one in arrays(size)]


def ours(f: Callable, inputs: Iterable, method: str = "auto") -> Any:
    """What gradcheck.check finds of a convolution that is right."""
    import gradcheck

    found = gradcheck.check(f, *inputs, like=LAYER, method=method)
    assert found.verdict == "verified"
    assert found.evidence.method == ("probe" if method == "auto" else method)
    return found


def torch_calls(size: Size) -> Calls:
    """Ours and torch's fast mode, and one forward and backward pass."""
    import torch

    conv2d, (x, w) = torch.nn.functional.conv2d, tensors(size)
    dy = torch.ones_like(conv2d(x, w))
    return {
        "ours": lambda: ours(conv2d, (x, w)),
        "torch fast": lambda: torch.autograd.gradcheck(conv2d, (x, w), fast_mode=True),
        "fwd+bwd": lambda: torch.autograd.grad(conv2d(x, w), (x, w), dy),
    }


def jax_calls(size: Size) -> Calls:
    """Ours and JAX's own."""
    import jax
    import jax.test_util

    jax.config.update("jax_enable_x64", True)
    x, w = map(jax.numpy.asarray, arrays(size))

    def convolution(x: jax.Array, w: jax.Array) -> jax.Array:
        """What JAX calls a convolution without padding."""
        return jax.lax.conv_general_dilated(x, w, (1, 1), "VALID")

    return {
        "ours, jax": lambda: ours(convolution, (x, w)),
        "jax": lambda: jax.test_util.check_grads(convolution, (x, w), order=1, modes=["rev"]),
    }


def autograd_calls(size: Size) -> Calls:
    """Ours and autograd's own."""
    import autograd.numpy as anp
    from autograd.test_util import check_grads

    def convolution(x: anp.ndarray, w: anp.ndarray) -> anp.ndarray:
        """The sum of the image's shifts, each times an entry of the kernels."""
        m, side = w.shape[2], x.shape[2] - w.shape[2] + 1
        places = ((u, v) for u in range(m) for v in range(m))
        return sum(anp.einsum("zihw,ji->zjhw", x[:, :, u : u + side, v : v + side], w[:, :, u, v]) for u, v in places)

    x, w = arrays(size)
    return {
        "ours, autograd": lambda: ours(convolution, (x, w)),
        "autograd": lambda: check_grads(convolution, modes=["rev"], order=1)(x, w),
    }


def turn(call: Callable[[], Any], least: float = TURN) -> float:
    """Seconds of a call, on average over as many as fill a turn."""
    calls, start = 0, time.perf_counter()
    while True:
        call()
        calls, spent = calls + 1, time.perf_counter() - start
        if spent >= least:
            return spent / calls


def measured(calls: Calls, rounds: int) -> Times:
    """Seconds of each call in each round; they take turns."""
    names, times = list(calls), {name: [] for name in calls}
    for n in range(rounds):
        first = n % len(names)
        for name in names[first:] + names[:first]:
            times[name].append(turn(calls[name]))
    return times


def ms(seconds: float) -> str:
    """Three digits of the milliseconds."""
    return f"{1e3 * seconds:.{max(0, 2 - math.floor(math.log10(1e3 * seconds)))}f}"


def both(times: Sequence[float] | None) -> str:
    """Median and minimum in milliseconds; a dash for what was not measured."""
    return f"{ms(statistics.median(times))} ({ms(min(times))})" if times else "-"


def ratio(times: Times, one: str, other: str) -> str:
    """How many times the other's median the one's is."""
    return f"{statistics.median(times[one]) / statistics.median(times[other]):.1f}" if one in times else "-"


def show(title: str, rows: Sequence[Sequence[object]]) -> None:
    """Print a table whose first row is its header."""
    widths = [max(len(str(row[n])) for row in rows) for n in range(len(rows[0]))]
    print(f"\n{title}")
    for row in rows:
        print("  ".join(f"{cell!s:>{width}}" for cell, width in zip(row, widths, strict=True)))


def probe(rounds: int) -> None:
    """Part 1: print the times of the probe and its peers."""
    peers = ("ours", "torch fast", "fwd+bwd", "ours, jax", "jax", "ours, autograd", "autograd")
    ratios = (("torch fast", "ours"), ("jax", "ours, jax"), ("autograd", "ours, autograd"), ("ours", "fwd+bwd"))
    rows = [["n, m, k, p", *peers, *("/".join(word.split(",")[0] for word in pair) for pair in ratios)]]
    firsts = [["n, m, k, p", *peers]]
    for number, size in enumerate(PROBED):
        calls = dict(torch_calls(size))
        calls |= jax_calls(size) if find_spec("jax") else {}
        calls |= autograd_calls(size) if find_spec("autograd") and number < LOOPED else {}
        first = {name: turn(call, 0) for name, call in calls.items()}
        times, named = measured(calls, rounds), ", ".join(map(str, size))
        rows.append([named, *(both(times.get(peer)) for peer in peers), *(ratio(times, *pair) for pair in ratios)])
        firsts.append([named, *(ms(first[peer]) if peer in first else "-" for peer in peers)])
    show("Probe: ms, median (minimum); ratios of medians", rows)
    show("The same, the first call at each size: ms, once; the first of all imports the libraries", firsts)


def full(rounds: int) -> None:
    """Part 2: print the times of the full check and of torch's slow mode."""
    import torch

    conv2d, (x, w) = torch.nn.functional.conv2d, tensors(COMPARED)
    calls = {
        "ours, full": lambda: ours(conv2d, (x, w), "full"),
        "torch slow": lambda: torch.autograd.gradcheck(conv2d, (x, w)),
    }
    for call in calls.values():
        call()
    times = measured(calls, rounds)
    row = [", ".join(map(str, COMPARED)), *map(both, times.values()), ratio(times, "torch slow", "ours, full")]
    show("Full: ms, median (minimum); ratio of medians", [["n, m, k, p", *times, "torch slow/ours"], row])


def growth(rounds: int) -> Mapping[str, Sequence[Point]]:
    """Part 2: print how passes and time grow with each size, and return it."""
    import torch

    checks = {
        (axis, value): partial(
            ours, torch.nn.functional.conv2d, tensors(tuple((AROUND | {axis: value}).values())), "full"
        )
        for axis, values in RANGES.items()
        for value in values
    }
    founds = {place: check() for place, check in checks.items()}
    times = measured(checks, rounds)
    points: dict[str, list[Point]] = {axis: [] for axis in RANGES}
    rows = [["", "elements", "passes", "ms", "us/element"]]
    for (axis, value), found in founds.items():
        elements = sum(one.elements for one in found.gradients if one.name.startswith("gradient"))
        median, passes = statistics.median(times[axis, value]), found.evidence.passes
        rows.append([f"{axis} = {value}", elements, passes, both(times[axis, value]), f"{1e6 * median / elements:.3f}"])
        points[axis].append(Point(value, elements, passes, median))
    around = ", ".join(f"{name} = {value}" for name, value in AROUND.items())
    show(f"Full, one size at a time around {around}: elements of both gradients, forward passes, time", rows)
    show("Exponents of each size, by least squares in log-log", exponents(points))
    return points


def peak() -> float:
    """The most MiB that this process has had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def full_once() -> None:
    """Print the peak of memory before and after one full check; for a fresh process."""
    import torch

    from gradcheck import check

    conv2d, inputs = torch.nn.functional.conv2d, tensors(LARGE)
    conv2d(*inputs)
    before = peak()
    assert check(conv2d, *inputs, like=LAYER, method="full").verdict == "verified"
    print(before, peak())


def memory() -> str:
    """What one full check adds to the peak of a fresh process. For this one small, as a child begins at its peak."""
    command = [sys.executable, "-c", "import speed; speed.full_once()"]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent).stdout
    before, after = map(float, told.split())
    size = ", ".join(map(str, LARGE))
    return (
        f"full at {size}: {after - before:.0f} MiB above the {before:.0f} MiB after a forward pass; limit {LIMIT} MiB"
    )


def limit(threads: int) -> None:
    """Let no library compute in more threads (JAX reads NPROC); before any is imported."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC"):
        os.environ[name] = str(threads)


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", type=int, choices=(1, 2), help="1: the probe, 2: the full check; else both")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--plot", type=Path, nargs="?", const=PLOT, help=f"draw part 2 to a file; {PLOT.name} if not named"
    )
    given = parser.parse_args()
    limit(given.threads)
    used = memory() if given.part != 1 else ""
    import torch

    torch.set_num_threads(given.threads)
    there = [name for name in ("torch", "jax", "autograd", "numpy") if find_spec(name)]
    print(f"{given.threads} thread(s), {given.rounds} rounds; " + ", ".join(f"{one} {version(one)}" for one in there))
    if given.part != 2:
        probe(given.rounds)
    if given.part != 1:
        full(given.rounds)
        points = growth(given.rounds)
        print(f"\nPeak memory\n{used}")
        if given.plot:
            print(plot(points, given.plot))


if __name__ == "__main__":
    main()
