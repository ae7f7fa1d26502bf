"""A function's parameters are operands, a cotangent, memory, a learning rate or options."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcheck.targets.arguments import (
    backward_roles,
    bound,
    forward_roles,
    hands_on,
    parameters,
    returned_names,
    source,
)
from gradcheck.targets.exchange import Parameter


def conv_forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param.get("pad", 0)
    return x * stride, conv_param["stride"], conv_param.get("deep", {})["inner"], w + b + pad


def method(self, A_prev, *rest, training=True, **more):
    return A_prev


def gradients(dz, cache):
    dW, self, grads = np.ones(2), cache, {}
    if cache is None:
        return dz
    return self.dx, dW, grads["b"], dz.sum()


def early(dz, cache):
    if cache is None:
        return None, None
    dx, dw = cache
    return dx, dw


def with_helper(dz, cache):
    def window(a):
        return a, a + 1

    dx, dw = cache
    return window(dx), dw


def names(found: tuple[Parameter, ...]) -> list[str]:
    """The names of parameters."""
    return [p.name for p in found]


def of(*specs: str, stage: str = "forward") -> list[Parameter]:
    """Parameters of these names; one that ends in = has a default value."""
    return [Parameter(stage, spec.rstrip("="), not spec.endswith("=")) for spec in specs]


def test_parameters_come_with_their_defaults() -> None:
    """A parameter is required unless it has a default, and those that take any argument are none."""
    found = parameters("forward", method, 1)
    assert found == (Parameter("forward", "A_prev", True), Parameter("forward", "training", False, True))
    assert names(parameters("forward", method)) == ["self", "A_prev", "training"]


def test_a_default_of_none_is_no_requirement() -> None:
    """None is a default as any other."""
    assert parameters("build", lambda b=None: b) == (Parameter("build", "b", False, None),)


def test_a_function_without_a_signature_has_no_parameters() -> None:
    """What Python cannot tell the parameters of has none."""
    assert parameters("build", dict.update) == () or names(parameters("build", dict.update))
    assert parameters("build", 3) == ()  # type: ignore[arg-type]


def test_keys_of_grouped_options_are_read_off_the_source() -> None:
    """Keys are those looked up in a parameter that groups options, each once, in order, and no other's."""
    *operands, grouped = parameters("forward", conv_forward)
    assert grouped.keys == ("stride", "pad", "deep")
    assert [p.keys for p in operands] == [(), (), ()]


def test_a_function_without_source_has_no_keys() -> None:
    """Code that was compiled from a string has parameters, and no keys to read."""
    scope: dict[str, Any] = {}
    exec("def forward(x, hparams):\n    return hparams['stride']", scope)
    assert [p.keys for p in parameters("forward", scope["forward"])] == [(), ()]
    assert returned_names(scope["forward"]) == ()


@pytest.mark.parametrize(("function", "expected"), [(method, True), (conv_forward, False), (lambda *a: a, False)])
def test_whether_any_keyword_is_taken(function: Callable[..., Any], expected: bool) -> None:
    """Only a function with **more hands keywords on."""
    assert hands_on(function) is expected


def one_array(dy):
    return dy


def nothing(dy):
    dy += 1


def two_returns(dy, cache):
    b, w = cache
    return b, w
    return w, b


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (gradients, ("dx", "dW", "grads", "dz")),
        (two_returns, ("w", "b")),
        (one_array, ()),
        (nothing, ()),
    ],
)
def test_the_names_of_the_last_tuple_returned(function: Callable[..., Any], expected: tuple[str, ...]) -> None:
    """A name, an attribute and what a method is called on give names; a single value and no return give none."""
    assert returned_names(function) == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (early, ("dx", "dw")),
        (with_helper, ("", "dw")),
    ],
)
def test_the_last_return_is_the_last_in_the_source(function: Callable[..., Any], expected: tuple[str, ...]) -> None:
    """An early return, and one of a function within, are not the last."""
    assert returned_names(function) == expected


FORWARDS = [
    (("x", "w", "b"), {"x": "x", "w": "w", "b": "b"}),
    (("A_prev", "W", "b", "hparameters"), {"A_prev": "x", "W": "w", "b": "b"}),
    (("image", "filters", "stride=", "padding="), {"image": "x", "filters": "w"}),
    (("whatever", "other", "stride"), {"whatever": "x", "other": "w"}),
    (("w", "whatever"), {"w": "w", "whatever": "x"}),
    (("x", "theta", "bias="), {"x": "x", "theta": "w", "bias": "b"}),
    (("inputs", "data", "kernel"), {"inputs": "x", "kernel": "w"}),
]


@pytest.mark.parametrize(("specs", "expected"), FORWARDS)
def test_operands_of_a_forward_pass(specs: tuple[str, ...], expected: dict[str, str]) -> None:
    """Names decide; what is required, no option and unknown is the input first, then the filters."""
    assert forward_roles(of(*specs), weighted=True) == expected


def test_a_layer_that_keeps_its_filters_is_not_given_any() -> None:
    """Without `weighted` what is unknown is the input, and nothing is taken for filters."""
    assert forward_roles(of("whatever", "other"), weighted=False) == {"whatever": "x"}
    assert forward_roles(of("signal", "training"), weighted=False) == {"signal": "x"}


def test_grouped_options_are_no_operand() -> None:
    """A parameter that keys are looked up in is never an operand, whatever its name."""
    found = (*of("x"), Parameter("forward", "w", True, keys=("stride",)))
    assert forward_roles(found, weighted=False) == {"x": "x"}


BACKWARDS = [
    (("dout", "cache"), {"dout": "dy", "cache": "memory"}),
    (("dZ", "lr"), {"dZ": "dy", "lr": "rate"}),
    (("d_L_d_out", "learn_rate="), {"d_L_d_out": "dy", "learn_rate": "rate"}),
    (("whatever", "things"), {"whatever": "dy", "things": "memory"}),
    (("dy", "x", "w", "stride"), {"dy": "dy", "x": "x", "w": "w"}),
    (("dy", "x", "w="), {"dy": "dy", "x": "x"}),
    (("x_shape", "w", "dout"), {"x_shape": "x_shape", "w": "w", "dout": "dy"}),
    (("stride",), {"stride": "dy"}),
    ((), {}),
]


@pytest.mark.parametrize(("specs", "expected"), BACKWARDS)
def test_arguments_of_a_backward_pass(specs: tuple[str, ...], expected: dict[str, str]) -> None:
    """Names decide; what is required and unknown is the cotangent first, then what forward kept."""
    assert backward_roles(of(*specs, stage="backward")) == expected


def test_arguments_are_bound_by_role_and_options_by_name() -> None:
    """A role that is given wins over an option of the same name; what is neither is left out."""
    given = {"x": 1, "dy": 2}
    arguments = bound(of("a", "c", "stride", "rest"), {"a": "x", "c": "b"}, given, {"a": 5, "stride": 3, "other": 4})
    assert arguments == {"a": 1, "stride": 3}


def test_the_source_of_a_function_is_where_it_stands() -> None:
    """The file and the line of its definition; nothing for what has no source."""
    assert source(gradients) == (__file__, inspect.getsourcelines(gradients)[1])
    assert source(len) == ("", 0)
