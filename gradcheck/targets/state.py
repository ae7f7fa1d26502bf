"""The arrays that a layer keeps: in attributes, dicts, lists, and objects within objects.

A path is what Python code would write after the layer: w, grads["w"], params["w"].data, weights[0].
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from gradcheck.targets.exchange import Array

DEPTH = 4
FOREIGN = ("numpy", "builtins", "functools", "torch", "jax")
_MISSING = object()


def arrays(layer: object) -> dict[str, Array]:
    """Every array by its path; one that is reached twice, by its first path."""
    return dict(_walk(layer, "", DEPTH, set()))


def _walk(thing: object, path: str, depth: int, seen: set[int]) -> Iterator[tuple[str, Array]]:
    if isinstance(thing, np.ndarray):
        if id(thing) not in seen and thing.dtype != object:
            seen.add(id(thing))
            yield path, thing
    elif isinstance(thing, np.generic):
        yield path, np.asarray(thing)
    elif depth and id(thing) not in seen:
        seen.add(id(thing))
        for step, part in _parts(thing):
            yield from _walk(part, (path + step).lstrip("."), depth - 1, seen)


def _parts(thing: object) -> list[tuple[str, object]]:
    """What a thing holds, and the step of a path that leads there."""
    match thing:
        case dict():
            return [(f"[{_quoted(key)}]", part) for key, part in thing.items()]
        case list() | tuple():
            return [(f"[{n}]", part) for n, part in enumerate(thing)]
        case type() | str() | bytes() | ModuleType() | FunctionType() | MethodType():
            return []
    if type(thing).__module__.split(".")[0] in FOREIGN:
        return []
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ()) if isinstance(name, str)]
    own = {name: getattr(thing, name, _MISSING) for name in slots} | getattr(thing, "__dict__", {})
    return [(f".{name}", part) for name, part in own.items()]


def _quoted(key: object) -> str:
    return f'"{key}"' if isinstance(key, str) and '"' not in key else repr(key)


def put(layer: object, path: str, values: Array) -> None:
    """Set the array at a path: in place where it fits, so that whoever shares it sees it; raises LookupError."""
    *outer, last = _steps(path)
    home = layer
    for step in outer:
        home = _get(home, step)
    old = _get(home, last)
    fits = isinstance(old, np.ndarray) and old.shape == values.shape and old.flags.writeable and old.dtype.kind == "f"
    if fits:
        old[...] = values  # type: ignore[index]
        return
    try:
        _setter(home, last)(values.copy())
    except (AttributeError, TypeError):
        raise LookupError(path) from None


def _steps(path: str) -> list[str]:
    """The steps of a path: an attribute's name, or a key in brackets."""
    return re.findall(r'\w+|\["[^"]*"\]|\[[^\]]*\]', path)


def _get(home: object, step: str) -> object:
    try:
        found = home[_key(home, step)] if step[0] == "[" else getattr(home, step)  # type: ignore[index]
    except (AttributeError, KeyError, IndexError, TypeError):
        raise LookupError(step) from None
    if found is None:
        raise LookupError(step)
    return found


def _key(home: object, step: str) -> object:
    """The key in brackets: of a dict, the one that is written so."""
    if isinstance(home, dict):
        return next((key for key in home if f"[{_quoted(key)}]" == step), None)
    return int(step[1:-1])


def _setter(home: Any, step: str) -> Callable[[object], None]:
    if step[0] == "[":
        if isinstance(home, tuple):
            raise LookupError(step)
        return partial(home.__setitem__, _key(home, step))
    return partial(setattr, home, step)
