"""What a user says that a layer is like, a name in the catalogue or its line, and in what a target is not like it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gradcheck.conventions.bound import FAMILIES
from gradcheck.conventions.family import Family
from gradcheck.conventions.search import Found
from gradcheck.errors import TargetError
from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.layers.layer import parse_layer

KINDS = {"dense": Family(0)} | {name: family for name, (family, *_) in FAMILIES.items()}
DEPTHWISE, GROUPED = "depthwise2d", "conv2d_grouped"
NAMED_FOR = {
    "conv2d_strided": ("s", "stride"),
    "conv2d_dilated": ("d", "dilation"),
    "conv2d_padded": ("P", "padding"),
    GROUPED: ("g", "groups"),
}


@dataclass(frozen=True, slots=True)
class Like:
    """A layer of the catalogue that a target is said to be like, and the family that it belongs to."""

    name: str
    family: Family


def like(text: str) -> Like:
    """What a name in the catalogue, or the line of one, says; raises TargetError for any other.

    >>> like("conv2d").family.dims, like("Z[f,i,j] += I[c,i+p,j+q] * K[f,c,p,q]").name
    (2, 'conv2d')
    """
    lines = {_renamed(CATALOGUE[name][0]): name for name in reversed(KINDS)}
    name = text if text in KINDS else lines.get(_renamed(text))
    if name is None:
        known = ", ".join(KINDS)
        raise TargetError(f"like={text!r}: expected {known}, or the line of one; for any other line, write a binding")
    return Like(name, KINDS[name])


def _renamed(line: str) -> str:
    """A line with its names replaced by numbers, in the order in which they come, and no blanks."""
    names: dict[str, str] = {}
    words = re.sub(r"\s", "", line)
    return re.sub(r"\b(?!(?:pad|dilate)\b)[^\W\d]\w*", lambda word: names.setdefault(word[0], f"#{len(names)}"), words)


def other_kind(said: Like, found: Found) -> bool:
    """Whether a target has another number of spatial axes than it should have, or is transposed and should not be."""
    family = found.convention.family
    return (family.dims, family.transposed) != (said.family.dims, said.family.transposed)


def unlike(said: Like, found: Found) -> Iterator[str]:
    """What a target always does and the layer that it is said to be like does not, in words."""
    options, case = found.convention.options, found.case
    if other_kind(said, found):
        yield f"it is a {found.convention.family.called}"
        return
    sizes = {name[0] for name in parse_layer(said.name, {}).sizes}
    for role, what, values in (("s", "stride", case.s), ("d", "dilation", case.d)):
        if role not in sizes and not options.takes(role) and max(values, default=1) > 1:
            yield f"it always has a {what} of {max(values)}"
    padded = any(map(any, case.padding))
    if "P" not in sizes and not options.takes("P") and padded:
        yield f"it always pads ({found.convention.rule})"
    has = {"s": max(case.s, default=1) > 1, "d": max(case.d, default=1) > 1, "P": padded, "g": case.g > 1}
    role, what = NAMED_FOR.get(said.name, ("", ""))
    if role and not options.takes(role) and not has[role]:
        yield f"it has no {what}"
    depthwise = case.g == case.k > 1
    if (said.name == DEPTHWISE) != depthwise and not options.takes("g") and said.name != GROUPED:
        yield "it has a filter for each channel" if depthwise else "its filters span all channels"
