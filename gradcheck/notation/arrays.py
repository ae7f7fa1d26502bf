"""Array formulas: X[i], pad, crop, dilate, rot180, valid corr and conv, sum over an index.

What each means, for an array A of sides S and a kernel K of sides T:

    pad(A, b, c)[x]    = A[x - b], zero outside A;              side S + b + c  (negative ones crop)
    pad(A, c)          = pad(A, c, c)
    crop(A, b, c)      = pad(A, -b, -c)
    dilate(A, s)[s*x]  = A[x], zero at all other places;        side s*(S - 1) + 1
    rot180(A)[x]       = A[S - 1 - x];                          side S
    corr(A, K)[x]      = sum_u A[x + u] K[u];                   side S - T + 1
    conv(A, K)[x]      = sum_u A[x + T - 1 - u] K[u];           side S - T + 1
    corr(A, K, stride=s, dilation=d)[x] = corr(A, dilate(K, d))[s*x], and conv likewise
    star(A, K)         = a printed star of which it is not said whether it is corr or conv
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from gradcheck.notation.arithmetic import ONE, Expr
from gradcheck.notation.scanner import misplaced, suggestion

SLIDES = ("corr", "conv", "star")
FUNCTIONS = ("pad", "crop", "dilate", "rot180", *SLIDES, "sum")


@dataclass(frozen=True, slots=True)
class Ref:
    """A tensor with its leading axes indexed: X, or F[j,i]; the other axes stay."""

    tensor: str
    at: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.tensor}[{','.join(self.at)}]" if self.at else self.tensor


@dataclass(frozen=True, slots=True)
class Pad:
    """An array with zeros added before and after on every axis (entries removed where negative)."""

    array: "Array"
    before: Expr
    after: Expr

    def __str__(self) -> str:
        return f"pad({self.array}, {_amounts(self.before, self.after)})"


@dataclass(frozen=True, slots=True)
class Crop:
    """An array with entries removed before and after on every axis (zeros added where negative)."""

    array: "Array"
    before: Expr
    after: Expr

    def __str__(self) -> str:
        return f"crop({self.array}, {_amounts(self.before, self.after)})"


def _amounts(before: Expr, after: Expr) -> str:
    return str(before) if before == after else f"{before}, {after}"


@dataclass(frozen=True, slots=True)
class Dilate:
    """An array with zeros between its entries, which then stand `by` places apart on every axis."""

    array: "Array"
    by: Expr

    def __str__(self) -> str:
        return f"dilate({self.array}, {self.by})"


@dataclass(frozen=True, slots=True)
class Rot180:
    """An array reversed along every axis."""

    array: "Array"

    def __str__(self) -> str:
        return f"rot180({self.array})"


@dataclass(frozen=True, slots=True)
class Slide:
    """A kernel slid over the valid positions of a signal; op is "corr", "conv" or "star".

    One position in `stride` is taken, and the kernel's entries lie `dilation` places apart.
    """

    op: str
    signal: "Array"
    kernel: "Array"
    stride: Expr = ONE
    dilation: Expr = ONE

    def __str__(self) -> str:
        named = {"stride": self.stride, "dilation": self.dilation}
        options = "".join(f", {name}={e}" for name, e in named.items() if e != ONE)
        return f"{self.op}({self.signal}, {self.kernel}{options})"


@dataclass(frozen=True, slots=True)
class SumOver:
    """The sum of an array over all values of one index."""

    index: str
    array: "Array"

    def __str__(self) -> str:
        return f"sum({self.index}, {self.array})"


Array = Ref | Pad | Crop | Dilate | Rot180 | Slide | SumOver


def parts(array: Array) -> tuple[Array, ...]:
    """The arrays that `array` is made from."""
    match array:
        case Ref():
            return ()
        case Slide(_, signal, kernel):
            return (signal, kernel)
    return (array.array,)


def amounts(array: Array) -> tuple[Expr, ...]:
    """The sizes that `array` itself names, not those inside its parts."""
    match array:
        case Pad(_, before, after) | Crop(_, before, after):
            return (before, after)
        case Dilate(_, by):
            return (by,)
        case Slide():
            return (array.stride, array.dilation)
    return ()


def walk(array: Array) -> Iterator[Array]:
    """`array` and everything inside it, outermost first."""
    yield array
    for part in parts(array):
        yield from walk(part)


def rebuilt(array: Array, f: Callable[[Array], Array]) -> Array:
    """`array` with `f` applied to each of the arrays that it is made from."""
    match array:
        case Ref():
            return array
        case Slide():
            return replace(array, signal=f(array.signal), kernel=f(array.kernel))
    return replace(array, array=f(array.array))


@cache
def free_indices(array: Array) -> tuple[str, ...]:
    """The indices in `array` that no sum binds, in the order in which they are written."""
    if isinstance(array, Ref):
        return tuple(dict.fromkeys(array.at))
    inside = dict.fromkeys(name for part in parts(array) for name in free_indices(part))
    return tuple(name for name in inside if not (isinstance(array, SumOver) and name == array.index))


def reread(array: Array, old: str, new: str) -> Array:
    """`array` with every slide of kind `old` read as `new`, say "corr" as "conv"."""
    inner = rebuilt(array, lambda part: reread(part, old, new))
    return replace(inner, op=new) if isinstance(inner, Slide) and inner.op == old else inner


def axis_of(index: str, arrays: Sequence[Array]) -> tuple[str, int]:
    """The first tensor in `arrays` that an index subscripts, and the axis that it stands for there."""
    refs = (part for array in arrays for part in walk(array) if isinstance(part, Ref))
    ref = next(ref for ref in refs if index in ref.at)
    return ref.tensor, ref.at.index(index)


def rank(array: Array, ranks: dict[str, int], text: str) -> int:
    """How many axes `array` has; raises NotationError for an unknown tensor or axes that do not fit."""
    match array:
        case Ref(tensor, at):
            if tensor not in ranks:
                raise misplaced(f"unknown tensor '{tensor}'{suggestion(tensor, ranks)}", text, tensor)
            if len(at) > ranks[tensor]:
                raise misplaced(f"'{array}' has {len(at)} indices, but {tensor} has {ranks[tensor]} axes", text, tensor)
            return ranks[tensor] - len(at)
        case Slide(op, signal, kernel):
            axes = rank(signal, ranks, text), rank(kernel, ranks, text)
            if axes[0] != axes[1]:
                raise misplaced(
                    f"{op} needs two arrays of one rank: '{signal}' has {axes[0]} axes, '{kernel}' has {axes[1]}",
                    text,
                    op,
                )
            return axes[0]
    return rank(parts(array)[0], ranks, text)
