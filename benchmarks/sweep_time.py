"""How many small layers a second are swept with probes, on one core and on two, and where the time of a layer goes.

    python benchmarks/sweep_time.py [layers] [rounds]

The layers are those that `gradcheck verify` draws (sides up to 6), each with two exact trials; the target is
2,000 layers a second on one core. Sizes that come again are not worked out again: "first" starts without any.
"""

import statistics
import sys
import time
from collections.abc import Callable

from gradcheck.claims.reader import read_document
from gradcheck.layers.layer import Layer
from gradcheck.numeric import sweep as engine
from gradcheck.numeric.draw import draw
from gradcheck.numeric.points import Draws
from gradcheck.numeric.probe import probe

NAMES = ("conv1d", "conv2d", "conv2d_batch", "conv2d_general", "conv2d_transposed", "dense")


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The median time of some work."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def fresh(layer: Layer, sizes: tuple[dict[str, int], ...]) -> None:
    """A sweep without anything that was worked out before."""
    engine._derived.cache_clear()
    engine.sweep(layer, sizes, 0)


def parts(layer: Layer, sizes: tuple[dict[str, int], ...], rounds: int) -> dict[str, float]:
    """The seconds that the parts of so many layers take, one part at a time."""
    made = [engine.derived(layer, one) for one in sizes]
    drawn = [of.draws([0, n]) for n, of in enumerate(made)]
    points = [one.point().floats for one in drawn]
    cotangents = [one.cotangents().floats for one in drawn]
    pairs = list(zip(made, points, strict=True))
    return {
        "sizes drawn": seconds(lambda: draw(layer, (), len(sizes), 1), 1),
        "programs made": seconds(lambda: [engine._derived.__wrapped__(layer, tuple(one.items())) for one in sizes], 1),
        "generators": seconds(lambda: [of.draws([0, n]) for n, of in enumerate(made)], rounds),
        "random points": seconds(lambda: [drawn_points(one) for one in drawn], rounds),
        "forward passes": 3 * seconds(lambda: [of.value(at) for of, at in pairs], rounds),
        "backward passes": seconds(
            lambda: [of.pull(at, dy) for (of, at), dy in zip(pairs, cotangents, strict=True)], rounds
        ),
        "whole probe": seconds(lambda: [probe(of, one, 1e-12) for of, one in zip(made, drawn, strict=True)], rounds),
    }


def drawn_points(of: Draws) -> None:
    """What a probe draws."""
    of.point(), of.point(), of.cotangents()


def main() -> None:
    """A line for each layer, and the parts for one of them."""
    layers = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    print(f"{'layer':20}{'one core':>12}{'first':>10}{'two cores':>12}   layers a second, {layers} layers")
    for name in NAMES:
        document = read_document(name)
        layer, sizes = document.layer, draw(document.layer, document.where, layers, 0)
        first = seconds(lambda layer=layer, sizes=sizes: fresh(layer, sizes), 1)
        one = seconds(lambda layer=layer, sizes=sizes: engine.sweep(layer, sizes, 0), rounds)
        two = seconds(lambda layer=layer, sizes=sizes: engine.sweep(layer, sizes, 0, jobs=2), rounds)
        print(f"{name:20}{layers / one:12.0f}{layers / first:10.0f}{layers / two:12.0f}")
    document = read_document("conv2d")
    sizes = draw(document.layer, document.where, layers, 0)
    print("\nmicroseconds a layer, conv2d (each part by itself)")
    for part, taken in parts(document.layer, sizes, rounds).items():
        print(f"{part:20}{taken / layers * 1e6:8.1f}")


if __name__ == "__main__":
    main()
