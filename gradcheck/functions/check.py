"""The front verb: whether the gradients of a function are right."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any, Literal

import numpy as np

from gradcheck.comparison import Comparison, Evidence, Gradient
from gradcheck.errors import TargetError
from gradcheck.findings import Notice
from gradcheck.functions.causes import diagnosed
from gradcheck.functions.contracts import contracts, misshapen
from gradcheck.functions.elements import everything, most_passes
from gradcheck.functions.exactly import (
    UNFIT,
    Exact,
    Layered,
    almost_linear,
    exact,
    layered,
    linear,
    other_output,
    probed,
    suspects,
)
from gradcheck.functions.forward import exactly_forward, nearly_forward
from gradcheck.functions.library import Bound, bind, paired_up
from gradcheck.functions.nearly import Near, nearly, precision
from gradcheck.numeric.probe import BOUND
from gradcheck.report.comparison import told

Method = Literal["auto", "probe", "full"]
NOT_LINEAR = "the function is not linear in each of its inputs"
NOT_EXACT = (
    "the function is linear, but not exact on integers: it multiplies by fractions, or goes by FFT, Winograd, TF32"
)


ENGINES = ("torch", "jax", "autograd")  # their gradients have the right shapes, and their arrays are not changed
MOST_WORK = 2**28  # numbers computed to look for the wrong elements of a linear function


def check(
    f: Callable[..., Any],
    *inputs: Any,
    vjp: Callable[..., Any] | None = None,
    jvp: Callable[..., Any] | None = None,
    like: str | None = None,
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

    `like` is a line of notation, or a name in the catalogue (`sizes` its strides and the like): then
    the numbers' range is proved, and a full check compares the output, too. `order=2` checks gradients of
    gradients, `forward=True` the forward mode as well.

    Raises TargetError for what cannot be checked, TargetRaised where `f` or its gradient raises.

    >>> import numpy as np
    >>> check(lambda x: x @ x, np.ones(3), vjp=lambda dy, x: 2 * dy * x).verdict
    'verified'
    """
    if method not in ("auto", "probe", "full") or order not in (1, 2):
        raise TargetError(f"method is {method!r} and order {order!r}: they are auto, probe or full, and 1 or 2")
    if not 0 < bound < 1 or not isinstance(seed, int) or seed < 0:
        raise TargetError(f"bound is {bound!r} and seed {seed!r}: a probability between 0 and 1, and an integer from 0")
    if order == 2 and like:
        raise TargetError("like is for the function itself, not for its gradients: leave it out with order=2")
    given = bind(f, inputs, vjp, jvp)
    name = _called(f)
    given = given if order == 1 else _derived(given, seed)
    line = layered(like, [one.shape for one in given.point], sizes or {}) if order == 1 else None
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
    return diagnosed(made, f, given, like) if made.verdict == "refuted" and order == 1 else made


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
        given = given if line else paired_up(given)
        of = exact(given.function, given.names, given.point, line, seed)
        near = Near(given.function, given.point, given.names, seed, method == "full", step, atol, rtol)
        evidence, gradients, notices = _found(given, of, near, method, bound)
        if forward:
            exactly = of and evidence.method in ("probe", "full")
            gradients += exactly_forward(of) if of and exactly else nearly_forward(near)
    return Comparison(
        name, given.library, given.function.dtype, seed, evidence, gradients, (*given.notices, *notices), rerun, told
    )


Found = tuple[Evidence, tuple[Gradient, ...], tuple[Notice, ...]]


def _found(given: Bound, of: Exact | None, near: Near, method: Method, bound: float) -> Found:
    """What the first stage finds that finds anything; an engine's shapes are right, its contracts come after."""
    exactly, broken = partial(_exactly, of, method, bound), partial(_broken, given)
    if given.library in ENGINES:
        stages: tuple[Callable[[], Found | None], ...] = (exactly, broken)
    else:
        stages = (partial(misshapen, given), broken, exactly)
    return next((found for stage in stages if (found := stage())), None) or _nearly(of, near)


def _broken(of: Bound) -> Found | None:
    """Nothing to compare, where the function breaks a contract or gives no number."""
    said = tuple(contracts(of.function, of.point, precision(of.function.dtype)))
    left = tuple(Gradient(f"gradient of {name}", "unresolved") for name in of.names)
    return (Evidence("contracts"), left, said) if said else None


def _exactly(of: Exact | None, method: Method, bound: float) -> Found | None:
    """What exact numbers say; None where the function is not linear on them, or nothing but 0."""
    if of is None:
        return None
    try:
        held = probed(of, bound)
        if held is None:
            return _failed(of, method) if linear(of) else None
        if held.empty:
            return None
        if method == "full":
            return (*everything(of), ())
    except UNFIT:
        return None
    evidence = Evidence("probe", held.trials, held.chance, held.elsewhere, held.bits, proved=of.line is not None)
    return evidence, tuple(Gradient(f"gradient of {name}", "right") for name in of.names), ()


def _failed(of: Exact, method: Method) -> Found | None:
    """Where the gradients are wrong that failed a probe: in some element, at least in which gradient.

    None if nothing is: the numbers were not exact.
    """
    work = most_passes(of) * sum(map(prod, of.outputs))
    if method == "full" or (method == "auto" and work <= MOST_WORK):
        found = everything(of, failed=True)
        if any(one.status == "wrong" for one in found[1]):
            return (*found, ())
    suspected = suspects(of)
    return (*suspected, ()) if suspected else None


def _nearly(of: Exact | None, near: Near) -> Found:
    """How well the gradients agree with differences; of a line, first whether the output is that of the line."""
    return (other_output(of, near.inputs) if of else None) or nearly(near, _why(of, near))


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
