"""From a Python function and its arguments to a Function of those that are differentiated."""

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from gradcheck.errors import TargetError
from gradcheck.numeric.function import Arrays, Differentiable
from gradcheck.numeric.pairs import Pairs, paired
from gradcheck.numeric.program import Array
from gradcheck.targets.frameworks import uses
from gradcheck.targets.traces import telling, told

Call = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Bound:
    """A function, the point at which it was given, what its inputs are called, and which library it computes with."""

    function: Differentiable
    point: Arrays
    names: tuple[str, ...]
    library: str


def bind(f: Call, inputs: Sequence[Any], vjp: Call | None, jvp: Call | None) -> Bound:
    """The function of those inputs that are differentiated: arrays of floating-point or complex numbers.

    Tensors in torch are differentiated if they ask for it, or if none does. Raises TargetError where there
    is nothing to differentiate, or no gradient.
    """
    library = _library(f, inputs, vjp)
    active = _active(inputs)
    if not active:
        kinds = ", ".join(type(one).__name__ for one in inputs) or "none"
        raise TargetError(
            f"nothing to differentiate: no input is an array of floating-point numbers (they are {kinds})"
        )

    if library != "numpy" and _kind(inputs[active[0]]) == "i":
        raise TargetError(f"integers have no gradient in {library}: give arrays of floating-point numbers")

    def call(*given: Any) -> tuple[Any, ...]:
        arguments = list(inputs)
        for n, one in zip(active, given, strict=True):
            arguments[n] = one
        try:
            return _outputs(f(*arguments))
        except Exception as error:
            raise told("the function", error) from None

    point = tuple(_array(inputs[n]) for n in active)
    found = Bound(_FUNCTIONS[library](call, inputs, active, vjp, jvp), point, _names(f, active), library)
    return paired_up(found) if any(array.dtype.kind == "c" for array in point) else found


def _library(f: Call, inputs: Sequence[Any], vjp: Call | None) -> str:
    kinds = {type(one).__module__.split(".")[0] for one in inputs}
    for name in ("torch", "jax", "jaxlib"):
        if name in kinds and vjp is None:
            return name.removesuffix("lib")
    if vjp is not None:
        return "numpy"
    function = inspect.unwrap(f) if callable(f) else f
    for name in ("jax", "autograd"):
        if name in sys.modules and inspect.isfunction(function) and uses(function, name):
            return name
    raise TargetError(
        "a function on NumPy arrays has no gradient of its own: pass it as vjp=, a function of dy and the inputs"
    )


def _active(inputs: Sequence[Any]) -> list[int]:
    asking = [n for n, one in enumerate(inputs) if getattr(one, "requires_grad", False)]
    if asking:
        return asking
    kinds = [_kind(one) for one in inputs]
    return [n for n, kind in enumerate(kinds) if kind in "fc"] or [n for n, kind in enumerate(kinds) if kind in "iu"]


def _kind(one: Any) -> str:
    """The kind of an array's numbers, as NumPy has it; a blank for what is no array."""
    if isinstance(one, float | complex):
        return "f" if isinstance(one, float) else "c"
    return _kind_of(one.dtype) if hasattr(one, "dtype") and hasattr(one, "shape") else " "


@cache
def _kind_of(dtype: Any) -> str:
    name = str(dtype)
    return next((kind for word, kind in (("complex", "c"), ("float", "f"), ("int", "i")) if word in name), " ")


def _array(one: Any) -> Array:
    """A copy as an array of NumPy, of double precision."""
    if type(one).__module__.split(".")[0] == "torch":
        one = one.detach().cpu()
        one = one.resolve_conj().numpy() if one.is_complex() else one.double().numpy()
    found = np.array(one)
    return found.astype(np.complex128 if found.dtype.kind == "c" else np.float64, copy=False)


def _outputs(found: Any) -> tuple[Any, ...]:
    """What a function returned, as a tuple; integers among the outputs have no derivative."""
    if not isinstance(found, tuple | list):
        return (found,)
    several = tuple(found)
    kept = tuple(one for one in several if isinstance(one, float) or _kind(one) in "fc")
    return kept or several


def _names(f: Call, active: Sequence[int]) -> tuple[str, ...]:
    """The parameters' names where there are any, else their numbers."""
    owner = getattr(f, "__self__", None)
    forward = owner.forward if isinstance(owner, type) and hasattr(owner, "forward") else getattr(f, "forward", f)
    code = getattr(forward, "__code__", None)
    context = forward is not f and not (isinstance(owner, type) and _sets_up(owner))
    known = code.co_varnames[context : code.co_argcount] if code else ()
    return tuple(known[n] if n < len(known) else f"input {n}" for n in active)


def _sets_up(kind: type) -> bool:
    """Whether an autograd.Function sets up its context in a method of its own, so that forward has none."""
    function = getattr(sys.modules.get("torch"), "autograd", None)
    own = getattr(kind, "setup_context", None)
    return own is not None and function is not None and own is not function.Function.setup_context


def _plain(call: Call, inputs: Sequence[Any], active: Sequence[int], vjp: Call, jvp: Call | None) -> Differentiable:
    from gradcheck.functions.plain import Plain

    like = inputs[active[0]]
    name = str(getattr(like, "dtype", "float64")).split(".")[-1]
    dtype = {"complex128": "float64", "complex64": "float32"}.get(name, name)
    space = getattr(like, "__array_namespace__", None)
    fixed = [one for n, one in enumerate(inputs) if n not in active]

    def pulled(cotangents: tuple[Any, ...], given: tuple[Any, ...]) -> tuple[Any, ...]:
        every = iter(given)
        rest = iter(fixed)
        arguments = [next(every) if n in active else next(rest) for n in range(len(inputs))]
        with telling("vjp"):
            found = vjp(_only(cotangents), *arguments)
        several = found if isinstance(found, tuple | list) else (found,)
        if len(several) == len(inputs) > len(active):
            several = [several[n] for n in active]
        if len(several) != len(active):
            raise TargetError(
                f"vjp must return a gradient for each of {len(active)} inputs; it returned {_told(found)}"
            )
        return tuple(several)

    pushed = None if jvp is None else lambda tangents, given: _outputs(jvp(_only(tangents), *given))
    return Plain(lambda given: call(*given), pulled, pushed, dtype, space() if space else np)


def _only(arrays: tuple[Any, ...]) -> Any:
    """The only one by itself, several as they are."""
    return arrays if len(arrays) > 1 else arrays[0]


def _told(found: object) -> str:
    return f"{len(found)} results" if isinstance(found, tuple | list) else type(found).__name__


def _torch(call: Call, inputs: Sequence[Any], active: Sequence[int], vjp: None, jvp: None) -> Differentiable:
    like = inputs[active[0]]
    adapted = import_module("gradcheck.functions.torch").Torch
    return adapted(call, like.dtype.to_real(), like.device)  # type: ignore[no-any-return]


def _jax(call: Call, inputs: Sequence[Any], active: Sequence[int], vjp: None, jvp: None) -> Differentiable:
    adapted = import_module("gradcheck.functions.jax")
    return adapted.Jax(call, adapted.precision(inputs[active[0]]))  # type: ignore[no-any-return]


def _autograd(call: Call, inputs: Sequence[Any], active: Sequence[int], vjp: None, jvp: None) -> Differentiable:
    adapted = import_module("gradcheck.functions.autograd").Autograd
    return adapted(call, str(np.asarray(inputs[active[0]]).real.dtype))  # type: ignore[no-any-return]


_FUNCTIONS: Mapping[str, Call] = {"numpy": _plain, "torch": _torch, "jax": _jax, "autograd": _autograd}


def paired_up(of: Bound) -> Bound:
    """The same, complex numbers taken as pairs, where there are any."""
    outputs = of.function.value(of.point)
    if not any(one.dtype.kind == "c" for one in (*of.point, *outputs)) or isinstance(of.function, Pairs):
        return of
    marked, out = (tuple(one.dtype.kind == "c" for one in arrays) for arrays in (of.point, outputs))
    function = Pairs(of.function, marked, out, of.library in ("jax", "autograd"))
    point = tuple(paired(one) if is_complex else one for one, is_complex in zip(of.point, marked, strict=True))
    return Bound(function, point, of.names, of.library)
