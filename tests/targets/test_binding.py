"""A binding names its layer, and its operands are that layer's in their order."""

from typing import Any, ClassVar

import numpy as np
import pytest

from gradcheck.errors import NotationError, TargetError
from gradcheck.targets.binding import Binding, bound_layer
from gradcheck.targets.exchange import Request
from gradcheck.targets.recognise import recognise


class Dense(Binding):
    """A dense layer, filters first as the catalogue has it."""

    layer = "dense"

    def forward(self, weights: Any, image: Any) -> Any:
        """W times X, as often as it is told to."""
        self.kept = weights, image
        return self.sizes.get("s", 1) * weights @ image

    def backward(self, upstream: Any) -> Any:
        """The gradients in the same order."""
        weights, image = self.kept
        return np.outer(upstream, image), weights.T @ upstream


class Biased(Dense):
    """The same with a bias."""

    def forward(self, weights: Any, image: Any, offset: Any) -> Any:
        """The bias last."""
        return super().forward(weights, image) + offset


W, X, B = np.array([[1.0, 2.0]]), np.array([3.0, 4.0]), np.array([5.0])


def test_the_operands_have_roles_in_the_order_of_the_line() -> None:
    """Whatever they are called, the first is x, the second w; a parameter more is the bias."""
    assert bound_layer(Dense).forward_roles == {"weights": "x", "image": "w"}
    assert bound_layer(Biased).forward_roles == {"weights": "x", "image": "w", "offset": "b"}
    assert bound_layer(Biased).backward_roles == {"upstream": "dy"}


def test_a_binding_is_run_on_the_arrays_of_its_layer() -> None:
    """Forward gets the operands by their order, and backward the cotangent."""
    outcome = bound_layer(Biased).run(Request({}, {"x": W, "w": X, "b": B}, cotangent=np.array([10.0])))
    assert outcome.y is not None
    assert outcome.y.tolist() == [16]
    assert [array.tolist() for _, array in outcome.returned if array is not None] == [[[30, 40]], [10, 20]]


def test_the_sizes_that_are_drawn_are_told() -> None:
    """What the request has for sizes stands in self.sizes; without any there are none."""
    told = bound_layer(Dense).run(Request({"sizes": {"s": 3}}, {"x": W, "w": X}))
    assert told.y is not None
    assert told.y.tolist() == [33]


def test_a_binding_is_described_by_what_it_binds() -> None:
    """The layer, the shapes and the hypotheses are there as they were written."""

    class Line(Binding):
        layer: ClassVar[str] = "Y[i] += X[i+u] * F[u]"
        shapes: ClassVar[dict[str, str]] = {"X": "n", "F": "m"}
        where: ClassVar[tuple[str, ...]] = ("m <= n",)

        def forward(self, x: Any, f: Any) -> Any:
            """Nothing."""

        def backward(self, dy: Any) -> Any:
            """Nothing."""

    described = bound_layer(Line).description
    assert described.binds == ("Y[i] += X[i+u] * F[u]", {"X": "n", "F": "m"}, ("m <= n",))
    assert (described.kind, described.file, described.takes) == ("binding", __file__, ("x", "w"))
    assert described.returns == ("x", "w")


def test_a_binding_is_recognised_before_anything_else() -> None:
    """It has forward and backward as any class, and is a binding all the same."""
    assert recognise(Dense).description.kind == "binding"


@pytest.mark.parametrize(
    ("layer", "forward", "message"),
    [
        ("", lambda self, x, w: x, 'names no layer: add layer = "conv2d"'),
        ("conv2d", lambda self, x: x, "takes 1 arrays (x), but conv2d has 2 (X, F), and a bias may follow"),
        ("conv2d", lambda self, x, w, b, c: x, "takes 4 arrays (x, w, b, c), but conv2d has 2"),
        ("bias", lambda self, x, w, b: x, "takes 3 arrays"),
    ],
)
def test_a_binding_that_does_not_fit_its_layer_is_refused(layer: str, forward: object, message: str) -> None:
    """No layer, and too few or too many operands, are mistakes that say what the layer has."""
    with pytest.raises(TargetError) as caught:
        bound_layer(type("Bad", (Binding,), {"layer": layer, "forward": forward}))
    assert str(caught.value).startswith("Bad")
    assert message in str(caught.value)


@pytest.mark.parametrize("layer", ["conv9d", "Y[i] += X[i"])
def test_a_layer_that_is_none_is_refused(layer: str) -> None:
    """What a binding names is read as notation, and its mistakes are those of notation."""
    with pytest.raises(NotationError):
        bound_layer(type("Bad", (Binding,), {"layer": layer, "forward": lambda self, x, w: x}))


def test_passes_that_are_not_written_are_told() -> None:
    """A binding without passes of its own does not fit its layer, or raises as soon as it is run."""
    with pytest.raises(TargetError, match="takes 0 arrays"):
        bound_layer(type("Bare", (Binding,), {"layer": "dense"}))
