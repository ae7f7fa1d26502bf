"""The process that a target runs in: it loads the target, answers requests, and may die without harm.

Its own standard input and output carry pickled requests and answers; whatever the target prints
goes to standard error, which its parent keeps.
"""

import os
import pickle
import sys
from collections.abc import Callable
from functools import partial
from typing import IO, TypeVar

from gradcheck.errors import GradcheckError, TargetRaised, TargetStopped
from gradcheck.targets.address import Address
from gradcheck.targets.exchange import Differences
from gradcheck.targets.load import load
from gradcheck.targets.recognise import Target

T = TypeVar("T")


def serve(target: Target, request: object) -> object:
    """The answer to one request."""
    if isinstance(request, Differences):
        return target.differences(request)
    return target.run(request)  # type: ignore[arg-type]


def main(place: str, name: str, memory: str) -> None:
    """Answer requests until there are no more."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    _limit(int(memory))
    target = _answered(outgoing, lambda: load(Address(place, name)), lambda target: target.description)
    while target is not None:
        try:
            request = pickle.load(incoming)
        except EOFError:
            return
        _answered(outgoing, partial(serve, target, request), lambda found: found)


def _answered(outgoing: IO[bytes], work: Callable[[], T], told: Callable[[T], object]) -> T | None:
    """Send what is told of what the work gives, or the mistake that it raises; the work's result, if it has one."""
    found = None
    try:
        found = work()
        answer = told(found)
    except (GradcheckError, TargetRaised) as error:
        answer = error
    except MemoryError:
        answer = TargetStopped("it asked for more memory than it may have (--memory-limit)")
    sys.stdout.flush()
    pickle.dump(answer, outgoing)
    outgoing.flush()
    return found


def _limit(memory: int) -> None:
    """Give this process so many bytes more than it has, where the system can."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(*sys.argv[1:])
