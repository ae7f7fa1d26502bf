"""From runs to results: right, wrong and why, consistent with a forward that is wrong, or not given."""

from functools import cache

import numpy as np
import pytest
from mutants.conv1d import Conv1d

from gradcheck.examination.examine import examine
from gradcheck.findings import Cause
from gradcheck.targets.recognise import recognise


class Small1d(Conv1d):
    """Right, without options besides the sizes."""

    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__(in_channels, out_channels, kernel_size)


class Rotated1d(Small1d):
    """dw is reversed."""

    def filter_gradient(self, dy):
        return super().filter_gradient(dy)[:, :, ::-1]


class OneEntry1d(Small1d):
    """One entry of dw is 7 too large."""

    def filter_gradient(self, dy):
        dw = super().filter_gradient(dy)
        dw[-1, 0, -1] += 7
        return dw


class Mean1d(Small1d):
    """dw is a mean over the samples."""

    def filter_gradient(self, dy):
        return super().filter_gradient(dy) / len(dy)


class Shaped1d(Small1d):
    """db is a column."""

    def bias_gradient(self, dy):
        return super().bias_gradient(dy)[:, None]


class ForwardDoubled1d(Small1d):
    """Bias twice; the gradients agree with it."""

    def forward(self, x):
        return super().forward(x) + self.b[:, None]

    def bias_gradient(self, dy):
        return 2 * super().bias_gradient(dy)


class ForwardAlone1d(Small1d):
    """Bias twice in forward, once in backward."""

    def forward(self, x):
        return super().forward(x) + self.b[:, None]


class NoBiasGradient1d(Small1d):
    """Leaves db out."""

    def backward(self, dy):
        self.dw = self.filter_gradient(dy)
        return self.input_gradient(dy)


class Returning1d(Small1d):
    """Everything is returned, db as None."""

    def backward(self, dy):
        dx, dw, db = self.input_gradient(dy), self.filter_gradient(dy), None
        return dx, dw, db


@cache
def examined(kind, seed):
    """The examination of a class, made once for each seed."""
    return examine(recognise(kind), kind.__name__, seed=seed)


def results(kind):
    """The results by their roles."""
    return {result.role: result for result in examined(kind, 0).results}


def statuses(kind):
    """What is said of y, dx, dw and db."""
    return [result.status for result in results(kind).values()]


def test_a_right_layer_is_right_throughout():
    """Output first, then the gradients in their order, each compared with its line and its own differences."""
    found = results(Small1d)
    assert list(found) == ["y", "x", "w", "b"]
    assert [result.name for result in found.values()] == ["y", "dx", "dw", "db"]
    assert statuses(Small1d) == ["right"] * 4
    assert all(found[role].elements == found[role].differences > 0 for role in "xwb")
    assert found["y"].differences == 0
    assert all(result.fault is None for result in found.values())


def test_where_a_gradient_was_found_is_told():
    """Returned, or left in an attribute."""
    found = results(Small1d)
    assert [found[role].source for role in "yxwb"] == [
        "returned by forward",
        "returned",
        "left in dw",
        "left in db",
    ]


def test_a_known_mistake_has_its_cause():
    """The one gradient is wrong, and why; no other is touched."""
    assert statuses(Rotated1d) == ["right", "right", "wrong", "right"]
    fault = results(Rotated1d)["w"].fault
    assert fault.causes[0] == Cause("filter-gradient-rotated")
    assert fault.structure == ()


def test_an_unknown_mistake_has_its_place():
    """The entry, what it is, what it should be, how many there are, and what the error looks like."""
    fault = results(OneEntry1d)["w"].fault
    assert fault.causes == ()
    assert fault.shape == fault.expected
    assert fault.entry == (fault.shape[0] - 1, 0, fault.shape[2] - 1)
    assert (fault.got - fault.should, fault.wrong) == (7, 1)
    assert fault.structure[0] == f"1 of {np.prod(fault.shape)} entries differ"
    assert np.array(fault.map).shape == fault.shape[1:] or np.array(fault.map).size


def test_the_layer_that_is_shown_is_the_smallest():
    """No run has a wrong gradient of fewer entries; six is the least that there is among the default sizes."""
    assert np.prod(results(OneEntry1d)["w"].fault.shape) == 6


class MeanOfBoth1d(Mean1d):
    """Both gradients that sum over the batch are means over it."""

    def bias_gradient(self, dy):
        return super().bias_gradient(dy) / len(dy)


def test_a_mean_over_the_batch_is_a_convention():
    """It is right, and told, where all that sums over the batch is such a mean."""
    found = results(MeanOfBoth1d)
    assert [(found[role].status, found[role].convention.id) for role in "wb"] == [("right", "mean-over-batch")] * 2


def test_a_mean_of_one_gradient_is_wrong():
    """Whatever the loss does, the filters' and the bias's gradients cannot both be right."""
    found = results(Mean1d)
    assert [found[role].status for role in "xwb"] == ["right", "wrong", "right"]
    assert found["w"].fault.causes[0].id == "mean-over-batch"


def test_another_shape_is_wrong():
    """Both shapes are told, and no entry."""
    fault = results(Shaped1d)["b"].fault
    assert fault.shape == (*fault.expected, 1)
    assert (fault.entry, fault.got, fault.should) == ((), None, None)


def test_gradients_of_a_wrong_forward_are_consistent():
    """The output is at fault; what agrees with it is not called right."""
    assert statuses(ForwardDoubled1d) == ["wrong", "consistent", "consistent", "consistent"]
    found = results(ForwardDoubled1d)
    assert found["y"].fault.causes[0].id == "bias-in-forward"
    assert {found[role].note for role in "xwb"} == {""}


def test_a_gradient_of_the_line_with_a_wrong_forward_is_no_fault():
    """The twin: what the line gives and forward does not is noted, and forward is the suspect."""
    assert statuses(ForwardAlone1d) == ["wrong", "consistent", "consistent", "consistent"]
    assert "its own forward says otherwise" in results(ForwardAlone1d)["b"].note


def test_a_gradient_that_is_not_there():
    """Not given is neither right nor wrong, and nothing was compared."""
    found = results(NoBiasGradient1d)["b"]
    assert (found.status, found.elements, found.fault) == ("not given", 0, None)


def test_none_in_the_place_of_a_gradient_is_wrong():
    """What is returned as None was meant to be given."""
    found = results(Returning1d)["b"]
    assert found.status == "wrong"
    assert found.fault.causes == (Cause("none-returned"),)
    assert found.fault.shape is None


@pytest.mark.parametrize("kind", [Rotated1d, OneEntry1d, Shaped1d])
def test_seeds_agree(kind):
    """Another seed finds the same results wrong, for the same reasons."""
    one, other = (examined(kind, seed).results for seed in (0, 1))
    assert [(r.role, r.status, r.fault and r.fault.causes) for r in one] == [
        (r.role, r.status, r.fault and r.fault.causes) for r in other
    ]
