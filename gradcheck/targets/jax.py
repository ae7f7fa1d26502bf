"""Layers in JAX: a custom_vjp with the raw gradients of its rules, a plain function through jax.vjp."""

import contextlib
import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradcheck.errors import TargetError
from gradcheck.targets.arguments import bound, source
from gradcheck.targets.exchange import Array, Description, Differences, Named, Outcome, Parameter, Request, plain_arrays
from gradcheck.targets.frameworks import MOST, function_roles, is_forward_of, positional
from gradcheck.targets.running import seed_everything, unit_differences
from gradcheck.targets.traces import telling

Arguments = Mapping[str, object]
Pull = Callable[[Any], object]
JITTED = type(jax.jit(lambda: 0))


@dataclass(frozen=True, slots=True)
class Jax:
    """A function in JAX on arguments by name, and `vjp`: its output, and from a cotangent all gradients.

    `vjp` takes the operands by parameter name, and all arguments. Everything runs in `dtype`;
    arrays of that type come back as float64.
    """

    described: Description
    forward: Callable[[Arguments], object]
    vjp: Callable[[Arguments, Arguments], tuple[object, Pull]]
    roles: Mapping[str, str]
    dtype: str = "float64"

    @property
    def description(self) -> Description:
        """What is known of it before it has run."""
        return replace(self.described, most=MOST.get(self.dtype, self.described.most))

    def run(self, request: Request) -> Outcome:
        """Forward, and backward where there is a cotangent."""
        seed_everything(request.entropy)
        with _set_up():
            one = self._once(request)
            return replace(one, second=self._once(request)) if request.twice else one

    def differences(self, ask: Differences) -> Array:
        """<dY, f(A + e) - f(A)> for every unit e of one operand."""
        with _set_up():
            return unit_differences(ask, self._y)

    def _y(self, request: Request) -> Array:
        with telling("forward"):
            return self._array(_first(self.forward(self._arguments(request)))).astype(float)

    def _once(self, request: Request) -> Outcome:
        arguments = self._arguments(request)
        if request.cotangent is None:
            with telling("forward"):
                output = self.forward(arguments)
                _first(output)
            return Outcome(self._flat(output), ())
        operands = {name: one for name, one in arguments.items() if name in self.roles}
        with telling("forward"):
            output, pull = self.vjp(operands, arguments)
            dy = jnp.asarray(request.cotangent, _first(output).dtype)
        with telling("backward"):
            returned = pull(_cotangents(output, dy))
        return Outcome(self._flat(output), (), self._flat(returned))

    def _arguments(self, request: Request) -> dict[str, object]:
        given = {role: jnp.asarray(array, self.dtype) for role, array in request.operands.items()}
        return bound(self.described.parameters, self.roles, given, request.options)

    def _flat(self, found: object) -> Named:
        return plain_arrays(self._arrays(found))

    def _arrays(self, found: object) -> object:
        match found:
            case jax.Array():
                return self._array(found)
            case tuple() | list():
                return tuple(map(self._arrays, found))
            case dict():
                return {key: self._arrays(one) for key, one in found.items()}
        return found

    def _array(self, found: jax.Array) -> Array:
        """A copy: float64 where it is of the type that everything runs in, float32 where NumPy has none like it."""
        lacking = found.dtype == jnp.bfloat16
        return np.array(found, np.float64 if found.dtype == self.dtype else np.float32 if lacking else None)


# Numbers of 64 bits; and since much is tried, and each size once, no time for beautiful errors and fast programs.
SETTINGS = {"jax_enable_x64": True, "jax_traceback_filtering": "off", "jax_disable_most_optimizations": True}


@contextlib.contextmanager
def _set_up() -> Iterator[None]:
    """With JAX's settings as they should be, and without warnings; raises TargetError where 64 bits cannot be had."""
    update: Callable[[str, object], None] = jax.config.update
    before = {name: jax.config.values[name] for name in SETTINGS if name in jax.config.values}
    try:
        for name in before:
            update(name, SETTINGS[name])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if jnp.zeros(()).dtype != np.float64:
                raise TargetError("JAX's numbers of 64 bits are switched off around this: call it outside of that")
            yield
    finally:
        for name, value in before.items():
            update(name, value)


def _first(output: object) -> jax.Array:
    """The output; raises TypeError where there is no array."""
    for one in jax.tree_util.tree_leaves(output):
        if isinstance(one, jax.Array):
            return one
    raise TypeError(f"it returned {type(output).__name__}, and no array")


def _cotangents(output: object, dy: jax.Array) -> object:
    """The cotangent of all that was returned: dy for the output, zeros for the rest."""
    leaves, tree = jax.tree_util.tree_flatten(output)
    rest = [jnp.zeros_like(one) for one in leaves[1:]]
    return jax.tree_util.tree_unflatten(tree, [dy, *rest])


def recognised(found: Any) -> Jax | None:
    """The target that a custom_vjp or a function on JAX arrays is; None for anything else."""
    if isinstance(found, jax.custom_vjp):
        return _custom(found)
    if isinstance(found, JITTED) or is_forward_of(found, "jax"):
        return _plain(found, *function_roles(found))
    return None


def _plain(found: Any, named: tuple[Parameter, ...], roles: Mapping[str, str]) -> Jax:
    def vjp(operands: Arguments, arguments: Arguments) -> tuple[object, Pull]:
        output, pull = jax.vjp(lambda given: found(**{**arguments, **given}), dict(operands))
        return output, lambda dy: {f"d{roles[name]}": one for name, one in pull(dy)[0].items()}

    description = _described("function on JAX arrays", found, named, roles)
    return Jax(description, lambda given: found(**given), vjp, roles)


def _custom(found: Any) -> Jax:
    """The gradients are what the backward rule returns, before JAX compares them with the operands."""
    named, roles = function_roles(found)
    if not found.fwd or not found.bwd:
        raise TargetError(f"{found.__qualname__} has no rules: {found.__name__}.defvjp(forward, backward) sets them")
    if found.symbolic_zeros:
        return _plain(found, named, roles)
    fixed = tuple(n % len(named) for n in found.nondiff_argnums)

    def vjp(_: Arguments, arguments: Arguments) -> tuple[object, Pull]:
        given = positional(named, arguments)
        output, memory = found.fwd(*given)
        return output, lambda dy: found.bwd(*(given[n] for n in fixed), memory, dy)

    names = [roles.get(p.name) for n, p in enumerate(named) if n not in fixed]
    returns = tuple(f"d{role}" if role else "" for role in names)
    description = _described("jax.custom_vjp", found, named, roles, returns)
    return Jax(description, lambda given: found(*positional(named, given)), vjp, roles)


def _described(
    kind: str, found: Any, named: Sequence[Parameter], roles: Mapping[str, str], returns: tuple[str, ...] = ()
) -> Description:
    takes = tuple(role for role in "xwb" if role in roles.values())
    where = source(inspect.unwrap(found))
    return Description(kind, found.__qualname__, *where, tuple(named), takes, returns)
