"""The front verb: whether the gradients of a function are right."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from gradcheck.comparison import Comparison, Evidence, Gradient
from gradcheck.errors import GradcheckError, TargetError
from gradcheck.findings import Fault, Notice
from gradcheck.functions.causes import diagnosed
from gradcheck.functions.exactly import (
    Exact,
    Layered,
    almost_linear,
    everything,
    exact,
    layered,
    linear,
    probed,
    suspects,
)
from gradcheck.functions.forward import exactly_forward, nearly_forward
from gradcheck.functions.library import Bound, bind
from gradcheck.functions.nearly import Near, nearly, precision
from gradcheck.report.comparison import told

Method = Literal["auto", "probe", "full"]
BOUND = 1e-12
NOT_LINEAR = "the function is not linear in each of its inputs"
NOT_EXACT = (
    "the function is linear, but not exact on integers: it multiplies by fractions, or goes by FFT, Winograd, TF32"
)


class WrongGradient(AssertionError):
    """What assert_gradients raises; `comparison` has all that was found."""

    def __init__(self, comparison: Comparison) -> None:
        super().__init__(str(comparison))
        self.comparison = comparison


def check(
    f: Callable[..., Any],
    *inputs: Any,
    vjp: Callable[..., Any] | None = None,
    jvp: Callable[..., Any] | None = None,
    layer: str | None = None,
    sizes: Mapping[str, int] | None = None,
    method: Method = "auto",
    order: Literal[1, 2] = 1,
    forward: bool = False,
    seed: int = 0,
    bound: float = BOUND,
    eps: float | None = None,
    atol: float = 0.0,
    rtol: float = 0.0,
) -> Comparison:
    """Whether the gradients of a function of arrays are right, and if not, what is wrong with them.

    `f` takes NumPy arrays (or those of any library that follows the array API; then `vjp(dy, *inputs)`
    returns the gradient of each), torch tensors, JAX arrays, or arrays of autograd.numpy. A function
    that is linear in each input is checked exactly, on random integers of the shapes of `inputs`: by
    probes, until the chance that a wrong gradient passes is below `bound`, or by every element
    (`method="full"`; "auto" does that where a probe fails, "probe" only says which gradients are
    suspect). Any other function is checked at `inputs`, by differences whose error is estimated: nothing
    needs tuning, though a first step `eps` and tolerances `atol` and `rtol` can be given.

    `layer` is a line of notation, or a name in the catalogue (`sizes` its strides and the like): then
    the numbers' range is proved, and the output is compared, too. `order=2` checks gradients of
    gradients, `forward=True` the forward mode as well.

    Raises TargetError for what cannot be checked, TargetRaised where `f` or its gradient raises.

    >>> import numpy as np
    >>> check(lambda x: x @ x, np.ones(3), vjp=lambda dy, x: 2 * dy * x).verdict
    'verified'
    """
    if method not in ("auto", "probe", "full") or order not in (1, 2):
        raise TargetError(f"method is {method!r} and order {order!r}: they are auto, probe or full, and 1 or 2")
    given = bind(f, inputs, vjp, jvp)
    name = _called(f)
    given = given if order == 1 else _derived(given, seed)
    line = layered(layer, [one.shape for one in given.point], sizes or {}) if order == 1 else None
    rerun = f"gradcheck.check({name}, ..., seed={seed}), with the same inputs"
    made = compare(
        given,
        name,
        seed=seed,
        rerun=rerun,
        line=line,
        method=method,
        bound=bound,
        forward=forward,
        step=eps,
        atol=atol,
        rtol=rtol,
    )
    return diagnosed(made, f, given, layer) if made.verdict == "refuted" else made


def compare(
    given: Bound,
    name: str,
    *,
    seed: int,
    rerun: str,
    line: Layered | None = None,
    method: Method = "auto",
    bound: float = BOUND,
    forward: bool = False,
    step: float | None = None,
    atol: float = 0.0,
    rtol: float = 0.0,
) -> Comparison:
    """The same for a function that has been bound to its inputs."""
    with np.errstate(all="ignore"):
        of = exact(given.function, given.names, given.point, line, seed)
        found = _misshapen(given) or _exactly(of, method, bound) or _other_output(given, line)
        near = Near(given.function, given.point, given.names, seed, method == "full", step, atol, rtol)
        evidence, gradients, notices = found or nearly(near, _why(of, near))
        if forward:
            gradients += exactly_forward(of) if found and of else nearly_forward(near)
    return Comparison(name, given.library, given.function.dtype, seed, evidence, gradients, notices, rerun, told)


def assert_gradients(f: Callable[..., Any], *inputs: Any, **options: Any) -> Comparison:
    """The same as `check`; raises WrongGradient, an AssertionError with the diagnosis, unless all is verified."""
    found = check(f, *inputs, **options)
    if found.verdict != "verified":
        raise WrongGradient(found)
    return found


Found = tuple[Evidence, tuple[Gradient, ...], tuple[Notice, ...]]


def _misshapen(of: Bound) -> Found | None:
    """The gradients that have another shape than their input; None if all are well, as an engine's always are."""
    if of.library in ("torch", "jax", "autograd"):
        return None
    outputs = of.function.value(of.point)
    _, gradients = of.function.pull(of.point, tuple(np.ones(one.shape) for one in outputs))
    pairs = list(zip(of.names, gradients, of.point, strict=True))
    if all(one.shape == x.shape for _, one, x in pairs):
        return None
    faults = [(n, None if one.shape == x.shape else Fault("", one.shape, x.shape)) for n, one, x in pairs]
    found = tuple(
        Gradient(f"gradient of {name}", "wrong" if fault else "unresolved", fault=fault) for name, fault in faults
    )
    return Evidence("shapes"), found, ()


def _other_output(of: Bound, line: Layered | None) -> Found | None:
    """The output, if it has another shape than that of the line; None if all is well."""
    if line is None:
        return None
    (got, *_), name = of.function.value(of.point), line.layer.output.tensor
    expected = line.form.shape(name)
    if got.shape == expected:
        return None
    return Evidence("shapes"), (Gradient(f"output {name}", "wrong", fault=Fault("", got.shape, expected)),), ()


def _exactly(of: Exact | None, method: Method, bound: float) -> Found | None:
    """What exact numbers say; None where the function is not linear on them."""
    if of is None:
        return None
    try:
        held = probed(of, bound) if method != "full" else None
        if held:
            evidence = Evidence("probe", held.trials, held.chance, held.elsewhere, of.bits, proved=of.line is not None)
            return evidence, tuple(Gradient(f"gradient of {name}", "right") for name in of.names), ()
        found = everything(of) if method == "full" else None
        if found and all(one.status != "wrong" for one in found[1]):
            return (*found, ())
        if not linear(of):
            return None
        return (*(suspects(of) if method == "probe" else found or everything(of)), ())
    except (GradcheckError, KeyboardInterrupt, MemoryError):
        raise
    except Exception:  # numbers that a function was not written for: its own point will tell
        return None


def _why(of: Exact | None, near: Near) -> str:
    """Why the exact check was not possible."""
    if of is None:
        return f"sums of {near.function.dtype} numbers as long as these are not exact"
    return NOT_EXACT if almost_linear(of, precision(near.function.dtype)) else NOT_LINEAR


def _derived(of: Bound, seed: int) -> Bound:
    """The gradients as a function of the inputs and of cotangents, which are drawn."""
    random = np.random.default_rng(seed)
    cotangents = tuple(random.normal(size=one.shape) for one in of.function.value(of.point))
    names = [f"d{n}" if len(cotangents) > 1 else "dy" for n in range(len(cotangents))]
    return replace(
        of, function=of.function.derived(len(cotangents)), point=of.point + cotangents, names=(*of.names, *names)
    )


def _called(f: object) -> str:
    """The name of a function; of an autograd.Function, the class's."""
    owner = getattr(f, "__self__", None)
    named = owner if isinstance(owner, type) and getattr(f, "__name__", "") == "apply" else f
    return str(getattr(named, "__name__", None) or type(f).__name__)
