"""The forward mode: every output's derivative by the function's own rule is that of differences, exactly or nearly."""

import numpy as np
import pytest
from given import Given

from gradcheck.errors import TargetRaised
from gradcheck.functions.exactly import exact
from gradcheck.functions.forward import exactly_forward, nearly_forward
from gradcheck.functions.nearly import Near

RANDOM = np.random.default_rng(6)
A, B = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=(4, 5))


def product(jvp, seed=0):
    """The forward mode of a matrix product."""
    return exactly_forward(exact(Given(np.matmul, jvp=jvp), ("a", "b"), (A, B), None, seed))


def sine(jvp, x=A, seed=0, dtype="float64"):
    """The forward mode of the sine."""
    return nearly_forward(Near(Given(np.sin, dtype=dtype, jvp=jvp), (x,), ("x",), seed))


def right(t, x):
    """The rule of a matrix product."""
    return t[0] @ x[1] + x[0] @ t[1]


def test_a_linear_function_is_compared_exactly():
    """One derivative for each input, every output of it."""
    found = product(right)
    assert [(one.name, one.status, one.elements) for one in found] == [
        ("derivative along a (forward mode)", "right", 15),
        ("derivative along b (forward mode)", "right", 15),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_one_wrong_output_of_a_linear_function_is_found(seed):
    """The rule for the second input is wrong in one place."""

    def wrong(t, x):
        found = right(t, x)
        found[1, 2] += t[1][0, 0] / 8
        return found

    first, second = product(wrong, seed)
    assert (first.status, second.status) == ("right", "wrong")
    assert (second.fault.entry, second.fault.wrong) == ((7,), 1)


def test_a_forgotten_input_is_named():
    """Its derivative is zero everywhere."""
    first, second = product(lambda t, x: t[0] @ x[1])
    assert (first.status, second.fault.causes[0].id) == ("right", "all-zero")


def test_an_affine_function_is_compared_exactly():
    """What is added has no derivative."""
    given, other = (Given(lambda x: 3 * x + 1, jvp=jvp) for jvp in (lambda t, x: 3 * t[0], lambda t, x: 3 * t[0] + 1))
    assert [one.status for one in exactly_forward(exact(given, ("x",), (A,), None, 0))] == ["right"]
    assert [one.status for one in exactly_forward(exact(other, ("x",), (A,), None, 0))] == ["wrong"]


def test_several_outputs():
    """All of them, one after another."""

    def both(x):
        return x.sum(0), 2 * x

    def rule(t, x):
        return t[0].sum(0), 2 * t[0]

    (one,) = exactly_forward(exact(Given(both, jvp=rule), ("x",), (A,), None, 0))
    assert (one.status, one.elements) == ("right", 4 + 12)
    (one,) = exactly_forward(exact(Given(both, jvp=lambda t, x: (t[0].sum(0), t[0])), ("x",), (A,), None, 0))
    assert (one.status, one.fault.wrong) == ("wrong", 12)


@pytest.mark.parametrize("seed", range(4))
def test_a_smooth_function_is_compared_with_differences(seed):
    """Within their error; a millionth more is beyond it."""
    (one,) = sine(lambda t, x: t[0] * np.cos(x[0]), seed=seed)
    assert (one.name, one.status, one.elements) == ("derivative along x (forward mode)", "right", 12)
    (one,) = sine(lambda t, x: (1 + 1e-6) * t[0] * np.cos(x[0]), seed=seed)
    assert one.status == "wrong"


def test_one_wrong_output_of_a_smooth_function_is_found():
    """In its place."""
    factor = np.ones(A.shape)
    factor[2, 0] = 1.001
    (one,) = sine(lambda t, x: factor * t[0] * np.cos(x[0]))
    assert (one.fault.entry, one.fault.wrong) == ((8,), 1)


def test_a_kink_has_a_slope_between_its_sides():
    """At zero the derivative of relu may be anything from 0 to 1."""
    kinked = np.array([-1.0, 0, 0, 2])
    given = (
        Given(lambda x: np.maximum(x, 0), jvp=lambda t, x, s=s: t[0] * np.where(x[0] == 0, s, x[0] > 0))
        for s in (0, 1, 3)
    )
    found = [nearly_forward(Near(one, (kinked,), ("x",), 0))[0].status for one in given]
    assert found == ["right", "right", "wrong"]


def test_narrow_types_have_wider_errors():
    """In 32 bits a millionth is nothing, and a hundredth is wrong."""
    for more, status in ((1e-6, "right"), (1e-2, "wrong")):
        found = nearly_forward(
            Near(
                Given(
                    lambda x: np.sin(x.astype("float32")).astype(float),
                    dtype="float32",
                    jvp=lambda t, x, more=more: (1 + more) * t[0] * np.cos(x[0]),
                ),
                (A,),
                ("x",),
                0,
            )
        )
        assert found[0].status == status


@pytest.mark.parametrize("check", [product, sine])
def test_a_rule_that_raises_is_told(check):
    """It was the forward mode."""
    with pytest.raises(TargetRaised, match="ZeroDivisionError") as caught:
        check(lambda t, x: 1 / 0)
    assert caught.value.stage == "forward mode"
