"""Which of a function's parameters is which: operands, cotangent, memory, learning rate, options."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gradcheck.targets.exchange import Parameter
from gradcheck.targets.roles import GROUPED_OPTIONS, argument, operand, option, plain

Function = Callable[..., Any]


def parameters(stage: str, function: Function, skip: int = 0) -> tuple[Parameter, ...]:
    """The named parameters of a function, those of them aside that come first and are bound (self, ctx)."""
    try:
        found = list(inspect.signature(function).parameters.values())[skip:]
    except (TypeError, ValueError):
        return ()
    named = [p for p in found if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return tuple(
        Parameter(stage, p.name, p.default is p.empty, _sendable(p.default), _keys(function, p.name)) for p in named
    )


def _sendable(default: object) -> object:
    """A default value that any process knows; None for one of the user's own kind."""
    if isinstance(default, tuple):
        return default if all(type(one) in (int, float, str, bool) for one in default) else None
    return default if type(default) in (int, float, str, bool) else None


def hands_on(function: Function) -> bool:
    """Whether a function takes any keyword, to hand it on."""
    return any(p.kind is p.VAR_KEYWORD for p in inspect.signature(function).parameters.values())


def _keys(function: Function, name: str) -> tuple[str, ...]:
    """The string keys that a function looks up in a parameter that holds options."""
    if plain(name) not in GROUPED_OPTIONS:
        return ()
    found = []
    for node in ast.walk(tree(function)):
        match node:
            case ast.Subscript(value=ast.Name(id=who), slice=ast.Constant(value=str(key))):
                pass
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=who), attr="get"), args=[ast.Constant(value=str(key)), *_]
            ):
                pass
            case _:
                continue
        found += [key] if who == name else []
    return tuple(dict.fromkeys(found))


def tree(function: Function) -> ast.AST:
    """The syntax of a function's source; empty where there is none to read."""
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return ast.Module([], [])


def returned_names(function: Function) -> tuple[str, ...]:
    """The names in the last return statement that has several: return dx, dw, db."""
    returns = [node.value for node in _own(tree(function)) if isinstance(node, ast.Return)]
    tuples = [value for value in returns if isinstance(value, ast.Tuple)]
    last = max(tuples, key=lambda value: value.lineno, default=None)
    return tuple(_name(e) for e in last.elts) if last else ()


def _own(found: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function itself, not in functions within it."""
    for node in ast.iter_child_nodes(found):
        inner = isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef) and not isinstance(found, ast.Module)
        if not inner:
            yield node
            yield from _own(node)


def _name(e: ast.expr) -> str:
    match e:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=ast.Attribute(value=inner)) | ast.Subscript(value=inner):
            return _name(inner)
    return ""


def forward_roles(found: Sequence[Parameter], weighted: bool) -> dict[str, str]:
    """The operand that each parameter of a forward pass is; with `weighted`, the filters must be among them.

    Names decide; what is required and has no known name is the input first, then the filters.
    """
    roles = {p.name: role for p in found if (role := operand(p.name)) and not p.keys}
    roles = {name: role for n, (name, role) in enumerate(roles.items()) if role not in list(roles.values())[:n]}
    for role in ("x", "w") if weighted else ("x",):
        loose = [p.name for p in found if p.required and p.name not in roles and not p.keys]
        unknown = [name for name in loose if not option(name)]
        if role not in roles.values() and loose:
            roles[(unknown or loose)[0]] = role
    return roles


def backward_roles(found: Sequence[Parameter]) -> dict[str, str]:
    """What each parameter of a backward pass is: dy, memory, rate, an operand, the shape of one."""
    roles: dict[str, str] = {}
    for p in found:
        role = argument(p.name)
        if role and role not in roles.values() and not p.keys and (p.required or role not in "xwb"):
            roles[p.name] = role
    for role in ("dy", "memory"):
        loose = [p.name for p in found if p.required and p.name not in roles and not option(p.name) and not p.keys]
        if role not in roles.values() and loose:
            roles[loose[0]] = role
    if "dy" not in roles.values() and found:
        roles[found[0].name] = "dy"
    return roles


def how_to_give(names: Sequence[str]) -> str:
    """What to do about parameters of which nothing says what they are."""
    given = [f"{name}=VALUE" for name in names]
    return f"pass {' '.join(f'--set {one}' for one in given)} (in Python: {', '.join(given)})"


def bound(
    found: Sequence[Parameter], roles: Mapping[str, str], given: Mapping[str, object], options: Mapping[str, object]
) -> dict[str, object]:
    """The arguments by parameter name: what `given` has for each role, and the options that are named."""
    arguments = {name: given[role] for name, role in roles.items() if role in given}
    arguments |= {p.name: options[p.name] for p in found if p.name in options and p.name not in arguments}
    return arguments


def source(thing: Any) -> tuple[str, int]:
    """The file and the line at which a class or function stands."""
    try:
        return inspect.getsourcefile(thing) or "", inspect.getsourcelines(thing)[1]
    except (OSError, TypeError):
        return "", 0
