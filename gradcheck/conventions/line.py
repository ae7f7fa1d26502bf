"""A convention as a line of notation: its axes in the target's order, and as numbers what the target is not told."""

from collections.abc import Mapping

from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Case
from gradcheck.conventions.geometry import TEXTS
from gradcheck.conventions.layout import axes

Line = tuple[str, dict[str, str], tuple[str, ...]]


def line_of(convention: Convention, case: Case) -> Line:
    """The line, the operands' sizes, and the hypotheses that the filter fits into the padded image.

    The notation pads all axes alike: where the padding depends on the filter, the filter is square.
    """
    family = convention.family
    if family.line:
        return family.line.text, {}, ()
    told = {role: role if convention.options.takes(role) else _fixed(case, role) for role in "sd"}
    before, after = (text.replace("d*", _times(told["d"])) for text in _padding(convention, case))
    square = family.transposed or "m" in before
    step = "" if family.transposed else _times(told["s"])
    reads, sizes, where = dict[str, str](), {"z": "N", "i": "k", "j": "p"}, dict[str, None]()
    for n, (name, at, tap) in enumerate(zip(family.space, family.places, family.taps, strict=True), start=1):
        m = "m" if square else f"m{n}"
        turned = f"({m}-1-{tap})" if family.flipped != family.transposed else tap
        reads[name] = f"{step}{at}+{_times(told['d'])}{turned}"
        sizes |= {name: f"n{n}", tap: m}
        spans = m if told["d"] == "1" else f"{told['d']}*({m}-1) + 1"
        zeros = f"2*{before}" if before == after == "P" else f"{before} + {after}"
        where[f"{spans} <= n{n}{'' if before == after == '0' else f' + {zeros}'}"] = None
    depthwise = case.g > 1 and case.g == case.k
    layouts = {role: _flat(layout, depthwise) for role, layout in convention.layouts.items()}
    places = dict(zip(family.space, family.places, strict=True))
    x = _padded(convention, told, before, after)
    arrays = (("Y", "y", places), (x, "x", reads), ("F", "w", dict[str, str]()))
    left, image, filters = (f"{name}[{','.join(at.get(i, i) for i in layouts[role])}]" for name, role, at in arrays)
    shapes = {name: " ".join(sizes[axis] for axis in layouts[role]) for name, role in (("X", "x"), ("F", "w"))}
    return f"{left} += {image} * {filters}", shapes, () if family.transposed else tuple(where)


def _fixed(case: Case, role: str) -> str:
    """A size that the target is not told, as it was found."""
    return str(getattr(case, role)[0]) if case.n else "1"


def _times(size: str) -> str:
    return "" if size == "1" else f"{size}*"


def _padding(convention: Convention, case: Case) -> tuple[str, str]:
    """What stands before and after: P where it is told, the rule that was found, or what it was on the first axis."""
    if convention.options.takes("P") and convention.options.styles.get("P") != "string":
        return "P", "P"
    before, after = case.padding[0] if case.padding else (0, 0)
    return TEXTS.get(convention.rule, (str(before), str(after)))


def _padded(convention: Convention, told: Mapping[str, str], before: str, after: str) -> str:
    """X, with zeros where the family has them."""
    if not convention.family.dims:
        return "X"
    amounts = before if before == after else f"{before}, {after}"
    if not convention.family.transposed:
        return "X" if amounts == "0" else f"pad(X, {amounts})"
    inner = "X" if told["s"] == "1" else f"dilate(X, {told['s']})"
    reach = f"{_times(told['d'])}(m-1)"
    return f"pad({inner}, {reach}-{before})" if before == after else f"pad({inner}, {reach}-{before}, {reach}-{after})"


def _flat(layout: str, depthwise: bool) -> list[str]:
    """The names of a layout's axes, none merged; of a depthwise layer, each channel is its filter's."""
    names = [name for group in axes(layout) for name in group if name != "h"]
    return ["j" if name == "i" and depthwise else name for name in names]


def flat(layout: str) -> list[str]:
    """The names of a layout's axes, none merged; groups are left out."""
    return _flat(layout, depthwise=False)
