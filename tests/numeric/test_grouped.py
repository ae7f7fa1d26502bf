"""Differences of elements together are those of elements one by one, in as few passes as is said, or a leak is seen."""

from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pytest

from gradcheck.numeric import grouped as module
from gradcheck.numeric.grouped import Leak, Random, Structure, gradient
from gradcheck.numeric.reach import Tie, coloured

DRAW = Random(3, 20)


@dataclass
class Given:
    """A function as it stands, and the shapes of the first inputs that it was called with."""

    forward: object
    dtype: str = "float64"
    calls: list = field(default_factory=list)

    def value(self, inputs):
        self.calls.append([one.shape for one in inputs])
        found = self.forward(*inputs)
        return found if isinstance(found, tuple) else (found,)


def convolved(x, f):
    """Y[n,p,a,b] += X[n,k,a+u,b+v] * F[p,k,u,v], by a loop for each entry of the filter."""
    (n, k, rows, columns), (p, _, m, _) = x.shape, f.shape
    found = np.zeros((n, p, rows - m + 1, columns - m + 1))
    for at, i, c, u, v in product(range(n), range(p), range(k), range(m), range(m)):
        found[at, i] += x[at, c, u : u + rows - m + 1, v : v + columns - m + 1] * f[i, c, u, v]
    return found


def sequence(x, f):
    """Y[n,p,a] += X[n,k,2*a+u] * F[p,k,u] + 1, affine."""
    (n, k, size), (p, _, m) = x.shape, f.shape
    found = np.ones((n, p, (size - m) // 2 + 1))
    for at, i, c, a, u in product(range(n), range(p), range(k), range(found.shape[2]), range(m)):
        found[at, i, a] += x[at, c, 2 * a + u] * f[i, c, u]
    return found


def window(size, m, stride=1):
    """Which place of an axis a sliding window of m places reads for which output."""
    outputs = (size - m) // stride + 1
    found = np.zeros((size, outputs), bool)
    for a, u in product(range(outputs), range(m)):
        found[stride * a + u, a] = True
    return found


def each(size, output):
    """An axis whose places reach the same place of an axis of the output."""
    return coloured(size, Tie(output, np.eye(size, dtype=bool)))


def slid(size, m, output, stride=1):
    """An axis that a window slides along."""
    return coloured(size, Tie(output, window(size, m, stride)))


def integers(*shapes):
    """Arrays of one digit."""
    random = np.random.default_rng(7)
    return tuple(random.integers(-9, 10, shape).astype(float) for shape in shapes)


def one_by_one(function, inputs, index, cotangent):
    """The difference of every element of an input by itself."""
    found = np.zeros(inputs[index].shape)
    before = function(*inputs)
    for at in product(*map(range, found.shape)):
        there = [one.copy() for one in inputs]
        there[index][at] += 1
        found[at] = sum(((function(*there) - before) * cotangent).ravel().tolist())
    return found


def image(copies):
    """What an image of a convolution reaches: with copies along its first axis, or without."""
    reach = (each(2, 0), coloured(3), slid(5, 2, 2), slid(6, 2, 3))
    return Structure(reach, {0: 0}, 0) if copies else Structure(reach)


def filters(copies):
    """What the filter of a convolution reaches: with copies along the axis of its outputs, or without."""
    reach = (each(2, 1), coloured(3), coloured(2), coloured(2))
    return Structure(reach, {1: 0}, 1) if copies else Structure(reach)


X, F, DY = integers((2, 3, 5, 6), (2, 3, 2, 2), (2, 2, 4, 5))


@pytest.mark.parametrize("copies", [False, True], ids=["one by one", "side by side"])
@pytest.mark.parametrize(("index", "structure"), [(0, image), (1, filters)])
def test_the_gradient_is_that_of_differences_one_by_one(index, structure, copies):
    """Every element of the gradient of a convolution, in k * m * m passes and two, together or not."""
    of = Given(convolved)
    found, taken = gradient(of, (X, F), index, DY, structure(copies), DRAW)
    assert found.tolist() == one_by_one(convolved, (X, F), index, DY).tolist()
    assert taken == 3 * 2 * 2 + 2
    assert len(of.calls) == (3 if copies else taken)


def test_copies_are_laid_along_the_axis_that_is_said():
    """The wide call has all copies of the input along its axis, and the other input as it is."""
    of = Given(convolved)
    gradient(of, (X, F), 1, DY, filters(True), DRAW)
    assert of.calls == [[X.shape, F.shape], [X.shape, (2 * 12, 3, 2, 2)], [X.shape, F.shape]]


def test_inputs_that_share_the_axis_are_copied_too():
    """Of a batched product of matrices all operands are laid side by side, though one alone is moved."""

    def batched(a, b):
        found = np.zeros((a.shape[0], a.shape[1], b.shape[2]))
        for n, i, j, k in product(*map(range, (*found.shape, a.shape[2]))):
            found[n, i, j] += a[n, i, k] * b[n, k, j]
        return found

    a, b, dy = integers((2, 3, 4), (2, 4, 2), (2, 3, 2))
    of = Given(batched)
    found, taken = gradient(of, (a, b), 0, dy, Structure((each(2, 0), each(3, 1), coloured(4)), {0: 0, 1: 0}, 0), DRAW)
    assert found.tolist() == one_by_one(batched, (a, b), 0, dy).tolist()
    assert (taken, len(of.calls)) == (6, 3)
    assert of.calls[1] == [(8, 3, 4), (8, 4, 2)]


def test_a_stride_leaves_elements_that_reach_nothing():
    """The gradient of an affine function with a stride: elements beyond the last window have none."""
    x, f = integers((2, 2, 8), (3, 2, 3))
    (dy,) = integers((2, 3, 3))
    structure = Structure((each(2, 0), coloured(2), slid(8, 3, 2, 2)), {0: 0}, 0)
    found, taken = gradient(Given(sequence), (x, f), 0, dy, structure, DRAW)
    assert found.tolist() == one_by_one(sequence, (x, f), 0, dy).tolist()
    assert taken == 2 * 3 + 2
    assert not found[:, :, 7].any()


@pytest.mark.parametrize("copies", [False, True], ids=["one by one", "side by side"])
@pytest.mark.parametrize(("chunk", "calls"), [(1, 12), (900, 4), (2**22, 1)])
def test_differences_in_small_chunks_are_the_same(monkeypatch, copies, chunk, calls):
    """How many classes share a call does not change what comes out, nor how many passes are counted."""
    right = gradient(Given(convolved), (X, F), 0, DY, image(copies), DRAW)
    monkeypatch.setattr(module, "CHUNK", chunk)
    of = Given(convolved)
    found = gradient(of, (X, F), 0, DY, image(copies), DRAW)
    assert (found[0].tolist(), found[1]) == (right[0].tolist(), right[1])
    assert len(of.calls) == 2 + (calls if copies else 12)


def test_chunks_keep_to_their_size(monkeypatch):
    """No call has more numbers than a chunk, or those of one pass."""
    monkeypatch.setattr(module, "CHUNK", 700)
    of = Given(convolved)
    gradient(of, (X, F), 0, DY, image(True), DRAW)
    own = X.size + F.size + DY.size
    assert all(shapes[0][0] // 2 * own <= 700 for shapes in of.calls)
    assert max(shapes[0][0] // 2 for shapes in of.calls) > 1


LEAKS = {
    "a window too short": (each(2, 0), coloured(3), slid(6, 3, 2), slid(6, 2, 3)),
    "an axis taken as elementwise": (each(2, 0), coloured(3), slid(6, 3, 2), each(6, 3)),
    "channels taken as apart": (each(2, 0), coloured(3, Tie(1, np.eye(3, dtype=bool))), slid(6, 3, 2), slid(6, 3, 3)),
    "a window too short on one axis": (each(2, 0), coloured(3), slid(6, 1, 2), slid(6, 3, 3)),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_larger_receptive_field_than_was_said_is_a_leak(leak):
    """A function that reaches outputs that it was taken not to reach is told so, and no gradient comes out."""
    x, f, _ = integers((2, 3, 6, 6), (3, 3, 3, 3), (2, 3, 4, 4))

    def padded(x, f):
        found = np.zeros((2, 3, 6, 6))
        found[:, :, :4, :4] = convolved(x, f)
        return found

    reach = tuple(
        coloured(6, Tie(axis.tie.output, np.pad(axis.tie.reach, [(0, 0), (0, 6 - axis.tie.reach.shape[1])])))
        if axis.tie and axis.tie.output > 1
        else axis
        for axis in LEAKS[leak]
    )
    (dy,) = integers((2, 3, 6, 6))
    with pytest.raises(Leak):
        gradient(Given(padded), (x, f), 0, dy, Structure(reach), DRAW)


@pytest.mark.parametrize("at", [0, 3, 8])
def test_a_leak_of_one_element_is_seen(at):
    """One element that reaches one output more, by little, is a leak."""

    def leaking(x):
        found = 2 * x
        found[(at + 4) % 9] += x[at]
        return found

    (x, dy) = integers(9, 9)
    with pytest.raises(Leak):
        gradient(Given(leaking), (x,), 0, dy, Structure((each(9, 0),)), DRAW)
    assert (
        gradient(Given(lambda x: 2 * x), (x,), 0, dy, Structure((each(9, 0),)), DRAW)[0].tolist() == (2 * dy).tolist()
    )


def test_a_function_that_is_not_affine_is_a_leak():
    """Differences of a square do not add up to that of a large step."""
    (x, dy) = integers(5, 5)
    with pytest.raises(Leak):
        gradient(Given(lambda x: x * x), (x,), 0, dy, Structure((each(5, 0),)), DRAW)


def test_copies_that_meet_are_a_leak():
    """A function that mixes what is laid side by side is not taken for one that does not."""

    def mixed(x):
        return x + x.sum(axis=0)

    (x, dy) = integers((2, 3), (2, 3))
    with pytest.raises(Leak):
        gradient(Given(mixed), (x,), 0, dy, Structure((coloured(2), each(3, 1)), {0: 0}, 0), DRAW)
    found, _ = gradient(Given(mixed), (x,), 0, dy, Structure((coloured(2), each(3, 1))), DRAW)
    assert found.tolist() == one_by_one(mixed, (x,), 0, dy).tolist()


def test_a_wider_reach_than_there_is_costs_passes_alone():
    """Elements that are taken to meet and do not have the same gradient, in more passes."""
    (x, dy) = integers(6, 4)
    (f,) = integers(3)

    def forward(x):
        return np.array([sum(x[a + u] * f[u] for u in range(3)) for a in range(4)])

    narrow, wide = (
        gradient(Given(forward), (x,), 0, dy, Structure((axis,)), DRAW) for axis in (slid(6, 3, 0), coloured(6))
    )
    assert narrow[0].tolist() == wide[0].tolist() == one_by_one(forward, (x,), 0, dy).tolist()
    assert (narrow[1], wide[1]) == (5, 8)


def test_several_outputs_are_taken_as_one_row():
    """A function with two outputs has the gradient of both, element by element."""

    def forward(a, b):
        return a * b, np.array([[a.sum()]])

    a, b, dy = integers(3, 3, 4)
    found, taken = gradient(Given(forward), (a, b), 0, dy, Structure((coloured(3),)), DRAW)
    assert found.tolist() == [int(dy[n]) * int(b[n]) + int(dy[3]) for n in range(3)]
    assert taken == 5


def test_a_number_has_a_gradient():
    """An input without axes is an element."""
    found, taken = gradient(
        Given(lambda x: x * np.ones(3)), (np.array(2.0),), 0, np.array([1.0, 2.0, 4.0]), Structure(()), DRAW
    )
    assert (found.shape, float(found), taken) == ((), 7.0, 3)


@pytest.mark.xfail(strict=True, raises=ValueError, reason="there is nothing to put together")
def test_an_input_of_no_elements_has_a_gradient_of_none():
    """There is nothing to move: the gradient has the input's shape."""
    found, taken = gradient(
        Given(lambda x: np.zeros(3) + x.sum()),
        (np.zeros((0, 2)),),
        0,
        np.ones(3),
        Structure((coloured(0), coloured(2))),
        DRAW,
    )
    assert (found.shape, taken) == ((0, 2), 2)
