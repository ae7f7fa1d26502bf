"""A gradient against the right one: what is wrong has a place, and the simple mistake that explains it."""

import numpy as np
import pytest

from gradcheck.findings import Cause
from gradcheck.functions.fault import compared

RIGHT = np.array([[[1.0, -7, 3, 2], [5, 4, -2, 9], [8, 6, -5, 11]], [[12, -3, 7, 1], [2, 13, 4, -6], [3, 9, 10, 14]]])
NONE = np.zeros(RIGHT.shape)


def causes(got, right=RIGHT, error=None, steady=False):
    """The mistakes that explain what was got."""
    error = np.zeros(right.shape) if error is None else error
    return compared("g", np.asarray(got, float), right, error, steady).fault.causes


def test_what_is_right_has_no_fault():
    """Every element was compared."""
    found = compared("g", RIGHT.copy(), RIGHT, NONE)
    assert (found.name, found.status, found.elements, found.fault) == ("g", "right", 24, None)


def test_an_error_within_the_tolerance_is_none():
    """Each entry has its own; one beyond it is a fault."""
    error = np.linspace(0.1, 1, 24).reshape(RIGHT.shape)
    assert compared("g", RIGHT + error / 2, RIGHT, error).status == "right"
    beyond = error / 2
    beyond[0, 1, 2] *= 3
    found = compared("g", RIGHT + beyond, RIGHT, error)
    assert (found.status, found.fault.entry, found.fault.wrong) == ("wrong", (0, 1, 2), 1)


def test_nothing_but_zeros_says_little():
    """Zero where zero is right is told apart from right."""
    assert compared("g", NONE, NONE, NONE).status == "zero"


def test_another_shape_has_no_entry():
    """Both shapes are told, and nothing else."""
    fault = compared("g", RIGHT[0], RIGHT, NONE).fault
    assert (fault.shape, fault.expected, fault.entry, fault.causes) == ((3, 4), (2, 3, 4), (), ())


def test_the_entry_is_the_one_that_is_most_wrong():
    """With what it is, what it should be, and how many there are."""
    got = RIGHT.copy()
    got[1, 0, 2] += 1
    got[0, 2, 1] -= 5
    fault = compared("g", got, RIGHT, NONE).fault
    assert (fault.entry, fault.got, fault.should, fault.wrong, fault.causes) == ((0, 2, 1), 1, 6, 2, ())
    assert fault.structure[0] == "2 of 24 entries differ"
    assert np.shape(fault.map) == (3, 4)
    assert np.argwhere(fault.map).tolist() == [[0, 2], [2, 1]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_no_number_is_wrong(bad):
    """NaN and infinity are within no error."""
    got = RIGHT.copy()
    got[1, 2, 3] = bad
    fault = compared("g", got, RIGHT, NONE + 1).fault
    assert (fault.entry, fault.wrong) == ((1, 2, 3), 1) if np.isinf(bad) else fault.wrong == 1
    assert fault.causes == ()


@pytest.mark.parametrize(
    ("got", "cause"),
    [
        pytest.param(-RIGHT, Cause("wrong-sign"), id="sign"),
        pytest.param(3 * RIGHT, Cause("constant-factor", "3"), id="factor"),
        pytest.param(-RIGHT / 8, Cause("constant-factor", "-0.125"), id="negative factor"),
        pytest.param(NONE, Cause("all-zero"), id="zero"),
        pytest.param(RIGHT[::-1], Cause("index-reversed", "axis 0"), id="axis 0"),
        pytest.param(RIGHT[:, :, ::-1], Cause("index-reversed", "axis 2"), id="axis 2"),
        pytest.param(RIGHT[:, ::-1, ::-1], Cause("index-reversed", "axis 1, 2"), id="two axes"),
    ],
)
def test_a_simple_mistake_is_named(got, cause):
    """One cause, with its variant; and no structure besides."""
    fault = compared("g", got, RIGHT, NONE).fault
    assert fault.causes == (cause,)
    assert fault.structure == ()


def test_swapped_axes_are_named():
    """Where the shapes do not tell."""
    cube = np.arange(27.0).reshape(3, 3, 3) ** 2
    assert causes(cube.transpose(0, 2, 1), cube) == (Cause("axes-swapped", "in the order (0, 2, 1)"),)
    assert causes(cube.transpose(1, 2, 0), cube)[0].id == "axes-swapped"


def test_a_gradient_that_ignores_the_cotangent_is_named():
    """What was seen elsewhere goes before any other explanation; a zero gradient ignores nothing."""
    assert causes(2 * RIGHT, steady=True) == (Cause("upstream-ignored"),)
    assert causes(NONE, steady=True) == (Cause("all-zero"),)


@pytest.mark.parametrize("got", [RIGHT + 1, RIGHT**2, np.roll(RIGHT, 1, 2)], ids=["more", "squared", "rolled"])
def test_what_nothing_explains_has_no_cause(got):
    """No factor and no order of the axes gives it."""
    assert causes(got) == ()


def test_one_entry_that_is_right_refutes_a_factor():
    """All the others are doubled."""
    got = 2 * RIGHT
    got[0, 0, 0] = RIGHT[0, 0, 0]
    assert causes(got) == ()


def test_equal_entries_have_no_factor():
    """Of ones, anything may be a factor; a single number has one."""
    assert causes(np.full(5, 3.0), np.ones(5)) == ()
    assert causes(3.0 * np.ones(1), np.ones(1)) == (Cause("constant-factor", "3"),)


@pytest.mark.parametrize("factor", [-1, 2.5])
def test_a_factor_is_found_within_the_error(factor):
    """What is known only roughly is named all the same, and one that is further off is not."""
    error = np.full(RIGHT.shape, 1e-6)
    wobble = np.where(np.arange(24).reshape(RIGHT.shape) % 2, 1e-6, -1e-6)
    found = causes(factor * RIGHT + wobble, error=error)
    assert found[0].id == ("wrong-sign" if factor == -1 else "constant-factor")
    assert causes(factor * RIGHT + 100 * wobble, error=error) == ()


def test_a_reversed_axis_is_found_within_the_error():
    """The errors are reversed along with it."""
    error = np.zeros(RIGHT.shape)
    error[0, 0, 0] = 0.5
    got = RIGHT[:, :, ::-1].copy()
    got[0, 0, 3] += 0.4
    assert causes(got, error=error) == (Cause("index-reversed", "axis 2"),)
    got[0, 0, 2] += 0.4
    assert causes(got, error=error) == ()


def test_many_axes_are_not_permuted():
    """Of six axes there are too many orders; what is wrong is told all the same."""
    many = np.arange(64.0).reshape((2,) * 6) ** 2
    found = compared("g", many.transpose(1, 0, 2, 3, 4, 5), many, np.zeros(many.shape))
    assert (found.status, found.fault.causes) == ("wrong", ())


def test_a_number_is_compared():
    """An array without axes has an entry without places."""
    found = compared("g", np.array(2.0), np.array(-2.0), np.array(0.0))
    assert (found.status, found.fault.entry, found.fault.causes) == ("wrong", (), (Cause("wrong-sign"),))
