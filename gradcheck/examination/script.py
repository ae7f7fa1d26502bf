"""A binding to start from: what was found out about a target, written as Python to read and edit."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from gradcheck.conventions.convention import Convention
from gradcheck.conventions.gradients import Source
from gradcheck.conventions.layout import axes
from gradcheck.conventions.line import flat, line_of
from gradcheck.examination.runs import Examiner
from gradcheck.targets.address import Address
from gradcheck.targets.arguments import backward_roles, forward_roles
from gradcheck.targets.exchange import Description, Parameter
from gradcheck.targets.roles import operand

TEXT = '''"""How gradcheck talks to {name}: written by gradcheck init, to be read and edited."""

import sys

import gradcheck

sys.path.insert(0, {home!r})
from {module} import {imports}  # noqa: E402


class {binding}(gradcheck.Binding):
    """The arrays are in the order of axes that the line says."""

    layer = "{line}"
    shapes = {shapes}
    where = {where}

    def forward(self, {operands}):
        {forward}

    def backward(self, dy):
        {backward}
'''
BREAK = "\n        "


def script(described: Description, address: Address, examiner: Examiner | None) -> str:
    """The text of a binding: complete where the target was recognised, else with FIXME where something is to say."""
    home, module = _place(address)
    pair = described.name in described.passes
    return TEXT.format(
        name=described.name,
        home=str(home),
        module=module,
        imports=", ".join(described.passes) if pair else described.name.split(".")[0],
        binding="".join(word[:1].upper() + word[1:] for word in described.name.split("_")) + "Binding",
        **(_Body(described, examiner, pair).known() if examiner else _unknown(described)),
    )


def _place(address: Address) -> tuple[Path, str]:
    """The folder to import from, and the module."""
    if not address.is_file:
        return Path.cwd(), address.place
    path = Path(address.place).resolve()
    home, name = path.parent, path.stem
    while (home / "__init__.py").exists():
        home, name = home.parent, f"{home.name}.{name}"
    return home, name


def _unknown(described: Description) -> dict[str, str]:
    """What is left to say of a target that was not recognised."""
    return {
        "line": "FIXME[z,j] += X[z,i] * F[j,i]",
        "shapes": '{"X": "N k", "F": "p k"}',
        "where": "()",
        "operands": "x, w",
        "forward": f"raise NotImplementedError  # FIXME: run {described.name}, and return its output",
        "backward": "raise NotImplementedError  # FIXME: return the gradients of x and w",
    }


class _Body:
    """The parts of a binding for a target that was recognised."""

    def __init__(self, described: Description, examiner: Examiner, pair: bool) -> None:
        self._described, self._pair = described, pair
        self._convention, self._case = examiner.found.convention, examiner.found.case
        self._sources, self._refused = examiner.sources, examiner.unsupported

    def known(self) -> dict[str, str]:
        line, shapes, where = line_of(self._convention, self._case)
        return {
            "line": self._squared(line),
            "shapes": self._squared(str(shapes).replace("'", '"')),
            "where": self._squared(str(tuple(dict.fromkeys(where))).replace("'", '"')),
            "operands": ", ".join(self._convention.operands),
            "forward": BREAK.join(self._forward()),
            "backward": BREAK.join(self._backward()),
        }

    def _squared(self, text: str) -> str:
        """A text with one size for all sides where the target accepts only squares."""
        for letter, refused in (("m", "filters that are not square"), ("n", "images that are not square")):
            if refused in self._refused:
                text = re.sub(rf"\b{letter}[123]\b", letter, text)
        return text

    def _stage(self, stage: str) -> tuple[Parameter, ...]:
        return tuple(p for p in self._described.parameters if p.stage == stage)

    def _forward(self) -> list[str]:
        convention, forward = self._convention, self._described.passes[0]
        arrays = {role: merged(convention.layouts[role], role) for role in convention.operands}
        roles = forward_roles(self._stage("forward"), weighted=self._pair)
        given = _arguments(self._stage("forward"), {n: arrays[r] for n, r in roles.items()} | self._options("forward"))
        kept = [f"self.{role} = {role}" for role in arrays]
        if self._pair:
            return [*kept, f"self.output = {forward}({given})", f"return {self._output()}"]
        made = f"self.layer_ = {self._described.name}({_arguments(self._stage('build'), self._built(arrays))})"
        call = f"{'' if forward == '__call__' else '.' + forward}({given})"
        first = self._lazily(f"self.layer_{call}")
        weights = [f"self.layer_.{path} = {arrays[role]}.copy()" for role, path in convention.weights.items()]
        return [*kept, made, *first, *weights, f"self.output = self.layer_{call}", f"return {self._output()}"]

    def _built(self, arrays: Mapping[str, str]) -> dict[str, str]:
        """The constructor's arguments: options, and weights where it takes the arrays."""
        options, convention = self._options("build"), self._convention
        given = {p.name: operand(p.name) or "" for p in self._stage("build") if p.name not in options and p.required}
        return options | {n: arrays[r] for n, r in given.items() if r in arrays and r not in convention.weights}

    def _lazily(self, call: str) -> list[str]:
        """Weights that the first forward pass makes are set after it."""
        lazy = self._convention.weights and not self._convention.options.takes("k")
        return [f"{call}  # makes the weights, where it is forward that does"] if lazy else []

    def _output(self) -> str:
        return "self.output[0]" if self._memory() else "self.output"

    def _memory(self) -> bool:
        return "memory" in backward_roles(self._stage("backward")).values()

    def _backward(self) -> list[str]:
        found, backward = self._stage("backward"), self._described.passes[1]
        layouts = self._convention.layouts
        there = {"dy": "dy", "rate": "1.0", "memory": "self.output[1]"}
        there |= {role: merged(layouts[role], f"self.{role}") for role in self._convention.operands}
        there |= {f"{role}_shape": f"self.{role}.shape" for role in "xw"}
        roles = {name: there[role] for name, role in backward_roles(found).items()}
        given = _arguments(found, roles | self._options("backward"))
        call = f"{backward}({given})" if self._pair else f"self.layer_.{backward}({given})"
        before = [
            f"before_{role} = self.layer_.{source.path}.copy()"
            for role, source in self._sources.items()
            if source.kind == "update"
        ]
        returned = [self._gradient(role) for role in self._convention.operands]
        return [*before, f"result = {call}", f"return {', '.join(returned)}"]

    def _gradient(self, role: str) -> str:
        source = self._sources.get(role)
        if source is None:
            return "None"
        found = _expression(role, source)
        return split(self._convention.layouts[role], role, found)

    def _option(self, role: str) -> str:
        """What an option is, said by the arrays of the line and the sizes that are drawn."""
        convention, family = self._convention, self._convention.family
        style = convention.options.styles.get(role)
        if role in "sdP":
            size = f'self.sizes["{role}"]'
            return {"tuple": f"({size},) * {family.dims}", "string": f'"same" if {size} else "valid"'}.get(
                str(style), size
            )
        if role == "n":
            return f"x.shape[{1 if 'z' in convention.layouts['x'] else 0}:]"
        if role == "m":
            sides = [_at(convention, "w", tap) for tap in family.taps]
            return sides[0] if "filters that are not square" in self._refused else f"({', '.join(sides)})"
        return {"k": _at(convention, "x", "i"), "p": _at(convention, "w", "j")}.get(role, "")

    def _options(self, stage: str) -> dict[str, str]:
        """The options of a pass or the constructor, each from the arrays or the sizes."""
        convention, own = self._convention, {p.name for p in self._stage(stage)}
        held: dict[str, dict[str, str]] = {}
        found: dict[str, str] = {}
        for role, (name, *key) in convention.options.named.items():
            value = self._option(role)
            if name in own and value and key:
                held.setdefault(name, {})[key[0]] = value
            elif name in own and value:
                found[name] = value
        for name, values in held.items():
            found[name] = "{" + ", ".join(f'"{key}": {value}' for key, value in values.items()) + "}"
        return found


def _at(convention: Convention, array: str, name: str) -> str:
    """The side of an array along an axis; nothing where it has none."""
    names = flat(convention.layouts[array])
    return f"{array}.shape[{names.index(name)}]" if name in names else ""


def _arguments(found: Sequence[Parameter], values: Mapping[str, str]) -> str:
    return ", ".join(f"{p.name}={values[p.name]}" for p in found if p.name in values)


def _expression(role: str, source: Source) -> str:
    if source.kind == "update":
        return f"before_{role} - self.layer_.{source.path}"
    if source.kind == "kept":
        return f"self.layer_.{source.path}"
    keys = [f"[{part}]" if part.isdigit() else f'["{part}"]' for part in source.path.split(".") if part]
    return f"result{''.join(keys)}"


def merged(layout: str, array: str) -> str:
    """An array of the line as the target has it: axes that it merges are merged, those that it adds are added."""
    groups = [[name for name in names if name != "h"] for names in axes(layout)]
    if all(len(names) == 1 for names in groups):
        return array
    at, sides = 0, []
    for names in groups:
        sides.append(" * ".join(f"{array}.shape[{at + n}]" for n in range(len(names))) or "1")
        at += len(names)
    return f"{array}.reshape({', '.join(sides)})"


def split(layout: str, role: str, array: str) -> str:
    """A gradient of the target as the line has it."""
    return array if merged(layout, role) == role else f"({array}).reshape(self.{role}.shape)"
