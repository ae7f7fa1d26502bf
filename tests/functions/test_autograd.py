"""Functions of autograd.numpy: the gradients of make_vjp are right, and a primitive's wrong rule is refuted."""

import numpy as np
import pytest

pytest.importorskip("autograd", reason="autograd is not installed")
import autograd.numpy as anp
from autograd.extend import defjvp, defvjp, primitive

from gradcheck import check
from gradcheck.errors import TargetError, TargetRaised

RANDOM = np.random.default_rng(0)
X, W = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=(4, 5))
Z = RANDOM.normal(size=4) + 1j * RANDOM.normal(size=4)


def ruled(forward, *rules):
    """A primitive with a gradient of one's own for each input: of the cotangent and the inputs."""
    made = primitive(forward)
    defvjp(made, *(lambda out, *given, rule=rule: lambda dy: rule(dy, *given) for rule in rules))
    return lambda *given: anp.array(1.0) * made(*given)


def statuses(found):
    """What is said of every gradient."""
    return [one.status for one in found.gradients]


def slope(x):
    """The derivative of tanh."""
    return 1 - np.tanh(x) ** 2


def test_a_product_is_verified_exactly():
    """With the library's name; a wrong sign is refuted."""
    right = check(lambda x, w: anp.dot(x, w), X, W)
    wrong = check(ruled(np.dot, lambda dy, x, w: dy @ w.T, lambda dy, x, w: -x.T @ dy), X, W)
    assert (right.verdict, right.evidence.method, right.library) == ("verified", "probe", "autograd")
    assert (wrong.verdict, wrong.cause, statuses(wrong)) == ("refuted", "wrong-sign", ["right", "wrong"])


def test_a_smooth_function():
    """A function of one's own, and the library's itself; a mistake is named."""
    assert check(lambda x: anp.tanh(x), X).verdict == "verified"
    assert check(anp.tanh, X).verdict == "verified"
    assert check(ruled(np.tanh, lambda dy, x: 2 * dy * slope(x)), X).cause == "constant-factor"


def test_float32():
    """The error is that of the type."""
    found = check(lambda x: anp.tanh(x), X.astype("float32"))
    assert (found.verdict, found.dtype) == ("verified", "float32")
    assert check(ruled(np.tanh, lambda dy, x: dy * slope(x) * 1.01), X.astype("float32")).verdict == "refuted"


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(lambda z: z * z * anp.conj(z), id="cube"),
        pytest.param(lambda z: anp.abs(z) ** 2, id="size"),
        pytest.param(lambda z: anp.fft.fft(z), id="fft"),
    ],
)
def test_complex_functions_are_verified(function):
    """With real outputs and complex ones."""
    assert check(function, Z).verdict == "verified"


def test_a_conjugate_too_much_is_refuted():
    """It is right for real numbers, and wrong for complex ones."""
    square = ruled(lambda z: z * z, lambda dy, z: 2 * np.conj(z) * dy)
    assert check(square, X).verdict == "verified"
    assert check(square, Z).verdict == "refuted"


def test_several_outputs():
    """All of them count."""
    half = ruled(np.tanh, lambda dy, x: dy * slope(x) / 2)
    assert check(lambda x, w: (anp.dot(x, w), anp.tanh(x)), X, W).verdict == "verified"
    assert statuses(check(lambda x, w: (anp.dot(x, w), half(x)), X, W)) == ["wrong", "right"]


def test_integers_are_constants():
    """Indices are passed on."""
    found = check(lambda table, at: anp.tanh(table[at]), X, np.array([0, 2, 2]))
    assert (found.verdict, [one.name for one in found.gradients]) == ("verified", ["gradient of table"])


def test_the_second_order():
    """Verified; one that stops at the first is refuted."""
    assert statuses(check(lambda x: anp.tanh(x), X, order=2)) == ["right", "right"]
    assert check(lambda x, w: anp.dot(x, w), X, W, order=2).evidence.method == "probe"
    stopped = primitive(slope)
    defvjp(stopped, lambda out, x: lambda dy: 0 * dy)
    once = ruled(np.tanh, lambda dy, x: dy * stopped(x))
    assert check(once, X).verdict == "verified"
    found = check(once, X, order=2)
    assert (found.verdict, found.cause, statuses(found)) == ("refuted", "all-zero", ["wrong", "right"])


@pytest.mark.parametrize(("rule", "status"), [(slope, "right"), (lambda x: 1 - np.tanh(x), "wrong")])
def test_forward_mode(rule, status):
    """A right rule is verified, one with a mistake is refuted; the gradient is right."""
    made = primitive(np.tanh)
    defvjp(made, lambda out, x: lambda dy: dy * slope(x))
    defjvp(made, lambda t, out, x: t * rule(x))
    assert statuses(check(lambda x: anp.array(1.0) * made(x), X, forward=True)) == ["right", status]


def test_forward_mode_of_a_product_is_exact():
    """For both inputs."""
    assert statuses(check(lambda x, w: anp.dot(x, w), X, W, forward=True)) == ["right"] * 4


def test_inputs_are_left_alone():
    """Right or wrong."""
    given = X.copy()
    check(lambda x: anp.tanh(x), given)
    check(ruled(np.tanh, lambda dy, x: -dy * slope(x)), given)
    assert np.array_equal(given, X)


def test_what_raises():
    """The user's own line is told."""
    with pytest.raises(TargetRaised, match="cannot reshape"):
        check(lambda x: anp.reshape(x, (77,)), X)


def test_numpy_itself_is_not_autograd():
    """A function that names nothing of it has no gradient."""
    with pytest.raises(TargetError, match="has no gradient of its own"):
        check(lambda x: np.tanh(x), X)
