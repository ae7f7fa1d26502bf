"""Hypothesis strategies for layers: sizes, operands, and whole layers with what is right. Needs gradcheck[hypothesis].

A failing example shrinks to the smallest sizes on which the test fails, with as many zeros as can be.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradcheck.claims.small_sizes import smallest
from gradcheck.notation.arithmetic import evaluate
from gradcheck.numeric.program import Array, count
from gradcheck.numeric.trial import completed
from gradcheck.random_layers import RandomLayer, has_output, hypotheses

Shapes = Mapping[str, str] | None
ENTRIES = 3  # the largest, so that a failing example can be read


@st.composite
def layers(draw: st.DrawFn, like: str, *, shapes: Shapes = None, where: Sequence[str] = ()) -> RandomLayer:
    """A layer of small sizes on small integers, with its output and gradients.

    `like` is a name in the catalogue, or a line of notation with the operands' sizes in `shapes`; `where`
    are hypotheses on the sizes.
    """
    layer, _ = hypotheses(like, shapes or {}, where)
    at = draw(sizes(like, shapes=shapes, where=where))
    entries = draw(operands(like, at, shapes=shapes))
    extents = count(layer, at)
    cotangent = draw(_integers([extents[str(e)] for e in layer.output.at]))
    return RandomLayer(layer, completed(layer, at, entries, cotangent), 0)


def sizes(like: str, *, shapes: Shapes = None, where: Sequence[str] = ()) -> st.SearchStrategy[dict[str, int]]:
    """Small sizes that satisfy a layer's hypotheses, by their symbols; the smallest first."""
    layer, given = hypotheses(like, shapes or {}, where)
    found = [at for at in smallest(layer, given) if has_output(layer, at)]
    return st.sampled_from(found).map(dict)


def operands(like: str, at: Mapping[str, int], *, shapes: Shapes = None) -> st.SearchStrategy[dict[str, Array]]:
    """Arrays of small integers for each operand of a layer of these sizes, by their names."""
    layer, _ = hypotheses(like, shapes or {}, ())
    own = zip(layer.operands, layer.shapes, strict=True)
    return st.fixed_dictionaries({name: _integers([int(evaluate(e, at)) for e in shape]) for name, shape in own})


def _integers(shape: Sequence[int]) -> st.SearchStrategy[Array]:
    """Small integers in float64, in which sums of products of them are exact."""
    return arrays(np.float64, tuple(shape), elements=st.integers(-ENTRIES, ENTRIES).map(float))
