"""Index notation: sums of products of reads over boxes of integers, the statements of every proof."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Int, Op
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


Pair = tuple[Expr, Expr]


@dataclass(frozen=True, slots=True)
class Read:
    """One entry of a tensor, or of what zeros make of it.

    With `dilation`, zeros are first inserted between entries, so that they stand so many places
    apart, for each axis; with `pad`, so many zeros are then added (before, after), or entries
    removed where that is negative.
    """

    tensor: str
    at: tuple[Expr, ...]
    pad: tuple[Pair, ...] = ()
    dilation: tuple[Expr, ...] = ()

    @property
    def axes(self) -> tuple[tuple[Expr, Expr, Pair], ...]:
        """For each axis the index, the dilation and the padding."""
        ones, zeros = (ONE,) * len(self.at), ((ZERO, ZERO),) * len(self.at)
        return tuple(zip(self.at, self.dilation or ones, self.pad or zeros, strict=True))

    @property
    def zeros(self) -> tuple[Expr, ...]:
        """All amounts of zeros, inserted and added."""
        return (*self.dilation, *(e for pair in self.pad for e in pair))

    @property
    def bare(self) -> bool:
        """Whether it reads the tensor as it is."""
        return not self.pad and not self.dilation

    def __str__(self) -> str:
        name = self.tensor
        if self.dilation:
            name = f"dilate({name}, {_amounts([(d,) for d in self.dilation], (ONE,))})"
        if self.pad:
            name = f"pad({name}, {_amounts(self.pad, (ZERO, ZERO))})"
        comma = ", " if any(isinstance(e, Op) for e in self.at) else ","
        return f"{name}[{comma.join(map(str, self.at))}]" if self.at else name


def read_as(tensor: str, at: tuple[Expr, ...], pad: Sequence[Pair], dilation: Sequence[Expr]) -> Read:
    """The read with padding and dilation left out where there is none on any axis."""
    padded, dilated = any(pair != (ZERO, ZERO) for pair in pad), any(d != ONE for d in dilation)
    return Read(tensor, at, tuple(pad) if padded else (), tuple(dilation) if dilated else ())


def extent(size: Expr, dilation: Expr, pad: Pair) -> Expr:
    """How many entries an axis of this size (at least 1) has with zeros inserted and added."""
    whole = size if dilation == ONE else dilation * (size - ONE) + ONE
    return whole if pad == (ZERO, ZERO) else whole + pad[0] + pad[1]


def _amounts(axes: Sequence[tuple[Expr, ...]], none: tuple[Expr, ...]) -> str:
    """The amounts for all axes that have any; where they differ, for each axis in brackets."""
    some = [axis for axis in axes if axis != none]
    told = [", ".join(map(str, axis[:1] if len(set(axis)) == 1 else axis)) for axis in some]
    return told[0] if len(set(some)) == 1 else ", ".join(f"({axis})" for axis in told)


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
    return replace(read, at=tuple(map(f, read.at)))


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
