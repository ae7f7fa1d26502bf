"""The other half of a pair of functions, found by its name: conv_forward and conv_backward."""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from gradcheck.targets.roles import plain


def is_backward(name: str) -> bool:
    """Whether a name is that of a backward pass."""
    return any(f"_{word}_" in f"_{plain(name)}_" for word in _TOKENS)


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
            old, new = (back, forward) if is_backward(name) else (forward, back)
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
