"""In which order, and how merged, an array has its axes: "z (h i) y x" is NCHW with groups h of channels i.

The names are the family's: z samples, h groups, i channels and j filters of a group, t y x positions,
r u v taps. An axis that a layout leaves out has one entry; "1" is an axis of one entry.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from math import prod

from gradcheck.targets.exchange import Array

Names = tuple[str, ...]
LETTERS = {"z": "N", "t": "D", "y": "H", "x": "W", "r": "D", "u": "H", "v": "W"}


@cache
def axes(layout: str) -> tuple[Names, ...]:
    """The names that each axis of the array stands for.

    >>> axes("1 (h j) y")
    ((), ('h', 'j'), ('y',))
    """
    words = re.findall(r"\([^)]*\)|\S+", layout)
    return tuple(tuple(word.strip("()").split()) if word != "1" else () for word in words)


def shape(layout: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape of an array in this layout."""
    return tuple(prod(sizes[name] for name in names) for names in axes(layout))


def pack(array: Array, names: Sequence[str], layout: str) -> Array:
    """An array with these axes, in this layout; raises ValueError where entries would be lost."""
    order = [name for group in axes(layout) for name in group]
    left_out = [n for n, name in enumerate(names) if name not in order]
    kept = [name for name in names if name in order]
    sizes = dict(zip(names, array.shape, strict=True))
    squeezed = array.squeeze(tuple(left_out))
    return squeezed.transpose([kept.index(name) for name in order]).reshape(shape(layout, sizes))


def unpack(array: Array, names: Sequence[str], layout: str, sizes: Mapping[str, int]) -> Array:
    """The array with these axes that is packed so; raises ValueError for another shape than that."""
    if array.shape != shape(layout, sizes):
        raise ValueError(array.shape)
    order = [name for group in axes(layout) for name in group]
    split = array.reshape([sizes[name] for name in order])
    kept = [name for name in names if name in order]
    turned = split.transpose([order.index(name) for name in kept])
    return turned.reshape([sizes[name] if name in order else 1 for name in names])


def solve(layout: str, found: Sequence[int], known: Mapping[str, int]) -> dict[str, int] | None:
    """The sizes with which an array of this layout has the shape that was found; None if there are none.

    >>> solve("(h j) i u v", (5, 2, 3, 3), {"h": 1, "i": 2})
    {'h': 1, 'i': 2, 'j': 5, 'u': 3, 'v': 3}
    """
    groups = axes(layout)
    if len(groups) != len(found):
        return None
    sizes = dict(known)
    for _ in groups:
        for names, size in zip(groups, found, strict=True):
            open_names = [name for name in names if name not in sizes]
            rest = prod(sizes[name] for name in names if name in sizes)
            if len(open_names) == 1 and rest and size % rest == 0:
                sizes[open_names[0]] = size // rest
    complete = all(name in sizes for names in groups for name in names)
    return sizes if complete and shape(layout, sizes) == tuple(found) else None


def told(layout: str, role: str) -> str:
    """A layout in the letters that people use: NCHW, OIHW, O(IHW), (1,1,1,F).

    >>> told("z (h i) y x", "x"), told("(h j) (i u v)", "w"), told("1 (h j) 1 1", "b"), told("z (h i) x", "x")
    ('NCHW', 'O(IHW)', '(1,F,1,1)', 'NCL')
    """
    groups = axes(layout)
    if role == "b":
        return f"({','.join(_bias(names) for names in groups)}{',' if len(groups) == 1 else ''})"
    line = not {"y", "u"} & {name for names in groups for name in names}
    letters = [_letters(names, role, line) for names in groups]
    return "".join(one if len(one) == 1 else f"({one})" for one in letters) or "a number"


def _bias(names: Names) -> str:
    return "F" if "j" in names else LETTERS.get(names[0], names[0]) if names else "1"


def _letters(names: Names, role: str, line: bool) -> str:
    if not names:
        return "1"
    found = ""
    for name in names:
        if name in "ijh":
            channel = {"i": "I", "j": "O", "h": "G"}[name] if role == "w" else "C"
            found += (
                "" if (name == "h" and len({"i", "j"} & set(names))) or (channel == "C" and "C" in found) else channel
            )
        else:
            found += "L" if line and name in "xv" else LETTERS[name]
    return found
