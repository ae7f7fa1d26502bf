"""Index notation: sums of products of reads over boxes of integers, the statements of every proof."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gradcheck.notation.arithmetic import Expr, Int, Op
from gradcheck.notation.arrays import Array
from gradcheck.notation.phrase import Phrase, joined, phrase


@dataclass(frozen=True, slots=True)
class Range:
    """low <= index <= high, both included."""

    index: str
    low: Expr
    high: Expr

    def __str__(self) -> str:
        return f"{self.low} <= {self.index} <= {self.high}"


@dataclass(frozen=True, slots=True)
class Bounds:
    """low <= value <= high, as it is said of an index expression."""

    low: Expr
    value: Expr
    high: Expr

    def __str__(self) -> str:
        return f"{self.low} <= {self.value} <= {self.high}"


@dataclass(frozen=True, slots=True)
class Read:
    """One entry of a tensor; with `pad`, of the tensor padded by so many zeros (before, after) per axis."""

    tensor: str
    at: tuple[Expr, ...]
    pad: tuple[tuple[Expr, Expr], ...] = ()

    def __str__(self) -> str:
        name = f"pad({self.tensor})" if self.pad else self.tensor
        comma = ", " if any(isinstance(e, Op) for e in self.at) else ","
        return f"{name}[{comma.join(map(str, self.at))}]" if self.at else name


@dataclass(frozen=True, slots=True)
class Delta:
    """The Kronecker delta [left = right]: 1 where they are equal, else 0."""

    left: Expr
    right: Expr

    def __str__(self) -> str:
        return f"[{self.left} = {self.right}]"


@dataclass(frozen=True, slots=True)
class Guard:
    """The Iverson bracket [low <= value <= high]: 1 where it holds, else 0."""

    low: Expr
    value: Expr
    high: Expr

    def __str__(self) -> str:
        return f"[{self.low} <= {self.value} <= {self.high}]"


Condition = Delta | Guard


@dataclass(frozen=True, slots=True)
class Equation:
    """left = sum over `over` of the conditions times the product of `reads`, for every `free` index.

    An index on the left that is neither free nor plain is written through: several points of
    `over` add to one entry (the scatter form of a gradient).
    """

    left: Read
    free: tuple[Range, ...]
    over: tuple[Range, ...]
    where: tuple[Condition, ...]
    reads: tuple[Read, ...]

    def __str__(self) -> str:
        over = f"sum_{{{','.join(r.index for r in self.over)}}} " if self.over else ""
        return f"{self.left} = {over}{' '.join(map(str, (*self.where, *self.reads)))}"


def on_read(read: Read, f: Callable[[Expr], Expr]) -> Read:
    """The read with `f` applied to each of its indices."""
    return Read(read.tensor, tuple(map(f, read.at)), read.pad)


def on_condition(condition: Condition, f: Callable[[Expr], Expr]) -> Condition:
    """The condition with `f` applied to each of its expressions."""
    match condition:
        case Delta(left, right):
            return Delta(f(left), f(right))
        case Guard(low, value, high):
            return Guard(f(low), f(value), f(high))


@dataclass(frozen=True, slots=True)
class Sized:
    """What is said of the sizes of an array, one for each axis."""

    array: Array
    sizes: tuple[Expr, ...]

    def __str__(self) -> str:
        return f"{self.array}: {by(self.sizes)}"


@dataclass(frozen=True, slots=True)
class Dimensions:
    """The sizes of an array as they are said: k x (n - m + 1)."""

    sizes: tuple[Expr, ...]

    def __str__(self) -> str:
        return " x ".join(f"({e})" if isinstance(e, Op) else str(e) for e in self.sizes) or "a number"


def by(sizes: Sequence[Expr | int]) -> Dimensions:
    """Sizes, symbolic or measured, as the dimensions of an array."""
    return Dimensions(tuple(Int(int(e)) if not isinstance(e, Expr) else e for e in sizes))


@dataclass(frozen=True, slots=True)
class Chain:
    """a = b = c: what is said of sizes, or of arrays."""

    links: tuple[object, ...]

    def __str__(self) -> str:
        return " = ".join(map(str, self.links))


@dataclass(frozen=True, slots=True)
class Expansion:
    """One entry written out: `entry` is the sum of so many times each product of entries."""

    entry: Read
    terms: tuple[tuple[int, tuple[Read, ...]], ...]

    def __str__(self) -> str:
        told = (" ".join([str(n)] * (n != 1) + [str(read) for read in reads]) for n, reads in self.terms)
        return f"{self.entry} = {' + '.join(told) or '0'}"


def told(numbers: Sequence[int]) -> Phrase:
    """Several values of what should be one: 3 and 4."""
    return joined(" and ", [phrase(Int(n)) for n in dict.fromkeys(numbers)])


Statement = Equation | Range | Sized | Chain | Expansion
