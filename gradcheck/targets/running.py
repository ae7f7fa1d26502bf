"""What every way to run a target shares: finite differences by its forward, seeds, and whether arrays are the same."""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from gradcheck.targets.exchange import Array, Differences, Request


def unit_differences(ask: Differences, output: Callable[[Request], Array]) -> Array:
    """<dY, f(A + e) - f(A)> for every unit e of one operand, where `output` runs f."""
    request, whole = ask.request, ask.request.operands[ask.operand]
    cotangent = np.asarray(request.cotangent, float)
    base = output(request)
    found = np.empty(whole.size)
    for n in range(whole.size):
        moved = whole.copy()
        moved.flat[n] += 1
        there = replace(request, operands={**request.operands, ask.operand: moved}, cotangent=None)
        found[n] = ((output(there) - base) * cotangent).sum()
    return found.reshape(whole.shape)


def seed_everything(entropy: int) -> None:
    """Seed the global generators that any Python code may use."""
    np.random.seed(entropy)
    random.seed(entropy)


@contextmanager
def generators_kept() -> Iterator[None]:
    """The global generators of Python, NumPy and torch are afterwards what they were."""
    python, numpy = random.getstate(), np.random.get_state()
    torch = sys.modules.get("torch")
    own = torch.get_rng_state() if torch else None
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        if torch:
            torch.set_rng_state(own)


def same(one: Array, other: Array | None) -> bool:
    """Whether two arrays have the same shape and entries."""
    return other is not None and one.shape == other.shape and np.array_equal(one, other, equal_nan=True)
