"""Where a layer may keep its filters and its bias."""

import re
from collections.abc import Mapping

from gradcheck.targets.exchange import Array
from gradcheck.targets.roles import gradient, operand

MOST = 8  # places that are tried


def weights_in(state: Mapping[str, Array | None]) -> list[dict[str, str]]:
    """Where filters and bias may be in a layer's state, the likeliest by their names first."""
    arrays = {path: a for path, a in state.items() if a is not None and a.size and a.dtype.kind in "fiu"}
    named = {path: _operand(path) for path in arrays if not gradient(path)}
    large = sorted(
        (path for path, role in named.items() if role not in ("x", "b")), key=lambda path: named[path] != "w"
    )
    small = [{"b": path} for path, role in named.items() if role == "b"]
    rows = [{"b": path} for path, role in named.items() if role is None and _is_row(arrays[path])]
    return [{"w": w, **b} for w in large for b in small or (*rows, {}) if b.get("b") != w][:MOST]


def _is_row(array: Array) -> bool:
    """Whether an array has one axis that counts, as a bias has that is called something else."""
    return max(array.shape, default=0) == array.size


def _operand(path: str) -> str | None:
    """The operand that the last telling part of a path names."""
    known = [role for part in re.findall(r"\w+", path) if (role := operand(part))]
    return next((role for role in reversed(known) if role != "x"), known[0] if known else None)
