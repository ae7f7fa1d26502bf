"""What a layer must not do besides being wrong: each breach is noticed, and a layer without any is left in peace."""

import contextlib
from functools import cache

import numpy as np
import pytest
from mutants.conv1d import Conv1d

from gradcheck.errors import TargetError
from gradcheck.examination.examine import examine
from gradcheck.targets.recognise import recognise


class Base(Conv1d):
    """Right; the breaches change one method each."""

    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__(in_channels, out_channels, kernel_size)


class InputScaled1d(Base):
    """Forward doubles the caller's array, after it has been read."""

    def forward(self, x):
        y = super().forward(x.copy())
        x *= 2
        return y


class UpstreamScaled1d(Base):
    """Backward doubles the caller's cotangent."""

    def backward(self, dy):
        dx = super().backward(dy.copy())
        dy *= 2
        return dx


class WeightsCleared1d(Base):
    """Forward changes the weights."""

    def forward(self, x):
        y = super().forward(x)
        self.kept, self.w[...] = self.w.copy(), 0
        return y

    def backward(self, dy):
        self.w = self.kept
        return super().backward(dy)


class NotANumber1d(Base):
    """One entry of dx is divided by zero."""

    def backward(self, dy):
        dx = super().backward(dy)
        dx[0, 0, 0] = np.nan
        return dx


class Infinite1d(Base):
    """One entry of db has no bound."""

    def bias_gradient(self, dy):
        db = super().bias_gradient(dy)
        db[0] = np.inf
        return db


class Narrowed1d(Base):
    """Results of 32 bits, right as far as they go."""

    def forward(self, x):
        return super().forward(x).astype(np.float32)


class Whole1d(Base):
    """Gradients of integers."""

    def filter_gradient(self, dy):
        return super().filter_gradient(dy).astype(int)


class Shared1d(Base):
    """The bias's gradient is returned with a view of the cotangent."""

    def backward(self, dy):
        return super().backward(dy), self.dw, self.db, dy[:]


class Noisy1d(Base):
    """Noise in forward that backward knows nothing of."""

    def forward(self, x):
        return super().forward(x) + np.random.randint(0, 9)


class NoisyGradient1d(Base):
    """Noise in backward."""

    def bias_gradient(self, dy):
        return super().bias_gradient(dy) + np.random.randint(1, 1000, self.b.shape)


class Kept1d(Base):
    """Gradients in attributes go on adding up until they are set to zero."""

    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__(in_channels, out_channels, kernel_size)
        self.dw = np.zeros_like(self.w)

    def backward(self, dy):
        self.dw += self.filter_gradient(dy)
        self.db = self.bias_gradient(dy)
        return self.input_gradient(dy)


class Returned1d(Kept1d):
    """The same sum, returned: nobody can set it to zero."""

    def backward(self, dy):
        dx = super().backward(dy)
        return dx, self.dw.copy(), self.db


class AllLayers1d(Base):
    """What is added to belongs to the class, and so to every layer."""

    sums = {}  # noqa: RUF012 that is the mistake

    def backward(self, dy):
        self.db = self.bias_gradient(dy)
        own = self.filter_gradient(dy)
        self.dw = self.sums[own.shape] = self.sums.get(own.shape, 0) + own
        return self.input_gradient(dy)


class SecondDiffers1d(Base):
    """A buffer of the first pass changes what the second gives."""

    calls = 0

    def backward(self, dy):
        self.calls += 1
        dx = super().backward(dy)
        return dx + 3 * (self.calls - 1)


class Updates1d(Base):
    """A step of gradient descent, of any length."""

    decay = 0.0

    def backward(self, dy, learning_rate):
        dx = self.input_gradient(dy)
        self.w = self.w - learning_rate * self.filter_gradient(dy) - self.decay
        self.b = self.b - learning_rate * self.bias_gradient(dy)
        return dx


class ClippedUpdate1d(Updates1d):
    """The step has a part that does not grow with the rate."""

    decay = 0.125


@cache
def examined(kind):
    """The examination of a class, made once."""
    return examine(recognise(kind), kind.__name__)


def noticed(kind):
    """The notices by their ids, each with whether it refutes, in order."""
    return {notice.id: notice.refutes for notice in examined(kind).notices}


def told(kind):
    """The texts of the notices, one a line."""
    return "\n".join(notice.told for notice in examined(kind).notices)


@pytest.mark.parametrize("kind", [Base, Updates1d])
def test_a_layer_without_a_breach_has_no_notice(kind):
    """Kept or read off an update, right gradients are just that."""
    assert noticed(kind) == {}


BREACHES = {
    InputScaled1d: ("input-mutated", True, "forward changes the input in place"),
    UpstreamScaled1d: ("input-mutated", True, "backward changes the cotangent in place"),
    WeightsCleared1d: ("input-mutated", True, "forward changes the filters in place"),
    NotANumber1d: ("not-finite", True, "dx has NaN or infinity, at N="),
    Narrowed1d: ("down-cast", False, "y is float32, though all that was given is float64"),
    Whole1d: ("down-cast", True, "dw is int64: fractions are cut off"),
    Shared1d: ("aliasing", False, "result 3 shares memory with the cotangent"),
    NoisyGradient1d: ("not-deterministic", True, "db is another one each time"),
    Kept1d: ("accumulates", False, "dw adds up over calls of backward on one layer: set dw to zero before each"),
    Returned1d: ("accumulated", True, "dw adds up over calls of backward on one layer, though it is returned"),
    AllLayers1d: ("accumulated", True, "dw adds up over calls, even of fresh layers"),
    SecondDiffers1d: ("second-call-differs", True, "dx differs when the same layer is called a second time"),
    ClippedUpdate1d: ("update-not-linear", False, "the update of w does not grow with the learning rate"),
}


@pytest.mark.parametrize("kind", BREACHES)
def test_a_breach_is_noticed(kind):
    """What it is, whether it is an error, and what is said of it."""
    name, refutes, text = BREACHES[kind]
    assert noticed(kind).get(name) is refutes
    assert text in told(kind)


@pytest.mark.parametrize("kind", BREACHES)
def test_only_that_breach_is_noticed(kind):
    """A breach has one notice, or the same for several results and sizes."""
    assert list(noticed(kind)) == [BREACHES[kind][0]]


@pytest.mark.parametrize("kind", [InputScaled1d, NotANumber1d, Whole1d, Returned1d, AllLayers1d, SecondDiffers1d])
def test_a_breach_that_is_an_error_refutes(kind):
    """Whatever the values on a first call."""
    assert examined(kind).verdict == "refuted"


@pytest.mark.parametrize("kind", [Narrowed1d, Shared1d, Kept1d])
def test_a_breach_that_is_none_does_not(kind):
    """The twin: a habit that is told leaves a right layer verified."""
    assert examined(kind).verdict == "verified"


def test_each_thing_is_said_once():
    """Twelve layers with the same breach give one notice."""
    notices = examined(InputScaled1d).notices
    assert len(notices) == len(set(notices)) == 1


def test_infinity_is_noticed_without_a_warning():
    """An entry without bound is told as NaN is."""
    assert noticed(Infinite1d) == {"not-finite": True}


def test_noise_is_no_right_layer():
    """A forward pass that adds noise is refuted, or not recognised; it is never verified."""
    with contextlib.suppress(TargetError):  # it is none that is known
        assert examined(Noisy1d).verdict == "refuted"
