"""From a Python function and its arguments to a Function of those that are differentiated."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from gradcheck.errors import TargetError
from gradcheck.findings import Notice
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
    notices: tuple[Notice, ...] = ()


def bind(f: Call, inputs: Sequence[Any], vjp: Call | None, jvp: Call | None) -> Bound:
    """The function of those inputs that are differentiated: arrays of floating-point or complex numbers.

    Tensors in torch are differentiated if they ask for it, or if none does. Raises TargetError where there
    is nothing to differentiate, or no gradient.
    """
    inputs = _unpacked(inputs)
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
        try:
            found = f(*_arguments(inputs, active, given))
        except Exception as error:
            raise told("the function", error) from None
        return _outputs(found)

    point = tuple(_array(inputs[n]) for n in active)
    function = _FUNCTIONS[library](call, inputs, active, vjp, jvp)
    found = Bound(function, point, _names(f, active), library, tuple(_skipped(f, inputs, active)))
    return paired_up(found) if any(array.dtype.kind == "c" for array in point) else found


def _unpacked(inputs: Sequence[Any]) -> tuple[Any, ...]:
    """Lists of numbers as arrays; the inputs themselves where they come as one tuple, as torch's checker has them."""
    if len(inputs) == 1 and isinstance(inputs[0], tuple) and any(_kind(one) in "fci" for one in inputs[0]):
        inputs = inputs[0]
    return tuple(np.asarray(one) if _numbers(one) else one for one in inputs)


def _numbers(one: Any) -> bool:
    """Whether it is a list of numbers, or of lists of them."""
    if isinstance(one, list | tuple):
        return bool(one) and all(isinstance(part, float | complex) or _numbers(part) for part in one)
    return False


def _arguments(inputs: Sequence[Any], active: Sequence[int], given: Sequence[Any]) -> list[Any]:
    """All inputs, those that are differentiated replaced."""
    found = list(inputs)
    for n, one in zip(active, given, strict=True):
        found[n] = one
    return found


def _skipped(f: Any, inputs: Sequence[Any], active: Sequence[int]) -> Iterator[Notice]:
    """What has, or may have, gradients of its own that are not looked at."""
    own = [name for name, one in getattr(f, "named_parameters", lambda: ())() if getattr(one, "requires_grad", False)]
    held = [f"input {n} ({type(one).__name__})" for n, one in enumerate(inputs) if isinstance(one, dict | list | tuple)]
    asking = [f"input {n}" for n, one in enumerate(inputs) if n not in active and _kind(one) in "fc"]
    if own or held or asking:
        text = f"not checked: {', '.join([*(f'parameter {name}' for name in own), *held, *asking])}"
        yield Notice("not-checked", text, refutes=False)


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
    several = tuple(found.values()) if isinstance(found, dict) else tuple(found) if _several(found) else (found,)
    kept = several if len(several) == 1 else tuple(one for one in several if _kind(one) in "fc")
    if not kept or (_kind(kept[0]) == " " and not isinstance(kept[0], int)):
        raise TargetError(f"the function returned {type(found).__name__}, and no array of numbers")
    return kept


def _several(found: Any) -> bool:
    return isinstance(found, tuple | list)


def _names(f: Call, active: Sequence[int]) -> tuple[str, ...]:
    """The parameters' names where there are any, else their numbers."""
    owner = getattr(f, "__self__", None)
    forward = owner.forward if isinstance(owner, type) and hasattr(owner, "forward") else getattr(f, "forward", f)
    code = getattr(forward, "__code__", None)
    context = forward is not f and not (isinstance(owner, type) and _sets_up(owner))
    skipped = context or (inspect.ismethod(f) and not isinstance(owner, type))
    known = code.co_varnames[skipped : code.co_argcount] if code else ()
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

    def pulled(cotangents: tuple[Any, ...], given: tuple[Any, ...]) -> tuple[Any, ...]:
        arguments = _arguments(inputs, active, given)
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

    def pushed(tangents: tuple[Any, ...], given: tuple[Any, ...]) -> tuple[Any, ...]:
        assert jvp
        return _outputs(jvp(_only(tangents), *_arguments(inputs, active, given)))

    return Plain(lambda given: call(*given), pulled, pushed if jvp else None, dtype, space() if space else np)


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
    outputs = of.function.value(tuple(one.copy() for one in of.point))
    if not any(one.dtype.kind == "c" for one in (*of.point, *outputs)) or isinstance(of.function, Pairs):
        return of
    marked, out = (tuple(one.dtype.kind == "c" for one in arrays) for arrays in (of.point, outputs))
    function = Pairs(of.function, marked, out, of.library in ("jax", "autograd"))
    point = tuple(paired(one) if is_complex else one for one, is_complex in zip(of.point, marked, strict=True))
    return Bound(function, point, of.names, of.library, of.notices)
