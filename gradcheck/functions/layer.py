"""A layer that no line of notation describes, an activation or a pooling, as a function of its input."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck.comparison import Comparison
from gradcheck.errors import CouldNotRun, TargetError
from gradcheck.findings import Notice
from gradcheck.functions.check import compare
from gradcheck.functions.exactly import almost_linear, exact, linear
from gradcheck.functions.library import Bound
from gradcheck.functions.nearly import precision
from gradcheck.numeric.function import Arrays, Differentiable
from gradcheck.targets.exchange import Outcome, Request
from gradcheck.targets.recognise import Target

SHAPES = ((2, 3, 4, 6), (4, 6), (6,))  # inputs that are tried


@dataclass(frozen=True, slots=True)
class OfInput:
    """A target's output as a function of x, and the gradient that its backward pass returns."""

    target: Target
    options: Mapping[str, object]
    seed: int
    dtype: str = "float64"

    def value(self, inputs: Arrays) -> Arrays:
        """The output."""
        return (_array(self._run(inputs).y, "forward"),)

    def pull(self, inputs: Arrays, cotangents: Arrays) -> tuple[Arrays, Arrays]:
        """The output, and the first array that backward returned."""
        outcome = self._run(inputs, cotangents[0])
        returned = next((array for _, array in outcome.returned if array is not None), None)
        return (_array(outcome.y, "forward"),), (_array(returned, "backward"),)

    def derived(self, outputs: int) -> Differentiable:
        """A layer's own backward pass has no gradient."""
        raise TargetError("the second order of a layer with a backward pass of its own cannot be had")

    def push(self, inputs: Arrays, tangents: Arrays) -> Arrays:
        """Nor is there a forward mode."""
        raise TargetError("the forward mode of a layer with a backward pass of its own cannot be had")

    def _run(self, inputs: Arrays, cotangent: np.ndarray | None = None) -> Outcome:
        return self.target.run(Request(self.options, {"x": inputs[0]}, cotangent=cotangent, entropy=self.seed))


def _array(found: np.ndarray | None, stage: str) -> np.ndarray:
    if found is None:
        raise TargetError(f"{stage} returned no array")
    return np.asarray(found, float)


def of_input(target: Target, options: Mapping[str, object], seed: int) -> Bound | None:
    """A layer as a function of its input, at the first that its forward pass takes; None if it takes others besides."""
    if target.description.binds or target.description.takes != ("x",):
        return None
    random = np.random.default_rng(seed)
    for shape in SHAPES:
        x = random.normal(size=shape)
        try:
            outcome = target.run(Request(options, {"x": x}, entropy=seed))
        except CouldNotRun:
            continue
        own = [np.shape(one) for one in (x, outcome.y) if one is not None]
        kept = [path for path, one in outcome.state if one is not None and one.ndim and one.shape not in own]
        text = f"not checked: what the layer keeps besides, {', '.join(kept)}"
        notices = (Notice("not-checked", text, refutes=False),) if kept else ()
        return Bound(OfInput(target, options, seed), (x,), ("x",), target.description.kind, notices)
    return None


def lineless(layer: Bound, seed: int) -> bool:
    """Whether no line can describe it: it keeps no weights, or it is not linear."""
    if not layer.notices:
        return True
    of = exact(layer.function, layer.names, layer.point, None, seed)
    return of is None or not (linear(of) or almost_linear(of, precision(layer.function.dtype)))


def check_layer(layer: Bound, name: str, seed: int, words: tuple[str, ...]) -> Comparison:
    """Whether the gradient with respect to its input is right; `words` are those of the command line."""
    return compare(layer, name, seed=seed, rerun=shlex.join(["gradcheck", "verify", name, "--seed", str(seed), *words]))
