"""How a target is told its sizes: the value of each of its options for a case, and which it does not take."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod

from gradcheck.conventions.family import Case, Family
from gradcheck.conventions.layout import axes
from gradcheck.errors import TargetError
from gradcheck.targets.arguments import how_to_give
from gradcheck.targets.exchange import Description, Parameter
from gradcheck.targets.roles import argument, operand, option, plain

STYLES = {
    "m": ("int", "tuple", "weights"),
    "s": ("int", "tuple"),
    "d": ("int", "tuple"),
    "P": ("int", "tuple", "string", "default"),
    "n": ("tuple", "int"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """The parameters of a target that are options, by role, and in which style each is given.

    `named` maps a role to the parameter (or parameter and key) that takes it; `passed` are values
    that the user has set for a parameter, `fixed` those for a size, whether it is a parameter or not.
    """

    named: Mapping[str, tuple[str, ...]]
    passed: Mapping[str, object] = field(default_factory=dict)
    fixed: Mapping[str, object] = field(default_factory=dict)
    styles: Mapping[str, str] = field(default_factory=dict)

    def takes(self, role: str) -> bool:
        """Whether the target can be told this size."""
        return role in self.named and self.styles.get(role) != "default"

    def values(self, case: Case, family: Family, layout: str) -> dict[str, object]:
        """The options by parameter name for a case; `layout` is the input's, for an option that is its shape."""
        found = {name: dict(value) if isinstance(value, dict) else value for name, value in self.passed.items()}
        for role, (name, *key) in self.named.items():
            if not self.takes(role):
                continue
            value = self._value(role, case, family, layout)
            if key:
                found.setdefault(name, {})[key[0]] = value  # type: ignore[index]
            else:
                found[name] = value
        return found

    def _value(self, role: str, case: Case, family: Family, layout: str) -> object:
        if role == "own":
            return dict(case.own)
        style = self.styles.get(role, "int")
        known = case.known(family)
        match role:
            case "k" | "p" | "g":
                return getattr(case, role)
            case "multiplier":
                return case.p // case.k
            case "n":
                shape = tuple(prod(known[name] for name in names) for names in axes(layout) if names != ("z",))
                return (*case.n, case.k)[0] if style == "int" else shape
            case "P":
                return _padding(style, case)
            case "Q":
                return 0
            case "m" if style == "weights":
                return (case.p, case.k // case.g, *case.m)
        sides: tuple[int, ...] = getattr(case, role)
        return sides[0] if style == "int" and len(set(sides)) == 1 else sides


def _padding(style: str, case: Case) -> object:
    if style == "string":
        return "same" if any(map(any, case.padding)) else "valid"
    before = tuple(pair[0] for pair in case.padding)
    if any(a != b for a, b in case.padding):
        return case.padding
    return before[0] if style == "int" and len(set(before)) == 1 else before


def options_of(described: Description, given: Mapping[str, object]) -> Options:
    """The options of a target. Raises TargetError for a parameter that must be given and means nothing known."""
    named: dict[str, tuple[str, ...]] = {}
    unknown: list[Parameter] = []
    for p in described.parameters:
        role = option(p.name)
        if p.keys:
            named |= {r: (p.name, key) for key in p.keys if (r := option(key))}
        elif p.name in given or _is_array(p):
            continue
        elif role and (p.required or not isinstance(p.default, bool)):
            named.setdefault(role, (p.name,))
        elif p.required and p.stage == "build" and not argument(p.name) and described.binds is None:
            unknown.append(p)
    if unknown:
        names = [p.name for p in unknown]
        told = f"{described.name} needs {', '.join(names)}, and nothing says what that is"
        raise TargetError(f"{told}: {how_to_give(names)}")
    if {"n", "k"} <= set(named) and "p" not in named and not {"in", "input"} & set(plain(named["k"][-1]).split("_")):
        named["p"] = named.pop("k")  # the channels are in the input's shape: "depth" is the output's
    parameters = {p.name for p in described.parameters}
    strange = [name for name in given if name not in parameters and not option(name)]
    if strange:
        has = ", ".join(p.name for p in described.parameters if p.stage == "build") or "no options"
        raise TargetError(f"{strange[0]}: {described.name} has no such parameter (it has {has}), nor is it a size")
    passed = {name: value for name, value in given.items() if name in parameters}
    fixed = {role: value for name, value in given.items() if (role := option(name)) and not isinstance(value, str)}
    usual = {role: styles[0] for role, styles in STYLES.items()}
    return Options(named, passed, fixed, usual | _default_styles(described, named))


def _is_array(p: Parameter) -> bool:
    """Whether a parameter is an array or what a pass keeps, rather than an option."""
    if p.stage == "build":
        return p.required and bool(operand(p.name)) and not option(p.name)
    return bool(argument(p.name)) and (p.required or p.stage == "backward")


def from_arrays(described: Description) -> Description | None:
    """The target read once more, its constructor taking arrays where a name could be a size or an array."""
    roles = {
        p.name: operand(p.name) for p in described.parameters if p.stage == "build" and p.required and option(p.name)
    }
    arrays = {name: role for name, role in roles.items() if role in ("w", "b")}
    if not arrays:
        return None
    rest = tuple(p for p in described.parameters if p.stage != "build" or p.name not in arrays)
    takes = tuple(role for role in "xwb" if role in (*described.takes, *arrays.values()))
    return replace(described, parameters=rest, takes=takes)


def _default_styles(described: Description, named: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The style that an option's default value has."""
    found = {}
    for p in described.parameters:
        role = option(p.name)
        if role and named.get(role) != (p.name,):
            continue
        if role in STYLES and isinstance(p.default, str) and role == "P":
            found[role] = "string"
        elif role in STYLES and isinstance(p.default, tuple):
            found[role] = "tuple"
    return found


def styled(options: Options) -> Iterator[Options]:
    """The options in every combination of styles, the likeliest first."""
    free = [role for role in options.named if role in STYLES]
    choices = [sorted(STYLES[role], key=lambda style, role=role: style != options.styles[role]) for role in free]  # type: ignore[misc]
    for picked in product(*choices):
        yield replace(options, styles={**options.styles, **dict(zip(free, picked, strict=True))})
