"""Blind spots: the classic mistakes that the sizes and data of a run could not have revealed."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from gradcheck.diagnosis import groups, padding, tensors, windows
from gradcheck.diagnosis.hypothesis import Tried
from gradcheck.diagnosis.scene import Scene

Hypothesis = Callable[[Scene], Iterator[Tried]]

# The mistake, the result it would show in, the hypothesis that has it, and what would reveal it.
CLASSIC: Mapping[str, tuple[str, Hypothesis, str]] = {
    "filter-not-rotated": ("x", windows.rotation, "a filter of more than one tap"),
    "filter-rotated": ("x", windows.rotation, "a filter of more than one tap"),
    "filter-gradient-rotated": ("w", windows.rotation, "a filter of more than one tap"),
    "last-sample-only": ("w", tensors.samples, "more than one sample"),
    "stride-ignored": ("x", windows.stride, "a stride above 1"),
    "remainder-lost": ("x", windows.stride, "a stride that does not divide"),
    "dilation-ignored": ("x", windows.dilation, "a dilation above 1"),
    "padding-not-removed": ("x", padding.padding, "a padding"),
    "empty-at-padding-0": ("x", padding.padding, "a padding of 0"),
    "one-group-only": ("x", groups.groups, "more than one group"),
    "channels-reversed": ("x", groups.channels, "more than one channel or filter"),
    "bias-axes": ("b", tensors.bias, "more than one sample and position"),
}


def blind_spots(scenes: Mapping[str, Sequence[Scene]], possible: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The mistakes that give what is right in every run, each with what would reveal it.

    `possible` are the mistakes that a target of this kind can make at all: one that takes no
    stride cannot ignore it.
    """
    found = []
    for cause, (role, hypothesis, need) in CLASSIC.items():
        runs = scenes.get(role, ())
        if cause in possible and runs and not any(_reveals(scene, hypothesis, cause) for scene in runs):
            found.append((cause, need))
    return tuple(found)


def _reveals(scene: Scene, hypothesis: Hypothesis, cause: str) -> bool:
    """Whether the mistake would have given something else in this run."""
    right = scene.right()
    for one, _, work in hypothesis(scene):
        if one == cause:
            try:
                found = work()
            except (ValueError, IndexError):
                continue
            if found.shape != right.shape or (found != right).any():
                return True
    return False
