"""What was found out about a target, as frozen values, and the one property that judges it."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["right", "wrong", "consistent", "not given"]


@dataclass(frozen=True, slots=True)
class Cause:
    """A mistake that gives exactly what the target gave, on every layer: its id, and which variant of it."""

    id: str
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a result is wrong: sizes, shapes, the first entry that differs, and what the error looks like.

    `causes` are the mistakes that explain it, the likeliest first; `structure` says what the error
    looks like where none does, `map` is how many entries are wrong at each position of the last
    two axes.
    """

    sizes: str
    shape: tuple[int, ...] | None
    expected: tuple[int, ...]
    entry: tuple[int, ...] = ()
    got: float | None = None
    should: float | None = None
    wrong: int = 0
    causes: tuple[Cause, ...] = ()
    structure: tuple[str, ...] = ()
    map: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One array of the target on all layers: the output y, or the gradient of x, w or b, and its name.

    `elements` were compared with what the layer's line of notation gives, `differences` with
    finite differences of the target's own forward. "consistent" is a gradient that matches its own
    forward, where that forward is wrong; `convention` is a deviation that is no error, in words.
    """

    role: str
    name: str
    status: Status
    elements: int
    differences: int
    source: str = ""
    fault: Fault | None = None
    convention: Cause | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something besides shapes and values; `refutes` where it is an error, `role` whose gradient it is about.

    `sizes` are those at which it was seen.
    """

    id: str
    text: str
    refutes: bool
    role: str = ""
    sizes: str = ""

    @property
    def told(self) -> str:
        """The text, with the sizes."""
        return f"{self.text}, at {self.sizes}" if self.sizes else self.text


@dataclass(frozen=True, slots=True)
class Examination:
    """All that was found out about one target in one run.

    `options` are the words of the command line that it was run with, `found` the conventions, as
    (what, how); `unsupported` the sizes that it does not accept, each with what it said; `blind`
    the mistakes that the accepted sizes could not have revealed (None: not looked for).
    """

    target: str
    kind: str
    file: str
    line: int
    seed: int
    options: tuple[str, ...]
    layer: str
    found: tuple[tuple[str, str], ...]
    results: tuple[Result, ...]
    notices: tuple[Notice, ...]
    unsupported: tuple[tuple[str, str], ...]
    blind: tuple[tuple[str, str], ...] | None
    layers: int

    @property
    def verdict(self) -> Literal["verified", "refuted", "incomplete"]:
        """Refuted by any wrong array or notice; verified only when every gradient is right.

        The input's may be missing: a first layer has no use for it.
        """
        if any(r.status == "wrong" for r in self.results) or any(n.refutes for n in self.notices):
            return "refuted"
        undecided = [r for r in self.results if r.status == "consistent" or (r.status == "not given" and r.role != "x")]
        compared = [r for r in self.results if r.status == "right" and r.role != "y"]
        return "verified" if compared and not undecided else "incomplete"
