"""Whatever a target is: examined as a layer or, where no line of notation describes it, as a function of its input."""

from collections.abc import Callable

from gradcheck.comparison import Comparison
from gradcheck.conventions.said import Said
from gradcheck.errors import TargetError
from gradcheck.examination.examine import examine
from gradcheck.findings import Examination
from gradcheck.functions.layer import check_layer, lineless, of_input
from gradcheck.targets.recognise import Target


def find_out(
    target: Target,
    name: str,
    said: Said,
    *,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Examination | Comparison:
    """All that can be found out about a target; parameters and exceptions are those of `examine`."""
    layer = None if said.of_a_layer else of_input(target, said.options, seed)
    if layer and lineless(layer, seed):
        return check_layer(layer, name, seed, said.words)
    try:
        return examine(target, name, said, seed=seed, progress=progress)
    except TargetError:
        if layer is None:
            raise
        return check_layer(layer, name, seed, said.words)
