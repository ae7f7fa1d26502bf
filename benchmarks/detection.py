"""Which mistakes in a gradient each gradient checker lets pass, and which right gradients it calls wrong.

    python benchmarks/detection.py [seeds]

Three tables: a convolution whose gradient has one mistake, the same convolution without it, and the
mutation corpus of the tests. Each check is of other normal inputs; `seeds` (40) says how many checks
there are of each convolution, and half as many are made of each right layer of the corpus. torch's slow
mode is run on the smallest convolution alone, and with few seeds. The corpus's gradients are sorted by
the true one, which a unit step finds: a convolution is affine in each of its inputs. The shapes that
torch misses are gradients with an axis too many, over which it sums by itself.
"""

import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from peers import PEERS, Case, Verdict

import gradcheck

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from mutants.table import CORRECT, MUTANTS

SIZES = (8, 16, 24, 32)
SLOW_SEEDS = 5
BATCH = 2
STEP = 0.1  # of the layers that take their step in the backward pass

# For each family of the corpus, or a module that needs its own: the constructor's arguments, and the input without
# its batch. The filters' extents are even, the windows overlap, and a row is left over.
DENSE = {"kernel_size": 2, "stride": 3, "padding": 1, "dilation": 3}
GROUPED = {"kernel_size": 2, "stride": 2, "padding": 1, "groups": 2}
SETTINGS = {
    "conv2d": ({"in_channels": 3, "out_channels": 4, **DENSE}, (3, 6, 6)),
    "conv2d_groups_and_calls": ({"in_channels": 4, "out_channels": 6, **GROUPED}, (4, 5, 5)),
    "conv1d": ({"in_channels": 3, "out_channels": 4, **DENSE}, (3, 6)),
    "transposed": ({"in_channels": 3, "out_channels": 4, **DENSE}, (3, 2, 2)),
    "transposed1d": ({"in_channels": 3, "out_channels": 4, **DENSE}, (3, 3)),
    "depthwise": ({"channels": 3, "kernel_size": 4, "stride": 3, "padding": 1}, (3, 6, 6)),
}


def correlated(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Every sample correlated with every filter, where the filter fits."""
    windows = sliding_window_view(x, w.shape[2:], axis=(2, 3))
    return np.tensordot(windows, w, ([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2)


def filter_gradient(dy: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The gradient of the filters."""
    return correlated(x.swapaxes(0, 1), dy.swapaxes(0, 1)).swapaxes(0, 1)


def not_rotated(dy: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The mistake: the full correlation with the filter as it is."""
    around = w.shape[-1] - 1
    return correlated(np.pad(dy, ((0, 0), (0, 0), (around, around), (around, around))), w.swapaxes(0, 1))


def right(dy: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The full correlation with the rotated filter."""
    return not_rotated(dy, w[:, :, ::-1, ::-1])


def wrong_corner(dy: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The mistake: the first entry of every map of dx is half as large again."""
    dx = right(dy, w)
    dx[..., 0, 0] *= 1.5
    return dx


def too_large(dy: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The mistake: dx is half as large again."""
    return 1.5 * right(dy, w)


# What is done, by which gradient of the input, the factor of the output, and the type.
Row = tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray], float, type]
MISTAKES: tuple[Row, ...] = (
    ("filter not rotated", not_rotated, 1, np.float64),
    ("dx[..., 0, 0] times 1.5", wrong_corner, 1, np.float64),
    ("dx times 1.5", too_large, 1, np.float64),
    ("not rotated, output times 1e-8", not_rotated, 1e-8, np.float64),
    ("not rotated, output times 1e8", not_rotated, 1e8, np.float64),
)
RIGHT: tuple[Row, ...] = (
    ("float64", right, 1, np.float64),
    ("float64, output times 1e-8", right, 1e-8, np.float64),
    ("float64, output times 1e8", right, 1e8, np.float64),
    ("float32", right, 1, np.float32),
    ("float32, output times 1e-8", right, 1e-8, np.float32),
    ("float32, output times 1e8", right, 1e8, np.float32),
)


def convolution(row: Row, size: int, seed: int) -> Case:
    """A convolution at inputs of its own."""
    name, gradient, factor, kind = row
    random = np.random.default_rng(seed)
    x, w = (random.normal(size=shape).astype(kind) for shape in ((BATCH, 3, size, size), (4, 3, 3, 3)))
    factor = kind(factor)
    return Case(
        name,
        lambda x, w: factor * correlated(x, w),
        lambda dy, x, w: (factor * gradient(dy, w), factor * filter_gradient(dy, x)),
        (x, w),
        gradient is right,
    )


def family(name: str) -> tuple[type, dict, tuple[int, ...]]:
    """The class that module:Class names, its arguments, and the shape of its input."""
    module, _, kind = name.partition(":")
    options, shape = SETTINGS.get(module) or SETTINGS[module.split("_")[0]]
    return getattr(import_module(f"mutants.{module}"), kind), options, (BATCH, *shape)


def corpus_case(name: str, kind: type, seed: int) -> Case:
    """A layer of the corpus at inputs of its own, made anew for every call."""
    layer_class, options, shape = family(name)
    more = (STEP,) if "lr" in inspect.signature(layer_class.backward).parameters else ()

    def passed_forward(x, w, b):
        """A new layer with these weights, and its output."""
        layer = layer_class(**options)
        layer.w, layer.b = w.copy(), b.copy()
        return layer, np.asarray(layer.forward(x.copy()), x.dtype)

    def gradients(dy, x, w, b):
        """What the layer has for its input, filters and bias."""
        layer, _ = passed_forward(x, w, b)
        dx = layer.backward(dy.copy(), *more)
        dw, db = ((w - layer.w) / STEP, (b - layer.b) / STEP) if more else (layer.dw, layer.db)
        return tuple(np.array(gradient, x.dtype) for gradient in (dx, dw, db))

    random, layer = np.random.default_rng(seed), layer_class(**options)
    inputs = tuple(random.normal(size=size).astype(kind) for size in (shape, layer.w.shape, layer.b.shape))
    return Case(name, lambda *inputs: passed_forward(*inputs)[1], gradients, inputs, name in CORRECT)


def true_gradients(case: Case, dy: np.ndarray) -> tuple[np.ndarray, ...]:
    """The gradients of a function that is affine in each of its inputs, by unit steps."""
    found, base = tuple(map(np.empty_like, case.inputs)), case.forward(*case.inputs)
    for number, array in enumerate(case.inputs):
        for place in np.ndindex(array.shape):
            moved = [other.copy() for other in case.inputs]
            moved[number][place] += 1
            found[number][place] = (dy * (case.forward(*moved) - base)).sum()
    return found


def kind_of_mistake(name: str) -> str:
    """What is wrong with a layer's gradient as the gradient of its own forward pass; looked at twice, for its state."""
    case = corpus_case(name, np.float64, seed=0)
    dy = np.random.default_rng(1).normal(size=case.forward(*case.inputs).shape)
    true = true_gradients(case, dy)
    try:
        written = [case.vjp(dy, *case.inputs) for _ in range(2)]
    except Exception:
        return "raises"
    pairs = [pair for found in written for pair in zip(found, true, strict=True)]
    if any(found.shape != wanted.shape for found, wanted in pairs):
        return "shape"
    if not all(np.allclose(found, wanted, rtol=1e-9, atol=1e-9) for found, wanted in pairs):
        return "value"
    return "forward" if MUTANTS[name][1] == "y" else "right"


@dataclass
class Tally:
    """How often what was heard, and how many causes were named."""

    heard: Counter
    causes: int = 0

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> "Tally":
        """The verdicts, counted."""
        tally = cls(Counter())
        for verdict in verdicts:
            tally.heard[outcome(verdict)] += 1
            tally.causes += verdict.cause is not None
        return tally

    def count(self, *outcomes: str) -> str:
        """How many of all had one of these outcomes, and how many others were no refutation."""
        counted = f"{sum(self.heard[one] for one in outcomes)} of {self.heard.total()}"
        others = [f"{self.heard[one]} {one}" for one in ("raised", "incomplete") if one not in outcomes]
        told = ", ".join(other for other in others if not other.startswith("0 "))
        return f"{counted} ({told})" if told else counted


def outcome(verdict: Verdict) -> str:
    """Passed, refuted, raised or incomplete."""
    if verdict.passed:
        return "passed"
    first = verdict.said.partition(" ")[0].rstrip(":")
    return first if first in ("raised", "incomplete") else "refuted"


def examined(name: str) -> Verdict:
    """What gradcheck.examine says of a class, at sizes of its own."""
    examination = gradcheck.examine(family(name)[0])
    causes = [cause.id for result in examination.results if result.fault for cause in result.fault.causes]
    return Verdict(examination.verdict == "verified", examination.verdict, causes[0] if causes else None)


def available(peer: str) -> bool:
    """Whether the peer is there to be run."""
    return peer in PEERS and (peer != "gradcheck" or hasattr(gradcheck, "check"))


def convolution_cell(peer: str, row: Row, size: int, seeds: int) -> str:
    """How many checks of a convolution went wrong: a mistake that passed, or a right gradient that did not."""
    if not available(peer) or (peer == "torch slow" and size != SIZES[0]):
        return "-"
    cases = (convolution(row, size, seed) for seed in range(min(seeds, SLOW_SEEDS) if peer == "torch slow" else seeds))
    tally = Tally.of(PEERS[peer](case, seed) for seed, case in enumerate(cases))
    return tally.count("refuted", "raised") if row[1] is right else tally.count("passed")


def convolution_table(title: str, rows: tuple[Row, ...], sizes: tuple[int, ...], seeds: int) -> None:
    """Every row at every size, with a column for each peer."""
    cells = [
        (row[0], str(size), *(convolution_cell(peer, row, size, seeds) for peer in PEERS))
        for row in rows
        for size in sizes
    ]
    printed(title, [("", "n", *PEERS), *cells])


def corpus_row(title: str, verdict: Callable[[str, int], Verdict], wrong: dict[str, list[str]], seeds: int) -> tuple:
    """One checker's misses, false alarms, raises and named causes."""
    values = Tally.of(verdict(name, 0) for name in wrong["value"])
    shapes = Tally.of(verdict(name, 0) for name in wrong["shape"])
    alarms = Tally.of(verdict(name, seed) for name in CORRECT for seed in range(seeds))
    raised = values.heard["raised"] + alarms.heard["raised"]
    named = str(values.causes + shapes.causes) if title.startswith("gradcheck") else "-"
    return (
        title,
        values.count("passed"),
        shapes.count("passed"),
        alarms.count("refuted", "raised"),
        str(raised),
        named,
    )


def corpus_table(kind: type, wrong: dict[str, list[str]], seeds: int) -> None:
    """A row for each peer, and for gradcheck on the same cases."""
    rows = []
    for peer in PEERS:
        title = "gradcheck.check" if peer == "gradcheck" else peer
        count = min(seeds, SLOW_SEEDS) if peer == "torch slow" else seeds
        verdict = partial(corpus_verdict, peer, kind)
        rows.append(corpus_row(title, verdict, wrong, count) if available(peer) else (title, *"-----"))
    corpus_printed(f"The mutation corpus in {kind.__name__}", rows)


def examination_row(wrong: dict[str, list[str]]) -> tuple:
    """What gradcheck.examine makes of the classes, two at a time."""
    names = [*wrong["value"], *wrong["shape"], *CORRECT]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        verdicts = dict(zip(names, pool.map(examined, names, chunksize=4), strict=True))
    return corpus_row("gradcheck.examine", lambda name, seed: verdicts[name], wrong, 1)


def corpus_printed(title: str, rows: list[tuple[str, ...]]) -> None:
    """What was counted over the corpus."""
    printed(title, [("", "missed values", "missed shapes", "false alarms", "raised", "causes named"), *rows])


def corpus_verdict(peer: str, kind: type, name: str, seed: int) -> Verdict:
    """What a peer says of a layer of the corpus."""
    return PEERS[peer](corpus_case(name, kind, seed), seed)


def sorted_corpus() -> dict[str, list[str]]:
    """The mutants by the kind of their mistake; those that are left out are printed."""
    wrong: dict[str, list[str]] = {"value": [], "shape": [], "raises": [], "forward": [], "right": []}
    for name in MUTANTS:
        wrong[kind_of_mistake(name)].append(name)
    print(
        f"{len(MUTANTS)} mutants: {len(wrong['value'])} with a wrong value, {len(wrong['shape'])} with a wrong shape."
    )
    print(f"Left out: {len(wrong['forward'])} whose gradient agrees with a wrong forward pass,")
    print(f"{len(wrong['raises'])} that raise, which is seen by all: {', '.join(wrong['raises'])},")
    print(f"{len(wrong['right'])} that are right at these sizes in a new layer: {', '.join(wrong['right'])}")
    return wrong


def printed(title: str, rows: list[tuple[str, ...]]) -> None:
    """A table with its columns aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    print(f"\n{title}\n")
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("  ".join([first.ljust(widths[0]), *cells]), flush=True)


def without_torch_details() -> AbstractContextManager:
    """Spares torch's fast mode the whole Jacobian, which it works out to show it where it has refused a gradient."""
    if not available("torch fast"):
        return nullcontext()
    module = import_module("torch.autograd.gradcheck")
    return patch.object(module, "_run_slow_mode_and_get_error", lambda *_: "")


def main() -> None:
    """Print the three tables."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with without_torch_details():
        convolution_table("A wrong convolution that is let pass", MISTAKES, SIZES, seeds)
        convolution_table("A right convolution that is called wrong", RIGHT, (SIZES[0], SIZES[-1]), seeds)
        wrong = sorted_corpus()
        for kind in (np.float64, np.float32):
            corpus_table(kind, wrong, max(1, seeds // 2))
    corpus_printed("The mutation corpus at sizes of the examination's own", [examination_row(wrong)])


if __name__ == "__main__":
    main()
