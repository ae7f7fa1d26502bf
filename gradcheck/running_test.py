"""The test that is running, if one is: where its randomness starts, and the command that runs it again."""

import zlib
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunningTest:
    """A test's seed and the command that runs it again; `record` keeps a property of it for the test report."""

    seed: int
    rerun: str
    record: Callable[[str, object], None]


CURRENT: ContextVar[Callable[[], RunningTest] | None] = ContextVar("gradcheck_test", default=None)


def rerun_here() -> str:
    """The command that runs the running test again; nothing outside of pytest."""
    current = CURRENT.get()
    return current().rerun if current else ""


def seed_here(seed: int | None) -> int:
    """The seed that is given; else that of the running test, which is recorded with it; 0 outside of pytest."""
    current = CURRENT.get()
    if seed is not None or current is None:
        return seed or 0
    test = current()
    test.record("gradcheck_seed", test.seed)
    return test.seed


def seed_of(name: str, seed: int) -> int:
    """A seed from a test's id and the seed of the whole run: whatever the order, and whichever process runs it.

    >>> seed_of("tests/test_conv.py::test_dx", 0) == seed_of("tests/test_conv.py::test_dx", 0)
    True
    """
    return zlib.crc32(f"{seed}:{name}".encode())
