"""What stands in [tool.gradcheck] of the nearest pyproject.toml. Light: every run of pytest reads it."""

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradcheck.errors import TargetError

OPERATIONS = ("correlation", "convolution")
LAYERS, MOST_LAYERS, MOST_SEED = 200, 100_000, 2**32 - 1
LEAST = 0.1  # seconds, or GiB
RANGES = {
    "layers": (1, MOST_LAYERS),
    "seed": (0, MOST_SEED),
    "time_limit": (LEAST, math.inf),
    "memory_limit": (LEAST, math.inf),
}
CLAIMS_FILES = ("*.claims.toml",)
KINDS: Mapping[str, tuple[str, type | tuple[type, ...]]] = {
    "seed": ("an integer", int),
    "layers": ("an integer", int),
    "claims_files": ("a list of strings", list),
    "like": ("a string", str),
    "layout": ("a string", str),
    "filters": ("a string", str),
    "operation": ("a string", str),
    "set": ("a table", dict),
    "time_limit": ("a number", (int, float)),
    "memory_limit": ("a number", (int, float)),
}


def configured(folder: Path) -> dict[str, Any]:
    """What is said there, lists as tuples; raises TargetError for what cannot be meant."""
    for home in (folder, *folder.parents):
        path = home / "pyproject.toml"
        if path.is_file():
            try:
                tools = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                raise TargetError(f"{path}: cannot be read: {error}") from None
            found = tools.get("gradcheck", {}) if isinstance(tools, dict) else {}
            _check(found, path)
            return {key: tuple(value) if isinstance(value, list) else value for key, value in found.items()}
    return {}


def _check(found: Any, path: Path) -> None:
    """Refuse a key that is none, what is of another type than it must be, and what is out of range."""
    if not isinstance(found, dict):
        raise TargetError(f"{path}: gradcheck in [tool] is no table: expected [tool.gradcheck]")
    strange = [key for key in found if key not in KINDS]
    if strange:
        from gradcheck.notation.scanner import suggestion

        raise TargetError(f"{path}: [tool.gradcheck] knows no {strange[0]}{suggestion(strange[0], KINDS)}")
    for key, one in found.items():
        texts = not isinstance(one, list) or all(isinstance(text, str) for text in one)
        expected, kinds = KINDS[key]
        if not isinstance(one, kinds) or isinstance(one, bool) or not texts:
            raise TargetError(f"{path}: [tool.gradcheck] {key} = {one!r}: expected {expected}")
    for key, (least, most) in RANGES.items():
        if not least <= found.get(key, least) <= most:
            most_told = "" if most == math.inf else f" and at most {most}"
            raise TargetError(f"{path}: [tool.gradcheck] {key} = {found[key]}: expected at least {least}{most_told}")
    if found.get("operation", OPERATIONS[0]) not in OPERATIONS:
        raise TargetError(f"{path}: [tool.gradcheck] operation must be one of {', '.join(OPERATIONS)}")
