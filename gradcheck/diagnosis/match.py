"""Which mistakes give exactly what a target returned, on every layer, and on two draws at least."""

from collections.abc import Callable, Iterator, Sequence

from gradcheck.diagnosis import groups, orders, overwriting, padding, scaling, tensors, windows
from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene
from gradcheck.findings import Cause
from gradcheck.targets.exchange import Array

HYPOTHESES: tuple[Callable[[Scene], Iterator[Tried]], ...] = (
    windows.rotation,
    tensors.samples,
    windows.stride,
    windows.dilation,
    padding.padding,
    groups.groups,
    tensors.bias,
    tensors.upstream,
    groups.channels,
    windows.windows_left_out,
    tensors.positions,
    tensors.update,
    orders.orders,
    overwriting.overwritten,
)


def causes(scenes: Sequence[Scene]) -> tuple[Cause, ...]:
    """The causes of what is wrong in these runs of one result, the likeliest first, each once.

    A cause must give exactly what the target returned in every run, the right ones included, and
    explain two wrong ones: a coincidence on degenerate sizes is no diagnosis.
    """
    wrong = [scene for scene in scenes if not scene.equals(scene.right())]
    if len(wrong) < 2:
        return ()
    found = [*_scaled(scenes, wrong), *_rewritten(scenes, wrong)]
    return tuple({cause.id: cause for cause in reversed(found)}.values())[::-1]


def _rewritten(scenes: Sequence[Scene], wrong: Sequence[Scene]) -> Iterator[Cause]:
    first = min(wrong, key=lambda scene: scene.got.size)
    rest = [scene for scene in scenes if scene is not first]
    for hypothesis in HYPOTHESES:
        for cause, variant, work in hypothesis(first):
            if gives(first, work) and all(_again(scene, hypothesis, cause, variant) for scene in rest):
                yield Cause(cause, variant)
                break


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
    for n, (cause, told, _) in enumerate(scaling.divisors(wrong[0])):
        if all(_divided(scene, list(scaling.divisors(scene))[n][2]) for scene in scenes):
            yield Cause(cause, told)


def _divided(scene: Scene, divisor: int) -> bool:
    right = scene.right()
    return scene.equals(right) if divisor == 1 else scene.is_quotient(right, divisor)
