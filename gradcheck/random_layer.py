"""Layers of random sizes on small integers, to run one's own code on: what is right is known, and right exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np

from gradcheck.assertions import WrongGradient
from gradcheck.claims.claim import Hypothesis, untestable
from gradcheck.claims.parsing import parse_given, parse_hypothesis
from gradcheck.claims.reader import read_document
from gradcheck.comparison import Comparison, Evidence, Gradient
from gradcheck.conventions.bound import named_case, named_convention, own_case, own_convention
from gradcheck.diagnosis.match import FEW, suspected
from gradcheck.diagnosis.scene import Scene
from gradcheck.errors import GradcheckError
from gradcheck.findings import Cause, Fault
from gradcheck.functions.fault import compared
from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.layers.layer import Layer, gradient_name
from gradcheck.numeric.draw import draw
from gradcheck.numeric.program import Array, count
from gradcheck.numeric.trial import Trial, trial
from gradcheck.report.comparison import told
from gradcheck.report.wording import sizes_told
from gradcheck.running_test import rerun_here, seed_here

LAYERS = 20
MORE = 4  # times as many sizes are drawn as are used, so that a few layers are of many kinds


@dataclass(frozen=True, slots=True)
class RandomLayer:
    """A layer with its sizes and arrays, by their names in its line of notation: X, F, Y, dY, dX, dF for conv2d.

    The arrays are attributes, float64 with small integers in them, and in the order of axes of the line.
    """

    like: str
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

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How hypothesis and IPython show it."""
        printer.text(repr(self))

    def assert_gradients(self, **got: Any) -> None:
        """That arrays are what they must be: the output Y, or gradients such as dX. Compared with ==.

        Raises WrongGradient, with the diagnosis; AttributeError for a name that the layer does not have.
        """
        __tracebackhide__ = True
        if not got:
            raise GradcheckError("nothing to compare: pass the gradients by their names, such as dX=dx")
        try:
            same = [self._equals(name, array) for name, array in got.items()]  # all: one may be unknown
        except (AttributeError, GradcheckError) as error:
            raise error.with_traceback(None) from None
        if not all(same):
            raise WrongGradient(partial(self._found, got), rerun_here())

    def _equals(self, name: str, given: Any) -> bool:
        right = self.__getattr__(name)
        return given is not None and np.array_equal(_array(name, given), right)

    def _found(self, got: Mapping[str, Any]) -> Comparison:
        gradients = tuple(self._compared(name, array) for name, array in got.items())
        evidence = Evidence("full", passes=self.trial.differences)
        return Comparison(repr(self), "numpy", "float64", self.seed, evidence, gradients, words=told)

    def _compared(self, name: str, given: Any) -> Gradient:
        right, sizes = self.__getattr__(name), sizes_told(tuple(self.sizes.items()))
        if given is None:
            fault = Fault(sizes, None, right.shape, causes=(Cause("none-returned"),))
            return Gradient(name, "wrong", fault=fault)
        got = _array(name, given)
        one = compared(name, got, right, np.zeros_like(right))
        if one.fault is None:
            return one
        scene = self._scene(name, got)
        causes = (suspected(scene) or one.fault.causes) if got.size >= FEW else ()
        structure = () if causes else one.fault.structure
        fault = replace(one.fault, sizes=sizes, causes=causes, structure=structure)
        return replace(one, fault=fault, role="y" if name == self.layer.output.tensor else scene.role)

    def _scene(self, name: str, got: Array) -> Scene:
        """What was returned as hypotheses see it: by the layer's name, if it has one, else by its line."""
        named = named_convention(self.like)
        if named and named.family.transposed:  # its filter runs backwards in forward: by its line, that is told alike
            named = None
        convention = named or own_convention(self.layer)
        case = named_case(self.like, self.sizes) if named else own_case(self.sizes)
        tensors = dict(zip(convention.layouts, (*self.layer.operands, self.layer.output.tensor), strict=True))
        role = next(role for role, tensor in tensors.items() if name in (tensor, gradient_name(tensor)))
        arrays = {role: self.trial.arrays[tensor] for role, tensor in tensors.items()}
        reference = convention.reference(case)
        arrays = reference.arrays(arrays | {"y": self.trial.arrays[self.layer.cotangent]})
        return Scene(reference, {role: arrays[role] for role in arrays if role != "y"}, arrays["y"], role, got)


def random_layers(
    like: str,
    layers: int = LAYERS,
    *,
    seed: int | None = None,
    shapes: Mapping[str, str] | None = None,
    where: Sequence[str] = (),
) -> list[RandomLayer]:
    """So many layers of random sizes, spread over the corners (sizes at their least, even and odd, all different).

    `like` is a name in the catalogue, or a line of notation with the operands' sizes in `shapes`; `where` are
    hypotheses on the sizes. In a test the seed follows from the test's id, unless it is given. Raises
    NotationError or LayerError for what is no layer, Untestable where no small sizes satisfy the hypotheses.

    >>> [layer.X.shape for layer in random_layers("conv1d", 2, seed=0)]
    [(1, 1), (2, 4)]
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
    layer, given = with_hypotheses(like, tuple((shapes or {}).items()), tuple(where))
    rows = _drawn(layer, given, layers, start)
    if not rows:
        raise untestable(given)
    return RandomLayer(like, layer, trial(layer, number + 1, dict(rows[number % len(rows)]), start), start)


@lru_cache(maxsize=8)
def _drawn(layer: Layer, given: tuple[Hypothesis, ...], layers: int, seed: int) -> list[dict[str, int]]:
    return [row for row in draw(layer, given, MORE * layers, seed) if has_output(layer, row)][::MORE]


@lru_cache(maxsize=64)
def with_hypotheses(
    like: str, shapes: tuple[tuple[str, str], ...], where: tuple[str, ...]
) -> tuple[Layer, tuple[Hypothesis, ...]]:
    """A layer with what must be so of its sizes: for a name in the catalogue, what its claims file says besides."""
    if like not in CATALOGUE or shapes:
        return parse_given(like, dict(shapes), where)
    known = read_document(like)
    return known.layer, (*known.where, *(h for text in where for h in parse_hypothesis(text, known.layer)))


def has_output(layer: Layer, sizes: Mapping[str, int]) -> bool:
    """Whether the output of a layer of these sizes has an entry."""
    extents = count(layer, sizes)
    return all(extents[str(e)] > 0 for e in layer.output.at)


def _array(name: str, found: Any) -> Array:
    """An array of any library as one of NumPy."""
    if hasattr(found, "detach"):  # a tensor of torch
        found = found.detach().cpu()
        found = found if found.is_complex() else found.double()
    array = np.asarray(found)
    try:
        with np.errstate(all="ignore"):
            return array.astype(np.float64, casting="unsafe" if array.dtype.kind == "O" else "same_kind")
    except (TypeError, ValueError):
        raise GradcheckError(f"{name} is an array of {array.dtype}: expected real numbers") from None
