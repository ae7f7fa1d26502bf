"""The process that a target runs in: it loads the target, answers requests, and may die without harm.

Its own standard input and output carry pickled requests and answers; whatever the target prints
goes to standard error, which its parent keeps.
"""

import os
import pickle
import sys
from collections.abc import Callable

from gradcheck.errors import GradcheckError, TargetRaised, TargetStopped
from gradcheck.targets.address import Address
from gradcheck.targets.exchange import Differences
from gradcheck.targets.load import Target, load


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
    target: list[Target] = []
    _answer(outgoing, lambda: target.append(load(Address(place, name))) or target[0].description)
    while target:
        try:
            request = pickle.load(incoming)
        except EOFError:
            return
        _answer(outgoing, lambda request=request: serve(target[0], request))  # type: ignore[misc]


def _answer(outgoing: object, work: Callable[[], object]) -> None:
    """Send what the work gives, or the mistake that it raises."""
    try:
        found = work()
    except (GradcheckError, TargetRaised) as error:
        found = error
    except MemoryError:
        found = TargetStopped("it asked for more memory than it may have")
    sys.stdout.flush()
    pickle.dump(found, outgoing)  # type: ignore[arg-type]
    outgoing.flush()  # type: ignore[attr-defined]


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
