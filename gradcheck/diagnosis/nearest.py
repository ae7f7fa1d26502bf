"""A layer whose output no line of notation gives exactly: the line that is nearest, a known mistake away."""

from collections.abc import Iterator
from itertools import islice

from gradcheck.conventions.search import Attempt, Found, Search
from gradcheck.diagnosis.match import gives, rewritings
from gradcheck.diagnosis.scene import Scene
from gradcheck.findings import Cause

READ = 200  # how many ways to read one output are tried


def nearest(search: Search) -> tuple[Found, Cause] | None:
    """A reading of the target and the mistake in its forward that gives exactly its output; None if there is none."""
    for attempt in _likely(search.attempts):
        for found in islice(search.readings(attempt, exactly=False), READ):
            cause = _mistaken(found)
            if cause:
                return found, cause
    return None


def _likely(attempts: list[Attempt]) -> Iterator[Attempt]:
    """The first attempt with each combination of layouts."""
    seen = set()
    for attempt in attempts:
        key = attempt.family, tuple(attempt.layouts.items()), tuple(attempt.weights.items())
        if key not in seen:
            seen.add(key)
            yield attempt


def _mistaken(found: Found) -> Cause | None:
    attempt, convention = found.attempt, found.convention
    assert attempt
    y = attempt.outcome.y
    reference = convention.reference(found.case)
    arrays = reference.arrays(attempt.operands)
    assert y is not None
    scene = Scene(reference, arrays, y, "y", y)
    return next((Cause(cause, variant) for _, (cause, variant, work) in rewritings(scene) if gives(scene, work)), None)
