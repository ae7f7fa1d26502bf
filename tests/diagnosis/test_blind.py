"""Blind spots: sizes that would hide a mistake leave it as one, and the default sizes leave none."""

import pytest
from diagnosis.test_scene import Drawn
from mutants import conv1d, conv2d, depthwise, transposed, transposed1d

from gradcheck.diagnosis.blind import CLASSIC, blind_spots
from gradcheck.examination.examine import examine
from gradcheck.targets.recognise import recognise

EVERY = frozenset(CLASSIC) - {"filter-rotated"}  # which a transposed layer alone can have
TELLING = [
    {"n": (6, 7), "m": (3, 2), "s": 2, "P": 1},
    {"n": (8, 6), "m": (2, 3), "d": 2},
    {"k": 4, "p": 6, "g": 2},
]
ROTATIONS = {"filter-not-rotated", "filter-gradient-rotated"}


def blind(*runs, possible=EVERY):
    """The mistakes that runs of these sizes would not have shown."""
    drawn = [Drawn(seed, **given) for seed, given in enumerate(runs)]
    scenes = {role: [one.scene(role) for one in drawn] for role in "xwb"}
    return dict(blind_spots(scenes, possible))


def test_telling_sizes_leave_none():
    """A stride that does not divide, a padding, none, a dilation, groups, several of everything."""
    assert blind(*TELLING) == {}


HIDING = {  # sizes, and the mistakes that no run with them can show
    "one sample": ({"N": 1}, {"last-sample-only"}),
    "one tap": ({"m": (1, 1)}, ROTATIONS),
    "one stride": ({"s": 1}, {"stride-ignored", "remainder-lost"}),
    "no padding": ({"P": 0}, {"padding-not-removed"}),
    "always a padding": ({"P": 1}, {"empty-at-padding-0"}),
    "one group": ({"k": 2, "p": 3, "g": 1}, {"one-group-only"}),
    "one of each": ({"k": 1, "p": 1, "g": 1, "m": (1, 1)}, {"channels-reversed", "one-group-only", *ROTATIONS}),
}


@pytest.mark.parametrize(("hiding", "hidden"), HIDING.values(), ids=HIDING)
def test_sizes_that_hide_a_mistake_leave_it(hiding, hidden):
    """It is a blind spot on these sizes, and none as soon as one run can show it."""
    runs = [{**given, **hiding} for given in TELLING]
    assert hidden <= set(blind(*runs))
    assert not hidden & set(blind(*runs, *TELLING))


@pytest.mark.parametrize("hiding", [{"d": 1}, {"m": (1, 1)}])
def test_what_hides_an_ignored_dilation_leaves_it(hiding):
    """Without dilation, or with one tap, a dilation that is ignored changes nothing."""
    assert "dilation-ignored" in blind(*[{**given, **hiding} for given in TELLING])


def test_what_would_reveal_it_is_told():
    """Each blind spot comes with what is needed."""
    assert blind({"N": 1})["last-sample-only"] == "more than one sample"
    assert blind({"m": (1, 1)})["filter-not-rotated"] == "a filter of more than one tap"


def test_what_cannot_be_done_is_no_blind_spot():
    """A layer that takes no groups cannot mistake them; a result that is not given has none."""
    assert "one-group-only" in blind({})
    assert "one-group-only" not in blind({}, possible=EVERY - {"one-group-only"})
    assert blind_spots({"w": [], "x": []}, EVERY) == ()


@pytest.mark.parametrize(
    "kind",
    [
        conv1d.Conv1d,
        conv2d.Conv2d,
        depthwise.DepthwiseConv2d,
        transposed1d.ConvTranspose1d,
        transposed.ConvTranspose2d,
    ],
)
def test_the_default_sizes_leave_none(kind):
    """A layer that accepts all sizes is checked on some that show each mistake."""
    assert examine(recognise(kind), kind.__name__).blind == ()


def test_a_layer_that_refuses_sizes_has_blind_spots():
    """The twin: where only a stride of 1 is accepted, an ignored stride goes unseen."""

    class Stuck1d(conv1d.Conv1d):
        def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
            if stride not in (1, (1,)):
                raise ValueError("no strides")
            super().__init__(in_channels, out_channels, kernel_size, stride, padding)

    found = examine(recognise(Stuck1d), "Stuck1d")
    assert dict(found.blind).keys() == {"stride-ignored", "remainder-lost"}
    assert "no strides" in " ".join(why for _, why in found.unsupported)
