"""Where a target leaves its gradients: in what backward returns, in its attributes, or in an update of its weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gradcheck.conventions.convention import Convention
from gradcheck.targets.exchange import Array, Description, Named, Outcome
from gradcheck.targets.roles import gradient, operand


@dataclass(frozen=True, slots=True)
class Source:
    """Where one gradient is: returned at a path, kept at a path of the state, or the update of what is kept there."""

    kind: Literal["returned", "kept", "update"]
    path: str
    label: str = ""

    def told(self) -> str:
        """In words."""
        match self.kind:
            case "returned":
                return f"returned{f' as {self.label}' if self.label else ''}"
            case "kept":
                return f"left in {self.path}"
        return f"read off the update of {self.path}"

    def array(self, outcome: Outcome, rate: float) -> Array | None:
        """The gradient that an outcome has; None where nothing is there, or no array."""
        if self.kind == "returned":
            return dict(outcome.returned).get(self.path)
        after = dict(outcome.after).get(self.path)
        if self.kind == "kept" or after is None:
            return after
        before = dict(outcome.state).get(self.path)
        return None if before is None else (before - after) / rate


def sources(
    described: Description, convention: Convention, outcome: Outcome, shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, Source]:
    """Where the gradient of each operand is, by names first, then by position and shape; absent ones are left out."""
    returned = _labelled(described, outcome.returned)
    alone = len(returned) == 1 and "" in returned and returned[""][1] is not None
    weights = set(convention.weights.values())
    changed = _changed(outcome, weights)
    found: dict[str, Source] = {}
    for role in convention.operands:
        if described.binds and any(path_role == role and array is None for path_role, array in returned.values()):
            continue  # a binding says None where there is no gradient
        if role == "x" and alone:
            found["x"] = Source("returned", "")
            continue
        source = _by_label(role, returned, shapes[role]) or _kept(role, outcome, weights, changed, shapes[role])
        if source:
            found[role] = source
    if not described.binds:
        _by_position(found, returned, convention.operands)
    for role in convention.operands:
        if role not in found:
            fitting = [path for path, shape in changed.items() if shape == shapes[role]]
            taken = {source.path for source in found.values() if source.kind == "kept"}
            fitting = [path for path in fitting if path not in taken]
            if len(fitting) == 1:
                found[role] = Source("kept", fitting[0])
    for role, path in convention.weights.items():
        if role not in found and _moved(outcome, path):
            found[role] = Source("update", path)
    return found


def _labelled(described: Description, returned: Named) -> dict[str, tuple[str, Array | None]]:
    """What was returned by path, each with its name in the return statement or its key."""
    if len(described.returns) == len(returned) > 1:
        return {path: (name, array) for (path, array), name in zip(returned, described.returns, strict=True)}
    return {path: (path, array) for path, array in returned}


def _by_label(role: str, returned: Mapping[str, tuple[str, Array | None]], shape: tuple[int, ...]) -> Source | None:
    named = [
        (array is None or array.shape != shape, path, label)
        for path, (label, array) in returned.items()
        if (gradient(label) or operand(label.split(".")[-1]) or label) == role
    ]
    return Source("returned", *min(named)[1:]) if named else None


def _kept(
    role: str, outcome: Outcome, weights: set[str], changed: Mapping[str, tuple[int, ...]], shape: tuple[int, ...]
) -> Source | None:
    named = [
        (path not in changed, array is None or array.shape != shape, path)
        for path, array in outcome.after
        if path not in weights and gradient(path) == role
    ]
    return Source("kept", min(named)[2]) if named else None


def _by_position(
    found: dict[str, Source], returned: Mapping[str, tuple[str, Array | None]], operands: tuple[str, ...]
) -> None:
    """What is returned without a name, in the order input, filters, bias; None alone is nothing returned."""
    if len(returned) == 1 and all(array is None for _, array in returned.values()):
        return
    taken = {source.path for source in found.values() if source.kind == "returned"}
    loose = [path for path in returned if path not in taken]
    missing = [role for role in operands if role not in found]
    for role, path in zip(missing, loose, strict=False):
        found[role] = Source("returned", path)


def _changed(outcome: Outcome, weights: set[str]) -> dict[str, tuple[int, ...]]:
    """The shapes of the arrays, weights aside, that backward made or changed."""
    before = dict(outcome.state)
    return {
        path: array.shape
        for path, array in outcome.after
        if array is not None and path not in weights and not _equal(before.get(path), array)
    }


def _moved(outcome: Outcome, path: str) -> bool:
    return not _equal(dict(outcome.state).get(path), dict(outcome.after).get(path))


def _equal(one: Array | None, other: Array | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.shape == other.shape and bool(np.array_equal(one, other))
