"""What was found out about the gradients of a function, as frozen values, and the one property that judges it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from gradcheck.findings import Fault, Notice

Status = Literal["right", "wrong", "unresolved", "zero"]


@dataclass(frozen=True, slots=True)
class Gradient:
    """One gradient (or the output, named y): what it was compared with, and where it is wrong.

    `elements` were compared one by one. Where the function was compared with differences along random
    directions, the one that says most is kept: the derivative by the gradient, by differences, and the
    estimated error. "unresolved" is an error that hides everything, "zero" that both were nothing but 0.
    `role` is that of a layer's array, where it is one.
    """

    name: str
    status: Status
    elements: int = 0
    by_gradient: float | None = None
    by_differences: float | None = None
    error: float | None = None
    fault: Fault | None = None
    role: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How it was found: `method` is what was looked at last; `why` says why no stronger one was possible.

    `chance` bounds how likely a gradient that is wrong at the points drawn passes `trials` exact trials,
    `elsewhere` how likely a polynomial one that is wrong is right there; `passes` are forward passes,
    `bits` those of the random numbers in each input and, last, in the cotangent.
    """

    method: Literal["shapes", "contracts", "output", "probe", "full", "differences"]
    trials: int = 0
    chance: float | None = None
    elsewhere: float | None = None
    bits: tuple[int, ...] = ()
    passes: int = 0
    proved: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that was found out about the gradients of one function; `words` says it, and `rerun` how to see it again."""

    function: str
    library: str
    dtype: str
    seed: int
    evidence: Evidence
    gradients: tuple[Gradient, ...]
    notices: tuple[Notice, ...] = ()
    rerun: str = ""
    words: Callable[["Comparison"], str] = field(default=repr, repr=False, compare=False)

    @property
    def verdict(self) -> Literal["verified", "refuted", "incomplete"]:
        """Refuted by any wrong gradient or notice; verified if all were resolved, and not all of them nothing but 0."""
        found = {gradient.status for gradient in self.gradients}
        if "wrong" in found or any(notice.refutes for notice in self.notices):
            return "refuted"
        return "verified" if "right" in found and "unresolved" not in found else "incomplete"

    @property
    def cause(self) -> str | None:
        """The id of the likeliest mistake, where one was found (gradcheck.report.causes has its words)."""
        faults = (gradient.fault for gradient in self.gradients)
        return next((cause.id for fault in faults if fault for cause in fault.causes), None)

    def __bool__(self) -> bool:
        """Whether all was verified, so that `assert check(...)` says what it means."""
        return self.verdict == "verified"

    def __str__(self) -> str:
        return self.words(self)
