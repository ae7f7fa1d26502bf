"""A convention as a line of notation: its axes in the target's order, and as numbers what the target is not told."""

from collections.abc import Mapping

from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Case
from gradcheck.conventions.layout import axes

Line = tuple[str, dict[str, str], tuple[str, ...]]


def line_of(convention: Convention, case: Case) -> Line:
    """The line, the operands' sizes, and the hypotheses that the filter fits into the padded image."""
    family = convention.family
    if family.line:
        return family.line.text, {}, ()
    told = {role: role if convention.options.takes(role) else _fixed(case, role) for role in "sdP"}
    step = "" if family.transposed or told["s"] == "1" else f"{told['s']}*"
    spread = "" if told["d"] == "1" else f"{told['d']}*"
    reads, sizes, where = dict[str, str](), {"z": "N", "i": "k", "j": "p"}, []
    for n, (name, at, tap) in enumerate(zip(family.space, family.places, family.taps, strict=True), start=1):
        turned = f"(m{n}-1-{tap})" if family.flipped != family.transposed else tap
        reads[name] = f"{step}{at}+{spread}{turned}"
        sizes |= {name: f"n{n}", tap: f"m{n}"}
        spans = f"{spread}(m{n}-1) + 1" if spread else f"m{n}"
        where.append(f"{spans} <= n{n}{'' if told['P'] == '0' else ' + 2*' + told['P']}")
    places = dict(zip(family.space, family.places, strict=True))
    arrays = (("Y", "y", places), (_padded(convention, told), "x", reads), ("F", "w", dict[str, str]()))
    y, x, w = (f"{name}[{_indices(convention.layouts[role], at)}]" for name, role, at in arrays)
    shapes = {
        name: " ".join(sizes[axis] for axis in flat(convention.layouts[role]))
        for name, role in (("X", "x"), ("F", "w"))
    }
    return f"{y} += {x} * {w}", shapes, () if family.transposed else tuple(where)


def _fixed(case: Case, role: str) -> str:
    """A size that the target is not told, as it was found."""
    if not case.n:
        return "0" if role == "P" else "1"
    return str(case.padding[0][0] if role == "P" else getattr(case, role)[0])


def _padded(convention: Convention, told: Mapping[str, str]) -> str:
    """X, with zeros where the family has them."""
    if convention.family.transposed:
        inner = "X" if told["s"] == "1" else f"dilate(X, {told['s']})"
        return f"pad({inner}, {told['d']}*(m1-1)-{told['P']})"
    return "X" if told["P"] == "0" else f"pad(X, {told['P']})"


def _indices(layout: str, at: Mapping[str, str]) -> str:
    return ",".join(at.get(name, name) for name in flat(layout))


def flat(layout: str) -> list[str]:
    """The names of a layout's axes, none merged; groups are left out."""
    return [name for names in axes(layout) for name in names if name != "h"]
