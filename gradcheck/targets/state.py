"""The arrays that a layer keeps: in attributes, dicts, lists, and objects within objects."""

from collections.abc import Callable, Iterator

import numpy as np

from gradcheck.targets.exchange import Array

DEPTH = 4
_MISSING = object()


def arrays(layer: object) -> dict[str, Array]:
    """Every array by its path, such as grads.w or params.w.data; one that is reached twice, by its first path."""
    seen: set[int] = set()
    return dict(_walk(layer, "", DEPTH, seen))


def _walk(thing: object, path: str, depth: int, seen: set[int]) -> Iterator[tuple[str, Array]]:
    if isinstance(thing, np.ndarray):
        if id(thing) not in seen and thing.dtype != object:
            seen.add(id(thing))
            yield path, thing
    elif isinstance(thing, np.generic):
        yield path, np.asarray(thing)
    elif depth and id(thing) not in seen:
        seen.add(id(thing))
        for key, part in _parts(thing):
            yield from _walk(part, f"{path}.{key}" if path else key, depth - 1, seen)


def _parts(thing: object) -> list[tuple[str, object]]:
    match thing:
        case dict():
            return [(str(key), part) for key, part in thing.items()]
        case list() | tuple():
            return [(str(n), part) for n, part in enumerate(thing)]
        case type() | str() | bytes():
            return []
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ()) if isinstance(name, str)]
    own = {name: getattr(thing, name, _MISSING) for name in slots} | getattr(thing, "__dict__", {})
    foreign = type(thing).__module__.split(".")[0] in ("numpy", "builtins", "types", "functools", "torch", "jax")
    return [] if foreign else [(str(key), part) for key, part in own.items()]


def put(layer: object, path: str, values: Array) -> None:
    """Set the array at a path: in place where it fits, so that whoever shares it sees it; raises LookupError."""
    *outer, last = path.split(".")
    home = layer
    for key in outer:
        home = _get(home, key)
    old = _get(home, last)
    if isinstance(old, np.ndarray) and old.shape == values.shape and old.flags.writeable:
        if old.dtype.kind != "f":
            _setter(home)(last, values.copy())
        else:
            old[...] = values
    else:
        _setter(home)(last, values.copy())


def _get(home: object, key: str) -> object:
    if isinstance(home, dict):
        found = next((part for name, part in home.items() if str(name) == key), _MISSING)
    elif isinstance(home, list | tuple):
        found = home[int(key)] if key.isdigit() and int(key) < len(home) else _MISSING
    else:
        found = getattr(home, key, _MISSING)
    if found is _MISSING or found is None:
        raise LookupError(key)
    return found


def _setter(home: object) -> Callable[[str, object], None]:
    if isinstance(home, dict):
        by_text = {str(key): key for key in home}
        return lambda key, value: home.__setitem__(by_text[key], value)
    if isinstance(home, list):
        return lambda key, value: home.__setitem__(int(key), value)
    return lambda key, value: setattr(home, key, value)
