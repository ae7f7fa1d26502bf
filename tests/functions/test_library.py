"""A Python function and its arguments become a function of those that are differentiated, with their names."""

from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck.errors import TargetError, TargetRaised
from gradcheck.functions.library import bind, paired_up

X, W = np.arange(1.0, 7).reshape(2, 3), np.arange(3.0, 9).reshape(2, 3)


def times(x, w):
    """A product."""
    return x * w


def times_vjp(dy, x, w):
    """Its gradients."""
    return dy * w, dy * x


def bound(f, *inputs, vjp=None, jvp=None):
    """The function of its inputs, with some gradient."""
    return bind(f, inputs, vjp or (lambda dy, *given: given), jvp)


def same(found, *expected):
    """Whether two tuples of arrays are equal."""
    return len(found) == len(expected) and all(map(np.array_equal, found, expected))


# what is differentiated


def test_all_floating_point_arrays_are_differentiated():
    """By their parameters' names, at the point that was given."""
    found = bound(times, X, W, vjp=times_vjp)
    assert (found.names, found.library) == (("x", "w"), "numpy")
    assert same(found.point, X, W)
    assert same(found.function.value(found.point), X * W)
    assert same(found.function.pull(found.point, (np.ones((2, 3)),))[1], W, X)


def test_integers_beside_floats_are_constants():
    """They are passed on in their place, to the function and to the gradient."""
    seen = []

    def vjp(dy, n, x, told):
        seen.append((n, told))
        return dy * n

    found = bound(lambda n, x, told: n * x, np.array([2, 2, 2]), X, "words", vjp=vjp)
    assert found.names == ("x",)
    assert same(found.function.value((W,)), 2 * W)
    assert same(found.function.pull((W,), (X,))[1], 2 * X)
    assert [told for _, told in seen] == ["words"]


def test_integers_alone_are_differentiated():
    """In their own type."""
    found = bound(times, X.astype("int64"), W.astype("int64"), vjp=times_vjp)
    assert (found.names, found.function.dtype) == (("x", "w"), "int64")


def test_what_asks_for_a_gradient_is_differentiated():
    """And nothing else, as in torch."""

    class Asking(np.ndarray):
        requires_grad = True

    found = bound(times, X.view(Asking), W, vjp=lambda dy, x, w: dy * w)
    assert found.names == ("x",)


def test_a_point_is_in_double_precision():
    """Whatever the type is that the function computes in."""
    found = bound(times, X.astype("float32"), W.astype("float32"), vjp=times_vjp)
    assert [one.dtype for one in found.point] == [np.float64] * 2
    assert found.function.dtype == "float32"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_function_is_run_in_its_own_type(dtype):
    """Inputs, cotangents and what the gradient is given."""
    seen = []

    def f(x):
        seen.append(x.dtype)
        return x

    def vjp(dy, x):
        seen.extend((dy.dtype, x.dtype))
        return dy

    found = bound(f, X.astype(dtype), vjp=vjp).function
    found.value((X,))
    found.pull((X,), (X,))
    assert seen == [np.dtype(dtype)] * 3


@pytest.mark.parametrize(
    ("inputs", "kinds"), [((), "none"), ((3,), "int"), (("a", ["b"]), "str, list"), ((np.array(["a"]),), "ndarray")]
)
def test_nothing_to_differentiate(inputs, kinds):
    """What was given is told."""
    with pytest.raises(TargetError, match=f"nothing to differentiate.*they are {kinds}"):
        bound(lambda *given: given, *inputs)


# names


def test_names_of_what_has_none():
    """Parameters beyond those that are named are numbered, and so are those of builtins."""
    assert bound(lambda x, *rest: x, X, X, X).names == ("x", "input 1", "input 2")
    assert bound(np.multiply, X, X).names == ("input 0", "input 1")


def test_names_of_a_forward_method():
    """An object's, without itself; of a class's `apply`, those of its forward after the context."""

    class Layer:
        def forward(self, image, mask):
            return image

        def __call__(self, image, mask):
            return image

    class Operation:
        @staticmethod
        def forward(ctx, left, right):
            return left

        @classmethod
        def apply(cls, left, right):
            return left

    assert bound(Layer(), X, X).names == ("image", "mask")
    assert bound(Operation.apply, X, X).names == ("left", "right")


# outputs


def test_several_outputs():
    """A tuple or a list; integers among them have no derivative."""
    found = bound(lambda x: [x.max(1), x.argmax(1), 2 * x], X).function
    assert same(found.value((X,)), X.max(1), 2 * X)


def test_several_cotangents_are_a_tuple():
    """And a single one is itself."""
    seen = []

    def vjp(dy, x):
        seen.append(type(dy))
        return x

    bound(lambda x: (x, x), X, vjp=vjp).function.pull((X,), (X, X))
    bound(lambda x: x, X, vjp=vjp).function.pull((X,), (X,))
    assert seen == [tuple, np.ndarray]


def test_a_function_is_read_as_it_is():
    """Gradients may come as a tuple, a list or alone."""
    for vjp in (lambda dy, x: dy, lambda dy, x: (dy,), lambda dy, x: [dy]):
        assert same(bound(lambda x: x, X, vjp=vjp).function.pull((X,), (W,))[1], W)


# gradients that cannot be used


def test_numpy_needs_a_gradient():
    """How to pass it is told."""
    with pytest.raises(TargetError, match="has no gradient of its own: pass it as vjp="):
        bind(times, (X, W), None, None)


@pytest.mark.parametrize("found", [lambda *_: X, lambda *_: (X,), lambda *_: (X, X, X)])
def test_a_gradient_for_each_input(found):
    """Neither fewer nor more, nor None."""
    with pytest.raises(TargetError, match="vjp must return a gradient for each of 2 inputs"):
        bound(times, X, W, vjp=found).function.pull((X, W), (X,))


def test_what_raises_is_told_apart():
    """The function, or its gradient."""

    def bad(*given):
        raise KeyError("here")

    with pytest.raises(TargetRaised, match="KeyError") as caught:
        bound(times, X, W, vjp=bad).function.pull((X, W), (X,))
    assert caught.value.stage == "vjp"
    with pytest.raises(TargetRaised, match="KeyError") as caught:
        bound(bad, X).function.value((X,))
    assert caught.value.stage == "the function"


def test_there_is_no_second_order_and_no_forward_mode():
    """Unless the user gives one."""
    function = bound(times, X, W, vjp=times_vjp).function
    with pytest.raises(TargetError, match="order=2"):
        function.derived(1)
    with pytest.raises(TargetError, match="needs jvp"):
        function.push((X, W), (X, W))


def test_forward_mode_is_the_users():
    """Tangents first: a tuple of several, a single one itself."""
    two = bound(times, X, W, vjp=times_vjp, jvp=lambda t, x, w: t[0] * w + x * t[1]).function
    one = bound(np.sin, X, jvp=lambda t, x: t * np.cos(x)).function
    assert same(two.push((X, W), (W, X)), W * W + X * X)
    assert same(one.push((X,), (W,)), W * np.cos(X))


# complex numbers and other libraries


def test_complex_numbers_are_pairs():
    """The point has a last axis of two, and values and gradients are those of the complex function."""
    z, dz = X + 1j * W, W - 2j * X
    found = bound(lambda z: z * z, z, vjp=lambda dy, z: dy * 2 * z.conj())

    def pairs(array):
        return np.stack([array.real, array.imag], -1)

    assert same(found.point, pairs(z))
    assert same(found.function.value(found.point), pairs(z * z))
    assert same(found.function.pull(found.point, (pairs(dz),))[1], pairs(dz * 2 * z.conj()))
    assert found.function.dtype == "float64"


def test_a_complex_output_of_real_inputs_is_a_pair():
    """No imaginary part is lost."""
    found = paired_up(bound(lambda x: x * (1 + 2j), X, vjp=lambda dy, x: (dy * (1 - 2j)).real))
    assert sum(one.size for one in found.function.value((X,))) == 2 * X.size


def test_another_library_gets_its_own_arrays():
    """What `__array_namespace__` says is what makes them; what comes back is read as NumPy."""
    made = []

    class Own:
        """An array of another library."""

        dtype, shape = np.dtype("float32"), X.shape

        def __init__(self, array):
            self.array = np.asarray(array)

        def __array__(self, dtype=None, copy=None):
            return self.array if dtype is None else self.array.astype(dtype)

        def __array_namespace__(self):
            def asarray(array):
                made.append(array.dtype)
                return Own(array)

            return SimpleNamespace(asarray=asarray)

    found = bound(lambda x: Own(2 * x.array), Own(X), vjp=lambda dy, x: Own(2 * dy.array))
    assert same(found.point, X)
    assert same(found.function.value((W,)), 2 * W)
    assert same(found.function.pull((W,), (X,))[1], 2 * X)
    assert set(made) == {np.dtype("float32")}
