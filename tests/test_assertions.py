"""The assertions: what is right passes, what is wrong says first what it is, and last how to see it again."""

import copy
import random
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from known_examples import CORRECT, WRONG
from numpy.lib.stride_tricks import sliding_window_view

import gradcheck
from gradcheck import Comparison, Examination, WrongGradient, WrongSize, assert_gradients, assert_sizes
from gradcheck.errors import CouldNotRun, GradcheckError, LayerError, NotationError, TargetError

ROOT = Path(__file__).parent.parent
A, B = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
LINE = "Y[j,a] += X[i,a+u] * F[j,i,u]"
RIGHT = [
    "examples/affine_functions.py:affine_forward",
    "examples/conv1d_ncl.py:Conv1D",
    "examples/conv_groups_dilation.py:Conv2d",
    "examples/conv_nchw_im2col.py:Conv2d",
    "examples/depthwise_tuple_padding.py:DepthwiseConv2d",
]
TOLD = {
    "examples/conv_filter_not_rotated.py:Conv": "dx: the filter is not rotated by 180°",
    "examples/dense_factor_two.py:DenseLayer": "dw: there is a factor of 2 too much",
    "examples/conv_bias_axes.py:Conv2D": "db: ",
    "examples/conv_kernel_axes_swapped.py:Conv2D": "d",
}


class ReLU:
    """An activation with its gradient."""

    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dy):
        return dy * (self.x > 0)


class Passed(ReLU):
    """An activation whose gradient is passed on where it should stop."""

    def backward(self, dy):
        return dy


class Raising(ReLU):
    """An activation with an error."""

    def backward(self, dy):
        raise ValueError("boo")


def product_vjp(dy, a, b):
    """The gradients of a matrix product."""
    return dy @ b.T, a.T @ dy


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses are those of the repository's root."""
    monkeypatch.chdir(ROOT)


def failure(*target: object, **options: object) -> tuple[WrongGradient, list[str]]:
    """The exception that an assertion raises, and its lines."""
    with pytest.raises(WrongGradient) as caught:
        assert_gradients(*target, **options)
    return caught.value, str(caught.value).splitlines()


@pytest.mark.parametrize("address", RIGHT)
def test_right_layers_pass(address: str) -> None:
    """All that was found out is returned."""
    assert address in CORRECT
    found = assert_gradients(address)
    assert isinstance(found, Examination)
    assert (found.verdict, found.target) == ("verified", address)


@pytest.mark.parametrize("address", TOLD)
def test_wrong_layers_are_named(address: str) -> None:
    """The first line is the diagnosis, with a rule; `found` has the cause, and the whole is an AssertionError."""
    error, lines = failure(address)
    assert isinstance(error, AssertionError)
    assert lines[0].startswith(TOLD[address])
    assert re.search(r" \[GC\d{3}\]$", lines[0])
    causes = [cause.id for result in error.found.results if result.fault for cause in result.fault.causes]
    assert WRONG[address] in causes
    assert error.found.verdict == "refuted"


def test_a_message_goes_from_the_diagnosis_to_the_command() -> None:
    """Diagnosis, reason, remedy, shape, entry, map, what it is about, and the command, in this order."""
    _, lines = failure("examples/conv_filter_not_rotated.py:Conv")
    patterns = [
        r"dx: the filter is not rotated by 180° \[GC201\]",
        r"  why: .*",
        r"  fix: Reverse the filter .*",
        r"  shape: \d+( x \d+){3}, as expected",
        r"  dx\[\d+(,\d+){3}\]: got \S+, should be \S+; \d+ wrong elements; at N=.*, m=3x3",
        *[r"    [ ░▒▓█]{6}"] * 3,
        r"in examples/conv_filter_not_rotated\.py:Conv \(Y\[z,j,a,b\] \+= .*\)",
        r"rerun: pytest .*tests/test_assertions\.py::test_a_message_goes_from_the_diagnosis_to_the_command.*",
    ]
    assert len(lines) == len(patterns)
    assert [line for line, pattern in zip(lines, patterns, strict=True) if not re.fullmatch(pattern, line)] == []


def test_a_wrong_shape_is_told() -> None:
    """The shape that was found and the one that was expected stand in the message."""
    _, lines = failure(np.multiply, A, A, vjp=lambda dy, a, b: ((dy * b)[0], dy * a))
    assert any("the shape is 3, should be 2 x 3" in line for line in lines)


def test_the_diagnosis_comes_first() -> None:
    """What is known to be wrong comes before what was not looked at, and no line is empty."""
    _, lines = failure(np.matmul, A, B, vjp=lambda dy, a, b: (dy @ b.T, dy.T @ a))
    assert "two axes are swapped" in lines[0]
    assert not [line for line in lines if re.search(r": +\[GC", line)]


def test_outside_of_pytest_the_command_is_its_own() -> None:
    """Without a running test the seed is 0, and the command is that of the command line, which fails alike."""
    address = "examples/conv_filter_not_rotated.py:Conv"
    code = f"import gradcheck; gradcheck.assert_gradients({address!r}, like='conv2d')"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False)
    assert told.stderr.endswith(f"rerun: gradcheck verify {address} --seed 0 --like conv2d\n")
    assert "gradcheck.WrongGradient: dx: the filter is not rotated by 180°" in told.stderr


@pytest.mark.parametrize(("target", "inputs"), [(np.matmul, (A, B)), (np.multiply, (A, A))])
def test_functions_with_inputs_are_checked_at_them(target: object, inputs: tuple) -> None:
    """A function and its right gradients pass; the options are those of `check`."""
    vjp = product_vjp if target is np.matmul else lambda dy, a, b: (dy * b, dy * a)
    found = assert_gradients(target, *inputs, vjp=vjp, method="full")
    assert isinstance(found, Comparison)
    assert (found.verdict, found.evidence.method) == ("verified", "full")


def test_a_wrong_function_is_named() -> None:
    """A factor in one of the gradients is what the message begins with."""
    error, lines = failure(np.matmul, A, B, vjp=lambda dy, a, b: (dy @ b.T, 2 * a.T @ dy))
    assert re.match("gradient of .*: there is a factor of 2 too much", lines[0])
    assert (error.found.cause, [one.status for one in error.found.gradients]) == ("constant-factor", ["right", "wrong"])


def test_activations_are_checked_as_functions() -> None:
    """A class that no line describes is checked as a function of its input, right or wrong."""
    found = assert_gradients(ReLU)
    assert isinstance(found, Comparison)
    error, lines = failure(Passed)
    assert lines[0].startswith("gradient of x is wrong")
    assert f"in tests/{Path(__file__).name}:Passed (class with forward and backward)" in lines
    assert error.found.verdict == "refuted"


@pytest.mark.parametrize(
    ("address", "like"),
    [
        ("examples/conv_nchw_im2col.py:Conv2d", "conv2d"),
        ("examples/conv_nchw_im2col.py:Conv2d", "Z[f,i,j] += I[c,i+p,j+q] * K[f,c,p,q]"),
        ("examples/conv_nchw_im2col.py:Conv2d", "conv2d_general"),
        ("examples/conv1d_ncl.py:Conv1D", "conv1d"),
        ("examples/dense_params_accumulate.py:Dense", "dense"),
        ("examples/depthwise_tuple_padding.py:DepthwiseConv2d", "depthwise2d"),
        ("examples/true_convolution_flipped.py:convolve_forward", "trueconv2d"),
    ],
)
def test_what_it_is_said_to_be_like_holds(address: str, like: str) -> None:
    """A name in the catalogue, or its line in other letters, is accepted for what is like it."""
    assert assert_gradients(address, like=like).verdict == "verified"


@pytest.mark.parametrize(
    ("address", "like", "told"),
    [
        ("examples/conv_nchw_im2col.py:Conv2d", "depthwise2d", "it is not like depthwise2d: its filters span all"),
        ("examples/depthwise_tuple_padding.py:DepthwiseConv2d", "conv2d", "it is not like conv2d: it has a filter for"),
        ("examples/conv_fixed_padding_accumulates.py:Conv3x3Same", "conv2d", "it is not like conv2d: it always pads"),
        ("examples/true_convolution_flipped.py:convolve_forward", "conv2d", "y: the filter runs the other way"),
        ("examples/conv_groups_dilation.py:Conv2d", "conv1d", "it is not like conv1d: it is a 2-D cross-correlation"),
        ("examples/dense_params_accumulate.py:Dense", "conv2d", "it is not like conv2d: it is a dense layer"),
        ("examples/conv1d_ncl.py:Conv1D", "conv2d", "it is not like conv2d: it is a 1-D cross-correlation"),
        ("examples/transposed_conv_iohw.py:ConvTranspose2d", "conv2d", "it is not like conv2d: it is a 2-D transposed"),
    ],
)
def test_another_layer_is_told(address: str, like: str, told: str) -> None:
    """A right layer of another kind is refuted, with the difference in the first line."""
    _, lines = failure(address, like=like)
    assert lines[0].startswith(told)


def test_what_it_cannot_be_said_to_be_like_is_told() -> None:
    """A layer that nothing can be found to be is no answer to like."""
    with pytest.raises(TargetError, match="like='bilinear': expected dense, conv1d"):
        assert_gradients("examples/conv1d_ncl.py:Conv1D", like="bilinear")


def test_options_are_the_constructor_s() -> None:
    """Parameters are handed to the constructor, and a strange one is told with those that there are."""
    address = "examples/conv_nchw_im2col.py:Conv2d"
    assert assert_gradients(address, stride=2).layer.startswith("Y[z,j,a,b] += pad(X, P)[z,i,2*a+u,2*b+v]")
    _, lines = failure(address, stride=2, like="conv2d")
    assert lines[0].startswith("it is not like conv2d: it always has a stride of 2")
    with pytest.raises(TargetError, match="nonsense: Conv2d has no such parameter"):
        assert_gradients(address, nonsense=3)


def test_a_seed_that_is_given_is_the_seed() -> None:
    """Given, it is used and kept; else it follows from the test's id, whatever was asked before."""
    assert assert_gradients(ReLU, seed=5).seed == 5
    first, second = assert_gradients(ReLU).seed, assert_gradients(np.sin, A, vjp=lambda dy, x: dy * np.cos(x)).seed
    assert first == second > 5


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("foo", "'foo' is no target: give path/to/file.py:Name or package.module:Name"),
        ("foo.py:Name", "there is no such file"),
        ("examples/conv1d_ncl.py:Conv1d", "has no Conv1d; did you mean 'Conv1D'"),
        (3, "neither a class nor a function"),
        (product_vjp, "no function that looks like"),
    ],
)
def test_what_is_no_target_is_told(target: object, told: str) -> None:
    """What cannot be checked raises TargetError, which is no AssertionError."""
    with pytest.raises(TargetError, match=re.escape(told)):
        assert_gradients(target)


def test_an_error_of_the_layer_is_no_wrong_gradient() -> None:
    """What the user's own code raises is told as that, with its line."""
    with pytest.raises(CouldNotRun, match=r"(?s)backward raised ValueError: boo.*test_assertions.py"):
        assert_gradients(Raising)


@pytest.mark.parametrize("seed", [-1, "a"])
def test_a_seed_that_is_none_is_told(seed: object) -> None:
    """A seed is an integer from 0, for layers as for functions."""
    with pytest.raises(GradcheckError):
        assert_gradients(ReLU, seed=seed)


def test_the_exception_can_be_copied() -> None:
    """An exception that crosses to another process, or is copied, stays what it is."""
    error, _ = failure(Passed)
    assert str(copy.copy(error)) == str(error)


@pytest.mark.parametrize("wrong", [False, True])
def test_random_generators_are_left_alone(wrong: bool) -> None:
    """What a test draws after an assertion is what it draws without one."""
    torch = pytest.importorskip("torch") if "torch" in sys.modules else None

    def drawn() -> tuple:
        own = torch.rand(1).item() if torch else None
        return np.random.random(), random.random(), own

    def seeded() -> None:
        np.random.seed(3)
        random.seed(3)
        if torch:
            torch.manual_seed(3)

    seeded()
    expected = drawn()
    seeded()
    with pytest.raises(WrongGradient) if wrong else nullcontext():
        assert_gradients("examples/conv_filter_not_rotated.py:Conv" if wrong else RIGHT[1], seed=1)
    assert drawn() == expected
    seeded()
    with pytest.raises(WrongGradient) if wrong else nullcontext():
        assert_gradients(np.matmul, A, B, vjp=lambda dy, a, b: (dy @ b.T, a.T @ dy if not wrong else -a.T @ dy))
    assert drawn() == expected


def test_an_address_leaves_modules_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that the tests have imported is still the same one after its layer was checked by address."""
    (tmp_path / "own_relu.py").write_text(
        "class ReLU:\n"
        "    def forward(self, x):\n        self.x = x\n        return x * (x > 0)\n"
        "    def backward(self, dy):\n        return dy * (self.x > 0)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    import own_relu

    before, path = own_relu, list(sys.path)
    assert_gradients("own_relu.py:ReLU")
    after, sys.path[:] = sys.modules.pop("own_relu"), path
    assert after is before


# assert_sizes


@pytest.mark.parametrize(
    ("like", "arrays", "sizes"),
    [
        ("conv2d", {"X": (3, 9, 9), "F": (8, 3, 2, 2), "Y": (8, 8, 8), "dX": (3, 9, 9), "dF": (8, 3, 2, 2)}, {}),
        ("conv2d", {"X": (3, 9, 9), "F": (8, 3, 2, 2), "dY": (8, 8, 8)}, {}),
        ("conv2d", {"X": (5, 3, 9, 9), "F": (8, 3, 2, 2), "Y": (5, 8, 8, 8), "dX": (5, 3, 9, 9)}, {}),
        ("conv2d_strided", {"X": (3, 9, 9), "F": (8, 3, 2, 2), "Y": (8, 4, 4)}, {"s": 2}),
        ("conv2d_general", {"X": (3, 9, 9), "F": (8, 3, 2, 2), "Y": (8, 5, 5)}, {"s": 2, "P": 1, "d": 2}),
        ("conv2d_transposed", {"X": (3, 4, 4), "F": (3, 5, 3, 3), "Y": (5, 9, 9)}, {"s": 2, "P": 0, "d": 1, "Q": 0}),
        ("dense", {"W": (3, 4), "X": (10, 4), "Y": (10, 3), "dW": (3, 4)}, {}),
        ("bias", {"B": (3,), "Y": (2, 3, 4, 4), "dB": (3,)}, {"N": 2, "o": 4}),
        ("attention_scores", {"Q": (2, 5, 3), "K": (2, 6, 3), "S": (2, 5, 6)}, {}),
        (LINE, {"X": (3, 9), "F": (4, 3, 2), "Y": (4, 8)}, {}),
        ("Y[j,a] += pad(X, P)[i,s*a+u] * F[j,i,u]", {"X": (3, 9), "F": (4, 3, 2), "Y": (4, 5)}, {"P": 1, "s": 2}),
    ],
)
def test_right_sizes_pass(like: str, arrays: dict, sizes: dict) -> None:
    """Shapes and arrays, by keyword or in a dictionary, have the sizes that the layer gives; one less is told."""
    assert_sizes(like, sizes=sizes, **arrays)
    assert_sizes(like, {name: np.zeros(shape) for name, shape in arrays.items()}, sizes=sizes)
    name, shape = list(arrays.items())[-1]
    wrong = {**arrays, name: (*shape[:-1], shape[-1] - 1)}
    with pytest.raises(WrongSize, match=f"^{name}: the shape is .*, should be .*, for "):
        assert_sizes(like, wrong, sizes=sizes)


def test_all_wrong_sizes_are_told() -> None:
    """Each array that is wrong has a line with both shapes; then the command."""
    with pytest.raises(WrongSize) as caught:
        assert_sizes("conv2d", X=(3, 9, 9), F=(8, 3, 2, 2), Y=(8, 8, 7), dX=(3, 8, 8), dF=(8, 3, 2, 2))
    y, dx, rerun = str(caught.value).splitlines()
    assert y == "Y: the shape is 8 x 8 x 7, should be 8 x 8 x 8, for conv2d"
    assert dx == "dX: the shape is 3 x 8 x 8, should be 3 x 9 x 9, for conv2d"
    assert rerun.startswith("rerun: pytest ")


def test_a_batch_is_no_axis_of_a_filter() -> None:
    """With a batch, the output has its axis, and the filter's gradient has not."""
    with pytest.raises(WrongSize) as caught:
        assert_sizes("conv2d", X=(5, 3, 9, 9), F=(8, 3, 2, 2), Y=(8, 8, 8), dF=(5, 8, 3, 2, 2))
    assert [line[:3] for line in str(caught.value).splitlines()] == ["Y: ", "dF:", "rer"]


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"X": (3, 9, 9), "F": (8, 4, 2, 2)}, "X is (3, 9, 9), but should be (4, 9, 9)"),
        ({"X": (3, 9, 8), "F": (8, 3, 2, 2)}, "X is (3, 9, 8), but should be (3, 8, 8)"),
        ({"X": (3, 9, 9), "F": (8, 3)}, "F has 4 axes, and the inputs have 3, 2"),
    ],
)
def test_operands_that_do_not_fit_are_told(arrays: dict, told: str) -> None:
    """Operands that contradict each other, or have other axes than the layer's, are wrong sizes."""
    with pytest.raises(WrongSize, match=re.escape(told)):
        assert_sizes("conv2d", arrays)


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"X": (3, 3, 3), "F": (8, 3, 5, 5)}, "Y: the shape is 8 x 0 x 0 from X of 3 x 3 x 3 and F of 8 x 3 x 5 x 5"),
        ({"X": (3, 3, 3), "F": (8, 3, 4, 4), "Y": (8, 0, 0)}, "Y: the shape is 8 x 0 x 0 from X of"),
        ({"X": (0, 3, 3), "F": (8, 0, 2, 2)}, "X: the shape is 0 x 3 x 3, without an entry"),
    ],
)
def test_a_layer_without_entries_is_told(arrays: dict, told: str) -> None:
    """A filter larger than the input, or no channels: there is no such layer; a batch may be empty."""
    line = "Y[j,a,b] += X[i,a+u,b+v] * F[j,i,u,v]"
    for like in ("conv2d", line):
        with pytest.raises(WrongSize, match=f"^{told}"):
            assert_sizes(like, arrays)
    assert_sizes("conv2d", X=(0, 3, 3, 3), F=(8, 3, 2, 2), Y=(0, 8, 2, 2))


def test_what_is_missing_or_strange_is_told() -> None:
    """An operand that is not given, a size that no array tells, and a misspelt array are told with what is needed."""
    with pytest.raises(LayerError, match=r"F is not given: pass X=..., F=..."):
        assert_sizes("conv2d", X=(3, 9, 9))
    with pytest.raises(LayerError, match="conv2d has no dx; it has X, F, Y, dX, dF, dY"):
        assert_sizes("conv2d", X=(3, 9, 9), F=(8, 3, 2, 2), dx=(3, 9, 9))
    with pytest.raises(AssertionError, match=r"no array tells s: pass sizes=\{'s': ...\}"):
        assert_sizes("conv2d_strided", X=(3, 9, 9), F=(8, 3, 2, 2))


def test_what_is_no_layer_is_told() -> None:
    """A name that the catalogue does not have is told."""
    with pytest.raises((LayerError, NotationError)):
        assert_sizes("conv9d", X=(3, 9, 9))


def test_a_size_that_it_does_not_have_is_told() -> None:
    """A stride means nothing to a layer of stride one, and is not passed over."""
    with pytest.raises((LayerError, WrongSize)):
        assert_sizes("conv2d", X=(3, 9, 9), F=(8, 3, 2, 2), Y=(8, 8, 8), sizes={"s": 2})


def test_a_stride_of_nothing_is_told() -> None:
    """Sizes are at least what the layer's sizes are: a stride is 1 or more."""
    with pytest.raises((LayerError, WrongSize)):
        assert_sizes("conv2d_strided", X=(3, 9, 9), F=(8, 3, 2, 2), Y=(8, 10, 10), sizes={"s": 0})


def test_a_line_says_itself_whether_there_is_a_batch() -> None:
    """Only of a name in the catalogue is it known how many axes there are without one."""
    with pytest.raises(NotationError, match="X is read with 2 indices, but has 3 sizes here"):
        assert_sizes(LINE, X=(7, 3, 9), F=(4, 3, 2), Y=(7, 4, 8))


def test_public_names_are_the_assertions() -> None:
    """What the package exports is what raises and is raised."""
    assert gradcheck.assert_gradients is assert_gradients
    assert WrongGradient.__module__ == WrongSize.__module__ == "gradcheck"


def test_like_is_what_a_function_must_be() -> None:
    """A true convolution with a right gradient is not what is meant by conv1d: the output is compared, too."""

    def convolve(x: np.ndarray, w: np.ndarray) -> np.ndarray:
        return sliding_window_view(x, w.shape[2], axis=1).transpose(1, 0, 2).reshape(-1, w[0].size) @ (
            w[..., ::-1].reshape(len(w), -1).T
        )

    def vjp(dy: np.ndarray, x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        units = (np.eye(array.size).reshape(-1, *array.shape) for array in (x, w))
        dx, dw = next(units), next(units)
        return (
            np.array([(dy * convolve(one, w)).sum() for one in dx]).reshape(x.shape),
            np.array([(dy * convolve(x, one)).sum() for one in dw]).reshape(w.shape),
        )

    x, w = np.ones((2, 5)), np.ones((3, 2, 2))
    transposed = lambda x, w: convolve(x, w).T  # noqa: E731 the layout of the line
    backward = lambda dy, x, w: vjp(dy.T, x, w)  # noqa: E731
    assert assert_gradients(transposed, x, w, vjp=backward).verdict == "verified"
    with pytest.raises(WrongGradient, match=r"^output Y .*\[GC501\]"):
        assert_gradients(transposed, x, w, vjp=backward, like="conv1d")
