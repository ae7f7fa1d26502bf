"""Layers in PyTorch: an autograd.Function with the raw gradients of its backward, a Module, a plain function."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function

from gradcheck.targets.arguments import forward_roles, parameters, source
from gradcheck.targets.exchange import Description, Parameter
from gradcheck.targets.frameworks import documented, function_roles, is_forward_of, positional
from gradcheck.targets.torch_layer import Layer, Torch, first, tensors


def recognised(found: Any) -> Torch | None:
    """The target that an autograd.Function, a Module or a function on tensors is; None for anything else."""
    owner = getattr(found, "__self__", None)
    if inspect.isclass(owner) and issubclass(owner, Function):
        return _raw(owner)
    if inspect.isclass(found) and issubclass(found, Function):
        return _raw(found)
    if inspect.isclass(found) and issubclass(found, nn.Module):
        return _module(found)
    if is_forward_of(found, "torch"):
        return _plain(found, *function_roles(found))
    named = documented(found) if inspect.isbuiltin(found) else ()
    return _plain(found, named, forward_roles(named, weighted=True)) if named else None


def _raw(kind: type[Function]) -> Torch:
    """The gradients are what backward returns, before the engine sums or expands them into shape."""
    named = parameters("forward", kind.forward, int(kind.setup_context is Function.setup_context))
    roles = forward_roles(named, weighted=True)
    returns = tuple(f"d{roles[p.name]}" if p.name in roles else "" for p in named)

    def backward(_: Layer, leaves: Mapping[str, Tensor], output: object, dy: Tensor) -> object:
        outputs = tuple(tensors(output))
        cotangents = (dy, *(torch.zeros_like(one) for one in outputs[1:]))
        with torch.no_grad():
            returned = _backward_of(kind)(outputs[0].grad_fn, *cotangents)
        given = returned if isinstance(returned, tuple) else (returned,)
        if len(given) < len(named) or any(one is not None for one in given[len(named) :]):
            raise TypeError(f"it returned {len(given)} gradients for the {len(named)} arguments of forward")
        return returned

    description = _described("torch.autograd.Function", kind, named, roles, returns)
    apply: Callable[..., object] = kind.apply
    return Torch(description, lambda: None, lambda _, given: apply(*positional(named, given)), backward, roles)


def _backward_of(kind: Any) -> Callable[..., object]:
    """The backward pass, which may have been called vjp."""
    own: Callable[..., object] = kind.vjp if kind.backward is Function.backward else kind.backward
    return own


def _module(kind: type[nn.Module]) -> Torch:
    """A module's gradients are the engine's, unless the class has a backward of its own."""
    named = parameters("forward", kind.forward, 1)
    roles = forward_roles(named, weighted=False)
    build = parameters("build", kind.__init__, 1)
    backward = _own_backward if "backward" in vars(kind) else _engine
    description = _described("torch.nn.Module", kind, (*build, *named), roles)
    return Torch(description, kind, lambda layer, given: layer(**given), backward, roles)  # type: ignore[misc]


def _own_backward(layer: Any, leaves: Mapping[str, Tensor], output: object, dy: Tensor) -> object:
    return layer.backward(dy)


def _engine(layer: Layer, leaves: Mapping[str, Tensor], output: object, dy: Tensor) -> object:
    torch.autograd.backward(first(output), dy)
    return {f"d{role}": leaf.grad for role, leaf in leaves.items()}


def _plain(found: Any, named: tuple[Parameter, ...], roles: Mapping[str, str]) -> Torch:
    description = _described("function on torch tensors", found, named, roles)
    return Torch(description, lambda: None, lambda _, given: found(**given), _engine, roles)


def _described(
    kind: str, found: Any, named: tuple[Parameter, ...], roles: Mapping[str, str], returns: tuple[str, ...] = ()
) -> Description:
    takes = tuple(role for role in "xwb" if role in roles.values())
    return Description(kind, found.__qualname__, *source(found), named, takes, returns)
