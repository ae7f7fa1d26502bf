"""Layers of random sizes on small integers, to run one's own code on: what is right is known, and right exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck.assertions import WrongGradient
from gradcheck.claims.claim import Hypothesis, untestable
from gradcheck.claims.parsing import parse_given
from gradcheck.claims.reader import read_document
from gradcheck.comparison import Comparison, Evidence, Gradient
from gradcheck.conventions.bound import own_case, own_convention
from gradcheck.diagnosis.match import suspected
from gradcheck.diagnosis.scene import Scene
from gradcheck.errors import GradcheckError
from gradcheck.functions.fault import compared
from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.layers.layer import Layer
from gradcheck.numeric.draw import draw
from gradcheck.numeric.program import Array, count
from gradcheck.numeric.trial import Trial, trial
from gradcheck.report.assertion import explained
from gradcheck.report.comparison import told
from gradcheck.report.subjects import of_comparison
from gradcheck.report.wording import sizes_told
from gradcheck.running_test import rerun_here, seed_here

LAYERS = 20
MORE = 4  # times as many sizes are drawn as are asked for: some leave no output


@dataclass(frozen=True, slots=True)
class RandomLayer:
    """A layer with its sizes and arrays, by their names in its line of notation: X, F, Y, dY, dX, dF for conv2d.

    The arrays are attributes, float64 with small integers in them, and in the order of axes of the line.
    """

    layer: Layer
    trial: Trial
    seed: int

    @property
    def sizes(self) -> Mapping[str, int]:
        """The sizes by their symbols."""
        return self.trial.sizes

    def __getattr__(self, name: str) -> Array:
        if name in self.trial.arrays:
            return self.trial.arrays[name]
        raise AttributeError(f"{self.layer.text} has no {name}; it has {', '.join(self.trial.arrays)}")

    def __repr__(self) -> str:
        return f"<{self.layer.text} at {sizes_told(tuple(self.sizes.items()))}>"

    def assert_gradients(self, **got: Any) -> None:
        """That arrays are what they must be: the output Y, or gradients such as dX. Compared with ==.

        Raises WrongGradient, with the diagnosis; AttributeError for a name that the layer does not have.
        """
        __tracebackhide__ = True
        if not got:
            raise GradcheckError("nothing to compare: pass the gradients by their names, such as dX=dx")
        gradients = tuple(self._compared(name, _array(array)) for name, array in got.items())
        evidence = Evidence("full", passes=self.trial.differences)
        found = Comparison(repr(self), "numpy", "float64", self.seed, evidence, gradients, rerun="", words=told)
        if found.verdict == "refuted":
            raise WrongGradient(found, explained(of_comparison(found, "", 0), rerun_here()))

    def _compared(self, name: str, got: Array) -> Gradient:
        right: Array = getattr(self, name)
        one = compared(name, got, right, np.zeros_like(right))
        if one.fault is None:
            return one
        causes = suspected(self._scene(name, got)) or one.fault.causes
        fault = replace(one.fault, sizes=sizes_told(tuple(self.sizes.items())), causes=causes)
        return replace(one, fault=replace(fault, structure=() if causes else fault.structure))

    def _scene(self, name: str, got: Array) -> Scene:
        convention = own_convention(self.layer)
        tensors = convention.family.tensors
        role = next(role for role, tensor in tensors.items() if name in (tensor, f"d{tensor}"))
        arrays = {role: self.trial.arrays[tensor] for role, tensor in tensors.items() if role != "y"}
        reference = convention.reference(own_case(self.sizes))
        return Scene(reference, arrays, self.trial.arrays[self.layer.cotangent], role, got)


def random_layers(
    like: str,
    layers: int = LAYERS,
    *,
    seed: int | None = None,
    shapes: Mapping[str, str] | None = None,
    where: Sequence[str] = (),
) -> list[RandomLayer]:
    """So many layers of random sizes: the corners first (each size at its least, even and odd, all different).

    `like` is a name in the catalogue, or a line of notation with the operands' sizes in `shapes`; `where` are
    hypotheses on the sizes. In a test the seed follows from the test's id, unless it is given. Raises
    NotationError or LayerError for what is no layer, Untestable where no small sizes satisfy the hypotheses.

    >>> [layer.X.shape for layer in random_layers("conv1d", 2, seed=0)]
    [(1, 1), (1, 6)]
    """
    options: dict[str, Any] = {"seed": seed, "shapes": shapes, "where": where}
    return [random_layer(like, number, layers, **options) for number in range(layers)]


def random_layer(
    like: str,
    number: int,
    layers: int = LAYERS,
    *,
    seed: int | None = None,
    shapes: Mapping[str, str] | None = None,
    where: Sequence[str] = (),
) -> RandomLayer:
    """One of them, by its number from 0; raises what `random_layers` does."""
    start = seed_here(seed)
    layer, given = hypotheses(like, shapes or {}, where)
    rows = [row for row in draw(layer, given, MORE * layers, start) if has_output(layer, row)][:layers]
    if not rows:
        raise untestable(given)
    return RandomLayer(layer, trial(layer, number + 1, rows[number % len(rows)], start), start)


def hypotheses(like: str, shapes: Mapping[str, str], where: Sequence[str]) -> tuple[Layer, tuple[Hypothesis, ...]]:
    """A layer with what must be so of its sizes: for a name in the catalogue, what its claims file says."""
    layer, given = parse_given(like, shapes, where)
    known = read_document(like).where if like in CATALOGUE and not shapes else ()
    return layer, (*known, *given)


def has_output(layer: Layer, sizes: Mapping[str, int]) -> bool:
    """Whether the output of a layer of these sizes has an entry."""
    extents = count(layer, sizes)
    return all(extents[str(e)] > 0 for e in layer.output.at)


def _array(found: Any) -> Array:
    """An array of any library as one of NumPy."""
    for step in ("detach", "cpu"):
        found = getattr(found, step, lambda found=found: found)()
    return np.asarray(found, dtype=np.float64)
