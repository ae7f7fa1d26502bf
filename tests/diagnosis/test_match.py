"""A cause must explain every run, and two wrong ones: mistakes made by loops are named, coincidences are not."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from diagnosis.test_scene import Drawn, loops, sizes

from gradcheck.diagnosis.match import causes, gives, rewritings
from gradcheck.findings import Cause

RUNS = [{}, {"N": 3, "n": (4, 5), "m": (2, 2), "P": 1}, {"n": (6, 7), "s": 2, "m": (3, 2), "P": 2}, {"m": (1, 1)}]


def from_loops(drawn, which, **changed):
    """y, x or w as loops give it with something changed."""
    arrays = {"x": drawn.x, "w": drawn.w, "dy": drawn.dy, "case": drawn.case} | changed
    return dict(zip("yxw", loops(**arrays), strict=True))[which]


def one_sample(drawn, at):
    """The cotangent of one sample alone."""
    kept = np.zeros_like(drawn.dy)
    kept[at] = drawn.dy[at]
    return kept


def padded_dx(drawn):
    """The gradient of the padded input."""
    pad = drawn.case.padding[0][0]
    wide = np.pad(drawn.x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    c = drawn.case
    case = sizes(c.N, c.k, c.p, c.g, wide.shape[2:], c.m, c.s[0], c.d[0])
    return loops(wide, drawn.w, drawn.dy, case)[1]


MISTAKES = {  # the cause, the role it is made in, and how
    "filter-not-rotated": ("x", lambda one: from_loops(one, "x", w=one.w[:, :, ::-1, ::-1])),
    "filter-gradient-rotated": ("w", lambda one: one.right["w"][:, :, ::-1, ::-1]),
    "first-sample-only": ("w", lambda one: from_loops(one, "w", dy=one_sample(one, 0))),
    "last-sample-only": ("x", lambda one: from_loops(one, "x", dy=one_sample(one, -1))),
    "upstream-ignored": ("w", lambda one: from_loops(one, "w", dy=np.ones_like(one.dy))),
    "padding-not-removed": ("x", padded_dx),
    "channels-reversed": ("x", lambda one: from_loops(one, "x", w=one.w[::-1, ::-1, ::-1, ::-1])),
    "wrong-position": ("x", lambda one: one.right["w"]),
    "all-zero": ("w", lambda one: 0 * one.right["w"]),
    "axes-swapped": ("w", lambda one: one.right["w"].swapaxes(0, 1)),
    "wrong-sign": ("w", lambda one: -one.right["w"]),
    "constant-factor": ("x", lambda one: 2 * one.right["x"]),
    "mean-over-batch": ("w", lambda one: one.right["w"] / one.case.N),
    "mean-over-filters": ("b", lambda one: one.right["b"] / one.case.p),
    "bias-axes": ("b", lambda one: one.dy.sum(axis=(0, 2))),
    "bias-in-forward": ("y", lambda one: one.right["y"] - one.b[:, None, None]),
}


def scenes(role, mistake, runs=RUNS):
    """A mistake made in every run."""
    drawn = [Drawn(seed, **given) for seed, given in enumerate(runs)]
    return [one.scene(role, mistake(one)) for one in drawn]


@cache
def made(cause):
    """What is found of a mistake made in every run."""
    return ids(causes(scenes(*MISTAKES[cause])))


def ids(found):
    """The causes without their variants."""
    return [cause.id for cause in found]


@pytest.mark.parametrize("cause", MISTAKES)
def test_a_mistake_made_by_loops_is_named_first(cause):
    """The same mistake in every run is the likeliest cause."""
    assert made(cause)[0] == cause


@pytest.mark.parametrize("role", "yxwb")
def test_what_is_right_has_no_cause(role):
    """Nothing is wrong, nothing is explained."""
    assert causes(scenes(role, lambda one: one.right[role])) == ()


@pytest.mark.parametrize("cause", MISTAKES)
def test_one_wrong_run_is_not_enough(cause):
    """A single wrong run could be a coincidence."""
    role, mistake = MISTAKES[cause]
    assert causes(scenes(role, mistake, RUNS[:1])) == ()


@pytest.mark.parametrize("cause", MISTAKES)
def test_a_run_that_is_right_where_the_mistake_would_show_refutes_it(cause):
    """The same mistake in all runs but one explains nothing."""
    role, mistake = MISTAKES[cause]
    runs = [*scenes(role, mistake), Drawn(9, N=3, n=(6, 5), P=1).scene(role)]
    assert cause not in ids(causes(runs))


@pytest.mark.parametrize("cause", MISTAKES)
def test_an_entry_besides_refutes_it(cause):
    """One entry that the mistake does not give is one too many."""
    role, mistake = MISTAKES[cause]
    runs = scenes(role, mistake)
    got = runs[1].got.copy()
    got.flat[-1] += 1000.5
    runs[1] = replace(runs[1], got=got)
    assert cause not in ids(causes(runs))


def test_a_run_that_the_mistake_leaves_right_does_not_refute_it():
    """A filter of one tap is rotated into itself: m = 1 is right, and the others name the cause."""
    found = scenes(*MISTAKES["filter-not-rotated"])
    assert found[-1].equals(found[-1].right())
    assert ids(causes(found))[0] == "filter-not-rotated"


def test_a_coincidence_on_one_tap_is_not_reported():
    """What looks like swapped axes at m = 1, and like nothing elsewhere, has no cause; the same twice has."""
    square = {"k": 3, "p": 3, "m": (1, 1)}
    one, two, three = Drawn(1, **square), Drawn(2, **square), Drawn(3, k=3, p=3)
    swapped = [each.scene("w", each.right["w"].swapaxes(0, 1)) for each in (one, two, three)]
    assert "axes-swapped" in ids(causes(swapped))
    assert causes([swapped[0], three.scene("w", three.right["w"] + 1000.5)]) == ()


def test_a_factor_must_be_the_same_everywhere():
    """Twice in one run and three times in another is no constant factor."""
    one, two = Drawn(1), Drawn(2, m=(2, 2))
    assert ids(causes([one.scene("w", 2 * one.right["w"]), two.scene("w", 3 * two.right["w"])])) == []
    found = causes([one.scene("w", 3 * one.right["w"]), two.scene("w", 3 * two.right["w"])])
    assert found == (Cause("constant-factor", "3"),)


def test_a_mean_over_one_is_right_and_refutes_nothing():
    """With one sample the mean is the sum; where there are more it must be divided, too."""
    mean = MISTAKES["mean-over-batch"][1]
    runs = [*scenes("w", mean), *scenes("w", mean, [{"N": 1}])]
    assert ids(causes(runs)) == ["mean-over-batch"]
    more = Drawn(5, N=4)
    assert causes([*runs, more.scene("w")]) == ()


@pytest.mark.parametrize("cause", MISTAKES)
def test_a_cause_is_reported_once(cause):
    """However many variants fit."""
    found = made(cause)
    assert len(set(found)) == len(found)


def test_a_rewriting_that_does_not_fit_gives_nothing():
    """An error of shapes is no explanation; any other is a mistake of gradcheck's and is raised."""
    scene = Drawn().scene("x")

    def failing(error):
        def work():
            raise error

        return work

    assert gives(scene, scene.right)
    assert not gives(scene, failing(ValueError()))
    assert not gives(scene, failing(IndexError()))
    with pytest.raises(ZeroDivisionError):
        gives(scene, failing(ZeroDivisionError()))


def test_another_shape_is_explained_only_by_what_changes_shapes():
    """The cotangent left out keeps the shape, and so is not tried where it is another."""
    drawn = Drawn()
    same = {tried[0] for _, tried in rewritings(drawn.scene("w"))}
    other = {tried[0] for _, tried in rewritings(drawn.scene("w", drawn.right["w"][None]))}
    assert "upstream-ignored" in same - other
    assert "not-summed-over-batch" in same & other


SMALL = [{"n": (3, 4), "s": 2, "m": (3, 2), "P": 1}, {"k": 4, "g": 2, "p": 4, "n": (3, 3), "m": (2, 2), "d": 2}]


@pytest.mark.parametrize("role", "yxwb")
@pytest.mark.parametrize("given", SMALL)
def test_every_rewriting_runs(role, given):
    """Each either gives an array or says that it does not fit; none raises anything else."""
    for _, (_, _, work) in rewritings(Drawn(**given).scene(role)):
        try:
            assert isinstance(work(), np.ndarray | np.generic)
        except (ValueError, IndexError):
            continue
