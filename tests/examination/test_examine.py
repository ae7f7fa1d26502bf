"""A target in, all that was found out about it out."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from mutants.conv1d import Conv1d

from gradcheck.conventions.said import Said
from gradcheck.errors import TargetError, TargetRaised
from gradcheck.examination.examine import examine
from gradcheck.targets.address import Address
from gradcheck.targets.load import load
from gradcheck.targets.recognise import recognise

EXAMPLES = Path(__file__).parents[2] / "examples"


def examined(kind, said=None, **more):
    """The examination of a class."""
    return examine(recognise(kind), kind.__name__, said, **more)


def example(file, name):
    """The examination of an example."""
    return examine(load(Address(str(EXAMPLES / file), name)), name)


def dense(name="Dense", n_in="n_in", n_out="n_out", backward="return dy @ self.w.T, self.x.T @ dy, dy.sum(axis=0)"):
    """A dense layer with parameters and a class of these names, as people write it."""
    made = {"np": np, "__name__": __name__}
    exec(
        f"class {name}:\n"
        f"    def __init__(self, {n_in}, {n_out}):\n"
        f"        self.w, self.b = np.zeros(({n_in}, {n_out})), np.zeros({n_out})\n"
        f"    def forward(self, x):\n"
        f"        self.x = x\n"
        f"        return x @ self.w + self.b\n"
        f"    def backward(self, dy):\n"
        f"        {backward}\n",
        made,
    )
    return made[name]


def test_a_right_layer_is_verified():
    """Kind, place, line, conventions, results and verdict."""
    found = examined(Conv1d, Said(words=("--seed", "3")), seed=3)
    assert (found.target, found.kind, found.verdict) == ("Conv1d", "class with forward and backward", "verified")
    assert (found.seed, found.options) == (3, ("--seed", "3"))
    assert found.file == importlib.import_module("mutants.conv1d").__file__
    told = dict(found.found)
    assert told["layer"] == "1-D cross-correlation"
    assert [told[what] for what in ("input", "filters", "output", "bias")] == ["NCL", "OIL", "NCL", "(F,)"]
    assert [told[what] for what in ("stride", "padding", "dilation")] == ["by stride", "by padding", "by dilation"]
    assert (found.notices, found.unsupported, found.blind) == ((), (), ())
    assert found.layers >= 10


def test_progress_is_told():
    """Every layer once, up to all of them."""
    seen = []
    examined(Conv1d, progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert {total for _, total in seen} == {len(seen)}


# What is missing


RESULTS = {  # what backward returns of a dense layer: the verdict
    "return dy @ self.w.T, self.x.T @ dy, dy.sum(axis=0)": "verified",
    "return dy @ self.w.T, self.x.T @ dy, None": "refuted",
    "return None, self.x.T @ dy, dy.sum(axis=0)": "refuted",
    "dx = dy @ self.w.T; dw = self.x.T @ dy; return {'dx': dx, 'dw': dw}": "incomplete",
    "dw = self.x.T @ dy; db = dy.sum(axis=0); return {'dw': dw, 'db': db}": "verified",
    "self.dw, self.db = self.x.T @ dy, dy.sum(axis=0)": "verified",
    "self.dw = self.x.T @ dy; return dy @ self.w.T": "incomplete",
    "return dy @ self.w.T": "incomplete",
    "return dy @ self.w.T, self.x.T @ dy, 2 * dy.sum(axis=0)": "refuted",
}


@pytest.mark.parametrize("backward", RESULTS)
def test_what_is_missing_decides(backward):
    """None where a gradient should be refutes; filters or bias not given is incomplete; dx not given is no fault."""
    assert examined(dense(backward=backward)).verdict == RESULTS[backward]


# What can be found


@pytest.mark.parametrize(
    "names",
    [
        ("Dense", "n_in", "n_out"),
        ("LinearLayer", "in_features", "out_features"),
        ("FC", "in_dim", "out_dim"),
        ("Layer", "n_in", "n_out"),
        ("FullyConnected", "n_inputs", "n_neurons"),
        ("Dense", "input_size", "output_size"),
    ],
    ids=" ".join,
)
def test_a_dense_layer_whatever_it_is_called(names):
    """Class and parameters have many names, and it is a dense layer under each."""
    found = examined(dense(*names))
    assert (dict(found.found)["layer"], found.verdict) == ("dense layer", "verified")


def test_single_precision_is_told_and_verified():
    """A layer of float32 is exact on small integers."""
    found = example("conv_ohwi_float32.py", "Conv2DFloat32")
    assert found.verdict == "verified"
    assert {notice.id for notice in found.notices} == {"down-cast"}


class Counting1d(Conv1d):
    """Counts its calls and averages its inputs, and uses neither."""

    calls, mean = 0, None

    def forward(self, x):
        self.calls += 1
        self.mean = x.mean() if self.mean is None else 0.9 * self.mean + 0.1 * x.mean()
        return super().forward(x)


class Warming1d(Conv1d):
    """Another output from the second call on."""

    calls = 0

    def forward(self, x):
        self.calls += 1
        return super().forward(x) * min(self.calls, 2)


def test_a_state_that_is_not_used_does_no_harm():
    """What a layer keeps besides is its own affair."""
    assert examined(Counting1d).verdict == "verified"


def test_a_state_that_changes_the_output_is_noticed():
    """The twin: a second call on the same layer gives another gradient, or none that is right."""

    class Growing1d(Conv1d):
        calls = 0

        def backward(self, dy):
            self.calls += 1
            return super().backward(dy) * self.calls + (self.calls - 1)

    assert [notice.id for notice in examined(Growing1d).notices] == ["second-call-differs"]


def test_an_output_that_changes_from_call_to_call_is_noticed():
    """The same layer with the same arrays must give the same output."""
    assert [notice.id for notice in examined(Warming1d).notices] == ["second-call-differs"]


def test_indices_kept_in_a_tuple_are_no_obstacle():
    """A layer that cannot be recognised is told so, whatever it keeps."""

    class OddDense:
        def __init__(self, n_in, n_out):
            self.w = np.zeros((n_in, n_out))

        def forward(self, x):
            self.cache = np.arange(3), x.mean()
            return x @ self.w + 1

        def backward(self, dy):
            return dy @ self.w.T

    with pytest.raises(TargetError, match="is no dense, convolutional or transposed layer"):
        examined(OddDense)


# What cannot


def test_a_layer_of_another_kind_is_told():
    """It is none that a line of notation has, and a binding is the way out."""

    class SquaresDense(dense()):
        def forward(self, x):
            return super().forward(x) ** 2

    with pytest.raises(
        TargetError,
        match=r"SquaresDense is no dense, .* \(its output is not affine .* gradcheck\.check.* gradcheck init writes",
    ):
        examined(SquaresDense)


def test_a_right_layer_of_another_kind_is_not_refuted():
    """A convolution with its activation, its gradients right, is no wrong layer of a kind that is known."""

    class Relu1d(Conv1d):
        def forward(self, x):
            y = super().forward(x)
            self.mask = y > 0
            return y * self.mask

        def backward(self, dy):
            return super().backward(dy * self.mask)

    with pytest.raises(TargetError, match="is no dense, convolutional or transposed layer"):
        examined(Relu1d)


def test_a_parameter_that_means_nothing_known_is_asked_for():
    """It is named, and can be set."""

    class Odd1d(Conv1d):
        def __init__(self, in_channels, out_channels, kernel_size, flavour):
            assert flavour == 7
            super().__init__(in_channels, out_channels, kernel_size)

    with pytest.raises(TargetError, match=r"Odd1d needs flavour, .* --set flavour=VALUE"):
        examined(Odd1d)
    assert examined(Odd1d, Said(options={"flavour": 7})).verdict == "verified"


def test_a_layer_that_only_raises_raises():
    """Its own exception is what is told, with the sizes."""

    class Broken1d(Conv1d):
        def forward(self, x):
            raise ZeroDivisionError("of the user")

    with pytest.raises(TargetRaised, match=r"forward, at N=.*, raised ZeroDivisionError: of the user"):
        examined(Broken1d)


def test_a_backward_pass_that_raises_raises():
    """There is nothing to compare."""

    class Broken1d(Conv1d):
        def backward(self, dy):
            raise ZeroDivisionError("of the user")

    with pytest.raises(TargetRaised, match=r"backward, at N=.*, raised ZeroDivisionError"):
        examined(Broken1d)


def test_sizes_that_are_refused_are_told():
    """What it does not accept, with what it said; the rest is verified."""

    class Odd1d(Conv1d):
        def forward(self, x):
            if self.stride != 1:
                raise ValueError("no strides")
            return super().forward(x)

    found = examined(Odd1d)
    assert found.verdict == "verified"
    assert {why for _, why in found.unsupported} == {"ValueError: no strides"}
    assert examined(Conv1d).unsupported == ()


def test_a_depthwise_layer_is_told_as_one():
    """Each channel has a filter of its own: the output's channel is the input's."""
    line = example("depthwise_tuple_padding.py", "DepthwiseConv2d").layer
    output, image = line.split("[")[1].split(",")[1], line.split("[")[2].split(",")[1]
    assert output == image
