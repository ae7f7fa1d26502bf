"""The other half of a pair of functions is found by its name."""

from types import FunctionType, ModuleType

import pytest

from gradcheck.targets.pairs import is_backward, partner


def module(*names: str) -> ModuleType:
    """A module with a function of each of these names."""
    found = ModuleType("pairs")
    for name in names:
        setattr(found, name, FunctionType((lambda x: x).__code__, {}, name))
    return found


PAIRS = [
    ("conv_forward", "conv_backward"),
    ("forward", "backward"),
    ("conv_forward_naive", "conv_backward_naive"),
    ("forward_conv2d", "backward_conv2d"),
    ("convForward", "convBackward"),
    ("conv_fwd", "conv_bwd"),
    ("conv_forward", "conv_grad"),
    ("conv_fprop", "conv_bprop"),
    ("conv2d", "conv2d_backward"),
    ("conv2d", "backward_conv2d"),
    ("conv2d", "conv2d_grad"),
    ("conv2d", "grad_conv2d"),
    ("conv2d", "conv2d_vjp"),
    ("conv_forward_pass", "conv_backward_pass"),
    ("forward_prop", "back_prop"),
    ("conv_forward", "conv_backprop"),
]


@pytest.mark.parametrize(("forward", "backward"), PAIRS)
def test_each_half_finds_the_other(forward: str, backward: str) -> None:
    """From the forward pass to the backward pass, and back, past functions that belong to neither."""
    there = module("relu_forward", "relu_backward", "pad", forward, backward, "helper")
    assert partner(there, getattr(there, forward)) is getattr(there, backward)
    assert partner(there, getattr(there, backward)) is getattr(there, forward)


@pytest.mark.parametrize(
    ("names", "of"),
    [
        (("conv_forward", "relu_backward"), "conv_forward"),
        (("conv_forward", "relu_backward"), "relu_backward"),
        (("conv2d", "conv3d_grad"), "conv2d"),
        (("background_conv", "ground_conv"), "ground_conv"),
        (("conv_forward",), "conv_forward"),
        (("helper", "pad"), "pad"),
    ],
)
def test_functions_that_belong_apart_find_nothing(names: tuple[str, ...], of: str) -> None:
    """The halves of two pairs, and words that only contain one that tells a pass, make no pair."""
    there = module(*names)
    assert partner(there, getattr(there, of)) is None


def test_only_functions_are_partners() -> None:
    """A value of the right name is no pass."""
    there = module("conv_forward")
    there.conv_backward = 3  # type: ignore[attr-defined]
    assert partner(there, there.conv_forward) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("conv_backward", True),
        ("convBackward", True),
        ("bwd", True),
        ("d_conv_vjp", True),
        ("conv_grad", True),
        ("gradient_of_conv", True),
        ("conv_forward", False),
        ("conv2d", False),
    ],
)
def test_a_backward_pass_is_told_by_its_name(name: str, expected: bool) -> None:
    """A word that tells a backward pass makes one."""
    assert is_backward(name) is expected
