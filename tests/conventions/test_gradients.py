"""Where a target leaves its gradients is found by names, positions and shapes, and read from there alone."""

import numpy as np
import pytest

from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Family
from gradcheck.conventions.gradients import Source, sources
from gradcheck.conventions.options import Options
from gradcheck.targets.exchange import Description, Outcome

SHAPES = {"x": (2, 3, 4), "w": (5, 3, 2), "b": (5,)}
X, W, B = (np.full(shape, n, float) for n, shape in enumerate(SHAPES.values(), start=1))
LAYOUTS = {"x": "z (h i) x", "w": "(h j) i v", "y": "z (h j) x", "b": "(h j)"}
KEPT = {"w": "weight", "b": "bias"}


def found(outcome, weights=None, returns=(), binds=None, biased=True):
    """Where the gradients are after a run."""
    layouts = LAYOUTS if biased else {role: one for role, one in LAYOUTS.items() if role != "b"}
    described = Description("class", "Layer", "layer.py", 1, (), ("x",), returns, binds)
    return sources(described, Convention(Family(1), layouts, weights or {}, Options({})), outcome, SHAPES)


def run(returned=(), state=None, after=None):
    """A run that returned these arrays by path, and whose layer had and has these."""
    state = {} if state is None else state
    return Outcome((("", np.zeros(1)),), tuple(state.items()), tuple(returned), tuple((after or state).items()))


def kept(**arrays):
    """A layer's filters and bias, and what else it keeps."""
    return {"weight": W, "bias": B, **arrays}


def test_a_tuple_is_read_by_its_names():
    """The return statement says which is which, in whatever order."""
    outcome = run([("0", B), ("1", X), ("2", W)])
    assert found(outcome, returns=("db", "dx", "dw")) == {
        "x": Source("returned", "1", "dx"),
        "w": Source("returned", "2", "dw"),
        "b": Source("returned", "0", "db"),
    }


def test_a_dict_is_read_by_its_keys():
    """The keys of what is returned are names as well."""
    outcome = run([("grads.W", W), ("grads.b", B), ("dx", X)])
    assert {role: one.path for role, one in found(outcome).items()} == {"x": "dx", "w": "grads.W", "b": "grads.b"}


def test_a_tuple_without_names_is_in_the_usual_order():
    """Input, filters, bias, where nothing says otherwise."""
    outcome = run([("0", X), ("1", W), ("2", B)])
    assert {role: one.path for role, one in found(outcome).items()} == {"x": "0", "w": "1", "b": "2"}


def test_of_two_that_are_called_alike_the_one_of_the_right_shape_is_taken():
    """A name stands for the array that can be the gradient."""
    outcome = run([("0", np.zeros(7)), ("1", W), ("2", X)])
    assert found(outcome, returns=("dw", "dw", "dx"))["w"] == Source("returned", "1", "dw")


def test_a_gradient_of_the_wrong_shape_is_still_the_gradient():
    """A mistake in the shape does not hide what is called the gradient."""
    outcome = run([("0", X.T), ("1", W.T)])
    assert found(outcome, returns=("dx", "dw"), biased=False) == {
        "x": Source("returned", "0", "dx"),
        "w": Source("returned", "1", "dw"),
    }


@pytest.mark.parametrize("names", [("dW", "db"), ("grad_weight", "grad_bias"), ('grads["w"]', 'grads["b"]')])
def test_gradients_are_found_in_attributes(names):
    """What is returned alone is dX, the others stand under names of gradients."""
    outcome = run([("", X)], kept(), kept(**dict(zip(names, (W, B), strict=True))))
    assert found(outcome, KEPT) == {
        "x": Source("returned", ""),
        "w": Source("kept", names[0]),
        "b": Source("kept", names[1]),
    }


def test_of_two_attributes_the_one_that_backward_changed_is_taken():
    """What was there before and is as it was is no gradient of this run."""
    outcome = run([("", X)], kept(dw=W), kept(dw=W, grad_w=W + 1))
    assert found(outcome, KEPT, biased=False)["w"] == Source("kept", "grad_w")


def test_an_array_without_a_name_is_found_by_its_shape():
    """Of what backward made, the one array that has the operand's shape is its gradient."""
    outcome = run([("", X)], kept(held=X), kept(held=X, first=W, second=B))
    assert found(outcome, KEPT) == {
        "x": Source("returned", ""),
        "w": Source("kept", "first"),
        "b": Source("kept", "second"),
    }


def test_two_arrays_of_the_same_shape_are_not_guessed_between():
    """Where two arrays fit and none has a name, neither is taken."""
    outcome = run([("", X)], kept(), kept(first=W, second=2 * W))
    assert "w" not in found(outcome, KEPT)


def test_an_array_that_was_there_before_is_not_guessed():
    """What backward left as it was is not found by its shape."""
    outcome = run([("", X)], kept(first=W), kept(first=W))
    assert "w" not in found(outcome, KEPT)


def test_an_update_of_the_weights_is_a_gradient():
    """Where the weights have moved and nothing else is there, the step is the gradient."""
    outcome = run([("", X)], kept(), kept(weight=W - 3 * np.ones_like(W), bias=B))
    source = found(outcome, KEPT)["w"]
    assert source == Source("update", "weight")
    assert np.array_equal(source.array(outcome, 1.0), np.full(W.shape, 3.0))
    assert np.array_equal(source.array(outcome, 0.5), np.full(W.shape, 6.0))
    assert "b" not in found(outcome, KEPT)


def test_a_gradient_goes_before_an_update():
    """Where both are there, the gradient itself is read."""
    outcome = run([("", X)], kept(), kept(weight=W - 1, dweight=W))
    assert found(outcome, KEPT)["w"] == Source("kept", "dweight")


def test_what_returns_nothing_has_no_gradient_of_the_input():
    """None that is returned is no array, and stands for no operand."""
    assert found(run([("", None)], kept(), kept()), KEPT) == {}


def test_a_binding_says_which_gradients_it_has():
    """None in a binding's result is an operand without a gradient, and no other array is taken for it."""
    outcome = run([("0", X), ("1", None), ("2", B)])
    names = ("x", "w", "b")
    assert found(outcome, returns=names, binds=("conv1d", {}, ())) == {
        "x": Source("returned", "0", "x"),
        "b": Source("returned", "2", "b"),
    }


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source("returned", "1", "dw"), "returned as dw"),
        (Source("returned", ""), "returned"),
        (Source("kept", 'grads["w"]'), 'left in grads["w"]'),
        (Source("update", "weight"), "read off the update of weight"),
    ],
)
def test_a_source_is_told_in_words(source, words):
    """Returned, left in an attribute, or read off an update."""
    assert source.told() == words


def test_an_array_is_read_from_its_source_alone():
    """What is returned, what is kept after backward, and None where nothing stands."""
    outcome = run([("0", X)], kept(dw=np.zeros(1)), kept(dw=W))
    assert Source("returned", "0").array(outcome, 1.0) is X
    assert Source("kept", "dw").array(outcome, 1.0) is W
    for kind in ("returned", "kept", "update"):
        assert Source(kind, "nowhere").array(outcome, 1.0) is None


def test_an_update_of_what_was_not_there_is_none():
    """Weights that only backward makes have no update."""
    assert Source("update", "late").array(run(state=kept(), after=kept(late=W)), 1.0) is None
