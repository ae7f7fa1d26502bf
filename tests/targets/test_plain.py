"""A layer in plain NumPy is run afresh each time, and what it returns, keeps, changes and shares is noted."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from gradcheck.errors import TargetRaised
from gradcheck.targets import plain
from gradcheck.targets.exchange import Differences, Outcome, Request, plain_arrays
from gradcheck.targets.recognise import recognise

X, W, B, DY = np.array([2.0, 3.0]), np.array([5.0, 7.0]), np.array([1.0]), np.array([1.0, 10.0])


class Scale:
    """y = w*x + b, and its gradients returned and kept."""

    def __init__(self, stride=1):
        self.w, self.b, self.grads, self.stride = np.zeros(2), np.zeros(1), {}, stride

    def forward(self, x):
        self.x = x
        return self.w * x + self.b

    def backward(self, dy):
        self.grads = {"w": dy * self.x}
        return dy * self.w


WEIGHTS = {"w": "w", "b": "b"}
REQUEST = Request({}, {"x": X, "w": W, "b": B}, WEIGHTS, cotangent=DY)


def listed(named: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """Named arrays as lists, to be compared."""
    return {path: None if array is None else array.tolist() for path, array in named}


def changed(**methods: Callable[..., Any]) -> type:
    """The layer with some of its methods replaced."""
    return type("Changed", (Scale,), methods)


def ran(kind: type, **more: Any) -> Outcome:
    """What a layer gives."""
    return recognise(kind).run(replace(REQUEST, **more))


def test_a_run_gives_what_both_passes_return_and_keep() -> None:
    """Output and gradient are there, and the layer's arrays after each pass."""
    outcome = ran(Scale)
    assert listed(outcome.output) == {"": [11, 22]}
    assert listed(outcome.state) == {"w": [5, 7], "b": [1], "x": [2, 3]}
    assert listed(outcome.returned) == {"": [5, 70]}
    assert listed(outcome.after) == {"w": [5, 7], "b": [1], 'grads["w"]': [2, 30], "x": [2, 3]}
    assert (outcome.mutated, outcome.aliases, outcome.second) == ((), (), None)


def test_without_a_cotangent_there_is_no_backward_pass() -> None:
    """Only forward is run, and nothing is returned by a pass that was not run."""

    def backward(self: Scale, dy: Any) -> Any:
        raise AssertionError

    outcome = ran(changed(backward=backward), cotangent=None)
    assert (listed(outcome.output), outcome.returned, outcome.after) == ({"": [11, 22]}, (), ())


def test_every_run_is_on_a_fresh_layer() -> None:
    """What one run left in the layer is not there in the next."""
    target = recognise(Scale)
    target.run(REQUEST)
    assert listed(target.run(Request({}, {"x": X, "w": W}, {"w": "w"})).output) == {"": [10, 21]}


def test_the_arrays_of_a_request_stay_as_they_are() -> None:
    """A layer that overwrites what it is given does not change the request."""

    def forward(self: Scale, x: Any) -> Any:
        x *= 0
        self.w *= 0
        return x

    ran(changed(forward=forward), cotangent=None)
    assert (X.tolist(), W.tolist()) == ([2, 3], [5, 7])


def test_the_output_is_noted_before_backward_overwrites_it() -> None:
    """A layer that reuses the memory of its output in backward has the output that forward returned."""

    def forward(self: Scale, x: Any) -> Any:
        self.y = self.w * x
        return self.y

    def backward(self: Scale, dy: Any) -> Any:
        self.y[:] = -1
        return self.y

    assert listed(ran(changed(forward=forward, backward=backward)).output) == {"": [10, 21]}


def test_the_state_is_noted_before_backward_changes_it() -> None:
    """What backward writes into the weights does not change what was noted after forward."""
    outcome = ran(changed(backward=update_w))
    assert listed(outcome.state)["w"] == [5, 7]
    assert listed(outcome.after)["w"] == [3, -23]


def overwrite_x(self: Scale, x: Any) -> Any:
    x += 1
    self.x = x
    return self.w * x


def overwrite_w(self: Scale, x: Any) -> Any:
    self.w *= 2
    self.x = x
    return self.w * x


def overwrite_dy(self: Scale, dy: Any) -> Any:
    dy *= self.w
    return dy


def overwrite_kept_x(self: Scale, dy: Any) -> Any:
    self.x *= 0
    return dy * self.w


def update_w(self: Scale, dy: Any) -> Any:
    gradient = dy * self.w
    self.w -= dy * self.x
    return gradient


@pytest.mark.parametrize(
    ("methods", "mutated"),
    [
        ({}, ()),
        ({"forward": overwrite_x}, (("x", "forward"),)),
        ({"forward": overwrite_w}, (("w", "forward"),)),
        ({"backward": overwrite_dy}, (("dy", "backward"),)),
        ({"backward": overwrite_kept_x}, (("x", "backward"),)),
        ({"backward": update_w}, ()),
    ],
)
def test_what_is_changed_in_place_is_noted(methods: dict[str, Any], mutated: tuple[tuple[str, str], ...]) -> None:
    """Each array once, with the pass that changed it; an update of the weights in backward is no mistake."""
    assert ran(changed(**methods)).mutated == mutated


@pytest.mark.parametrize(
    ("backward", "aliases"),
    [
        (lambda self, dy: dy * 1, ()),
        (lambda self, dy: dy, (("", "dy"),)),
        (lambda self, dy: (dy * 1, self.x[:1]), (("1", "x"),)),
        (lambda self, dy: dy[:0], ()),
    ],
)
def test_shared_memory_is_noted(backward: Callable[..., Any], aliases: tuple[tuple[str, str], ...]) -> None:
    """A gradient that is a view of what was given is told by its path; an empty one shares nothing."""
    assert ran(changed(backward=backward)).aliases == aliases


def accumulate(self: Scale, dy: Any) -> Any:
    self.total = getattr(self, "total", 0) + dy * self.x
    return dy


def test_the_same_two_calls_again_show_what_adds_up() -> None:
    """On the same layer, with its weights as they were, a gradient that is added to is twice as large."""
    outcome = ran(changed(backward=accumulate), twice=True)
    assert outcome.second
    assert (listed(outcome.after)["total"], listed(outcome.second.after)["total"]) == ([2, 30], [4, 60])
    again = ran(changed(backward=update_w), twice=True)
    assert again.second
    assert listed(again.second.returned) == listed(again.returned)


def test_a_layer_without_memory_gives_the_same_again() -> None:
    """The second time differs in nothing for a layer that is right."""
    outcome = ran(Scale, twice=True)
    assert outcome.second
    assert listed(outcome.second.output) == listed(outcome.output)
    assert listed(outcome.second.after) == listed(outcome.after)


def lazy(self: Scale, x: Any) -> Any:
    if not hasattr(self, "v"):
        self.v = np.random.default_rng().normal(size=x.shape)
    return self.v * x


def test_weights_that_the_first_forward_pass_makes_are_set_before_the_second() -> None:
    """A layer without its weights yet is run once to have them."""
    outcome = ran(changed(forward=lazy), operands={"x": X, "w": W}, weights={"w": "v"}, cotangent=None)
    assert listed(outcome.output) == {"": [10, 21]}


def test_weights_that_never_are_there_are_an_error() -> None:
    """A path that leads nowhere after a forward pass is no silent success."""
    with pytest.raises(TargetRaised, match="setting the weights raised LookupError: nowhere"):
        ran(Scale, weights={"w": "nowhere"})


def test_the_learning_rate_of_a_layer_is_the_requests() -> None:
    """A rate that the layer keeps is set, one that backward takes is passed; another number is left alone."""

    class Trained(Scale):
        def __init__(self):
            super().__init__()
            self.learning_rate, self.momentum = 0.01, 0.9

        def backward(self, dy, lr):
            self.w -= self.learning_rate * dy
            self.b = np.array([lr, self.momentum])
            return dy * self.w

    after = listed(ran(Trained, rate=2.0).after)
    assert (after["w"], after["b"]) == ([3, -13], [2, 0.9])


def test_the_global_generators_are_seeded() -> None:
    """The same entropy gives the same random layer, another one another."""

    class Noisy(Scale):
        def forward(self, x):
            return x + np.random.normal(size=2) + random.random()

    found = [listed(ran(Noisy, entropy=entropy, cotangent=None).output)[""] for entropy in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def test_a_constructor_is_given_options_and_arrays() -> None:
    """Options go by parameter name, weights to a constructor that takes the arrays themselves."""

    class Given(Scale):
        def __init__(self, weights, bias, stride):
            super().__init__(stride)
            self.w, self.b = weights * stride, bias

    outcome = ran(Given, options={"stride": 3}, weights={})
    assert listed(outcome.output) == {"": [31, 64]}


def test_a_constructor_and_a_pass_may_take_the_same_option() -> None:
    """An option goes to every stage that has a parameter of that name."""

    class Both(Scale):
        def forward(self, x, stride):
            return x * 10 * self.stride + stride

    assert listed(ran(Both, options={"stride": 3}, cotangent=None).output) == {"": [63, 93]}


FUNCTIONS = {
    "two results": (
        "def f_forward(x, w): return x * w, (x, w)\n"
        "def f_backward(dout, cache): return dout * cache[1], dout * cache[0]",
        [[5, 70], [2, 30]],
    ),
    "three results": (
        "def f_forward(x, w): return x * w, x, w\ndef f_backward(dout, cache): return dout * cache[1], dout * cache[0]",
        [[5, 70], [2, 30]],
    ),
    "one result": (
        "def f_forward(x, w): return x * w\ndef f_backward(dout, cache): return dout * 2, cache",
        [[2, 20], [10, 21]],
    ),
    "operands": (
        "def f_forward(x, w): return x * w\ndef f_backward(dout, x, w): return dout * w, dout * x",
        [[5, 70], [2, 30]],
    ),
    "shapes": (
        "def f_forward(x, w): return x * w\n"
        "def f_backward(dout, w, input_shape, w_shape): return dout * w, dout * input_shape[0] * w_shape[0]",
        [[5, 70], [4, 40]],
    ),
}


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_functions_pass_on_what_backward_asks_for(kind: str) -> None:
    """What forward returned besides its output, the operands, or their shapes reach the backward pass."""
    source, expected = FUNCTIONS[kind]
    module = ModuleType("functions")
    exec(source, vars(module))
    target = recognise(vars(module)["f_backward"], module)
    outcome = target.run(Request({}, {"x": X, "w": W}, cotangent=DY))
    assert list(listed(outcome.returned).values()) == expected


def broken(*_: Any, **__: Any) -> Any:
    raise ZeroDivisionError("of the user")


@pytest.mark.parametrize(
    ("method", "stage"), [("__init__", "the constructor"), ("forward", "forward"), ("backward", "backward")]
)
def test_an_exception_is_told_with_its_pass(method: str, stage: str) -> None:
    """What the target raises is a TargetRaised that says where, with the user's own frame."""
    with pytest.raises(TargetRaised) as caught:
        ran(changed(**{method: broken}))
    assert (caught.value.stage, caught.value.message) == (stage, "ZeroDivisionError: of the user")
    assert __file__ in caught.value.trace
    assert plain.__file__ not in caught.value.trace


@pytest.mark.parametrize("operand", ["x", "w", "b"])
def test_differences_are_those_of_the_forward_pass(operand: str) -> None:
    """<dY, f(A + e) - f(A)> for every unit, by forward alone, for each operand."""
    found = recognise(changed(backward=broken)).differences(Differences(REQUEST, operand))
    assert found.tolist() == {"x": [5, 70], "w": [2, 30], "b": [11]}[operand]


def test_differences_see_another_forward_pass() -> None:
    """A forward pass that is not linear has differences of its own."""

    def forward(self: Scale, x: Any) -> Any:
        return self.w * x**2

    found = recognise(changed(forward=forward)).differences(Differences(REQUEST, "x"))
    assert found.tolist() == [5 * 5, 10 * 7 * 7]


FLAT: list[tuple[object, Mapping[str, object]]] = [
    (np.ones(2), {"": [1, 1]}),
    (3, {"": 3}),
    (np.float32(2.5), {"": 2.5}),
    (None, {"": None}),
    (True, {"": None}),
    ("text", {"": None}),
    ((np.ones(1), None, {"dw": np.zeros(1), "deep": [1, "x"]}), {
        "0": [1], "1": None, "2.dw": [0], "2.deep.0": 1, "2.deep.1": None,
    }),
    ((), {}),
    ({}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("found", "expected"), FLAT, ids=[str(n) for n in range(len(FLAT))])
def test_a_result_is_taken_apart(found: object, expected: Mapping[str, object]) -> None:
    """Tuples, lists and dicts by their positions and keys, numbers as arrays, None for what is no array."""
    assert listed(plain_arrays(found)) == expected


def test_the_output_is_the_first_array() -> None:
    """What forward returned besides is not the output."""
    assert Outcome((("0", None), ("1", X), ("2", W)), ()).y is X
    assert Outcome((("", None),), ()).y is None
