"""Hypothesis strategies for layers: sizes, operands, and whole layers with what is right. Needs gradcheck[hypothesis].

A failing example shrinks to the smallest sizes on which the test fails, with as many zeros as can be.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradcheck.claims.claim import Hypothesis
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import evaluate
from gradcheck.numeric.draw import LARGEST, candidates
from gradcheck.numeric.program import Array, count
from gradcheck.numeric.trial import completed
from gradcheck.random_layer import RandomLayer, has_output, with_hypotheses

Shapes = Mapping[str, str] | None
ENTRIES = 3  # the largest, so that a failing example can be read


def layers(like: str, *, shapes: Shapes = None, where: Sequence[str] = ()) -> st.SearchStrategy[RandomLayer]:
    """A layer of small sizes on small integers, with its output and gradients.

    `like` is a name in the catalogue, or a line of notation with the operands' sizes in `shapes`; `where`
    are hypotheses on the sizes.
    """
    layer, _ = with_hypotheses(like, tuple((shapes or {}).items()), tuple(where))
    return _layers(like, layer, sizes(like, shapes=shapes, where=where))


@st.composite
def _layers(draw: st.DrawFn, like: str, layer: Layer, small: st.SearchStrategy[dict[str, int]]) -> RandomLayer:
    at = draw(small)
    entries = draw(_operands(layer, at))
    extents = count(layer, at)
    cotangent = draw(_integers([extents[str(e)] for e in layer.output.at]))
    return RandomLayer(like, layer, completed(layer, at, entries, cotangent), 0)


def sizes(like: str, *, shapes: Shapes = None, where: Sequence[str] = ()) -> st.SearchStrategy[dict[str, int]]:
    """Small sizes that satisfy a layer's hypotheses, by their symbols."""
    layer, given = with_hypotheses(like, tuple((shapes or {}).items()), tuple(where))
    drawn = st.tuples(*[st.integers(0, LARGEST - 1)] * len(layer.names))
    return drawn.map(partial(_picked, layer.names, _candidates(layer, given))).filter(partial(has_output, layer))


def _picked(names: Sequence[str], rows: Sequence[dict[str, int]], ranks: tuple[int, ...]) -> dict[str, int]:
    """One of the rows: each size by its rank among the values that those before it allow, so that each can shrink."""
    for name, rank in zip(names, ranks, strict=True):
        values = sorted({row[name] for row in rows})
        rows = [row for row in rows if row[name] == values[min(rank, len(values) - 1)]]
    return dict(rows[0])


@lru_cache(maxsize=64)
def _candidates(layer: Layer, given: tuple[Hypothesis, ...]) -> list[dict[str, int]]:
    return candidates(layer, given)


def operands(like: str, at: Mapping[str, int], *, shapes: Shapes = None) -> st.SearchStrategy[dict[str, Array]]:
    """Arrays of small integers for each operand of a layer of these sizes, by their names."""
    layer, _ = with_hypotheses(like, tuple((shapes or {}).items()), ())
    return _operands(layer, at)


def _operands(layer: Layer, at: Mapping[str, int]) -> st.SearchStrategy[dict[str, Array]]:
    own = zip(layer.operands, layer.shapes, strict=True)
    return st.fixed_dictionaries({name: _integers([int(evaluate(e, at)) for e in shape]) for name, shape in own})


def _integers(shape: Sequence[int]) -> st.SearchStrategy[Array]:
    """Small integers in float64, in which sums of products of them are exact."""
    elements = st.integers(-ENTRIES, ENTRIES).map(float)
    return arrays(np.float64, tuple(shape), elements=elements, fill=st.nothing())  # equal entries would hide mistakes
