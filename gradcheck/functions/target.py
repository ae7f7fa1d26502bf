"""Whatever a target is: examined as a layer or, where no line of notation describes it, as a function of its input."""

from collections.abc import Callable, Mapping

from gradcheck.comparison import Comparison
from gradcheck.conventions.alike import Like
from gradcheck.errors import TargetError
from gradcheck.examination.examine import examine
from gradcheck.findings import Examination
from gradcheck.functions.layer import check_layer, lineless, of_input
from gradcheck.targets.recognise import Target


def find_out(
    target: Target,
    name: str,
    *,
    seed: int,
    layouts: Mapping[str, str],
    given: Mapping[str, object],
    flips: tuple[bool, ...] = (False, True),
    said: Like | None = None,
    words: tuple[str, ...] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Examination | Comparison:
    """All that can be found out about a target; parameters and exceptions are those of `examine`."""
    is_layer = layouts or len(flips) == 1 or said
    layer = None if is_layer else of_input(target, given, seed)
    if layer and lineless(layer, seed):
        return check_layer(layer, name, seed, words)
    try:
        return examine(
            target,
            name,
            seed=seed,
            layouts=layouts,
            given=given,
            flips=flips,
            said=said,
            words=words,
            progress=progress,
        )
    except TargetError:
        if layer is None:
            raise
        return check_layer(layer, name, seed, words)
