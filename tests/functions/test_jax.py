"""Functions of JAX arrays: the gradients of jax.vjp are right, and what a custom rule gets wrong is refuted."""

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="JAX is not installed")
import jax.numpy as jnp  # noqa: E402

from gradcheck import check  # noqa: E402
from gradcheck.errors import TargetRaised  # noqa: E402
from gradcheck.functions.check import BOUND  # noqa: E402

RANDOM = np.random.default_rng(0)
X, W = (jnp.asarray(RANDOM.normal(size=shape), jnp.float32) for shape in ((3, 4), (4, 5)))
Z = jnp.asarray(RANDOM.normal(size=4) + 1j * RANDOM.normal(size=4), jnp.complex64)


def ruled(forward, rule):
    """A function with a gradient of one's own: of the input and the cotangent."""
    made = jax.custom_vjp(forward)
    made.defvjp(lambda *given: (forward(*given), given), lambda given, dy: rule(dy, *given))
    return made


def statuses(found):
    """What is said of every gradient."""
    return [one.status for one in found.gradients]


def test_a_product_is_verified_exactly():
    """In 32 bits, with the library's name."""
    found = check(jnp.matmul, X, W)
    assert (found.verdict, found.evidence.method) == ("verified", "probe")
    assert (found.library, found.dtype) == ("jax", "float32")
    assert found.evidence.chance <= BOUND


def test_a_mistake_in_a_product_is_named():
    """The sign of the second gradient."""
    found = check(ruled(jnp.matmul, lambda dy, a, b: (dy @ b.T, -a.T @ dy)), X, W)
    assert (found.verdict, found.cause, statuses(found)) == ("refuted", "wrong-sign", ["right", "wrong"])


def test_bfloat16_is_exact():
    """With more trials."""
    narrow, wide = (check(jnp.matmul, X.astype(t), W.astype(t)).evidence for t in (jnp.bfloat16, jnp.float32))
    assert narrow.method == wide.method == "probe"
    assert narrow.trials > wide.trials
    assert narrow.chance <= BOUND


def test_a_smooth_function():
    """Verified by differences, jitted or not; one with a mistake is refuted."""
    assert check(jnp.tanh, X).verdict == "verified"
    assert check(jax.jit(jnp.sin), X).verdict == "verified"
    wrong = ruled(jnp.tanh, lambda dy, x: (dy * (1 - jnp.tanh(x)),))
    assert check(wrong, X).verdict == "refuted"


def test_double_precision():
    """Where JAX was told to."""
    with jax.enable_x64(True):
        right = check(jnp.tanh, jnp.asarray(np.asarray(X), jnp.float64))
        wrong = check(
            ruled(jnp.tanh, lambda dy, x: (dy * (1 + 1e-7 - jnp.tanh(x) ** 2),)),
            jnp.asarray(np.asarray(X), jnp.float64),
        )
    assert (right.verdict, right.dtype, wrong.verdict) == ("verified", "float64", "refuted")


def test_numpy_arrays_are_taken():
    """By a function that names JAX."""
    found = check(lambda x: jnp.tanh(x), np.asarray(X))
    assert (found.verdict, found.library) == ("verified", "jax")


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(lambda z: z * z * z.conj(), id="cube"),
        pytest.param(lambda z: jnp.abs(z) ** 2, id="size"),
        pytest.param(jnp.fft.fft, id="fft"),
    ],
)
def test_complex_functions_are_verified(function):
    """JAX has the conjugate of torch's gradients, and both are right."""
    assert check(function, Z).verdict == "verified"


def test_a_conjugate_too_much_is_refuted():
    """It is right for real numbers, and wrong for complex ones."""
    square = ruled(lambda z: z * z, lambda dy, z: (2 * z.conj() * dy,))
    assert check(square, Z.real).verdict == "verified"
    assert check(square, Z).verdict == "refuted"


def test_several_outputs():
    """All of them count."""
    assert check(lambda a, b: (a @ b, jnp.tanh(a)), X, W).verdict == "verified"
    stopped = check(lambda a, b: (a @ b, jnp.tanh(jax.lax.stop_gradient(a))), X, W)
    assert (stopped.verdict, statuses(stopped)) == ("refuted", ["wrong", "right"])


def test_integers_are_constants():
    """Indices are passed on."""
    found = check(lambda table, at: table[at], X, jnp.array([0, 2, 2]))
    assert (found.verdict, [one.name for one in found.gradients]) == ("verified", ["gradient of table"])


def test_the_second_order():
    """Verified; one that stops at the first is refuted."""
    assert check(jnp.tanh, X, order=2).verdict == "verified"
    once = ruled(jnp.tanh, lambda dy, x: (dy * (1 - jax.lax.stop_gradient(jnp.tanh(x)) ** 2),))
    assert check(once, X).verdict == "verified"
    found = check(once, X, order=2)
    assert (found.verdict, found.cause, statuses(found)) == ("refuted", "all-zero", ["wrong", "right"])


def test_forward_mode():
    """Verified; a rule with a mistake is refuted, and so is the gradient that JAX makes of it."""
    assert statuses(check(jnp.matmul, X, W, forward=True)) == ["right"] * 4
    assert statuses(check(jnp.tanh, X, forward=True)) == ["right"] * 2
    wrong = jax.custom_jvp(jnp.tanh)
    wrong.defjvp(lambda x, t: (jnp.tanh(x[0]), t[0] * (1 - jnp.tanh(x[0]))))
    assert statuses(check(wrong, X, forward=True)) == ["wrong"] * 2


def test_a_function_without_forward_mode():
    """A custom_vjp has none, which is told."""
    with pytest.raises(TargetRaised, match="forward-mode") as caught:
        check(ruled(jnp.tanh, lambda dy, x: (dy * (1 - jnp.tanh(x) ** 2),)), X, forward=True)
    assert caught.value.stage == "forward mode"


def test_what_raises():
    """The function, or its gradient."""

    def bad(*given):
        raise ValueError("none of this")

    with pytest.raises(TargetRaised, match="none of this") as caught:
        check(bad, X)
    assert caught.value.stage == "the function"
    with pytest.raises(TargetRaised, match="none of this") as caught:
        check(ruled(jnp.tanh, bad), X)
    assert caught.value.stage == "backward"


def test_integers_alone():
    """Nothing to differentiate is told as such."""
    with pytest.raises(Exception, match="integers have no gradient in jax"):
        check(lambda x: 2 * x, jnp.arange(3))
