"""What a claim can say: a shape, an identity of sizes, or a formula for a tensor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gradcheck.errors import Untestable
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import ONE, Expr, Int, Sym, evaluate, folded
from gradcheck.notation.arrays import Array, Ref
from gradcheck.notation.sums import Chain, Sized


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """left <= right, left < right or left = right, for all the integers that the claims speak of.

    Over the integers each of them says low <= high, or low = high where `equal`.
    """

    left: Expr
    sign: Literal["<=", "<", "="]
    right: Expr
    low: Expr = field(init=False)
    high: Expr = field(init=False)

    def __post_init__(self) -> None:
        low, high = folded(self.left + ONE if self.sign == "<" else self.left), folded(self.right)
        if self.equal and isinstance(high, Int):
            low, high = high, low
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    def __str__(self) -> str:
        return f"{self.left} {self.sign} {self.right}"

    @property
    def equal(self) -> bool:
        return self.sign == "="

    def holds(self, at: Mapping[str, int]) -> bool:
        """Whether it is true where the symbols have these values."""
        low, high = evaluate(self.low, at), evaluate(self.high, at)
        return bool(low == high if self.equal else low <= high)


def least(layer: Layer, name: str, where: Sequence[Hypothesis]) -> int:
    """The least value of a size: that of the layer, unless a hypothesis gives another number."""
    given = [h.low.value for h in where if h.high == Sym(name) and isinstance(h.low, Int)]
    return max(given, default=layer.least(name))


def untestable(where: Sequence[Hypothesis]) -> Untestable:
    """What to say of hypotheses that no small sizes satisfy."""
    texts = ", ".join(map(str, where))
    return Untestable(f"no small sizes satisfy the hypotheses {texts}: nothing would be tested")


@dataclass(frozen=True, slots=True)
class Measure:
    """A size read off an array.

    side(A): the size of every axis of A; depth(A): the size of its first axis;
    padding(dX): how far the windows of the cotangent that make up the gradient dX reach beyond
    it, on every side of every axis along which they slide.
    """

    kind: str
    array: Array

    def __str__(self) -> str:
        return f"{self.kind}({self.array})"


Quantity = Expr | Measure


@dataclass(frozen=True, slots=True)
class Shape:
    """Each array has the sizes given."""

    of: tuple[tuple[Array, tuple[Expr, ...]], ...]

    def __str__(self) -> str:
        return ", ".join(str(Sized(array, sizes)) for array, sizes in self.of)


@dataclass(frozen=True, slots=True)
class Identity:
    """All quantities of the chain are equal."""

    chain: tuple[Quantity, ...]

    def __str__(self) -> str:
        return str(Chain(self.chain))


@dataclass(frozen=True, slots=True)
class Formula:
    """The tensor on the left equals the array on the right, for every value of the free indices."""

    left: Ref
    right: Array

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"


Statement = Shape | Identity | Formula


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement, where the document makes it, and what it prints instead where that differs.

    `where` are hypotheses of this claim alone; `printed_where` those of them that the document
    itself states, when that is not all. `line` is where it stands in its file.
    """

    id: str
    section: str
    statement: Statement
    printed: Statement | None = None
    where: tuple[Hypothesis, ...] = ()
    printed_where: tuple[Hypothesis, ...] | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Document:
    """A claims file: the layer, the hypotheses on its sizes, and the claims in the document's order.

    `printed_where` are the hypotheses that the document itself states, when that is not `where`.
    """

    title: str
    layer: Layer
    where: tuple[Hypothesis, ...]
    claims: tuple[Claim, ...]
    printed_where: tuple[Hypothesis, ...] | None
    source: str

    def assumed(self, claim: Claim) -> tuple[Hypothesis, ...]:
        """All the hypotheses under which a claim is made."""
        return (*self.where, *claim.where)
