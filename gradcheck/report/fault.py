"""What is wrong with an array, line by line: the diagnosis first, then the shapes, an entry, and a map."""

from dataclasses import dataclass, replace

from gradcheck.findings import Cause, Fault
from gradcheck.report.causes import words
from gradcheck.report.wording import counted

SQUARE = "square-filters-only"
SHADES = " ░▒▓█"
BAD, FIX, ASIDE = "bold red", "green", "dim"


@dataclass(frozen=True, slots=True)
class Line:
    """A line, how far it is indented, and its style in a terminal; one of a map is never wrapped."""

    text: str
    indent: int = 2
    style: str = ""

    def __str__(self) -> str:
        return " " * self.indent + self.text


def fault_lines(name: str, fault: Fault, called: str = "") -> list[Line]:
    """All that is to be said of a wrong array, what is wrong first; the words for its cause have it `called` so."""
    at = f"; at {fault.sizes}" if fault.sizes else ""
    told = Line(f"{difference(name, fault)}{at}")
    if fault.causes:
        lines = _caused(name, called or name, fault.causes)
    elif fault.shape != fault.expected:
        return [replace(told, indent=0, style=BAD)]
    else:
        unknown = Line(f"{name} is wrong, and by no mistake that gradcheck knows", 0, BAD)
        lines = [unknown, *map(Line, fault.structure)]
    if fault.shape != fault.expected:
        return [*lines, told]
    lines.append(Line(f"shape: {by(fault.expected)}, as expected{'' if fault.entry else at}"))
    return [*lines, *([told] if fault.entry else []), *(Line(row, 4) for row in _shaded(fault))]


def difference(name: str, fault: Fault) -> str:
    """What was got, and what it should be."""
    if fault.shape is None:
        return f"{name}: got None, should be an array of {by(fault.expected)}"
    if fault.shape != fault.expected:
        return f"{name}: the shape is {by(fault.shape)}, should be {by(fault.expected)}"
    at = ",".join(map(str, fault.entry))
    got, should = apart(fault.got or 0.0, fault.should or 0.0)
    return f"{name}[{at}]: got {got}, should be {should}; {counted(fault.wrong, 'wrong element')}"


def apart(got: float, should: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart, six at least."""
    for digits in range(6, 18):
        one, other = f"{got:.{digits}g}", f"{should:.{digits}g}"
        if one != other:
            break
    return one, other


def by(shape: tuple[int, ...]) -> str:
    """A shape: 2 x 3."""
    return " x ".join(map(str, shape)) or "a number"


def _caused(name: str, called: str, causes: tuple[Cause, ...]) -> list[Line]:
    told = words(causes[0].id, causes[0].variant, called)
    lines = [Line(f"{name}: {told.title}", 0, BAD), Line(f"why: {told.place}"), Line(f"fix: {told.fix}", 2, FIX)]
    if any(one.id == SQUARE for one in causes[1:]):
        lines.append(Line("besides: where the filter is not square, something else is wrong with it as well"))
    also = [one for one in causes[1:] if one.id != SQUARE]
    if also:
        others = "; or ".join(words(one.id, one.variant, called).title for one in also)
        lines.append(Line(f"the same would come of: {others}", 2, ASIDE))
    return lines


def _shaded(fault: Fault) -> list[str]:
    """The map of what is wrong, the darker the more, a line for each row."""
    return ["".join(_shade(v) * 2 for v in row) for row in fault.map]


def _shade(share: float) -> str:
    """A character as dark as the share of wrong entries."""
    return SHADES[0] if share == 0 else SHADES[1 + min(3, int(share * 4))]
