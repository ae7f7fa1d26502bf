"""A binding to start from: what was found out about a target, written as Python to read and edit."""

from collections.abc import Mapping
from pathlib import Path

from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Case
from gradcheck.conventions.layout import axes
from gradcheck.examination.runs import Examiner
from gradcheck.targets.address import Address
from gradcheck.targets.exchange import Description

TEXT = '''"""How gradcheck talks to {name}: written by gradcheck init, to be read and edited."""

import sys

import gradcheck

sys.path.insert(0, {home!r})
from {module} import {imports}  # noqa: E402


class {binding}(gradcheck.Binding):
    """{about}."""

    layer = "{line}"
    shapes = {shapes}
    where = {where}  # hypotheses on the sizes

    def forward(self, {operands}):
        {forward}

    def backward(self, dy):
        {backward}
'''
INDENT = "\n        "


def script(described: Description, address: Address, examiner: Examiner | None) -> str:
    """The text of a binding: complete where the target was recognised, else with FIXME where something is to say."""
    home, module = _place(address)
    body = _body(described, examiner) if examiner else _open(described)
    return TEXT.format(
        name=described.name,
        home=str(home),
        module=module,
        imports=_imports(described),
        binding="".join(word[:1].upper() + word[1:] for word in described.name.split("_")) + "Binding",
        about=described.kind[0].upper() + described.kind[1:],
        **body,
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


def _imports(described: Description) -> str:
    return ", ".join(described.passes) if described.takes_weights else described.name.split(".")[0]
