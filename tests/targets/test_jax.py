from dataclasses import replace
from typing import Any

import pytest

jax = pytest.importorskip("jax", reason="JAX is not installed")

from targets import jax_layers as layers  # noqa: E402

from gradcheck.errors import TargetError  # noqa: E402
from gradcheck.examination.examine import examine  # noqa: E402
from gradcheck.findings import Examination, Result  # noqa: E402
from gradcheck.targets.jax import recognised  # noqa: E402
from gradcheck.targets.recognise import recognise  # noqa: E402

MISTAKES = {
    "filter_not_rotated": ("x", "filter-not-rotated"),
    "filter_gradient_rotated": ("w", "filter-gradient-rotated"),
    "last_sample_only": ("w", "last-sample-only"),
    "stride_ignored": ("w", "stride-ignored"),
    "wrong_sign": ("x", "wrong-sign"),
}


def examined(name: str, dtype: str = "float64") -> Examination:
    """What is found out about a layer that runs in this type."""
    return examine(replace(recognise(getattr(layers, name)), dtype=dtype), name)  # type: ignore[type-var]


def wrong(name: str) -> dict[str, Result]:
    """The results of a layer that are wrong, by role."""
    return {result.role: result for result in examined(name).results if result.status == "wrong"}


def test_every_size_of_conv2d_is_verified() -> None:
    """Stride, padding, dilation and groups are varied, and no classic mistake would go unseen."""
    examination = examined("conv2d")
    told = dict(examination.found)
    assert examination.verdict == "verified"
    assert [told[what] for what in ("stride", "dilation", "groups")] == ["by stride", "by dilation", "by groups"]
    assert told["padding"].startswith("by padding")
    assert examination.blind == ()


@pytest.mark.parametrize("name", ["right", "linear"])
def test_a_right_function_is_verified(name: str) -> None:
    """Rules that are right, and a compiled function, whose gradients are those of jax.vjp."""
    assert examined(name).verdict == "verified"


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named(name: str) -> None:
    """The one wrong gradient is found, and its first cause is the mistake that was made."""
    role, cause = MISTAKES[name]
    found = wrong(name)
    assert list(found) == [role]
    assert found[role].fault.causes[0].id == cause  # type: ignore[union-attr]


@pytest.mark.parametrize(("name", "role", "more"), [("batch_kept", "w", 4), ("affine", "b", 1)])
def test_a_shape_that_jax_would_refuse_is_wrong(name: str, role: str, more: int) -> None:
    """What the backward rule returns is seen as it is, before JAX compares shapes."""
    (fault,) = [result.fault for result in wrong(name).values()]
    assert list(wrong(name)) == [role]
    assert fault.shape == (more, *fault.expected)  # type: ignore[union-attr]


def test_rules_with_symbolic_zeros_are_run_by_jax() -> None:
    """Rules that want more than arrays are checked through jax.vjp, with the same result."""
    assert wrong("symbolic_linear")["w"].fault.causes[0].id == "wrong-sign"  # type: ignore[union-attr]


def test_missing_rules_are_told() -> None:
    """A custom_vjp without rules cannot be run, and the message says what sets them."""
    with pytest.raises(TargetError, match="defvjp"):
        recognise(layers.without_rules)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_lower_precision_is_exact(dtype: str) -> None:
    """Small integers have no rounding in any type."""
    examination = examined("right", dtype)
    assert examination.verdict == "verified"
    assert {notice.id for notice in examination.notices} <= {"options-left"}


def test_a_mistake_is_named_in_lower_precision() -> None:
    """The twin: in a type of 8 bits, a wrong sign is still one."""
    results = {result.role: result for result in examined("wrong_sign", "bfloat16").results}
    assert results["x"].fault.causes[0].id == "wrong-sign"  # type: ignore[union-attr]


def test_a_loss_of_precision_is_noticed() -> None:
    """An output of 32 bits is told where 64 were given."""
    assert "down-cast" in [notice.id for notice in examined("narrowed_linear").notices]


@pytest.mark.parametrize("found", [layers.paired_forward, layers.paired_backward, layers.in_numpy, dict, len, 3])
def test_what_is_not_for_jax_is_left_alone(found: Any) -> None:
    """A function with a backward pass beside it, or that names nothing of JAX, is no target here."""
    assert recognised(found) is None


def test_64_bits_are_switched_on_for_the_run_only() -> None:
    """JAX's own setting is as it was."""
    before = jax.config.jax_enable_x64
    assert examined("linear").notices == ()
    assert jax.config.jax_enable_x64 == before
