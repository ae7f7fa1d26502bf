"""From an address, or the object itself, to something that can be run."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from gradcheck.errors import TargetError, TargetRaised
from gradcheck.notation.scanner import suggestion
from gradcheck.targets.address import Address
from gradcheck.targets.arguments import backward_roles, forward_roles, hands_on, parameters, returned_names, source
from gradcheck.targets.binding import Binding, bound_layer
from gradcheck.targets.exchange import Array, Description, Differences, Outcome, Parameter, Request
from gradcheck.targets.plain import Plain
from gradcheck.targets.roles import operand, option, plain
from gradcheck.targets.traces import trimmed

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


def load(address: Address) -> Target:
    """The target at an address. Raises TargetError if there is none, TargetRaised if its module raises."""
    module = _module(address)
    if not address.name:
        return recognise(_only(module, address), module)
    found: object = module
    for part in address.name.split("."):
        if not hasattr(found, part):
            near = suggestion(part, _targets(module) or [n for n in vars(module) if not n.startswith("_")])
            raise TargetError(f"{address.place} has no {address.name}{near}{_listed(_targets(module))}")
        found = getattr(found, part)
    return recognise(found, module)


def _module(address: Address) -> ModuleType:
    name, home = address.place, Path.cwd()
    if address.is_file:
        path = Path(address.place)
        if not path.is_file():
            raise TargetError(f"{path}: there is no such file")
        home, name = path.resolve().parent, path.stem
        while (home / "__init__.py").exists():
            home, name = home.parent, f"{home.name}.{name}"
    sys.path.insert(0, str(home))
    try:
        if address.is_file and "." not in name:
            return _from_file(Path(address.place), name)
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            message = f"there is no module {error.name}: is it installed here, and is this the folder to start from?"
            raise TargetError(message) from None
        message = f"{address.place} needs {error.name}, which is not installed: pip install {error.name}"
        raise TargetError(message) from None
    except TargetError:
        raise
    except Exception as error:
        raise TargetRaised(f"importing {address.place}", f"{type(error).__name__}: {error}", trimmed(error)) from None


def _from_file(path: Path, name: str) -> ModuleType:
    """A module from its file, whatever else has its name."""
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _targets(module: ModuleType) -> list[str]:
    """The names in a module that are targets of its own: classes with both passes, functions that have both."""
    own = {n: v for n, v in vars(module).items() if getattr(v, "__module__", None) == module.__name__ and n[0] != "_"}
    classes = [n for n, v in own.items() if inspect.isclass(v) and _is_layer(v)]
    functions = [n for n, v in own.items() if inspect.isfunction(v) and _is_backward(n) and partner(module, v)]
    return classes + functions


def _is_layer(kind: type) -> bool:
    if issubclass(kind, Binding):
        return True
    framework = {base.__module__.split(".")[0] for base in kind.__mro__} & {"torch"}
    return bool(framework) or bool(_method(kind, FORWARD) and _method(kind, BACKWARD))


def _listed(names: list[str]) -> str:
    return f"; it has {', '.join(names)}" if names else ""


def _only(module: ModuleType, address: Address) -> object:
    names = _targets(module)
    if not names:
        raise TargetError(f"nothing in {address.place} looks like a layer: name what is meant, {address.place}:NAME")
    if len(names) > 1:
        raise TargetError(f"{address.place} has several targets, name one: {address.place}:{names[0]}{_listed(names)}")
    return getattr(module, names[0])


def recognise(found: object, module: ModuleType | None = None) -> Target:
    """The target that an object is: a binding, something of a framework, a class, a function.

    Raises TargetError, with what would help, for anything else.
    """
    module = module or sys.modules.get(getattr(found, "__module__", ""))
    if inspect.isclass(found) and issubclass(found, Binding):
        return bound_layer(found)
    for framework in ("torch", "jax"):
        if framework in sys.modules:
            adapter = importlib.import_module(f"gradcheck.targets.{framework}").recognised(found)
            if adapter:
                return adapter
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


def _is_backward(name: str) -> bool:
    return any(part in plain(name) for part in ("backward", "bwd", "backprop", "bprop", "grad", "vjp", "back"))


_TOKENS = (
    "backward_pass",
    "backward",
    "backprop",
    "back_prop",
    "bprop",
    "bwd",
    "gradients",
    "gradient",
    "grad",
    "vjp",
    "back",
)
_FORWARDS = ("forward", "forward_pass", "forwardprop", "fprop", "fwd", "forw", "")


def partner(module: ModuleType, function: Callable[..., Any]) -> Callable[..., Any] | None:
    """The forward pass of a function that is a backward pass, or the other way round, by its name."""
    functions = {plain(name): f for name, f in vars(module).items() if inspect.isfunction(f)}
    name = plain(function.__name__)
    for back in _TOKENS:
        for forward in _FORWARDS:
            old, new = (back, forward) if _is_backward(name) else (forward, back)
            for candidate in _renamed(name, old, new):
                if candidate in functions and functions[candidate] is not function:
                    return functions[candidate]
    return None


def _renamed(name: str, old: str, new: str) -> list[str]:
    """A name with one word replaced, added or taken away."""
    if old and f"_{old}_" not in f"_{name}_":
        return []
    words = f"_{name}_".replace(f"_{old}_", f"_{new}_" if new else "_").strip("_") if old else ""
    return [words] if old else [f"{name}_{new}", f"{new}_{name}"]


def _pair(function: Callable[..., Any], module: ModuleType) -> Target:
    other = partner(module, function)
    if not other:
        what, need = ("backward", "forward") if _is_backward(function.__name__) else ("forward", "backward")
        raise TargetError(
            f"{function.__name__} was taken for a {what} pass, and {module.__name__} has no function that looks like "
            f"its {need} pass: name them alike (conv_forward, conv_backward), or write a binding (gradcheck init)"
        )
    one, two = (other, function) if _is_backward(function.__name__) else (function, other)
    fore, back = parameters("forward", one), parameters("backward", two)
    roles = forward_roles(fore, weighted=True)
    told = f"functions {one.__name__} and {two.__name__}"
    description = Description(
        told, function.__qualname__, *source(function), (*fore, *back), _taken(roles), returned_names(two)
    )
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
