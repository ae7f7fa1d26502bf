"""A progress bar is shown on a terminal, and only in a run that takes long."""

import io
import sys

import pytest

from gradcheck import progress
from gradcheck.progress import PATIENCE, Bar


class Stream(io.StringIO):
    """A stream that is a terminal, or is not."""

    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


@pytest.fixture
def shown(monkeypatch):
    """What a bar writes to standard error, when it is called at these times since its start."""

    def run(terminal, *times):
        stream, clock = Stream(terminal), iter([0.0, *times])
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock, times[-1] if times else 0.0))
        with Bar() as bar:
            for n, _ in enumerate(times, start=1):
                bar(n, 10)
        return stream.getvalue()

    return run


@pytest.mark.parametrize(
    ("terminal", "times", "expected"),
    [
        (True, (), False),
        (True, (0.1, PATIENCE), False),
        (True, (0.1, PATIENCE + 0.1), True),
        (True, (PATIENCE + 1, PATIENCE + 2), True),
        (False, (0.1, PATIENCE + 0.1), False),
    ],
)
def test_a_bar_is_shown_on_a_terminal_after_a_second(shown, terminal, times, expected):
    """Nothing is written to a pipe, and nothing in the first second."""
    assert ("verifying" in shown(terminal, *times)) is expected


def test_a_bar_ends_even_when_the_run_fails(monkeypatch):
    """An error inside leaves the bar stopped, and goes on."""
    stopped = []
    bar = Bar()
    bar._shown = type("Shown", (), {"stop": lambda self: stopped.append(True)})(), 0
    with pytest.raises(ValueError, match="inside"), bar:
        raise ValueError("inside")
    assert stopped == [True]


def test_a_bar_follows_what_is_done():
    """The bar is told every number of steps done."""
    done, bar = [], Bar()
    bar._shown = type("Shown", (), {"update": lambda self, task, completed: done.append((task, completed))})(), 7
    bar(3, 10)
    bar(4, 10)
    assert done == [(7, 3), (7, 4)]
