"""A binding's convention: what it says it is, in the layout of its line; nothing is left to find."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gradcheck.claims.parsing import parse_given
from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Case, Family
from gradcheck.conventions.options import Options
from gradcheck.layers.layer import Layer, parse_layer
from gradcheck.numeric.draw import draw
from gradcheck.targets.exchange import Description

# The catalogue's layers that are families: the family, and the layouts of input, filters and output.
FAMILIES: Mapping[str, tuple[Family, str, str, str]] = {
    "conv1d": (Family(1), "(h i) x", "(h j) i v", "(h j) x"),
    "conv1d_general": (Family(1), "(h i) x", "(h j) i v", "(h j) x"),
    "conv1d_transposed": (Family(1, transposed=True), "(h i) x", "(h i) j v", "(h j) x"),
    "conv2d": (Family(2), "(h i) y x", "(h j) i u v", "(h j) y x"),
    "conv2d_rectangular": (Family(2), "(h i) y x", "(h j) i u v", "(h j) y x"),
    "conv2d_batch": (Family(2), "z (h i) y x", "(h j) i u v", "z (h j) y x"),
    "conv2d_grouped": (Family(2), "h i y x", "h j i u v", "h j y x"),
    "conv2d_strided": (Family(2), "(h i) y x", "(h j) i u v", "(h j) y x"),
    "conv2d_padded": (Family(2), "(h i) y x", "(h j) i u v", "(h j) y x"),
    "conv2d_dilated": (Family(2), "(h i) y x", "(h j) i u v", "(h j) y x"),
    "conv2d_general": (Family(2), "(h i) y x", "(h j) i u v", "(h j) y x"),
    "conv2d_transposed": (Family(2, transposed=True), "(h i) y x", "(h i) j u v", "(h j) y x"),
    "depthwise2d": (Family(2), "(h i) y x", "(h j) u v", "(h j) y x"),
    "trueconv2d": (Family(2, flipped=True), "(h i) y x", "(h j) i u v", "(h j) y x"),
    "conv3d": (Family(3), "(h i) t y x", "(h j) i r u v", "(h j) t y x"),
    "conv3d_rectangular": (Family(3), "(h i) t y x", "(h j) i r u v", "(h j) t y x"),
}
LAYERS = 24  # of a line of its own


def convention_of(described: Description) -> Convention:
    """The convention that a binding states; its bias has an entry for each filter."""
    assert described.binds
    name, shapes, _ = described.binds
    biased = "b" in described.takes
    named = named_convention(name)
    if named:
        bias = "h j" if name == "conv2d_grouped" else "(h j)"
        return replace(named, layouts={**named.layouts, "b": bias}) if biased else named
    own = own_convention(parse_layer(name, shapes))
    return replace(own, layouts={**own.layouts, "b": _bias(own.family)}) if biased else own


def named_convention(name: str) -> Convention | None:
    """The convention of a layer of the catalogue that is a family, in the layout of its line; None for any other."""
    if name not in FAMILIES:
        return None
    family, x, w, y = FAMILIES[name]
    symbols = {size[0] for size in parse_layer(name, {}).sizes}
    told = {role: ("sizes", role) for role in "sdPQ" if role in symbols}
    told |= {"g": ("sizes", "g")} if name == "conv2d_grouped" else {}
    return Convention(family, {"x": x, "w": w, "y": y}, {}, Options(told), rule="" if "P" in told else "0")


def named_case(name: str, sizes: Mapping[str, int]) -> Case:
    """The sizes of a layer of the catalogue that is a family, from those by the symbols of its line."""
    axes = range(1, FAMILIES[name][0].dims + 1)

    def each(letter: str, otherwise: int) -> tuple[int, ...]:
        return tuple(sizes.get(f"{letter}{axis}", sizes.get(letter, otherwise)) for axis in axes)

    k, p, g = sizes["k"], sizes.get("p", 1), sizes.get("g", 1)
    channels = (k, k, k) if name == "depthwise2d" else (g * k, g * p, g)
    padding = zip(each("P", 0), each("P", 0), strict=True)
    sides = each("n", 1), each("m", 1), each("s", 1), each("d", 1)
    return Case(sizes.get("N", 1), *channels, *sides, tuple(padding))


def own_convention(layer: Layer) -> Convention:
    """The convention of a line of its own: its arrays are in the order of axes of the line."""
    family = Family(0, line=layer)
    return Convention(
        family, {role: " ".join(family.names(role)) for role in family.tensors}, {}, Options({"own": ("sizes",)})
    )


def _bias(family: Family) -> str:
    """A bias has the output's indices that the second operand carries: its filters'."""
    assert family.line
    carried = {str(e) for e in family.line.reads[1].at}
    output = zip(family.names("y"), family.line.output.at, strict=True)
    return " ".join(name for name, e in output if str(e) in carried)


def base_case(convention: Convention, name: str) -> Case:
    """Sizes of a family's layer to start from, as many filters as channels where each has its own."""
    dims = convention.family.dims
    one = (1,) * dims
    case = Case(
        2 if "z" in convention.layouts["x"] else 1, 2, 3, 1, (5, 4, 3)[:dims], (3,) * dims, one, one, ((0, 0),) * dims
    )
    return replace(case, g=2, p=2) if name == "depthwise2d" else case


def own_cases(name: str, shapes: Mapping[str, str], where: Sequence[str], seed: int) -> list[Case]:
    """Small sizes of a line, under its hypotheses: those given and, besides, that every axis has an entry."""
    layer, given = parse_given(name, shapes, where)
    drawn = draw(layer, given, LAYERS, seed)
    each = dict.fromkeys(tuple(sizes.items()) for sizes in drawn)
    return [own_case(dict(own)) for own in each]


def own_case(sizes: Mapping[str, int]) -> Case:
    """The sizes of a line of its own."""
    return Case(1, 1, 1, 1, (), (), (), (), (), tuple(sizes.items()))
