"""A function that is linear in each input is checked exactly: by probes, by every element, in any type's own range."""

import numpy as np
import pytest
from given import Given

from gradcheck.functions.elements import everything
from gradcheck.functions.exactly import almost_linear, exact, layered, linear, probed, suspects

RANDOM = np.random.default_rng(2)
A, B = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=(4, 5))
BOUND = 1e-12


def product(vjp=None, dtype="float64", line=None, seed=0, inputs=(A, B)):
    """What an exact check of a matrix product needs."""
    own = Given(np.matmul, vjp or (lambda dy, a, b: (dy @ b.T, a.T @ dy)), dtype)
    return exact(own, ("a", "b"), inputs, line, seed)


def elementwise(function, x=A, dtype="float64", derivative=1.0, seed=0):
    """What an exact check of a function of each entry needs."""
    return exact(Given(function, lambda dy, x: (derivative * dy,), dtype), ("x",), (x,), None, seed)


def shifted(dy, a, b):
    """The gradients of a product, one element of the second wrong by 1."""
    off = np.zeros(b.shape)
    off[1, 3] = 1
    return dy @ b.T, a.T @ dy + off


# what is needed


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "int32"])
def test_no_sum_leaves_the_integers_of_a_type(dtype):
    """The largest numbers of these bits, multiplied and added over the longest sums, stay within the mantissa."""
    mantissa = {"float64": 53, "float32": 24, "float16": 11, "int64": 63, "int32": 31}[dtype]
    one, other, cotangent = (2 ** (bits - 1) for bits in product(dtype=dtype).bits)
    rows, inner, columns = 3, 4, 5
    assert inner * one * other <= 2**mantissa
    assert columns * cotangent * other <= 2**mantissa
    assert rows * cotangent * one <= 2**mantissa


def test_a_type_without_exact_integers_has_no_exact_check():
    """Nor has one whose range is too short for the sums."""
    assert product(dtype="longdouble") is None
    long = np.ones((1, 9000))
    own = Given(np.matmul, lambda dy, a, b: (dy @ b.T, a.T @ dy), "float16")
    assert exact(own, ("a", "b"), (long, long.T), None, 0) is None


def test_numbers_are_about_as_large_as_the_users():
    """Entries are below the power of two that bounds the point's."""
    of = product(inputs=(1000 * A, B / 1000))
    for one, own in zip(of.draws().points()[0].floats, (1000 * A, B / 1000), strict=True):
        largest = np.abs(own).max()
        assert largest / 4 < np.abs(one).max() <= 2 * largest


def test_points_are_those_of_the_seed():
    """The same again, others for another seed."""
    one, again, other = (product(seed=seed).draws().points()[0].floats[0] for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_without_a_line_there_is_no_layer():
    """None for None; the same layer for the same line."""
    assert layered(None, ((3, 4),), {}) is None
    shapes = ((2, 3), (3,))
    assert layered("dense", shapes, {}) is layered("dense", list(shapes), {})


# probes


def test_a_right_gradient_is_probed():
    """With a chance below the bound."""
    found = probed(product(), BOUND)
    assert found.holds
    assert found.chance <= BOUND


@pytest.mark.parametrize("seed", range(6))
def test_one_wrong_element_fails_the_probe(seed):
    """By whatever seed."""
    assert probed(product(shifted, seed=seed), BOUND) is None


def test_a_gradient_that_is_off_the_grid_fails_the_probe():
    """A third is no multiple of anything in binary."""
    assert probed(product(lambda dy, a, b: (dy @ b.T, a.T @ dy + 1 / 3)), BOUND) is None


def test_a_constant_has_nothing_to_probe():
    """Equations with nothing but zeros say nothing."""
    assert probed(elementwise(lambda x: 0 * x, derivative=0.0), BOUND).empty


def test_an_affine_function_is_probed():
    """Something is added that no input tells."""
    assert probed(elementwise(lambda x: 3 * x + 0.5, derivative=3.0), BOUND)
    assert not probed(elementwise(lambda x: 3 * x + 0.5, derivative=2.0), BOUND)


def test_sums_that_are_longer_than_guessed_are_probed_with_shorter_numbers():
    """The sum of all entries, times 1000, in 32 bits."""
    long = RANDOM.normal(size=900)
    right, wrong = (elementwise(lambda x: 1000 * x.sum(), long, "float32", d) for d in (0.0, 0.0))
    right.function.vjp = lambda dy, x: (1000 * dy * np.ones_like(x),)
    wrong.function.vjp = lambda dy, x: (1001 * dy * np.ones_like(x),)
    assert probed(right, BOUND)
    assert not probed(wrong, BOUND)


# is it linear


@pytest.mark.parametrize("function", [lambda x: 2 * x, lambda x: 7 - x, lambda x: x.cumsum(0), lambda x: x[::-1].T])
def test_a_linear_function_is_linear(function):
    """Affine ones, too."""
    assert linear(elementwise(function))
    assert almost_linear(elementwise(function), 2.0**-52)


@pytest.mark.parametrize("function", [np.tanh, np.square, np.abs, lambda x: np.maximum(x, 0), lambda x: x.max(0)])
def test_a_function_that_bends_is_not_linear(function):
    """Neither exactly nor nearly."""
    assert not linear(elementwise(function))
    assert not almost_linear(elementwise(function), 2.0**-52)


def test_a_product_of_inputs_is_linear_in_each():
    """And their quotient is not."""
    inputs = (A + 9, A - 9)
    assert linear(exact(Given(np.multiply, None), ("x", "y"), inputs, None, 0))
    with np.errstate(all="ignore"):
        assert not linear(exact(Given(np.divide, None), ("x", "y"), inputs, None, 0))


def test_what_has_a_kink_at_zero_is_never_linear():
    """By no seed, however few numbers there are."""
    for seed in range(200):
        of = exact(Given(np.abs, None), ("x",), (A.ravel()[:6],), None, seed)
        assert not linear(of)
        assert not almost_linear(of, 2.0**-52)


def test_fractions_are_only_almost_linear():
    """A tenth of the input is rounded."""
    of = elementwise(lambda x: 0.1 * x)
    assert (linear(of), almost_linear(of, 2.0**-52)) == (False, True)


def test_a_function_that_raises_elsewhere_is_not_almost_linear():
    """It was not written for such numbers."""

    def picky(x):
        if not np.array_equal(x, A):
            raise ValueError
        return x

    own = Given(picky, lambda dy, x: (dy,))
    assert not almost_linear(exact(own, ("x",), (A,), None, 0), 2.0**-52)


# every element


def test_every_element_is_compared():
    """Right: as many as the inputs have."""
    evidence, found = everything(product())
    assert [(one.name, one.status, one.elements) for one in found] == [
        ("gradient of a", "right", A.size),
        ("gradient of b", "right", B.size),
    ]
    assert (evidence.method, evidence.proved) == ("full", False)
    assert 0 < evidence.passes < A.size + B.size


def test_one_wrong_element_is_found():
    """In its place, and no other."""
    _, found = everything(product(shifted))
    fault = found[1].fault
    assert [one.status for one in found] == ["right", "wrong"]
    assert (fault.entry, fault.got - fault.should, fault.wrong) == ((1, 3), 1, 1)


def test_what_it_should_be_is_what_differences_are():
    """The right gradient that is told is that of the function, element by element."""
    _, found = everything(product(lambda dy, a, b: (0 * a, 0 * b)))
    again, _ = everything(product(lambda dy, a, b: (0 * a, 0 * b)))
    assert [one.fault.causes[0].id for one in found] == ["all-zero"] * 2
    assert again.method == "full"


def test_a_gradient_that_ignores_the_cotangent_is_seen():
    """It is the same for two cotangents."""
    _, found = everything(product(lambda dy, a, b: (np.ones_like(dy) @ b.T, a.T @ dy)))
    assert [one.status for one in found] == ["wrong", "right"]
    assert found[0].fault.causes[0].id == "upstream-ignored"


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(lambda x: x.cumsum(1), id="all before"),
        pytest.param(lambda x: np.roll(x, 1, 1) + x, id="two neighbours"),
        pytest.param(lambda x: x.T @ np.arange(3.0), id="summed over an axis"),
        pytest.param(lambda x: (x.sum(0), x[::-1]), id="two outputs"),
        pytest.param(lambda x: x.sum(), id="a number"),
        pytest.param(lambda x: np.diagonal(x), id="a diagonal"),
        pytest.param(lambda x: x.reshape(2, 6), id="another shape"),
    ],
)
def test_differences_are_the_jacobian_whatever_the_function_reaches(function):
    """Against a Jacobian made column by column; and with an element too much it is found."""
    base = [np.ravel(one) for one in _outputs(function(np.zeros(A.shape)))]
    columns = []
    for n in range(A.size):
        unit = np.zeros(A.size)
        unit[n] = 1
        columns.append(
            np.concatenate(
                [np.ravel(y) - z for y, z in zip(_outputs(function(unit.reshape(A.shape))), base, strict=True)]
            )
        )

    def vjp(*given):
        *dy, _ = given
        return (
            np.array([column @ np.concatenate([np.ravel(one) for one in dy]) for column in columns]).reshape(A.shape),
        )

    def off(*given):
        found = vjp(*given)[0]
        found[2, 1] += 1
        return (found,)

    right, wrong = (exact(Given(function, given), ("x",), (A,), None, 0) for given in (vjp, off))
    assert [one.status for one in everything(right)[1]] == ["right"]
    (one,) = everything(wrong)[1]
    assert (one.fault.entry, one.fault.wrong) == ((2, 1), 1)


def _outputs(found):
    return found if isinstance(found, tuple) else (found,)


def test_the_output_is_compared_with_a_line():
    """Where there is one: first of all."""
    line = layered("dense", ((5, 4), (4,)), {})
    inputs = (B.T, A[0])
    vjp = lambda dy, w, x: (np.outer(dy, x), w.T @ dy)  # noqa: E731
    right, wrong = (exact(Given(f, vjp), ("w", "x"), inputs, line, 0) for f in (np.matmul, lambda w, x: w @ x + 1))
    evidence, found = everything(right)
    assert evidence.proved
    assert (found[0].name, found[0].status) == ("output Y", "right")
    assert [one.status for one in everything(wrong)[1]] == ["wrong", "right", "right"]


# suspects


def test_a_gradient_that_fails_by_itself_is_suspect():
    """The others are left open; where none does, there is nothing to say."""
    evidence, found = suspects(product(lambda dy, a, b: (dy @ b.T, -a.T @ dy)))
    assert [one.status for one in found] == ["unresolved", "wrong"]
    assert (evidence.method, evidence.trials, evidence.chance) == ("probe", 1, 1.0)
    assert suspects(product(None)) is None


def test_a_gradient_off_the_grid_is_suspect():
    """No integer trial is needed for that."""
    _, found = suspects(product(lambda dy, a, b: (dy @ b.T + 1 / 3, a.T @ dy)))
    assert [one.status for one in found] == ["wrong", "unresolved"]
