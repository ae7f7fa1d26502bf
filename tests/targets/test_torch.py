from dataclasses import replace
from functools import cache
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from targets import torch_layers as layers  # noqa: E402

from gradcheck.errors import TargetRaised  # noqa: E402
from gradcheck.examination.examine import examine  # noqa: E402
from gradcheck.findings import Examination, Result  # noqa: E402
from gradcheck.targets.recognise import recognise  # noqa: E402
from gradcheck.targets.torch import recognised  # noqa: E402

OWN = {
    "conv1d": torch.nn.functional.conv1d,
    "conv2d": torch.nn.functional.conv2d,
    "conv_transpose1d": torch.nn.functional.conv_transpose1d,
    "linear": torch.nn.functional.linear,
    "Conv2d": torch.nn.Conv2d,
    "Linear": torch.nn.Linear,
    "LazyLinear": torch.nn.LazyLinear,
}
MISTAKES = {
    layers.FilterNotRotated: ("x", "filter-not-rotated"),
    layers.FilterGradientRotated: ("w", "filter-gradient-rotated"),
    layers.LastSampleOnly: ("w", "last-sample-only"),
    layers.StrideIgnored: ("w", "stride-ignored"),
    layers.WrongSign: ("x", "wrong-sign"),
}


@cache
def examined(found: Any, dtype: str = "float64") -> Examination:
    """What is found out about a layer that runs in this type."""
    return examine(replace(recognise(found), dtype=dtype), "target")  # type: ignore[type-var]


def wrong(found: Any) -> dict[str, Result]:
    """The results of a layer that are wrong, by role."""
    return {result.role: result for result in examined(found).results if result.status == "wrong"}


@pytest.mark.parametrize("name", OWN)
def test_the_frameworks_own_layers_are_verified(name: str) -> None:
    """Each array of PyTorch's layers is exactly that of a line of notation."""
    examination = examined(OWN[name])
    assert examination.verdict == "verified"
    assert {result.status for result in examination.results} == {"right"}


def test_every_size_of_conv2d_is_chosen() -> None:
    """Stride, padding, dilation and groups are varied, and no classic mistake would go unseen."""
    examination = examined(OWN["conv2d"])
    told = dict(examination.found)
    assert [told[what] for what in ("stride", "dilation", "groups")] == ["by stride", "by dilation", "by groups"]
    assert told["padding"].startswith("by padding")
    assert examination.blind == ()


@pytest.mark.parametrize("kind", [layers.Conv, layers.TurnedLinear, layers.Conv.apply])
def test_a_right_function_is_verified(kind: Any) -> None:
    """Operands are known by forward's parameter names, with ctx and without."""
    assert examined(kind).verdict == "verified"


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_named(kind: Any) -> None:
    """The one wrong gradient is found, and its first cause is the mistake that was made."""
    role, cause = MISTAKES[kind]
    found = wrong(kind)
    assert list(found) == [role]
    assert found[role].fault.causes[0].id == cause  # type: ignore[union-attr]


@pytest.mark.parametrize(("kind", "role", "more"), [(layers.BatchKept, "w", 2), (layers.BiasKeepsAnAxis, "b", 1)])
def test_a_shape_that_the_engine_would_mend_is_wrong(kind: Any, role: str, more: int) -> None:
    """What backward returns is seen as it is, though the engine would sum or refuse it."""
    (fault,) = [result.fault for result in wrong(kind).values()]
    assert list(wrong(kind)) == [role]
    assert fault.shape == (more, *fault.expected)  # type: ignore[union-attr]


def test_none_for_an_operand_is_wrong() -> None:
    """A gradient that backward leaves out is told as such."""
    assert wrong(layers.BiasForgotten)["b"].fault.causes[0].id == "none-returned"  # type: ignore[union-attr]
    assert wrong(layers.DetachedLinear)["w"].fault.causes[0].id == "none-returned"  # type: ignore[union-attr]


def test_too_few_gradients_are_an_error() -> None:
    """Backward must return one for each argument of forward, as the engine has it."""
    with pytest.raises(TargetRaised, match="3 gradients for the 4 arguments"):
        examined(layers.OptionForgotten)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("name", ["Conv2d", "conv1d"])
def test_lower_precision_is_exact(name: str, dtype: str) -> None:
    """Small integers have no rounding in any type."""
    examination = examined(OWN[name], dtype)
    assert examination.verdict == "verified"
    assert {notice.id for notice in examination.notices} <= {"options-left"}


def test_a_mistake_is_named_in_lower_precision() -> None:
    """The twin: in a type of 8 bits, a wrong sign is still one."""
    results = {result.role: result for result in examined(layers.WrongSign, "bfloat16").results}
    assert results["x"].fault.causes[0].id == "wrong-sign"  # type: ignore[union-attr]


def test_weights_are_found_by_their_dotted_path() -> None:
    """A module within a module keeps its gradients with its parameters."""
    examination = examined(layers.Block1d)
    assert examination.verdict == "verified"
    assert [result.source for result in examination.results[2:]] == [
        "left in conv.weight.grad",
        "left in conv.bias.grad",
    ]


def test_a_backward_of_its_own_is_what_counts() -> None:
    """A module with a backward method is checked by that, not by the engine."""
    assert wrong(layers.LinearByHand)["w"].fault.causes[0].id == "wrong-sign"  # type: ignore[union-attr]


def test_a_function_around_a_function_is_run_through_the_engine() -> None:
    """A mistake in what a plain function calls is found."""
    assert wrong(layers.wrapped_conv2d)["x"].fault.causes[0].id == "wrong-sign"  # type: ignore[union-attr]


def test_a_change_in_place_is_noticed() -> None:
    """An input that forward overwrites is told."""
    assert [notice.id for notice in examined(layers.stretched_linear).notices] == ["input-mutated"]


def test_a_loss_of_precision_is_noticed() -> None:
    """An output of 32 bits is told where 64 were given."""
    assert "down-cast" in [notice.id for notice in examined(layers.narrowed_linear).notices]


@pytest.mark.parametrize("found", [layers.paired_forward, layers.paired_backward, layers.in_numpy, dict, len, 3])
def test_what_is_not_for_the_engine_is_left_alone(found: Any) -> None:
    """A function with a backward pass beside it, or that names nothing of PyTorch, is no target here."""
    assert recognised(found) is None


def test_threads_are_as_they_were() -> None:
    """A run leaves PyTorch's number of threads alone."""
    before = torch.get_num_threads()
    examined(OWN["linear"])
    assert torch.get_num_threads() == before
