"""A result of one run: nested loops must agree with what a scene says is right, and with what it says of mistakes."""

import numpy as np
import pytest

from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Case, Family
from gradcheck.conventions.options import Options
from gradcheck.diagnosis.scene import Scene, only, reversed_taps, without

NCHW = {"x": "z (h i) y x", "w": "(h j) i u v", "y": "z (h j) y x", "b": "(h j)"}
NHWC = {"x": "z y x (h i)", "w": "u v i (h j)", "y": "z y x (h j)", "b": "1 (h j) 1 1"}
CASES = {
    "plain": {},
    "strided": {"n": (6, 7), "s": 2},
    "padded": {"n": (3, 4), "P": 2, "m": (2, 3)},
    "dilated": {"n": (6, 5), "d": 2, "m": (2, 2)},
    "grouped": {"k": 4, "p": 6, "g": 2},
    "one tap": {"m": (1, 1)},
    "one of each": {"N": 1, "k": 1, "p": 1, "n": (1, 1), "m": (1, 1)},
}


def sizes(N=2, k=2, p=3, g=1, n=(5, 4), m=(3, 3), s=1, d=1, P=0):  # noqa: N803 the notation's letters
    """A case, its stride, dilation and padding the same on both axes."""
    return Case(N, k, p, g, n, m, (s, s), (d, d), ((P, P), (P, P)))


def loops(x, w, dy, case):
    """y (but for a bias), dx and dw of NCHW arrays, window by window; the sides of y are those of dy."""
    (s, _), (d, _), ((pad, _), _) = case.s, case.d, case.padding
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    y, dxp, dw = np.zeros(dy.shape), np.zeros(xp.shape), np.zeros(w.shape)
    own, fan = case.k // case.g, case.p // case.g
    for z, j, a, b in np.ndindex(*dy.shape):
        for i, u, v in np.ndindex(*w.shape[1:]):
            at = z, j // fan * own + i, s * a + d * u, s * b + d * v
            y[z, j, a, b] += xp[at] * w[j, i, u, v]
            dxp[at] += dy[z, j, a, b] * w[j, i, u, v]
            dw[j, i, u, v] += dy[z, j, a, b] * xp[at]
    return y, dxp[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw


class Drawn:
    """Small integers for a layer of these sizes, and what loops make of them, all NCHW."""

    def __init__(self, seed=0, **given):
        self.case, random = sizes(**given), np.random.default_rng(seed)
        case = self.case
        out = case.outputs(Family(2))
        shapes = (case.N, case.k, *case.n), (case.p, case.k // case.g, *case.m), (case.p,), (case.N, case.p, *out)
        self.x, self.w, self.b, self.dy = (
            (random.integers(1, 6, shape) * random.choice((-1, 1), shape)).astype(float) for shape in shapes
        )
        y, dx, dw = loops(self.x, self.w, self.dy, case)
        self.right = {
            "y": y + self.b[:, None, None],
            "x": dx,
            "w": dw,
            "b": self.dy.sum(axis=(0, 2, 3)),
        }

    def scene(self, role, got=None, layouts=NCHW):
        """The scene of one result; without `got` it is right."""
        options = Options(dict.fromkeys("sPdg", ("taken",)))
        convention = Convention(Family(2), layouts, {}, options)
        reference = convention.reference(self.case)
        line = Convention(Family(2), NCHW, {}, options)
        operands = {"x": self.x, "w": self.w, "b": self.b}
        arrays = {one: line.unpack(one, array, self.case) for one, array in operands.items()}
        cotangent = line.unpack("y", self.dy, self.case)
        return Scene(reference, arrays, cotangent, role, self.right[role] if got is None else got)


@pytest.mark.parametrize("role", "yxwb")
@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_what_is_right_is_what_loops_give(role, given):
    """The output and every gradient, for strides, paddings, dilations, groups."""
    drawn = Drawn(**given)
    scene = drawn.scene(role)
    assert np.array_equal(scene.right(), drawn.right[role])
    assert scene.equals(scene.right())


def test_what_is_right_is_in_the_targets_layout():
    """Axes in another order, a bias with axes of one entry."""
    drawn = Drawn(**CASES["grouped"])
    turned = {"y": (0, 2, 3, 1), "x": (0, 2, 3, 1), "w": (2, 3, 1, 0)}
    for role, order in turned.items():
        assert np.array_equal(drawn.scene(role, layouts=NHWC).right(), drawn.right[role].transpose(order))
    assert np.array_equal(drawn.scene("b", layouts=NHWC).right(), drawn.right["b"].reshape(1, -1, 1, 1))


@pytest.mark.parametrize("role", "yxwb")
def test_one_entry_that_differs_is_noticed(role):
    """The twin: another value, or another shape of the same entries, is not equal."""
    drawn = Drawn()
    got = drawn.right[role].copy()
    got.flat[-1] += 1
    assert not drawn.scene(role, got).equals(drawn.right[role])
    assert not drawn.scene(role, drawn.right[role][None]).equals(drawn.right[role])


def test_quotients_are_seen_though_rounded():
    """A third of an integer is none that floats have; an error in the third decimal is no rounding."""
    drawn = Drawn()
    right = drawn.right["w"]
    assert drawn.scene("w", right / 3).is_quotient(right, 3)
    assert not drawn.scene("w", right / 3 + 1e-3).is_quotient(right, 3)
    assert not drawn.scene("w", right / 3).is_quotient(right, 2)
    assert not drawn.scene("w", right).is_quotient(right, 1)
    assert not drawn.scene("w", right[None] / 3).is_quotient(right, 3)


@pytest.mark.parametrize("role", "xw")
def test_windows_elsewhere(role):
    """With another stride than the layer's, entries meet as loops with that stride have them meet."""
    drawn = Drawn(**CASES["strided"])
    one = sizes(**{**CASES["strided"], "s": 1})
    expected = dict(zip("yxw", loops(drawn.x, drawn.w, drawn.dy, one), strict=True))[role]
    scene = drawn.scene(role)
    assert np.array_equal(scene.mistaken({"s1": 1, "s2": 1}), expected)
    assert not np.array_equal(expected, scene.right())
    assert np.array_equal(scene.mistaken({"s1": 2, "s2": 2}), scene.right())


def test_sizes_that_come_of_others():
    """dx without the rows that no window reaches; dw with a tap for each row that is left over."""
    drawn = Drawn(n=(6, 7), s=2)
    short = drawn.scene("x")
    assert np.array_equal(short.elsewhere(short.fit(drawn.case)), drawn.right["x"][:, :, :5, :7])
    more = drawn.scene("w")
    found = more.elsewhere(more.fit(drawn.case))
    assert found.shape == (3, 2, 4, 3)
    assert np.array_equal(found[:, :, :3], drawn.right["w"])


@pytest.mark.parametrize("role", "yxw")
def test_the_same_sizes_change_nothing(role):
    """Elsewhere at its own sizes is what is right."""
    drawn = Drawn(**CASES["padded"])
    scene = drawn.scene(role)
    assert np.array_equal(scene.elsewhere(drawn.case), drawn.right[role])


def test_sizes_without_entries_give_none():
    """A side of 0 gives an array without entries, and no error."""
    scene = Drawn().scene("x")
    assert scene.elsewhere(sizes(n=(0, 4))).shape == (2, 2, 0, 4)


@pytest.mark.parametrize("last", [False, True])
def test_a_part_of_the_cotangent(last):
    """The gradient from one sample alone is that of a cotangent that is zero elsewhere."""
    drawn = Drawn()
    kept = np.zeros_like(drawn.dy)
    kept[-1 if last else 0] = drawn.dy[-1 if last else 0]
    scene = drawn.scene("w")
    assert np.array_equal(
        scene.with_cotangent(only(scene.cotangent, 0, last=last)), loops(drawn.x, drawn.w, kept, drawn.case)[2]
    )


@pytest.mark.parametrize("taps", [("u",), ("v",), ("u", "v")])
def test_taps_read_backwards(taps):
    """As if the filter had been flipped; its gradient comes out flipped itself."""
    drawn = Drawn(**CASES["padded"])
    flipped = tuple("..uv".index(tap) for tap in taps)
    y, dx, _ = loops(drawn.x, np.flip(drawn.w, flipped), drawn.dy, drawn.case)
    assert np.array_equal(reversed_taps(drawn.scene("x"), taps), dx)
    assert np.array_equal(reversed_taps(drawn.scene("y"), taps), y + drawn.b[:, None, None])
    assert np.array_equal(reversed_taps(drawn.scene("w"), taps), np.flip(drawn.right["w"], flipped))


@pytest.mark.parametrize("last", [False, True])
def test_only_and_without_are_all(last):
    """What is kept of one end, and what is left without the other's complement."""
    array = np.arange(1.0, 7).reshape(2, 3)
    assert only(array, 1, last=last).tolist() == ([[0, 0, 3], [0, 0, 6]] if last else [[1, 0, 0], [4, 0, 0]])
    assert np.array_equal(only(array, 1, last=last) + without(array, 1, last=last), array)


def test_which_result_is_large():
    """dx is what windows are written to; of the other results none is."""
    drawn = Drawn()
    assert [drawn.scene(role).large for role in "yxwb"] == [False, True, False, False]
