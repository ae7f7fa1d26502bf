"""A layer whose output no line of notation gives exactly: the line that is nearest, a known mistake away."""

from collections.abc import Iterator, Sequence
from itertools import islice

from gradcheck.conventions.search import Attempt, Found, Search
from gradcheck.diagnosis import padding, tensors, windows
from gradcheck.diagnosis.match import Hypothesis, gives, rewritings
from gradcheck.diagnosis.scene import Scene

READ = 30  # how many ways to read the outputs are tried with the mistakes that forward passes mostly have
CLOSELY = 12  # how many of them with all mistakes
MOSTLY: tuple[Hypothesis, ...] = (
    windows.rotation,
    windows.windows_left_out,
    tensors.bias,
    windows.stride,
    windows.dilation,
    padding.padding,
)


def nearest(search: Search) -> Found | None:
    """A reading of the target whose output is exact but for a known mistake in forward; None if there is none."""
    for hypotheses, tried in ((MOSTLY, READ), ((), CLOSELY)):
        for found in islice(_readings(search), tried):
            if _mistaken(found, hypotheses):
                return found
    return None


def _readings(search: Search) -> Iterator[Found]:
    """Every way to read the attempts, one for each combination of layouts."""
    seen = set()
    full = [attempt for attempt in search.attempts if attempt.outcome.y is not None and attempt.outcome.y.size]
    for attempt in full or search.attempts:  # what has no entries is like anything
        key = _key(attempt)
        if key not in seen:
            seen.add(key)
            yield from search.readings(attempt, exactly=False)


def _key(attempt: Attempt) -> tuple[object, ...]:
    return attempt.family, tuple(attempt.layouts.items()), tuple(attempt.weights.items())


def _mistaken(found: Found, hypotheses: Sequence[Hypothesis]) -> bool:
    """Whether some mistake (of these hypotheses, or of all) gives the output that this reading does not give."""
    attempt, convention = found.attempt, found.convention
    assert attempt
    y = attempt.outcome.y
    reference = convention.reference(found.case)
    assert y is not None
    scene = Scene(reference, reference.arrays(attempt.operands), y, "y", y)
    offered = (tried for one in hypotheses for tried in one(scene)) if hypotheses else (t for _, t in rewritings(scene))
    return any(gives(scene, work) for _, _, work in offered)
