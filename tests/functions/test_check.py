"""The front verb on functions of NumPy arrays: right gradients are verified, every kind of mistake is refuted."""

import subprocess
import sys

import numpy as np
import pytest

import gradcheck
from gradcheck import Comparison, WrongGradient, assert_gradients, check
from gradcheck.errors import TargetError, TargetRaised
from gradcheck.functions.check import BOUND, NOT_EXACT, NOT_LINEAR

RANDOM = np.random.default_rng(7)
A, B, SQUARE = (RANDOM.normal(size=shape) for shape in ((3, 4), (4, 5), (4, 4)))


def product(a, b):
    """The matrix product."""
    return a @ b


def product_vjp(dy, a, b):
    """Its gradients."""
    return dy @ b.T, a.T @ dy


def second(change):
    """The gradients of the matrix product, the second one changed."""
    return lambda dy, a, b: (dy @ b.T, change(a.T @ dy))


def slope(x):
    """The derivative of tanh."""
    return 1 - np.tanh(x) ** 2


def tanh_vjp(dy, x):
    """The gradient of tanh."""
    return dy * slope(x)


def statuses(found):
    """What is said of every gradient."""
    return [one.status for one in found.gradients]


# what is right


def test_a_matrix_product_is_verified_exactly():
    """Bilinear: probed, with a chance below the bound, and no reason why it was nothing stronger."""
    found = check(product, A, B, vjp=product_vjp)
    assert (found.verdict, statuses(found)) == ("verified", ["right", "right"])
    assert found.evidence.method == "probe"
    assert 0 < found.evidence.chance <= BOUND
    assert (found.evidence.why, found.evidence.proved) == ("", False)
    assert [one.name for one in found.gradients] == ["gradient of a", "gradient of b"]
    assert (found.function, found.library, found.dtype, found.seed) == ("product", "numpy", "float64", 0)


def test_an_affine_function_is_verified_exactly():
    """Products of two inputs and a third added are affine in each."""
    found = check(lambda x, w, b: x * w + b, A, A + 1, A - 1, vjp=lambda dy, x, w, b: (dy * w, dy * x, dy))
    assert (found.verdict, found.evidence.method) == ("verified", "probe")
    assert len(found.gradients) == 3


def test_an_affine_function_with_a_mistake_is_refuted():
    """The twin: the addend's gradient has the wrong sign."""
    found = check(lambda x, w, b: x * w + b, A, A + 1, A - 1, vjp=lambda dy, x, w, b: (dy * w, dy * x, -dy))
    assert (found.verdict, found.cause, statuses(found)) == ("refuted", "wrong-sign", ["right", "right", "wrong"])


def test_every_element_on_request():
    """method="full" goes through every element even of what a probe would verify."""
    found = check(product, A, B, vjp=product_vjp, method="full")
    assert (found.verdict, found.evidence.method) == ("verified", "full")
    assert [one.elements for one in found.gradients] == [A.size, B.size]
    assert found.evidence.passes > 0


def test_a_smooth_function_is_compared_with_differences():
    """What is not linear is verified at the point itself, and why is told."""
    found = check(np.tanh, A, vjp=tanh_vjp)
    assert (found.verdict, found.evidence.method, found.evidence.why) == ("verified", "differences", NOT_LINEAR)
    (one,) = found.gradients
    assert abs(one.by_gradient - one.by_differences) <= one.error < 1e-8


def test_a_smooth_function_element_by_element():
    """method="full" compares all elements by differences, too, and sees one that is wrong."""
    assert check(np.tanh, A, vjp=tanh_vjp, method="full").gradients[0].elements == A.size
    wrong = check(np.tanh, A, vjp=lambda dy, x: tanh_vjp(dy, x) + 1e-6 * dy * np.eye(3, 4), method="full")
    assert wrong.gradients[0].fault.wrong == 3


def test_a_number_is_an_input():
    """A Python float is differentiated like an array without axes."""
    assert check(lambda x: x * x, 3.0, vjp=lambda dy, x: 2 * x * dy).verdict == "verified"


def test_a_number_with_a_wrong_gradient_is_refuted():
    """The twin: half of the gradient."""
    assert check(lambda x: x * x, 3.0, vjp=lambda dy, x: x * dy).verdict == "refuted"


# mistakes in a gradient of a linear function

MISTAKES = {
    "wrong-sign": lambda g: -g,
    "constant-factor": lambda g: 3 * g,
    "all-zero": lambda g: 0 * g,
}


@pytest.mark.parametrize("cause", MISTAKES)
def test_a_mistake_of_a_linear_function_is_named(cause):
    """The second gradient alone is wrong, every element was compared, and the cause is the mistake that was made."""
    found = check(product, A, B, vjp=second(MISTAKES[cause]))
    assert (found.verdict, found.cause, statuses(found)) == ("refuted", cause, ["right", "wrong"])
    assert found.evidence.method == "full"
    assert found.gradients[1].fault.expected == B.shape


def test_the_factor_is_told():
    """Which factor it is stands with the cause."""
    found = check(product, A, B, vjp=second(lambda g: 0.75 * g))
    assert found.gradients[1].fault.causes[0].variant == "0.75"


def test_a_transposed_gradient_is_named():
    """Of a square matrix, where the shapes do not tell."""
    found = check(product, SQUARE, SQUARE[::-1], vjp=second(np.transpose))
    assert (found.verdict, found.cause) == ("refuted", "axes-swapped")


@pytest.mark.parametrize("axis", [0, 1])
def test_a_reversed_axis_is_refuted(axis):
    """A gradient that runs backwards along an axis is wrong, and is said to be reversed."""
    found = check(product, A, B, vjp=second(lambda g: np.flip(g, axis)))
    assert (found.verdict, statuses(found)) == ("refuted", ["right", "wrong"])
    assert found.cause.endswith("-reversed")


def test_an_ignored_cotangent_is_named():
    """The gradient for ones, whatever the cotangent is."""
    found = check(product, A, B, vjp=lambda dy, a, b: (np.ones_like(dy) @ b.T, a.T @ dy))
    assert (found.verdict, found.cause, statuses(found)) == ("refuted", "upstream-ignored", ["wrong", "right"])


def test_another_shape_is_refuted():
    """Values are not looked at: the gradient that has its input's shape is left open."""
    found = check(product, A, B, vjp=second(np.transpose))
    assert (found.verdict, found.evidence.method) == ("refuted", "shapes")
    assert statuses(found) == ["unresolved", "wrong"]
    fault = found.gradients[1].fault
    assert (fault.shape, fault.expected) == (B.T.shape, B.shape)
    assert "the shape is 5 x 4, should be 4 x 5" in str(found)


def test_nan_is_refuted():
    """A gradient that is no number is wrong everywhere."""
    found = check(product, A, B, vjp=second(lambda g: g * np.nan))
    assert (found.verdict, statuses(found)) == ("refuted", ["right", "wrong"])
    assert found.gradients[1].fault.wrong == B.size


def test_one_wrong_element_has_its_place():
    """An error that no known mistake explains is localised."""
    spike = np.zeros(B.shape)
    spike[2, 3] = 1
    fault = check(product, A, B, vjp=second(lambda g: g + spike)).gradients[1].fault
    assert (fault.entry, fault.got - fault.should, fault.wrong, fault.causes) == ((2, 3), 1, 1, ())
    assert fault.structure[0] == "1 of 20 entries differ"


def test_a_probe_alone_tells_which_gradient_is_wrong():
    """method="probe" goes no further than that: no element is looked at, and the others are left open."""
    found = check(product, A, B, vjp=second(lambda g: -g), method="probe")
    assert (found.verdict, found.evidence.method) == ("refuted", "probe")
    assert statuses(found) == ["unresolved", "wrong"]
    assert all(one.elements == 0 for one in found.gradients)


def test_a_probe_alone_verifies_what_is_right():
    """The twin: nothing is left open."""
    assert statuses(check(product, A, B, vjp=product_vjp, method="probe")) == ["right", "right"]


# what no gradient is


def test_a_gradient_that_is_left_out():
    """One gradient for two inputs is told as such."""
    with pytest.raises(TargetError, match="vjp must return a gradient for each of 2 inputs"):
        check(product, A, B, vjp=lambda dy, a, b: dy @ b.T)


def test_none_in_the_place_of_a_gradient_is_refuted():
    """It is named."""
    found = check(product, A, B, vjp=lambda dy, a, b: (dy @ b.T, None))
    assert (found.verdict, found.cause) == ("refuted", "none-returned")
    assert statuses(found) == ["unresolved", "wrong"]


# mistakes in a gradient of a smooth function

SMOOTH = {
    "wrong-sign": lambda dy, x: -tanh_vjp(dy, x),
    "constant-factor": lambda dy, x: 1.001 * tanh_vjp(dy, x),
    "all-zero": lambda dy, x: 0 * dy,
    "upstream-ignored": lambda dy, x: slope(x),
    "upstream-not-linear": lambda dy, x: dy**2 * slope(x),
}


@pytest.mark.parametrize("cause", SMOOTH)
def test_a_mistake_of_a_smooth_function_is_named(cause):
    """By differences, too, the cause is the mistake that was made."""
    found = check(np.tanh, A, vjp=SMOOTH[cause])
    assert (found.verdict, found.cause, found.evidence.method) == ("refuted", cause, "differences")


def test_a_transposed_gradient_of_a_smooth_function_is_named():
    """Axes that are swapped are found by differences as well."""
    found = check(np.tanh, SQUARE, vjp=lambda dy, x: tanh_vjp(dy, x).T)
    assert (found.verdict, found.cause) == ("refuted", "axes-swapped")


def test_nan_of_a_smooth_function_is_refuted():
    """NaN agrees with no difference."""
    assert check(np.tanh, A, vjp=lambda dy, x: dy * np.nan).verdict == "refuted"


def test_a_small_error_in_one_element_is_found():
    """A millionth of one element is far beyond the estimated error."""
    factor = np.ones(A.shape)
    factor[1, 2] += 1e-6
    fault = check(np.tanh, A, vjp=lambda dy, x: factor * tanh_vjp(dy, x)).gradients[0].fault
    assert (fault.entry, fault.wrong) == ((1, 2), 1)


# several outputs, constants


def two(a, b):
    """A product and a sum."""
    return a @ b, a.sum(0)


def test_several_outputs_have_several_cotangents():
    """Their gradients add up; a forgotten one is refuted."""
    right = check(two, A, B, vjp=lambda dy, a, b: (dy[0] @ b.T + dy[1], a.T @ dy[0]))
    wrong = check(two, A, B, vjp=lambda dy, a, b: (dy[0] @ b.T, a.T @ dy[0]))
    assert (right.verdict, right.evidence.method) == ("verified", "probe")
    assert (wrong.verdict, statuses(wrong)) == ("refuted", ["wrong", "right"])


def test_several_outputs_that_are_not_linear():
    """The same by differences."""

    def both(x):
        return np.tanh(x), (x**3).sum()

    right = check(both, A, vjp=lambda dy, x: dy[0] * slope(x) + 3 * dy[1] * x**2)
    wrong = check(both, A, vjp=lambda dy, x: dy[0] * slope(x) + 2 * dy[1] * x**2)
    assert (right.verdict, wrong.verdict) == ("verified", "refuted")


@pytest.mark.parametrize("none", [False, True])
def test_integers_are_constants(none):
    """Indices have no gradient: vjp may leave it out or give None."""
    places = np.array([0, 2, 2])

    def gathered(dy, table, at):
        grown = np.zeros(table.shape)
        np.add.at(grown, at, dy)
        return (grown, None) if none else grown

    def overwritten(dy, table, at):
        kept = np.zeros(table.shape)
        kept[at] = dy
        return (kept, None) if none else kept

    right, wrong = (check(lambda table, at: table[at], A, places, vjp=vjp) for vjp in (gathered, overwritten))
    assert [one.name for one in right.gradients] == ["gradient of table"]
    assert (right.verdict, wrong.verdict) == ("verified", "refuted")


def test_a_constant_function_is_incomplete():
    """Nothing but zeros on both sides says little."""
    found = check(lambda x: np.ones(3), A, vjp=lambda dy, x: 0 * x)
    assert (found.verdict, statuses(found)) == ("incomplete", ["zero"])


def test_complex_numbers():
    """A gradient a + ib for dL = a dx + b dy is right, one without the conjugate is refuted."""
    z = A + 1j * A[::-1]
    right = check(lambda z: z * z * z.conj(), z, vjp=lambda dy, z: 2 * dy * abs(z) ** 2 + dy.conj() * z * z)
    wrong = check(lambda z: z * z * z.conj(), z, vjp=lambda dy, z: 2 * dy * abs(z) ** 2 + dy * z * z)
    assert (right.verdict, wrong.verdict) == ("verified", "refuted")


# types


NARROWER = {"float64": 2, "int64": 2, "int32": 3, "float32": 4, "float16": 10}


@pytest.mark.parametrize("dtype", NARROWER)
def test_a_type_is_probed_exactly(dtype):
    """The narrower the type, the more trials; the chance is below the bound all the same."""
    a, b = (np.round(9 * one).astype(dtype) for one in (A, B))
    found = check(product, a, b, vjp=product_vjp)
    assert (found.verdict, found.evidence.method, found.dtype) == ("verified", "probe", dtype)
    assert found.evidence.trials >= NARROWER[dtype]
    assert found.evidence.chance <= BOUND


@pytest.mark.parametrize("dtype", NARROWER)
def test_a_mistake_is_named_in_every_type(dtype):
    """The twin: a wrong sign is still one."""
    a, b = (np.round(9 * one).astype(dtype) for one in (A, B))
    assert check(product, a, b, vjp=second(lambda g: -g)).cause == "wrong-sign"


def test_trials_grow_as_the_type_narrows():
    """Fewer bits, less said by each trial."""
    types = ("float64", "float32", "float16")
    trials = [check(product, A.astype(t), B.astype(t), vjp=product_vjp).evidence.trials for t in types]
    assert trials == sorted(set(trials))


@pytest.mark.parametrize("bound", [1e-3, 1e-12, 1e-40])
def test_trials_grow_as_the_bound_shrinks(bound):
    """The chance is below the bound, and a trial less would not have been enough."""
    evidence = check(product, A, B, vjp=product_vjp, bound=bound).evidence
    assert evidence.chance <= bound < evidence.chance ** ((evidence.trials - 1) / evidence.trials)


@pytest.mark.parametrize(("scale", "verdict"), [(1.0, "verified"), (1.01, "refuted")])
def test_float32_by_differences(scale, verdict):
    """The estimated error is that of the type: a percent is found in 32 bits."""
    found = check(np.tanh, A.astype("float32"), vjp=lambda dy, x: scale * tanh_vjp(dy, x))
    assert (found.verdict, found.dtype) == (verdict, "float32")


# linear but not exact, straight-through, kinks


KERNEL = np.fft.rfft(np.random.default_rng(0).normal(size=6))


def filtered(x):
    """A circular convolution by FFT."""
    return np.fft.irfft(np.fft.rfft(x) * KERNEL, 6)


def test_fft_is_linear_but_not_exact():
    """It is compared with differences, and the reason is told; a forgotten conjugate is refuted."""
    x = RANDOM.normal(size=6)
    right = check(filtered, x, vjp=lambda dy, x: np.fft.irfft(np.fft.rfft(dy) * KERNEL.conj(), 6))
    wrong = check(filtered, x, vjp=lambda dy, x: np.fft.irfft(np.fft.rfft(dy) * KERNEL, 6))
    assert (right.verdict, right.evidence.method, right.evidence.why) == ("verified", "differences", NOT_EXACT)
    assert NOT_EXACT.startswith("the function is linear, but not exact on integers")
    assert wrong.verdict == "refuted"


def test_a_gradient_straight_through_rounding_is_not_verified():
    """Rounding has the gradient zero, whatever is pretended."""
    assert check(np.round, A, vjp=lambda dy, x: dy).verdict == "refuted"


@pytest.mark.parametrize("function", [np.round, np.floor])
def test_a_gradient_straight_through_rounding_of_large_numbers_is_not_verified(function):
    """Nor where the inputs are larger than the steps."""
    assert check(function, np.linspace(50.2, 200.3, 12), vjp=lambda dy, x: dy).verdict != "verified"


@pytest.mark.parametrize("function", [lambda x: np.maximum(x, 0), np.abs], ids=["relu", "abs"])
def test_a_wrong_gradient_at_a_small_input_is_never_verified(function):
    """At -1 the slope is not 1, by whatever seed."""
    verdicts = {check(function, np.full(1, -1.0), vjp=lambda dy, x: dy, seed=seed).verdict for seed in range(12)}
    assert verdicts == {"refuted"}


def test_kinks_are_told_of():
    """Of relu at zeros: checked beside this point, and said so."""
    found = check(lambda x: np.maximum(x, 0), np.array([-1.5, 0, 0, 2, -3, 4]), vjp=lambda dy, x: dy * (x > 0))
    (notice,) = found.notices
    assert (found.verdict, notice.id, notice.refutes) == ("verified", "kinks", False)
    assert "2 of 6 outputs have a kink here" in str(found)


def test_what_is_no_subgradient_is_refuted_at_a_kink():
    """A slope of 2 at 0 is neither that of the left nor that of the right, nor between them."""
    kinked = np.array([-1.5, 0, 0, 2, -3, 4])
    found = check(lambda x: np.maximum(x, 0), kinked, vjp=lambda dy, x: dy * ((x > 0) + 2 * (x == 0)))
    assert found.verdict == "refuted"


def pooled(x):
    """The larger of each two neighbours."""
    return x.reshape(-1, 2).max(1)


def test_a_gradient_sent_to_all_ties_is_refuted():
    """Every entry that equals the maximum gets all of the gradient: too much; the first alone is right."""
    x = np.array([1.0, 1, 2, 1, 0, 0, 3, 4])
    pairs = x.reshape(-1, 2)
    first = np.eye(2)[pairs.argmax(1)]
    every = pairs == pairs.max(1, keepdims=True)

    def to(chosen):
        def vjp(dy, x):
            now = x.reshape(-1, 2)
            ties = np.eye(2)[now.argmax(1)] if chosen is first else now == now.max(1, keepdims=True)
            return (dy[:, None] * ties).reshape(-1)

        return vjp

    assert (every != first).any()
    right, wrong = (check(pooled, x, vjp=to(chosen)) for chosen in (first, every))
    assert (right.verdict, wrong.verdict) == ("verified", "refuted")


def test_a_gradient_straight_through_rounding_is_not_verified_by_every_element():
    """method="full" is no weaker than a probe."""
    assert check(np.round, A, vjp=lambda dy, x: dy, method="full").verdict != "verified"


LONG = np.ones((1, 9000), "float16")


def test_sums_too_long_for_a_type_are_compared_with_differences():
    """In 16 bits, sums of thousands of products: why it was not exact is told."""
    found = check(product, LONG, LONG.T.copy(), vjp=product_vjp)
    assert (found.verdict, found.evidence.method) == ("incomplete", "differences")
    assert found.evidence.why == "sums of float16 numbers as long as these are not exact"


def test_a_wrong_sign_is_not_verified_in_a_type_that_hides_it():
    """Where the error is more than the derivative, the verdict is open."""
    found = check(product, LONG, LONG.T.copy(), vjp=lambda dy, a, b: (-dy @ b.T, a.T @ dy))
    assert found.verdict != "verified"


def test_a_function_that_takes_no_other_numbers_is_checked_where_it_does():
    """It raises far from its point, where an exact check would try it."""

    def picky(x):
        if np.abs(x - 1).max() > 0.9:
            raise ValueError("not written for these")
        return 3 * x

    right, wrong = (check(picky, np.ones(3), vjp=lambda dy, x, n=n: n * dy) for n in (3, 4))
    assert (right.evidence.method, right.verdict, wrong.verdict) == ("differences", "verified", "refuted")


# forward mode and second order


def test_forward_mode_of_a_linear_function():
    """A derivative along every input, exactly."""
    found = check(product, A, B, vjp=product_vjp, forward=True, jvp=lambda t, a, b: t[0] @ b + a @ t[1])
    assert (found.verdict, statuses(found)) == ("verified", ["right"] * 4)
    assert found.gradients[2].name == "derivative along a (forward mode)"


def test_a_mistake_in_forward_mode_of_a_linear_function():
    """The twin: one tangent has the wrong sign, and is named."""
    found = check(product, A, B, vjp=product_vjp, forward=True, jvp=lambda t, a, b: t[0] @ b - a @ t[1])
    assert (found.verdict, found.cause) == ("refuted", "wrong-sign")
    assert statuses(found) == ["right", "right", "right", "wrong"]


@pytest.mark.parametrize(("factor", "verdict"), [(1, "verified"), (1.0001, "refuted")])
def test_forward_mode_of_a_smooth_function(factor, verdict):
    """By differences, within their error."""
    found = check(np.tanh, A, vjp=tanh_vjp, forward=True, jvp=lambda t, x: factor * t * slope(x))
    assert found.verdict == verdict
    assert found.gradients[0].status == "right"


def test_forward_mode_needs_a_rule():
    """Without jvp there is none to check."""
    with pytest.raises(TargetError, match="needs jvp"):
        check(np.tanh, A, vjp=tanh_vjp, forward=True)


def test_the_second_order_needs_an_engine():
    """A gradient in plain NumPy cannot be differentiated."""
    with pytest.raises(TargetError, match="order=2 needs a function in torch, JAX or autograd"):
        check(np.tanh, A, vjp=tanh_vjp, order=2)


# tolerances


def off(error):
    """The gradient of tanh with something added."""
    return lambda dy, x: tanh_vjp(dy, x) + error * dy * slope(x)


def test_a_relative_tolerance_widens():
    """An error of a thousandth passes with 1e-2, and not with 1e-5."""
    assert check(np.tanh, A, vjp=off(1e-3)).verdict == "refuted"
    assert check(np.tanh, A, vjp=off(1e-3), rtol=1e-5).verdict == "refuted"
    assert check(np.tanh, A, vjp=off(1e-3), rtol=1e-2).verdict == "verified"


def test_an_absolute_tolerance_widens():
    """The same, whatever the derivative is."""
    assert check(np.tanh, A, vjp=off(1e-3), atol=1e-6).verdict == "refuted"
    assert check(np.tanh, A, vjp=off(1e-3), atol=0.1).verdict == "verified"


@pytest.mark.parametrize("step", [1.0, 0.1, 1e-3])
def test_a_first_step_can_be_given(step):
    """It changes what is compared; right stays right, and wrong wrong."""
    right, wrong = (check(np.tanh, A, vjp=off(error), eps=step) for error in (0, 1e-6))
    assert (right.verdict, wrong.verdict) == ("verified", "refuted")
    assert right.gradients != check(np.tanh, A, vjp=tanh_vjp).gradients


def test_a_step_that_is_too_short_leaves_open():
    """Where rounding hides everything, nothing is verified."""
    assert check(np.tanh, A, vjp=tanh_vjp, eps=1e-18).verdict == "incomplete"


# seeds and texts


@pytest.mark.parametrize("vjp", [tanh_vjp, off(1e-3)])
def test_the_same_seed_gives_the_same_text(vjp):
    """Found and text are those of the seed; another seed draws other directions and finds the same."""
    one, again, other = (check(np.tanh, A, vjp=vjp, seed=seed) for seed in (3, 3, 4))
    assert (one, str(one)) == (again, str(again))
    assert one.gradients != other.gradients
    assert one.verdict == other.verdict


@pytest.mark.parametrize("seed", range(5))
def test_every_seed_tells_right_from_wrong(seed):
    """What is drawn does not matter."""
    right = check(product, A, B, vjp=product_vjp, seed=seed)
    wrong = check(product, A, B, vjp=second(lambda g: g + 1e-9), seed=seed)
    assert (right.verdict, wrong.verdict) == ("verified", "refuted")


def test_assert_gradients_returns_what_is_verified():
    """All that was found comes back."""
    assert assert_gradients(product, A, B, vjp=product_vjp, seed=0) == check(product, A, B, vjp=product_vjp)


def test_assert_gradients_raises_what_is_wrong():
    """An AssertionError whose text has the diagnosis, with all that was found."""
    with pytest.raises(WrongGradient, match="the sign is wrong") as caught:
        assert_gradients(product, A, B, vjp=second(lambda g: -g), seed=5)
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value.found, Comparison)
    assert caught.value.found.verdict == "refuted"
    assert caught.value.found.seed == 5


def test_assert_gradients_raises_what_is_open():
    """Not verified is not enough."""
    with pytest.raises(WrongGradient, match=r"^no gradient was compared"):
        assert_gradients(lambda x: np.ones(3), A, vjp=lambda dy, x: 0 * x)


# what cannot be checked


@pytest.mark.parametrize("options", [{"method": "most"}, {"order": 3}])
def test_an_option_that_does_not_exist(options):
    """What there is stands in the error."""
    with pytest.raises(TargetError, match="auto, probe or full, and 1 or 2"):
        check(product, A, B, vjp=product_vjp, **options)


def test_a_function_that_raises():
    """The stage is told, with the user's own line."""
    with pytest.raises(TargetRaised, match="IndexError") as caught:
        check(lambda x: x[9, 9], A, vjp=lambda dy, x: dy)
    assert caught.value.stage == "the function"
    assert "test_check.py" in caught.value.trace


def test_a_gradient_that_raises():
    """The twin: it is the gradient that raised."""
    with pytest.raises(TargetRaised, match="ZeroDivisionError") as caught:
        check(np.tanh, A, vjp=lambda dy, x: 1 / 0)
    assert caught.value.stage == "vjp"


def test_forward_mode_that_raises():
    """So is it for the forward mode."""
    with pytest.raises(TargetRaised, match="ZeroDivisionError") as caught:
        check(np.tanh, A, vjp=tanh_vjp, forward=True, jvp=lambda t, x: 1 / 0)
    assert caught.value.stage == "forward mode"


# contracts


def shifted_afterwards(x):
    """The tanh of an input that is changed after use."""
    y = np.tanh(x)
    x += 1
    return y


def doubled_in_place(x):
    """Twice the input, in its own place."""
    x *= 2
    return x


def test_a_change_in_place_refutes():
    """A function that changes its input is refuted, by a notice."""
    found = check(shifted_afterwards, A.copy(), vjp=tanh_vjp)
    assert found.verdict == "refuted"
    assert "input-mutated" in [notice.id for notice in found.notices if notice.refutes]


def test_a_change_in_place_by_a_linear_function_refutes():
    """The same for one that is linear."""
    found = check(doubled_in_place, A.copy(), vjp=lambda dy, x: 2 * dy)
    assert "input-mutated" in [notice.id for notice in found.notices if notice.refutes]


def test_a_random_function_refutes():
    """Another output for the same input, of a smooth function and of a linear one."""
    random = np.random.default_rng(0)
    functions = (lambda x: np.tanh(x) * (random.random(x.shape) < 0.5), lambda x: x * (random.random(x.shape) < 0.5))
    for function in functions:
        found = check(function, A, vjp=tanh_vjp)
        assert found.verdict == "refuted"
        assert "not-deterministic" in [notice.id for notice in found.notices if notice.refutes]


def test_a_function_that_keeps_the_contracts_has_no_notices():
    """The twin: nothing is told of what is pure."""
    assert check(np.tanh, A, vjp=tanh_vjp).notices == ()


@pytest.mark.parametrize("options", [{}, {"method": "full"}, {"forward": True, "jvp": lambda t, x: t * slope(x)}])
@pytest.mark.parametrize("error", [0, 1e-3])
def test_inputs_are_left_alone(options, error):
    """Whatever is found, the arrays that were given are the same afterwards."""
    given = A.copy()
    check(np.tanh, given, vjp=off(error), **options)
    assert np.array_equal(given, A)


def test_inputs_of_a_linear_function_are_left_alone():
    """So are those of the exact check."""
    a, b = A.copy(), B.copy()
    for vjp in (product_vjp, second(lambda g: -g)):
        check(product, a, b, vjp=vjp)
    assert np.array_equal(a, A)
    assert np.array_equal(b, B)


@pytest.mark.parametrize("function", [shifted_afterwards, doubled_in_place])
def test_inputs_are_left_alone_by_a_function_that_changes_them(function):
    """It is run on copies."""
    given = A.copy()
    check(function, given, vjp=tanh_vjp)
    assert np.array_equal(given, A)


# imports


def imported(code):
    """Which of the libraries a fresh interpreter has imported after this code."""
    told = f"{code}\nimport sys; print(*sorted({{'torch', 'jax', 'autograd', 'numpy'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_importing_imports_no_library():
    """The package alone brings in none, not even NumPy."""
    assert imported("import gradcheck") == []


def test_a_check_imports_only_what_it_needs():
    """The names come when they are used, with NumPy, and no framework."""
    assert imported("from gradcheck import check\ncheck(lambda x: 2 * x, 1.0, vjp=lambda dy, x: 2 * dy)") == ["numpy"]


def test_the_names_are_public():
    """check, assert_gradients and Comparison are in the package's list."""
    assert {"check", "assert_gradients", "Comparison"} <= set(gradcheck.__all__)


def test_what_fails_a_probe_is_never_verified():
    """One element is twice what it should be: by no seed is it right."""
    factor = np.ones((4, 5))
    factor[1, 1] = 2
    ones = np.ones((3, 4)), np.ones((4, 5))
    seeds = (62, 85, 177, 282, 285)
    verdicts = {check(product, *ones, vjp=second(lambda g: factor * g), seed=seed).verdict for seed in seeds}
    assert "verified" not in verdicts


def test_a_probe_alone_refutes_what_it_fails():
    """The same with method="probe": what does not hold is refuted."""
    factor = np.ones((4, 5))
    factor[1, 1] = 2
    ones = np.ones((3, 4)), np.ones((4, 5))
    vjp = second(lambda g: factor * g)
    assert {check(product, *ones, vjp=vjp, method="probe", seed=seed).verdict for seed in range(30)} == {"refuted"}
