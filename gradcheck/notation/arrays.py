"""Array formulas: X[i], pad, rot180, valid corr and conv, sum over an index.

What each means, for an array A of sides S and a kernel K of sides T:

    pad(A, c)[x]    = A[x - c], zero outside A;     side S + 2c  (c < 0 crops)
    rot180(A)[x]    = A[S - 1 - x];                 side S
    corr(A, K)[x]   = sum_u A[x + u] K[u];          side S - T + 1
    conv(A, K)[x]   = sum_u A[x + T - 1 - u] K[u];  side S - T + 1
    star(A, K)      = a printed star of which it is not said whether it is corr or conv
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from gradcheck.errors import NotationError
from gradcheck.notation.arithmetic import Expr, parse_size
from gradcheck.notation.scanner import Scanner, misplaced, suggestion

FUNCTIONS = ("pad", "rot180", "corr", "conv", "star", "sum")


@dataclass(frozen=True, slots=True)
class Ref:
    """A tensor with its leading axes indexed: X, or F[j,i]; the other axes stay."""

    tensor: str
    at: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.tensor}[{','.join(self.at)}]" if self.at else self.tensor


@dataclass(frozen=True, slots=True)
class Pad:
    """An array with `amount` zeros added on every side of every axis (removed where negative)."""

    array: "Array"
    amount: Expr

    def __str__(self) -> str:
        return f"pad({self.array}, {self.amount})"


@dataclass(frozen=True, slots=True)
class Rot180:
    """An array reversed along every axis."""

    array: "Array"

    def __str__(self) -> str:
        return f"rot180({self.array})"


@dataclass(frozen=True, slots=True)
class Slide:
    """A kernel slid over the valid positions of a signal; op is "corr", "conv" or "star"."""

    op: str
    signal: "Array"
    kernel: "Array"

    def __str__(self) -> str:
        return f"{self.op}({self.signal}, {self.kernel})"


@dataclass(frozen=True, slots=True)
class SumOver:
    """The sum of an array over all values of one index."""

    index: str
    array: "Array"

    def __str__(self) -> str:
        return f"sum({self.index}, {self.array})"


Array = Ref | Pad | Rot180 | Slide | SumOver


def parts(array: Array) -> tuple[Array, ...]:
    """The arrays that `array` is made from."""
    match array:
        case Pad(inner, _) | Rot180(inner) | SumOver(_, inner):
            return (inner,)
        case Slide(_, signal, kernel):
            return (signal, kernel)
    return ()


def walk(array: Array) -> Iterator[Array]:
    """`array` and everything inside it, outermost first."""
    yield array
    for part in parts(array):
        yield from walk(part)


@cache
def free_indices(array: Array) -> tuple[str, ...]:
    """The indices in `array` that no sum binds, in the order in which they are written."""
    match array:
        case Ref(_, at):
            return tuple(dict.fromkeys(at))
        case SumOver(index, inner):
            return tuple(name for name in free_indices(inner) if name != index)
        case Pad(inner, _) | Rot180(inner):
            return free_indices(inner)
        case Slide(_, signal, kernel):
            return tuple(dict.fromkeys((*free_indices(signal), *free_indices(kernel))))


def reread(array: Array, old: str, new: str) -> Array:
    """`array` with every slide of kind `old` read as `new`, say "corr" as "conv"."""
    match array:
        case Pad(inner, amount):
            return Pad(reread(inner, old, new), amount)
        case Rot180(inner):
            return Rot180(reread(inner, old, new))
        case Slide(op, signal, kernel):
            return Slide(new if op == old else op, reread(signal, old, new), reread(kernel, old, new))
        case SumOver(index, inner):
            return SumOver(index, reread(inner, old, new))
    return array


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


def parse_array(scanner: Scanner) -> Array:
    """An array formula, such as corr(pad(dY[j], m - 1), rot180(F[j,i]))."""
    place = scanner.next
    name = scanner.name("a tensor or a function")
    if not scanner.sees("("):
        return Ref(name, _indices(scanner))
    if name not in FUNCTIONS:
        raise NotationError(f"unknown function '{name}'{suggestion(name, FUNCTIONS)}", scanner.text, place.place)
    scanner.open("(")
    array = _call(name, scanner)
    scanner.close(")")
    return array


def _call(name: str, scanner: Scanner) -> Array:
    if name == "sum":
        index = scanner.name("an index to sum over")
        scanner.expect(",")
        return SumOver(index, parse_array(scanner))
    array = parse_array(scanner)
    if name == "rot180":
        return Rot180(array)
    scanner.expect(",")
    if name == "pad":
        return Pad(array, parse_size(scanner))
    return Slide(name, array, parse_array(scanner))


def _indices(scanner: Scanner) -> tuple[str, ...]:
    if not scanner.sees("["):
        return ()
    scanner.open("[")
    names = [scanner.name("an index")]
    while scanner.accept(","):
        names.append(scanner.name("an index"))
    scanner.close("]")
    return tuple(names)
