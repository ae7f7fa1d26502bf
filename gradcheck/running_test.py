"""The test that is running, if one is: where its randomness starts, and the command that runs it again."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

from gradcheck.errors import GradcheckError


@dataclass(frozen=True, slots=True)
class RunningTest:
    """A test's seed and the command that runs it again; `record` keeps a property of it for the test report."""

    seed: int
    rerun: str
    record: Callable[[str, object], None]


Source = Callable[[], RunningTest]
_sources: list[Source] = []  # the last one is the innermost: a fixture that a test has asked for


def enter(source: Source) -> None:
    """From now on this is what is running; it is asked only if somebody wants to know."""
    _sources.append(source)


def leave() -> None:
    """What was running before is running again."""
    _sources.pop()


def rerun_here() -> str:
    """The command that runs the running test again; nothing outside of pytest."""
    return _sources[-1]().rerun if _sources else ""


def seed_here(seed: int | None) -> int:
    """The seed that is given; else that of the running test, which is recorded with it; 0 outside of pytest.

    Raises GradcheckError for what is no seed.
    """
    if seed is not None and (not isinstance(seed, int) or seed < 0):
        raise GradcheckError(f"seed is {seed!r}: expected an integer from 0")
    if seed is not None or not _sources:
        return seed or 0
    test = _sources[-1]()
    test.record("gradcheck_seed", test.seed)
    return test.seed


def seed_of(name: str, seed: int) -> int:
    """A seed from a test's id and the seed of the whole run: whatever the order, and whichever process runs it.

    >>> seed_of("tests/test_conv.py::test_dx", 0) == seed_of("tests/test_conv.py::test_dx", 0)
    True
    """
    return zlib.crc32(f"{seed}:{name}".encode())
