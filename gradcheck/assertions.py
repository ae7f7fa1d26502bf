"""Assertions for tests: about the gradients of a layer or a function, and about the sizes of arrays."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from gradcheck.comparison import Comparison
from gradcheck.conventions.alike import like as said_like
from gradcheck.conventions.said import Said
from gradcheck.errors import CouldNotRun, GradcheckError, LayerError
from gradcheck.findings import Examination
from gradcheck.functions.check import check
from gradcheck.functions.sizes import complaints
from gradcheck.functions.target import find_out
from gradcheck.report.assertion import explained
from gradcheck.report.subjects import subject_of
from gradcheck.running_test import rerun_here, seed_here
from gradcheck.targets.load import at_hand

__all__ = ["WrongGradient", "WrongSize", "assert_gradients", "assert_sizes"]


class WrongGradient(AssertionError):
    """What assert_gradients raises: its message begins with the diagnosis, and `found` has all that was found.

    Both are worked out when they are asked for: a search for a smaller example raises it many times.
    """

    __module__ = "gradcheck"  # as a failing test names it

    def __init__(self, find: Callable[[], Examination | Comparison], rerun: str) -> None:
        super().__init__()
        self._find, self._rerun = find, rerun

    @cached_property
    def found(self) -> Examination | Comparison:
        """All that was found."""
        return self._find()

    def __str__(self) -> str:
        return explained(subject_of(self.found), self._rerun)

    def __reduce__(self) -> tuple[Any, ...]:
        """How it travels from another process."""
        return _wrong_gradient, (self.found, self._rerun)


def _wrong_gradient(found: Examination | Comparison, rerun: str) -> WrongGradient:
    return WrongGradient(lambda: found, rerun)


class WrongSize(AssertionError):
    """What assert_sizes raises: which array, the size that it has, and the one that it should have."""

    __module__ = "gradcheck"  # as a failing test names it


def assert_gradients(
    target: Any, *inputs: Any, like: str | None = None, seed: int | None = None, **options: Any
) -> Examination | Comparison:
    """That the gradients of a layer, or of a function at these inputs, are right; returns all that was found.

    Without inputs, `target` is a layer: a class, a function of a pair, a binding, or an address such as
    "layers.py:Conv2d". It is examined as by `gradcheck verify`; `options` are parameters of its
    constructor, or sizes. With inputs, it is a function, checked as by `check`, whose options they are.
    `like` says what it must be: a name in the catalogue ("conv2d"), or a line of notation.

    In a test the seed follows from the test's id, unless it is given. Raises WrongGradient, an
    AssertionError with the diagnosis, unless all is verified; and what `examine` and `check` raise.

    >>> import numpy as np
    >>> assert_gradients(np.sin, np.ones(3), vjp=lambda dy, x: dy * np.cos(x)).verdict
    'verified'
    """
    __tracebackhide__ = True
    start = seed_here(seed)
    try:
        found = _compared(target, inputs, like, start, options) if inputs else _examined(target, like, start, options)
    except (GradcheckError, CouldNotRun) as error:
        raise error.with_traceback(None) from None  # what it says is for the caller, where it comes from is not
    if found.verdict != "verified":
        raise WrongGradient(lambda: found, rerun_here())
    return found


def assert_sizes(
    like: str, arrays: Mapping[str, Any] | None = None, /, *, sizes: Mapping[str, int] | None = None, **named: Any
) -> None:
    """That arrays have the sizes that a layer gives them: its operands, its output, and their gradients.

    `like` is a name in the catalogue, or a line of notation; the arrays (or their shapes) are given by the
    names in the line, a gradient with a d before it, such as X=x, F=w, Y=y, dX=dx. All operands must be there.
    An axis more in front, of the input and of all that has to do with it, is a batch, for a name in the catalogue.
    `sizes` are those that no operand has, such as a stride. Raises WrongSize, an AssertionError; NotationError or
    LayerError for what is no layer, or not one of such arrays.

    >>> assert_sizes("conv2d", X=(3, 9, 9), F=(8, 3, 2, 2), Y=(8, 8, 8), dX=(3, 9, 9))
    """
    __tracebackhide__ = True
    given = {**(arrays or {}), **named}
    try:
        complaint = complaints(like, {name: _shape(name, one) for name, one in given.items()}, sizes or {})
    except GradcheckError as error:
        raise error.with_traceback(None) from None
    if complaint:
        rerun = rerun_here()
        raise WrongSize(complaint + (f"\nrerun: {rerun}" if rerun else ""))


def _shape(name: str, array: Any) -> tuple[int, ...]:
    """The shape of an array; or the shape that was given in its place."""
    try:
        return tuple(int(n) for n in getattr(array, "shape", array))
    except (TypeError, ValueError):
        raise LayerError(f"{name} is {array!r}: expected an array, or its shape") from None


def _compared(f: Any, inputs: Sequence[Any], like: str | None, seed: int, options: Mapping[str, Any]) -> Comparison:
    method = {"method": "full"} if like else {}  # which compares the output as well
    return check(f, *inputs, like=like, seed=seed, **{**method, **options})


def _examined(target: Any, like: str | None, seed: int, options: Mapping[str, object]) -> Examination | Comparison:
    words = [word for name, value in options.items() for word in ("--set", f"{name}={value}")]
    words += ["--like", like] if like else []
    with at_hand(target) as (found, name):
        said = Said(options=options, like=said_like(like) if like else None, words=tuple(words))
        return find_out(found, name, said, seed=seed)
