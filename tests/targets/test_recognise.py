"""What an object is: a class, a function of a pair, a binding; and what is said of anything else."""

from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from mutants import conv1d

from gradcheck import Binding
from gradcheck.errors import TargetError
from gradcheck.targets.recognise import BACKWARD, FORWARD, recognise, targets_in


def layer(forward="forward", backward="backward", **more):
    """A class with two methods of these names."""
    methods = {forward: lambda self, x: x, backward: lambda self, dy: dy}
    return type("Layer", (), {"__module__": "mine", **methods, **more})


@pytest.mark.parametrize("forward", FORWARD)
def test_a_forward_pass_by_its_name(forward):
    """Each of the usual names is found."""
    assert recognise(layer(forward)).description.passes == (forward, "backward")


@pytest.mark.parametrize("backward", BACKWARD)
def test_a_backward_pass_by_its_name(backward):
    """Each of the usual names is found."""
    assert recognise(layer(backward=backward)).description.passes == ("forward", backward)


@pytest.mark.parametrize(("forward", "backward"), [("forwardPass", "backwardPass"), ("Forward", "BackProp")])
def test_capitals_do_not_matter(forward, backward):
    """A name in another style is the same name; the target is called by its own."""
    description = recognise(layer(forward, backward)).description
    assert description.passes == (forward, backward)
    assert description.kind == f"class with {forward} and {backward}"


def test_forward_wins_over_call():
    """__call__ is a forward pass only where there is none by name, and only the class's own."""
    kind = layer(__call__=lambda self, x: x)
    assert recognise(kind).description.passes[0] == "forward"
    with pytest.raises(TargetError, match="no method that looks like its forward pass"):
        recognise(layer("push"))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (layer("push"), r"Layer has no method that looks like its forward pass \(it has push, backward\)"),
        (layer(backward="push"), r"Layer has no method that looks like its backward pass \(it has forward, push\)"),
        (type("Empty", (), {"__module__": "mine"}), r"forward pass \(it has none\)"),
        (3, "3 is neither a class nor a function, but an int"),
        ("text", "'text' is neither a class nor a function, but a str"),
        (len, "len is neither a class nor a function, but a builtin_function_or_method"),
        (np, "neither a class nor a function, but a module"),
        (None, "None is neither a class nor a function, but a NoneType"),
    ],
)
def test_what_is_no_target_is_told(kind, told):
    """What is missing, or what the object is instead."""
    with pytest.raises(TargetError, match=told):
        recognise(kind)


def test_the_description_of_a_class():
    """Kind, name, place, parameters of all three stages, operands, names of results."""
    description = recognise(conv1d.Conv1d).description
    assert (description.kind, description.name) == ("class with forward and backward", "Conv1d")
    assert description.file == conv1d.__file__
    with open(conv1d.__file__, encoding="utf-8") as lines:
        assert list(lines)[description.line - 1].startswith("class Conv1d")
    stages = {p.stage for p in description.parameters}
    assert stages == {"build", "forward", "backward"}
    assert description.takes == ("x",)
    assert description.binds is None


def test_weights_that_the_constructor_takes_are_operands():
    """Arrays by name and required; a size of the same kind is an option."""

    class Given:
        def __init__(self, weights, bias, kernel_size):
            pass

        def forward(self, x):
            pass

        def backward(self, dy):
            pass

    assert recognise(Given).description.takes == ("x", "w", "b")


def test_options_handed_on_are_those_of_the_class_above():
    """A constructor with **options has its parents' parameters as well; one without has not."""

    class Above(layer()):
        def __init__(self, stride, padding=0):
            pass

    class HandsOn(Above):
        def __init__(self, groups, **options):
            pass

    class Closed(Above):
        def __init__(self, groups):
            pass

    def built(kind):
        return [p.name for p in recognise(kind).description.parameters if p.stage == "build"]

    assert built(HandsOn) == ["groups", "stride", "padding"]
    assert built(Closed) == ["groups"]


def test_either_function_of_a_pair_is_the_pair():
    """The roles are the same whichever is named; the name is what was asked for."""

    def conv_forward(x, w):
        pass

    def conv_backward(dy, cache):
        dx = dw = dy
        return dx, dw

    module = SimpleNamespace(conv_forward=conv_forward, conv_backward=conv_backward, __name__="mine")
    for function in (conv_forward, conv_backward):
        description = recognise(function, module).description
        assert description.passes == ("conv_forward", "conv_backward")
        assert description.kind == "functions conv_forward and conv_backward"
        assert description.name.endswith(function.__name__)
        assert (description.takes, description.returns) == (("x", "w"), ("dx", "dw"))


@pytest.mark.parametrize(
    ("name", "taken", "needed"), [("f_backward", "backward", "forward"), ("f", "forward", "backw")]
)
def test_a_function_alone_is_told(name, taken, needed):
    """Which pass it was taken for, and which is missing."""
    made = {"__name__": "mine"}
    exec(f"def {name}(x, w): pass", made)
    module = SimpleNamespace(__name__="mine", **{name: made[name]})
    with pytest.raises(TargetError, match=f"{name} was taken for a {taken} pass, and mine has no .* its {needed}"):
        recognise(made[name], module)


def test_a_binding_is_one():
    """A subclass of Binding is taken at its word, whatever its methods are called."""

    class Mine(Binding):
        layer = "dense"

        def forward(self, w, x):
            return w @ x

        def backward(self, dy):
            return None, None

    description = recognise(Mine).description
    assert description.kind == "binding"
    assert description.binds == ("dense", {}, ())


SOURCE = """
import numpy as np
from collections import OrderedDict
from mutants.conv1d import Conv1d
class Layer:
    def forward(self, x): pass
    def backward(self, dy): pass
class Child(Layer): pass
class Half:
    def forward(self, x): pass
class _Hidden(Layer): pass
def conv_forward(x, w): pass
def conv_backward(dy, cache): pass
def helper_backward(dy): pass
def helper(x): pass
def _f_forward(x): pass
def _f_backward(dy): pass
made = Layer()
"""


def test_the_targets_of_a_module():
    """Its own classes with both passes, and the backward of each pair; not what it imports or hides."""
    module = ModuleType("mine")
    exec(SOURCE, vars(module))
    assert targets_in(module) == ["Layer", "Child", "conv_backward", "helper_backward"]


def test_a_module_without_any():
    """The twin: half a layer is none."""
    module = ModuleType("mine")
    exec("class Half:\n    def forward(self, x): pass\ndef loss_backward(dy): pass", vars(module))
    assert targets_in(module) == []
