"""What the experiment tries, the likeliest first. Literals, and how names narrow them."""

import re
from collections.abc import Iterator
from itertools import product

from gradcheck.conventions.family import POSITIONS, TAPS, Case, Family
from gradcheck.conventions.options import Options
from gradcheck.targets.exchange import Description
from gradcheck.targets.roles import plain

# C stands for the channels, J for the filters, I for the channels of a filter.
IMAGES = {
    2: ("z C y x", "z y x C", "C y x", "y x C", "z y x", "y x", "C y x z", "y x C z"),
    1: ("z C x", "z x C", "C x", "x C", "z x", "x"),
    3: ("z C t y x", "z t y x C", "C t y x", "t y x C", "t y x"),
    0: ("z C", "C z", "C", "C 1"),
}
FILTERS = {
    2: (
        *("J I u v", "u v I J", "J u v I", "I J u v", "u v J I", "I u v J", "J v u I"),
        *("J (I u v)", "(I u v) J", "(u v I) J", "J (u v I)", "J u v", "u v J", "u v", "h j u v", "u v h j"),
    ),
    1: ("J I v", "v I J", "J v I", "I J v", "J (I v)", "(I v) J", "(v I) J", "J (v I)", "J v", "v J", "v", "h j v"),
    3: ("J I r u v", "r u v I J", "I J r u v", "J (I r u v)", "(I r u v) J", "r u v"),
    0: ("J I", "I J"),
}
BIASES = ("J", "J 1", "1 J", "1 J 1 1", "1 1 1 J", "J 1 1", "1 1 J", "1 J 1", "", "1")

LARGE = (28, 28, 28)  # for a layer that takes images of one size only


def families(described: Description) -> tuple[Family, ...]:
    """The kinds of layer to try, the likeliest by the target's name first."""
    name = plain(described.name)
    words = set(re.split(r"[_.]+|\d+d?", name))
    dims = next((d for d in (1, 2, 3) if f"{d}d" in name), None)
    if words & {"dense", "linear", "affine", "fc"}:
        dims = 0
    order = [0, 2, 1, 3] if dims is None else [dims]
    transposed = bool(words & {"transpose", "transposed", "deconv", "deconvolution", "upconv", "tconv"})
    kinds = (True, False) if transposed else (False, True)
    return tuple(Family(d, t) for t in kinds for d in order if d or not t)


def inputs(family: Family, fixed: str | None = None) -> tuple[str, ...]:
    """The layouts of inputs; where one is fixed that this family does not have, none."""
    found = [one.replace("C", "(h i)") for one in ([fixed] if fixed else IMAGES[family.dims])]
    return tuple(one for one in found if _has(one, POSITIONS, family.space))


def _has(layout: str, every: tuple[str, ...], own: tuple[str, ...]) -> bool:
    """Whether a layout has the spatial axes of the family, and no others."""
    names = re.findall(r"\w", layout)
    return all((name in names) == (name in own) for name in every)


def outputs(family: Family, image: str, case: Case) -> tuple[str, ...]:
    """The layouts of outputs: samples where the input has them, the filters' axis unless there is one."""
    every = [one.replace("C", "(h j)") for one in IMAGES[family.dims]]
    kept = [one for one in every if ("z" in one) == ("z" in image) and ("j" in one or case.p == 1)]
    return tuple(sorted(kept, key=lambda one: one.replace("j", "i") != image))


def filters(family: Family, fixed: str | None = None) -> tuple[str, ...]:
    """The layouts of filters; groups go with the filters, in a transposed layer with the channels."""
    names = {"J": "j", "I": "h i"} if family.transposed else {"J": "h j", "I": "i"}
    found = [_named(one, names) for one in ([fixed] if fixed else FILTERS[family.dims])]
    return tuple(one for one in found if _has(one, TAPS, family.taps))


def _named(layout: str, names: dict[str, str]) -> str:
    """A layout with each letter replaced by its names, which are merged into one axis."""
    words = re.findall(r"\([^)]*\)|\S+", layout)
    found = [" ".join(names.get(word, word) for word in group.strip("()").split()) for group in words]
    return " ".join(f"({one})" if " " in one else one for one in found)


def biases(family: Family) -> tuple[str, ...]:
    """The layouts of biases, one for each filter, or for each filter and position."""
    space = " ".join(family.space)
    return tuple(
        one.replace("J", "(h j)") for one in (*BIASES, f"J {space}", f"{space} J", f"1 J {space}", f"1 {space} J")
    )


def starts(family: Family, options: Options) -> Iterator[Case]:
    """Sizes for the first experiment: all distinct, then what a layer might insist on."""
    dims = family.dims
    one, none = (1,) * dims, ((0, 0),) * dims
    for sides, k in product(((9, 8, 7), (9, 9, 9), LARGE), (2, 1, 3)):
        yield fitted(Case(1 if sides == LARGE else 4, k, 5, 1, sides[:dims], (3,) * dims, one, one, none), options)


def fitted(case: Case, options: Options) -> Case:
    """The case with what the user has fixed."""
    for role, value in options.fixed.items():
        case = _with(case, role, value)
    return case


def _with(case: Case, role: str, value: object) -> Case:
    dims = len(case.n)
    each = tuple(value) if isinstance(value, tuple | list) else (value,) * dims
    match role:
        case "k" | "p" | "g" if isinstance(value, int):
            return case.having(**{role: value})
        case "m" | "s" | "d" | "n" if len(each) == dims and all(isinstance(e, int) for e in each):
            return case.having(**{role: each})
        case "P" if len(each) == dims and all(isinstance(e, int) for e in each):
            return case.having(padding=tuple((e, e) for e in each))
    return case
