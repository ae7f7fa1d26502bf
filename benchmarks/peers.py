"""A gradient that somebody wrote in NumPy, handed to each gradient checker as its own users would hand it over.

A peer gets a Case and a seed, and answers with a Verdict. What is not installed is left out of PEERS,
with a line that says so. torch's fast mode and jax draw their directions from fixed seeds, so that there
only other inputs make another check; autograd draws from NumPy's global generator, which is seeded here.
"""

import logging
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np


@dataclass(frozen=True)
class Case:
    """A function with a gradient that somebody wrote, at a point."""

    name: str
    forward: Callable[..., np.ndarray]  # of the inputs; may return a tuple
    vjp: Callable[..., tuple[np.ndarray, ...]]  # of dy and the inputs
    inputs: tuple[np.ndarray, ...]
    correct: bool


@dataclass(frozen=True)
class Verdict:
    """What a peer made of a case; `said` begins with "raised" or "incomplete" where it was not a refutation."""

    passed: bool  # True: nothing wrong was said
    said: str  # first line of what it said, "" if passed; for a raise in its own machinery, the exception
    cause: str | None  # gradcheck alone names one


def torch_slow(case: Case, seed: int) -> Verdict:
    """torch.autograd.gradcheck as it comes: every entry of the Jacobian."""
    return _torch(case, fast_mode=False)


def torch_fast(case: Case, seed: int) -> Verdict:
    """torch.autograd.gradcheck with fast_mode: one pair of directions for each input."""
    return _torch(case, fast_mode=True)


def _torch(case: Case, fast_mode: bool) -> Verdict:
    """What torch says of a torch.autograd.Function."""
    import torch
    from torch.autograd.gradcheck import GradcheckError, gradcheck

    class Written(torch.autograd.Function):
        """The case's two passes."""

        @staticmethod
        def forward(ctx, *inputs):
            """Keep the inputs, and return the output."""
            ctx.save_for_backward(*inputs)
            outputs = case.forward(*(tensor.detach().numpy() for tensor in inputs))
            return tuple(map(torch.tensor, outputs)) if isinstance(outputs, tuple) else torch.tensor(outputs)

        @staticmethod
        def backward(ctx, *upstream):
            """The gradient of every input."""
            dy = tuple(tensor.numpy() for tensor in upstream)
            inputs = (tensor.detach().numpy() for tensor in ctx.saved_tensors)
            return tuple(map(torch.tensor, case.vjp(dy if len(dy) > 1 else dy[0], *inputs)))

    inputs = tuple(torch.tensor(array, requires_grad=True) for array in case.inputs)
    with warnings.catch_warnings(action="ignore"):  # that float32 is likely to fail, which is what is measured
        return _heard(
            lambda: gradcheck(Written.apply, inputs, fast_mode=fast_mode, raise_exception=True), GradcheckError
        )


def jax_check(case: Case, seed: int) -> Verdict:
    """jax.test_util.check_grads of a jax.custom_vjp, in float64 where the case is."""
    import jax
    import jax.test_util

    def checked():
        """Raises where jax finds the gradient wrong."""
        arrays = tuple(map(jax.numpy.asarray, case.inputs))
        jax.test_util.check_grads(_jax_function(case), arrays, order=1, modes=["rev"])

    logging.getLogger("jax").setLevel(logging.CRITICAL)  # a callback that raises is told by its exception
    with jax.enable_x64(all(array.dtype == np.float64 for array in case.inputs)):
        return _heard(checked, AssertionError)


def _jax_function(case: Case) -> Callable[..., object]:
    """The case's two passes, called back to from jax."""
    import jax

    def described(arrays):
        """The shapes and types that a callback promises."""
        return jax.tree.map(lambda array: jax.ShapeDtypeStruct(array.shape, array.dtype), arrays)

    def copied(call):
        """A call that gets NumPy arrays of its own."""
        return lambda *arrays: call(*jax.tree.map(np.array, arrays))

    output, inputs = described(case.forward(*case.inputs)), described(case.inputs)
    forward, vjp = copied(case.forward), copied(case.vjp)

    @jax.custom_vjp
    def written(*arrays):
        """The forward pass."""
        return jax.pure_callback(forward, output, *arrays)

    def backward(arrays, dy):
        """The gradient of every input."""
        return jax.pure_callback(vjp, inputs, dy, *arrays)

    written.defvjp(lambda *arrays: (written(*arrays), arrays), backward)
    return written


def autograd_check(case: Case, seed: int) -> Verdict:
    """autograd.test_util.check_grads of a primitive, for all inputs together."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    def gradient(number):
        """How autograd finds one input's gradient."""
        return lambda output, *inputs: lambda dy: case.vjp(dy, *inputs)[number]

    numbers = tuple(range(len(case.inputs)))
    written = primitive(lambda *inputs: case.forward(*inputs))
    defvjp(written, *map(gradient, numbers))
    np.random.seed(seed)
    return _heard(lambda: check_grads(written, numbers, modes=["rev"], order=1)(*case.inputs), AssertionError)


def gradcheck_check(case: Case, seed: int) -> Verdict:
    """gradcheck.check of the two functions; "incomplete" is neither a pass nor a refutation."""
    import gradcheck

    check = gradcheck.check  # where there is none, that is no verdict on the case
    vjp = case.vjp if len(case.inputs) > 1 else lambda dy, only: case.vjp(dy, only)[0]
    try:
        found = check(case.forward, *case.inputs, vjp=vjp, seed=seed, method="probe")
    except Exception as error:
        return Verdict(False, _raised(error), None)
    if found.verdict == "verified":
        return Verdict(True, "", None)
    said = _first_line(str(found))
    return Verdict(False, said if found.verdict == "refuted" else f"incomplete: {said}", found.cause)


def _heard(call: Callable[[], object], refusal: type[Exception]) -> Verdict:
    """The verdict of a peer that raises: `refusal` where the gradient is wrong."""
    try:
        call()
    except refusal as error:
        return Verdict(False, _first_line(str(error)) or type(error).__name__, None)
    except Exception as error:
        return Verdict(False, _raised(error), None)
    return Verdict(True, "", None)


def _raised(error: Exception) -> str:
    """An exception in one line: the last one, which ends a traceback that jax has in its own."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"raised {type(error).__name__}: {lines[-1] if lines else ''}"


def _first_line(text: str) -> str:
    """The first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _installed(peers: Iterable[tuple[str, str, Callable[[Case, int], Verdict]]]) -> dict:
    """The peers whose package is there; a line is printed for every other."""
    found = {}
    for name, package, peer in peers:
        if find_spec(package):
            found[name] = peer
        else:
            print(f"{name}: left out, as {package} is not installed")
    return found


PEERS: dict[str, Callable[[Case, int], Verdict]] = _installed(
    [
        ("torch slow", "torch", torch_slow),
        ("torch fast", "torch", torch_fast),
        ("jax", "jax", jax_check),
        ("autograd", "autograd", autograd_check),
        ("gradcheck", "gradcheck", gradcheck_check),
    ]
)
