"""What the user says: on the command line, else in [tool.gradcheck] of the nearest pyproject.toml."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradcheck.commands.pyproject import LAYERS, configured
from gradcheck.errors import TargetError
from gradcheck.targets.limits import GIB, SECONDS


@dataclass(frozen=True, slots=True)
class Settings:
    """Where randomness starts, and how many random layers are checked; and what a target is.

    Of a target what it is like, the layouts by role (in letters), the options, and the limits in seconds and GiB.
    """

    seed: int = 0
    layers: int = LAYERS
    like: str | None = None
    layout: str | None = None
    filters: str | None = None
    operation: str | None = None
    options: tuple[tuple[str, object], ...] = ()
    time_limit: float = SECONDS
    memory_limit: float = GIB

    @property
    def layouts(self) -> dict[str, str]:
        """The layouts as the search takes them."""
        given = {"x": (self.layout, IMAGE), "w": (self.filters, FILTER)}
        return {role: letters(text, table) for role, (text, table) in given.items() if text}

    @property
    def flips(self) -> tuple[bool, ...]:
        """Whether the target may be a true convolution."""
        return (False, True) if self.operation is None else (self.operation == "convolution",)

    @property
    def words(self) -> tuple[str, ...]:
        """The command line that says the same."""
        given = {"like": self.like, "layout": self.layout, "filters": self.filters, "operation": self.operation}
        found = [word for name, value in given.items() if value for word in (f"--{name}", value)]
        return (*found, *(word for name, value in self.options for word in ("--set", f"{name}={value}")))


IMAGE = {"N": "z", "C": "C", "D": "t", "H": "y", "W": "x", "L": "x", "(": "(", ")": ")", "1": "1"}
FILTER = {"O": "J", "I": "I", "D": "r", "H": "u", "W": "v", "L": "v", "(": "(", ")": ")", "1": "1"}


def letters(text: str, table: Mapping[str, str]) -> str:
    """A layout in letters (NCHW, O(IHW)) as the search has it. Raises TargetError for a letter that means nothing.

    >>> letters("NCHW", IMAGE), letters("O(IHW)", FILTER)
    ('z C y x', 'J (I u v)')
    """
    strange = [letter for letter in text if letter not in table]
    if strange:
        known = ", ".join(key for key in table if key.isalpha())
        raise TargetError(f"layout {text!r}: '{strange[0]}' is no axis; they are {known}")
    spaced = " ".join(table[letter] for letter in text)
    return re.sub(r"\( | \)", lambda found: found[0].strip(), spaced)


def settings(given: Mapping[str, Any], folder: Path) -> Settings:
    """What is given on the command line, completed by the nearest pyproject.toml; raises TargetError."""
    kept = {key: one for key, one in configured(folder).items() if key != "claims_files"}
    merged = kept | {key: value for key, value in given.items() if value not in (None, ())}
    options = {**merged.pop("set", {}), **dict(merged.pop("assigned", ()))}
    return Settings(**merged, options=tuple(options.items()))


def value(text: str) -> object:
    """A value from the command line: a Python literal where it is one, else the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
