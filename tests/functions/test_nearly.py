"""Any differentiable function is checked at its point, by differences with an estimated error, and by elements."""

import numpy as np
import pytest
from given import Given

from gradcheck.functions import nearly as module
from gradcheck.functions.nearly import DIRECTIONS, Near, nearly, precision

RANDOM = np.random.default_rng(4)
X = RANDOM.normal(size=(3, 4))


def seen(call, vjp, *inputs, names="xyz", seed=0, why="", **options):
    """What is found: the evidence, the gradients and the notices."""
    return nearly(Near(Given(call, vjp), inputs, tuple(names[: len(inputs)]), seed, **options), why)


def statuses(call, vjp, *inputs, **options):
    """What is said of every gradient."""
    return [one.status for one in seen(call, vjp, *inputs, **options)[1]]


def sine_vjp(dy, x):
    """The gradient of the sine."""
    return dy * np.cos(x)


@pytest.mark.parametrize(
    ("dtype", "digits"), [("float64", 52), ("float32", 23), ("float16", 10), ("bfloat16", 7), ("tfloat32", 23)]
)
def test_the_precision_of_a_type(dtype, digits):
    """The digits after the first; what is not known is taken for 32 bits."""
    assert precision(dtype) == 2.0**-digits


def test_a_right_gradient_is_right():
    """The direction that says most is kept, with its error; why it was not exact is passed on."""
    evidence, (one,), notices = seen(np.sin, sine_vjp, X, why="because")
    assert (evidence.method, evidence.trials, evidence.why) == ("differences", DIRECTIONS, "because")
    assert (one.name, one.status, one.elements, one.fault) == ("gradient of x", "right", 0, None)
    assert abs(one.by_gradient - one.by_differences) <= one.error < 1e-9
    assert notices == ()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("relative", [1e-3, 1e-6, 1e-8])
def test_a_small_error_everywhere_is_found(seed, relative):
    """A hundred-millionth, by whatever seed."""
    (one,) = seen(np.sin, lambda dy, x: (1 + relative) * sine_vjp(dy, x), X, seed=seed)[1]
    assert one.status == "wrong"


def test_each_input_is_checked_by_itself():
    """One gradient is wrong, and its neighbours are right."""

    def vjp(dy, x, y, z):
        return dy * y**2, dy * x * y, dy * np.ones_like(z)

    found = seen(lambda x, y, z: x * y**2 + z, vjp, X, X + 3, X)[1]
    assert [one.status for one in found] == ["right", "wrong", "right"]
    assert found[1].fault.causes[0].variant == "0.5"


def test_errors_of_opposite_sign_do_not_cancel():
    """Two elements whose errors add up to nothing."""
    off = np.zeros(X.shape)
    off[0, 1], off[2, 3] = 1e-4, -1e-4
    (one,) = seen(np.sin, lambda dy, x: sine_vjp(dy, x) + dy * off, X)[1]
    assert (one.status, one.fault.wrong) == ("wrong", 2)


def test_every_output_counts_alike():
    """An error in the gradient of an output of 1e-12 beside one of 1e12 is found."""
    scales = np.array([1e12, 1.0, 1e-12])[:, None]
    mistake = np.array([1, 1, 1.001])[:, None]
    assert statuses(lambda x: scales * np.sin(x), lambda dy, x: scales * sine_vjp(dy, x), X) == ["right"]
    assert statuses(lambda x: scales * np.sin(x), lambda dy, x: mistake * scales * sine_vjp(dy, x), X) == ["wrong"]


def test_what_rounding_hides_is_open():
    """Where a step is so short that it changes next to nothing."""
    assert statuses(np.sin, sine_vjp, X, step=1e-18) == ["unresolved"]


def test_nothing_but_zeros():
    """On both sides, which is told."""
    assert statuses(lambda x: np.ones(2), lambda dy, x: 0 * x, X) == ["zero"]


# not proportional to the cotangent


def test_a_gradient_that_ignores_the_cotangent():
    """Is named; the other input's is open."""
    found = seen(lambda x, y: np.sin(x) * y, lambda dy, x, y: (np.cos(x) * y, dy * np.sin(x)), X, X)[1]
    assert [one.status for one in found] == ["wrong", "unresolved"]
    assert found[0].fault.causes[0].id == "upstream-ignored"


@pytest.mark.parametrize("bent", [np.abs, np.square, lambda dy: dy * (dy > 0)], ids=["size", "square", "positive"])
def test_a_gradient_that_bends_the_cotangent(bent):
    """Is named."""
    (one,) = seen(np.sin, lambda dy, x: bent(dy) * np.cos(x), X)[1]
    assert (one.status, one.fault.causes[0].id) == ("wrong", "upstream-not-linear")


# element by element


def test_every_element_on_request():
    """All of them are compared, and nothing is wrong."""
    (one,) = seen(np.sin, sine_vjp, X, full=True)[1]
    assert (one.status, one.elements) == ("right", X.size)


def test_a_wrong_element_has_its_place():
    """With what is right there."""
    off = np.ones(X.shape)
    off[1, 2] = 1.5
    (one,) = seen(np.sin, lambda dy, x: off * sine_vjp(dy, x), X)[1]
    assert (one.fault.entry, one.fault.wrong, one.elements) == ((1, 2), 1, X.size)
    assert one.fault.got == pytest.approx(1.5 * one.fault.should)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        pytest.param(lambda g: -g, "wrong-sign", id="sign"),
        pytest.param(lambda g: 2 * g, "constant-factor", id="factor"),
        pytest.param(lambda g: 0 * g, "all-zero", id="zero"),
        pytest.param(lambda g: g[:, ::-1], "index-reversed", id="reversed"),
    ],
)
def test_a_simple_mistake_is_named(change, cause):
    """Within the estimated errors of all elements."""
    (one,) = seen(np.sin, lambda dy, x: change(sine_vjp(dy, x)), X)[1]
    assert one.fault.causes[0].id == cause


def test_a_function_of_all_entries_is_gone_through():
    """No two elements share a pass, and the mistake is placed all the same."""

    def share(x):
        e = np.exp(x)
        return e / e.sum()

    def vjp(dy, x):
        s = share(x)
        found = s * (dy - (s * dy).sum())
        return found + np.where(np.arange(X.size).reshape(X.shape) == 7, 1e-3, 0) * dy

    (one,) = seen(share, vjp, X)[1]
    assert (one.fault.entry, one.fault.wrong) == ((1, 3), 1)


def test_too_many_elements_are_not_gone_through(monkeypatch):
    """The gradient is wrong all the same, and its place is not told; on request it is."""
    monkeypatch.setattr(module, "MOST_WORK", 2)

    def wrong(dy, x):
        return 2 * sine_vjp(dy[::-1].cumsum(0)[::-1], x)

    (one,) = seen(lambda x: np.sin(x).cumsum(0), wrong, X)[1]
    assert (one.status, one.elements, one.fault) == ("wrong", 0, None)
    (one,) = seen(lambda x: np.sin(x).cumsum(0), wrong, X, full=True)[1]
    assert (one.status, one.elements, one.fault.causes[0].id) == ("wrong", X.size, "constant-factor")


# tolerances and steps


@pytest.mark.parametrize("full", [False, True])
def test_tolerances_widen(full):
    """What the user allows is no error, of a direction or of an element; what is more is."""

    def off(dy, x):
        return (1 + 1e-4) * sine_vjp(dy, x)

    for options, expected in (
        ({}, "wrong"),
        ({"rtol": 1e-6}, "wrong"),
        ({"rtol": 1e-2}, "right"),
        ({"atol": 1.0}, None),
    ):
        (status,) = statuses(np.sin, off, X, full=full, **options)
        assert status == expected if expected else status != "wrong"


@pytest.mark.parametrize("step", [1.0, 1e-2, 1e-4])
def test_a_first_step_is_used(step):
    """No difference is over more than the step, whatever the size of the input."""
    largest = []

    def watched(x):
        largest.append(np.abs(x - 1000 * X).max())
        return np.sin(x / 1000)

    assert statuses(watched, lambda dy, x: dy * np.cos(x / 1000) / 1000, 1000 * X, step=step) == ["right"]
    assert max(largest) <= step + 1e-9


# kinks


KINKED = np.array([-1.5, 0.0, 0, 2, -3, 4])


def kink_notice(notices):
    """The one notice."""
    (one,) = notices
    return one.id, one.refutes, one.text


@pytest.mark.parametrize("at_zero", [0.0, 0.25, 1.0])
def test_any_subgradient_is_right_at_a_kink(at_zero):
    """Checked beside the point, told, and the slope at the kink is between those of its sides."""
    _, (one,), notices = seen(lambda x: np.maximum(x, 0), lambda dy, x: dy * np.where(x == 0, at_zero, x > 0), KINKED)
    assert one.status == "right"
    assert kink_notice(notices) == ("kinks", False, "2 of 6 outputs have a kink here: checked beside this point")


@pytest.mark.parametrize("at_zero", [-0.5, 1.5, 7.0])
def test_what_is_no_subgradient_is_wrong_at_a_kink(at_zero):
    """The twin: a slope beyond both."""
    assert statuses(lambda x: np.maximum(x, 0), lambda dy, x: dy * np.where(x == 0, at_zero, x > 0), KINKED) == [
        "wrong"
    ]


def test_a_mistake_beside_a_kink_is_found():
    """Kinks hide nothing of the entries that have none."""
    assert statuses(
        lambda x: np.maximum(x, 0), lambda dy, x: dy * (x > 0) * np.where(np.abs(x - 2) < 1, 2, 1), KINKED
    ) != ["right"]
    assert statuses(lambda x: np.maximum(x, 0), lambda dy, x: dy * (x >= -1), KINKED) == ["wrong"]
