"""What the adapters of frameworks share: which functions are theirs, how they are called, finite differences."""

import ast
import inspect
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import CodeType, FunctionType, ModuleType
from typing import Any

from gradcheck.targets.arguments import forward_roles, how_to_give, parameters
from gradcheck.targets.exchange import Parameter
from gradcheck.targets.pairs import partner

MOST = {
    "bfloat16": 2
}  # the largest entry of an operand: it has all integers up to 256, and no gradient is half of that


def is_forward_of(found: Any, library: str) -> bool:
    """Whether a function computes with a library's tensors, and no function beside it is its backward pass."""
    if not inspect.isfunction(found) or not uses(found, library):
        return False
    module = sys.modules.get(found.__module__)
    return module is None or partner(module, found) is None


def uses(function: FunctionType, library: str, seen: frozenset[FunctionType] = frozenset()) -> bool:
    """Whether a function, or one that it calls, names something of a library, be it in an annotation."""
    if any(library in str(annotation) for annotation in function.__annotations__.values()):
        return True
    names = set(_names(function.__code__))
    enclosed = dict(zip(function.__code__.co_freevars, map(_content, function.__closure__ or ()), strict=True))
    known = [thing for name, thing in {**function.__globals__, **enclosed}.items() if name in names]
    called = {thing for thing in known if inspect.isfunction(thing)} - seen - {function}
    return (
        library in names
        or any(library in _libraries(thing) for thing in known)
        or any(uses(one, library, seen | called | {function}) for one in called)
    )


def _names(code: CodeType) -> Iterator[str]:
    """The global and enclosed names in a function's code, and in the functions within it."""
    yield from (*code.co_names, *code.co_freevars)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _content(cell: Any) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _libraries(thing: object) -> set[str]:
    """The libraries that a module, function or object comes from; a class comes from its bases', too."""
    if isinstance(thing, ModuleType):
        return {thing.__name__.split(".")[0]}
    kinds = thing.__mro__ if inspect.isclass(thing) else (thing, type(thing))
    return {str(getattr(kind, "__module__", "")).split(".")[0] for kind in kinds}


def function_roles(found: Any) -> tuple[tuple[Parameter, ...], dict[str, str]]:
    """The parameters of a function of several operands, and which operand each of them is."""
    named = parameters("forward", found)
    return named, forward_roles(named, weighted=True)


def documented(function: Any) -> tuple[Parameter, ...]:
    """The parameters of a builtin, by the first line of its documentation: f(input, weight, bias=None) -> Tensor."""
    line = re.match(rf"\s*{function.__name__}(\(.*\)) -> Tensor", function.__doc__ or "")
    if not line:
        return ()
    (definition,) = ast.parse(f"def f{line[1]}: 0").body
    arguments = definition.args  # type: ignore[attr-defined]
    defaults = [ast.literal_eval(one) for one in arguments.defaults]
    names = [one.arg for one in arguments.args]
    required = len(names) - len(defaults)
    told = [Parameter("forward", name, required=True) for name in names[:required]]
    pairs = zip(names[required:], defaults, strict=True)
    return (*told, *(Parameter("forward", name, required=False, default=one) for name, one in pairs))


def positional(found: Sequence[Parameter], arguments: Mapping[str, object]) -> list[object]:
    """The arguments in the order of the parameters, defaults filled in; raises TypeError where one is missing."""
    missing = [p.name for p in found if p.required and p.name not in arguments]
    if missing:
        raise TypeError(f"it needs {missing[0]}, and nothing says what that is: {how_to_give(missing[:1])}")
    return [arguments.get(p.name, p.default) for p in found]
