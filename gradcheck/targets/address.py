"""Where a target stands: path/to/file.py:Name or package.module:Name."""

import re
from dataclasses import dataclass

_DOTTED = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_ADDRESS = re.compile(rf"(?P<place>.+\.py|{_DOTTED})(?::(?P<name>{_DOTTED}))?")


@dataclass(frozen=True, slots=True)
class Address:
    """A file or a module, and a name in it; without a name, the only target that stands there."""

    place: str
    name: str

    @property
    def is_file(self) -> bool:
        """Whether the place is a file, not a module."""
        return self.place.endswith(".py")

    def __str__(self) -> str:
        return f"{self.place}:{self.name}" if self.name else self.place


def parse_address(text: str) -> Address | None:
    """The address that a text is, or None: a module needs a name after it, a file does not.

    >>> parse_address("conv.py:Conv2d"), parse_address("notes.toml")
    (Address(place='conv.py', name='Conv2d'), None)
    """
    found = _ADDRESS.fullmatch(text)
    if not found or not (found["name"] or found["place"].endswith(".py")):
        return None
    return Address(found["place"], found["name"] or "")
