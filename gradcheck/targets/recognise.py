"""From an object to something that can be run: a binding, something of a framework, a class, a function of a pair."""

import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any, Protocol

from gradcheck.errors import TargetError
from gradcheck.targets.arguments import backward_roles, forward_roles, hands_on, parameters, returned_names, source
from gradcheck.targets.binding import Binding, bound_layer
from gradcheck.targets.exchange import Array, Description, Differences, Outcome, Parameter, Request
from gradcheck.targets.pairs import is_backward, partner
from gradcheck.targets.plain import Plain
from gradcheck.targets.roles import operand, option, plain

FORWARD = [
    "forward",
    "forward_pass",
    "forward_prop",
    "forward_propagation",
    "forwardprop",
    "forward_propagate",
    "feedforward",
    "feed_forward",
    "fprop",
    "fwd",
    "__call__",
    "call",
    "apply",
    "compute",
    "propagate",
    "run",
]
BACKWARD = [
    "backward",
    "backward_pass",
    "backprop",
    "back_prop",
    "backpropagate",
    "back_propagate",
    "backward_prop",
    "backward_propagation",
    "backpropagation",
    "bprop",
    "bwd",
    "gradient",
    "gradients",
    "grad",
    "vjp",
    "pullback",
    "adjoint",
    "compute_gradients",
    "backward_propagate",
]


class Target(Protocol):
    """A user's layer, whatever its framework."""

    @property
    def description(self) -> Description:
        """What is known of it before it has run."""

    def run(self, request: Request) -> Outcome:
        """One run on a fresh layer; raises TargetRaised."""

    def differences(self, ask: Differences) -> Array:
        """Finite differences of step 1 of <dY, Y>, by its own forward."""


def recognise(found: object, module: ModuleType | None = None) -> Target:
    """The target that an object is: a binding, something of a framework, a class, a function.

    Raises TargetError, with what would help, for anything else.
    """
    module = module or sys.modules.get(getattr(found, "__module__", ""))
    if inspect.isclass(found) and issubclass(found, Binding):
        return bound_layer(found)
    for framework in ("torch", "jax"):
        if framework in sys.modules:
            adapted: Target | None = importlib.import_module(f"gradcheck.targets.{framework}").recognised(found)
            if adapted:
                return adapted
    if inspect.isclass(found):
        return _class(found)
    if inspect.isfunction(found) and module:
        return _pair(found, module)
    raise TargetError(f"{_name(found)} is neither a class nor a function, but {_article(type(found).__name__)}")


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiouAEIOU" else f"a {noun}"


def _name(found: object) -> str:
    return getattr(found, "__qualname__", None) or repr(found)


def _method(kind: type, names: list[str]) -> str | None:
    own = {plain(name) if not name.startswith("__") else name: name for name in dir(kind)}
    return next((own[name] for name in names if name in own and (name[:2] != "__" or name in vars(kind))), None)


def _class(kind: type) -> Target:
    forward, backward = _method(kind, FORWARD), _method(kind, BACKWARD)
    if not forward or not backward:
        missing = "forward" if not forward else "backward"
        has = [name for name in vars(kind) if not name.startswith("_")]
        raise TargetError(
            f"{kind.__qualname__} has no method that looks like its {missing} pass "
            f"(it has {', '.join(has) or 'none'}): say which it is in a binding, which gradcheck init writes"
        )
    one, two = getattr(kind, forward), getattr(kind, backward)
    fore, back = parameters("forward", one, 1), parameters("backward", two, 1)
    roles = forward_roles(fore, weighted=False)
    build = _constructor(kind)
    kept = {p.name: role for p in build if p.required and (role := operand(p.name)) and not option(p.name)}
    told = f"class with {forward} and {backward}"
    description = Description(
        told, kind.__qualname__, *source(kind), (*build, *fore, *back), _taken(roles | kept), returned_names(two)
    )
    description = replace(description, passes=(forward, backward))
    return Plain(description, kind, one, two, roles, backward_roles(back))


def _constructor(kind: type) -> tuple[Parameter, ...]:
    """The constructor's parameters; those of the class above where it only hands them on (*args, **options)."""
    found = list(parameters("build", kind))
    for above in kind.__mro__[1:]:
        if not hands_on(kind):
            break
        kind = above
        found += [p for p in parameters("build", above) if p.name not in {q.name for q in found}]
    return tuple(found)


def _pair(function: Callable[..., Any], module: ModuleType) -> Target:
    other = partner(module, function)
    if not other:
        what, need = ("backward", "forward") if is_backward(function.__name__) else ("forward", "backward")
        raise TargetError(
            f"{function.__name__} was taken for a {what} pass, and {module.__name__} has no function that looks like "
            f"its {need} pass: name them alike (conv_forward, conv_backward), or write a binding (gradcheck init)"
        )
    one, two = (other, function) if is_backward(function.__name__) else (function, other)
    fore, back = parameters("forward", one), parameters("backward", two)
    roles = forward_roles(fore, weighted=True)
    told = f"functions {one.__name__} and {two.__name__}"
    description = Description(
        told, function.__qualname__, *source(function), (*fore, *back), _taken(roles), returned_names(two)
    )
    description = replace(description, passes=(one.__name__, two.__name__))
    return Plain(
        description,
        lambda: None,
        lambda _, **given: one(**given),
        lambda _, **given: two(**given),
        roles,
        backward_roles(back),
    )


def _taken(roles: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(role for role in "xwb" if role in roles.values())


def targets_in(module: ModuleType) -> list[str]:
    """The names in a module that are targets of its own: classes with both passes, functions that have both."""
    own = {n: v for n, v in vars(module).items() if getattr(v, "__module__", None) == module.__name__ and n[0] != "_"}
    classes = [n for n, v in own.items() if inspect.isclass(v) and _is_layer(v)]
    functions = [n for n, v in own.items() if inspect.isfunction(v) and is_backward(n) and partner(module, v)]
    return classes + functions


def _is_layer(kind: type) -> bool:
    if issubclass(kind, Binding):
        return True
    framework = {base.__module__.split(".")[0] for base in kind.__mro__} & {"torch"}
    return bool(framework) or bool(_method(kind, FORWARD) and _method(kind, BACKWARD))
