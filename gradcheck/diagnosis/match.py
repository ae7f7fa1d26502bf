"""Which mistakes give exactly what a target returned, on every layer, and on two draws at least."""

from collections.abc import Callable, Iterator, Sequence

from gradcheck.diagnosis import groups, orders, overwriting, padding, scaling, tensors, windows
from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene
from gradcheck.findings import Cause
from gradcheck.targets.exchange import Array

Hypothesis = Callable[[Scene], Iterator[Tried]]

# Each hypothesis, and whether it can give the result another shape; the likeliest first.
HYPOTHESES: tuple[tuple[Hypothesis, bool], ...] = (
    (windows.rotation, True),
    (tensors.samples, True),
    (windows.stride, True),
    (windows.dilation, True),
    (padding.padding, True),
    (groups.groups, True),
    (tensors.bias, True),
    (tensors.upstream, False),
    (groups.channels, False),
    (windows.windows_left_out, True),
    (tensors.positions, True),
    (tensors.update, False),
    (orders.orders, True),
    (overwriting.overwritten, False),
)
FEW = 4
FOR_ANY_LINE = (windows.rotation, tensors.upstream, tensors.positions, orders.orders)


def rewritings(scene: Scene) -> Iterator[tuple[Hypothesis, Tried]]:
    """Every hypothesis that could give the shape that the target returned, with all its variants."""
    reshaped = scene.got.shape != scene.right().shape
    own = scene.reference.convention.family.line is not None
    for hypothesis, reshapes in HYPOTHESES:
        if (reshapes or not reshaped) and not (own and hypothesis not in FOR_ANY_LINE):
            for tried in hypothesis(scene):
                yield hypothesis, tried


def causes(scenes: Sequence[Scene]) -> tuple[Cause, ...]:
    """The causes of what is wrong in these runs of one result, the likeliest first, each once.

    A cause must give exactly what the target returned in every run, the right ones included, and
    explain two wrong ones: a coincidence on degenerate sizes is no diagnosis. Code that takes the
    filter to be square is something else where it is not: then a cause of the rest is looked for.
    """
    found = _explaining(scenes)
    square = [scene for scene in scenes if len(set(scene.case.m)) <= 1]
    if found or len(square) == len(scenes):
        return found
    if all(scene.equals(scene.right()) for scene in square):
        wrong = [scene for scene in scenes if not scene.equals(scene.right())]
        return (Cause("square-filters-only"),) if len(wrong) > 1 and len(square) > 1 else ()
    found = _explaining(square)
    return (*found, Cause("square-filters-only")) if found else ()


def suspected(scene: Scene) -> tuple[Cause, ...]:
    """What gives exactly what one run returned. With fewer entries than FEW, anything might."""
    found = [
        *_scaled([scene], [scene]),
        *(Cause(*tried[:2]) for _, tried in rewritings(scene) if gives(scene, tried[2])),
    ]
    return tuple({cause.id: cause for cause in reversed(found)}.values())[::-1]


def _explaining(scenes: Sequence[Scene]) -> tuple[Cause, ...]:
    wrong = [scene for scene in scenes if not scene.equals(scene.right())]
    if len(wrong) < 2:
        return ()
    found = [*_scaled(scenes, wrong), *_rewritten(scenes, wrong)]
    return tuple({cause.id: cause for cause in reversed(found)}.values())[::-1]


def _rewritten(scenes: Sequence[Scene], wrong: Sequence[Scene]) -> Iterator[Cause]:
    first = min(wrong, key=lambda scene: scene.got.size)
    rest = [scene for scene in scenes if scene is not first]
    known: set[Hypothesis] = set()
    for hypothesis, (cause, variant, work) in rewritings(first):
        if hypothesis not in known and gives(first, work) and all(_again(s, hypothesis, cause, variant) for s in rest):
            known.add(hypothesis)
            yield Cause(cause, variant)


def _again(scene: Scene, hypothesis: Callable[[Scene], Iterator[Tried]], cause: str, variant: str) -> bool:
    """Whether the same variant explains another run; one that cannot occur there must leave it right."""
    offered = [work for one, told, work in hypothesis(scene) if (one, told) == (cause, variant)]
    if not offered:
        return scene.equals(scene.right())
    return any(gives(scene, work) for work in offered)


def gives(scene: Scene, work: Callable[[], Array]) -> bool:
    """Whether a rewriting gives what the target returned; one that does not fit these sizes gives nothing."""
    try:
        return scene.equals(work())
    except (ValueError, IndexError):
        return False


def _scaled(scenes: Sequence[Scene], wrong: Sequence[Scene]) -> Iterator[Cause]:
    ratios = {scaling.ratio(scene) for scene in wrong}
    if len(ratios) == 1 and len(wrong) == len([s for s in scenes if s.right().any()]):
        (factor,) = ratios
        if factor is not None:
            yield Cause("wrong-sign" if factor == -1 else "constant-factor", "" if factor == -1 else f"{factor:g}")
    for offered in zip(*map(scaling.divisors, scenes), strict=True):
        if all(_divided(scene, by) for scene, (_, _, by) in zip(scenes, offered, strict=True)):
            yield Cause(*offered[0][:2])


def _divided(scene: Scene, divisor: int) -> bool:
    right = scene.right()
    return scene.equals(right) if divisor == 1 else scene.is_quotient(right, divisor)
