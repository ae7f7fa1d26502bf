"""An error of the user's code is told with its pass, and with no frame but the user's own."""

import numpy as np
import pytest

from gradcheck.errors import TargetError, TargetRaised
from gradcheck.targets import traces
from gradcheck.targets.traces import telling, trimmed


def failing() -> None:
    """Raises at a line that a trace shows."""
    raise ZeroDivisionError("of the user")


def raised() -> TargetRaised:
    """What is told of an error in forward."""
    with pytest.raises(TargetRaised) as caught, telling("forward"):
        failing()
    return caught.value


def test_the_pass_and_the_error_are_told() -> None:
    """The stage, the kind of error and its message are kept apart, and stand together in the text."""
    error = raised()
    assert (error.stage, error.message) == ("forward", "ZeroDivisionError: of the user")
    assert str(error).startswith("forward raised ZeroDivisionError: of the user\n")


def test_the_users_frames_are_shown() -> None:
    """The trace names the file and the line at which it was raised."""
    trace = raised().trace
    assert __file__ in trace
    assert 'raise ZeroDivisionError("of the user")' in trace
    assert not trace.endswith("\n")


def test_frames_of_the_package_and_of_libraries_are_left_out() -> None:
    """Neither gradcheck's frames nor numpy's are shown; the user's call is."""
    with pytest.raises(TargetRaised) as caught, telling("forward"):
        np.broadcast_to(np.zeros(2), (3,))
    assert "site-packages" not in caught.value.trace
    assert traces.__file__ not in caught.value.trace
    assert "np.broadcast_to(np.zeros(2), (3,))" in caught.value.trace


def test_an_error_without_frames_has_no_trace() -> None:
    """Where there is nothing of the user's to show, the text is one line."""
    assert trimmed(ValueError("never raised")) == ""
    assert str(TargetRaised("forward", "ValueError: one")) == "forward raised ValueError: one"


def test_what_is_no_exception_goes_through() -> None:
    """Pressing Ctrl-C is not taken for a mistake of the target."""
    with pytest.raises(KeyboardInterrupt), telling("forward"):
        raise KeyboardInterrupt


def test_nothing_is_told_where_nothing_is_raised() -> None:
    """A pass that goes through raises nothing."""
    with telling("forward"):
        found = 1
    assert found == 1


def test_a_mistake_of_the_users_own_kind_is_told_as_raised() -> None:
    """A TargetError out of the target's code is an error of the target as any other."""
    with pytest.raises(TargetRaised, match="TargetError: odd"), telling("forward"):
        raise TargetError("odd")
