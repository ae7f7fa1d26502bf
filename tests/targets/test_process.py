"""A target in a process of its own answers as it does here, and whatever it does there does no harm here."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any

import numpy as np
import pytest

from gradcheck.errors import NotationError, TargetError, TargetRaised, TargetStopped
from gradcheck.targets.address import Address
from gradcheck.targets.exchange import Differences, Outcome, Request
from gradcheck.targets.load import load
from gradcheck.targets.process import Process

LAYER = """
import os, sys, time
import numpy as np

class Layer:
    def __init__(self, mode=""):
        self.mode, self.w = mode, np.zeros(2)
    def forward(self, x):
        print("a line of the target", file=sys.stderr if self.mode == "errors" else sys.stdout)
        if self.mode == "read": print(repr(input()))
        if self.mode == "raise": raise ZeroDivisionError("of the user")
        if self.mode == "sleep": time.sleep(30)
        if self.mode == "abort": os.abort()
        if self.mode == "exit": sys.exit(3)
        if self.mode == "huge": self.y = np.ones(2**31)
        self.x = x
        return self.w * x
    def backward(self, dy):
        self.dw = dy * self.x
        os.write(1, b"and past Python")
        return dy * self.w
"""
BINDING = """
from gradcheck.targets.binding import Binding
class Layer(Binding):
    layer = "conv9d"
"""
GIVEN = {"x": np.array([2.0, 3.0]), "w": np.array([5.0, 7.0])}
REQUEST = Request({}, GIVEN, {"w": "w"}, cotangent=np.array([1.0, 10.0]))
Made = Callable[..., Process]


def asked(mode: str) -> Request:
    """A request at which the layer misbehaves so."""
    return Request({"mode": mode}, GIVEN, {"w": "w"}, cotangent=REQUEST.cotangent)


def same(one: Outcome, other: Outcome) -> bool:
    """Whether two outcomes have the same arrays at the same paths."""
    pairs = [(one.output, other.output), (one.state, other.state), (one.returned, other.returned)]
    return all(
        [path for path, _ in a] == [path for path, _ in b]
        and all(np.array_equal(x, y) for (_, x), (_, y) in zip(a, b, strict=True))  # type: ignore[arg-type]
        for a, b in [*pairs, (one.after, other.after)]
    )


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every process that was started and file that was opened, all ended and closed after the test."""
    found: list[Any] = []

    def kept(make: Callable[..., Any]) -> Callable[..., Any]:
        def made(*args: Any, **options: Any) -> Any:
            found.append(make(*args, **options))
            return found[-1]

        return made

    monkeypatch.setattr(subprocess, "Popen", kept(Popen))
    monkeypatch.setattr(tempfile, "TemporaryFile", kept(tempfile.TemporaryFile))
    yield found
    for one in found:
        if isinstance(one, Popen):
            one.kill()
            one.communicate()
        else:
            one.close()


def left_open(opened: list[Any]) -> list[Any]:
    """The files and pipes that are still open."""
    files = [[one.stdin, one.stdout] if isinstance(one, Popen) else [one] for one in opened]
    return [file for some in files for file in some if not file.closed]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Starts a target from its source."""

    def start(source: str = LAYER, seconds: float = 20.0, gib: float = 2.0) -> Process:
        path = tmp_path / "conv_of_process.py"
        path.write_text(source, encoding="utf-8")
        return Process(Address(str(path), "Layer"), seconds, gib)

    return start


def test_answers_are_those_of_the_same_target_here(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What it is, what it gives and its differences are the same, and what it prints is not seen."""
    there = made()
    found, differences = there.run(REQUEST), there.differences(Differences(REQUEST, "w"))
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr(sys, "path", list(sys.path))
    here = load(Address(str(tmp_path / "conv_of_process.py"), "Layer"))
    assert there.description == here.description
    assert same(found, here.run(REQUEST))
    assert not same(found, here.run(Request({}, {**GIVEN, "x": GIVEN["w"]}, {"w": "w"}, cotangent=REQUEST.cotangent)))
    assert np.array_equal(differences, here.differences(Differences(REQUEST, "w")))


def test_a_target_that_raises_or_reads_goes_on(made: Made) -> None:
    """Exceptions come over as they are, there is nothing to read, and the next call is answered."""
    target = made()
    for mode, message in (("raise", "ZeroDivisionError: of the user"), ("read", "EOFError: EOF when reading a line")):
        with pytest.raises(TargetRaised) as caught:
            target.run(asked(mode))
        assert (caught.value.stage, caught.value.message) == ("forward", message)
        assert "conv_of_process.py" in caught.value.trace
    y = target.run(REQUEST).y
    assert y is not None
    assert y.tolist() == [10, 21]


@pytest.mark.parametrize(("mode", "told"), [("abort", "ended its process with code -6"), ("exit", "with code 3")])
def test_a_target_that_ends_its_process_is_told_and_started_anew(made: Made, mode: str, told: str) -> None:
    """The address and the code are said, and the next call is answered by a new process."""
    target = made()
    with pytest.raises(TargetStopped, match=told) as caught:
        target.run(asked(mode))
    assert "conv_of_process.py:Layer" in str(caught.value)
    assert same(target.run(REQUEST), target.run(REQUEST))


def test_a_target_that_takes_too_long_is_stopped(made: Made) -> None:
    """The limit is for one call, and is told with the option that raises it."""
    target = made(seconds=1)
    start = time.monotonic()
    with pytest.raises(TargetStopped, match=r"took longer than 1 seconds for one call \(--time-limit\)"):
        target.run(asked("sleep"))
    assert time.monotonic() - start < 15
    assert target.run(REQUEST).y is not None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory can be limited on Linux alone")
def test_a_target_that_asks_for_too_much_memory_is_told(made: Made) -> None:
    """Memory beyond the limit is refused, and the target goes on with less."""
    target = made()
    with pytest.raises((TargetStopped, TargetRaised), match=r"memory|MemoryError|allocate"):
        target.run(asked("huge"))
    assert target.run(REQUEST).y is not None


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ("import sys; sys.exit('no licence')", TargetStopped, "ended its process with code 1: no licence"),
        ("import os; os._exit(0)", TargetStopped, "ended its process with code 0"),
        ("1 / 0", TargetRaised, "importing .*conv_of_process.py raised ZeroDivisionError"),
        ("import no_such_library", TargetError, "needs no_such_library, which is not installed"),
        ("class Layer: pass", TargetError, "has no method that looks like its forward pass"),
        (BINDING, NotationError, "conv9d"),
        ("print('x' * 10**6)\n1 / 0", TargetRaised, "ZeroDivisionError"),
    ],
)
def test_a_target_that_cannot_be_loaded_is_told(made: Made, source: str, error: type[Exception], message: str) -> None:
    """Whatever happens at import, the mistake is raised here as it was there."""
    with pytest.raises(error, match=message):
        made(source)


def test_leaving_ends_the_process(made: Made, opened: list[Any]) -> None:
    """No process and no open file is left over."""
    with made() as target:
        child = target._child.pid
        os.kill(child, 0)
        assert left_open(opened)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert left_open(opened) == []


def test_a_failed_start_leaves_nothing_open(made: Made, opened: list[Any]) -> None:
    """A process whose target cannot be loaded is waited for, and its pipes are closed."""
    with pytest.raises(TargetRaised):
        made("1 / 0")
    assert left_open(opened) == []


def test_a_new_start_leaves_nothing_of_the_old_one_open(made: Made, opened: list[Any]) -> None:
    """After a target was started anew and left, nothing is open."""
    with made() as target:
        with pytest.raises(TargetStopped):
            target.run(asked("exit"))
        target.run(REQUEST)
    assert left_open(opened) == []


OWN = "def relu(x):\n    return x\n\nclass Own:\n    pass\n"


@pytest.mark.parametrize("default", ["lambda n: 0", "relu", "Own()", "Own"])
def test_a_default_value_of_the_users_is_no_hindrance(made: Made, default: str) -> None:
    """A constructor may have any default, such as an activation or a way to draw the weights."""
    target = made(OWN + LAYER.replace('mode=""', f'mode="", more={default}'))
    assert target.run(REQUEST).y is not None


def test_an_array_of_the_users_own_class_travels(made: Made) -> None:
    """What forward returns may be an array of a class that the target's module defines."""
    own = "import numpy\nclass Own(numpy.ndarray):\n    pass\n"
    y = made(own + LAYER.replace("return self.w * x", "return (self.w * x).view(Own)")).run(REQUEST).y
    assert type(y) is np.ndarray
