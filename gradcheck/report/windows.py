"""Windows drawn from an equation at given sizes: which squares of which tensors meet in one entry."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, product
from string import ascii_letters

from gradcheck.claims.small_sizes import small_sizes
from gradcheck.evidence import Basis
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import ZERO, Expr, Int, evaluate, symbols
from gradcheck.notation.sums import Equation, Read
from gradcheck.report.document import Cell, Grid, Text
from gradcheck.report.formula import Formula, Number, listed
from gradcheck.report.typeset import Typesetter

Point = Mapping[str, int]
Drawn = tuple[int, ...]  # the axes of a tensor that a grid shows: one or two

MAX_TRIED = 3_000
READABLE = 9  # squares along an axis


def readable_sizes(basis: Basis) -> dict[str, int] | None:
    """Small sizes at which the grids can be told apart: sides of at least 3 and all different, if there are such.

    None where every grid that is small enough would be empty.
    """
    sides = [side for e in basis.derivations for side in _sides(basis, e.windows)]
    for least, distinct in ((3, True), (2, True), (2, False), (1, False)):
        for sizes in islice(small_sizes(basis.layer, basis.hypotheses), MAX_TRIED):
            values = {str(e): evaluate(e, sizes) for e in sides}
            apart = not distinct or len(set(values.values())) == len(values)
            if apart and values and least <= min(values.values()) and max(values.values()) <= READABLE:
                return sizes
    return None


def _sides(basis: Basis, windows: Equation) -> list[Expr]:
    """The sizes of the axes that the grids of an equation show."""
    found = []
    for read in windows.reads:
        shape = shape_of(basis, read.tensor)
        pads = read.pad or ((ZERO, ZERO),) * len(shape)
        found += [
            shape[axis] if pads[axis] == (ZERO, ZERO) else shape[axis] + pads[axis][0] + pads[axis][1]
            for axis in drawn_axes(basis.layer, windows, read)
        ]
    return found


def shape_of(basis: Basis, tensor: str) -> tuple[Expr, ...]:
    """The sizes of an operand, of the output or of its cotangent."""
    layer = basis.layer
    if tensor in layer.operands:
        return layer.shapes[layer.operands.index(tensor)]
    return basis.derivations[0].sizes


def drawn_axes(layer: Layer, windows: Equation, read: Read) -> Drawn:
    """The last two axes along which a window moves; the last two of all where none does."""
    indices = {r.index for r in (*windows.free, *windows.over)}
    moving: set[str] = set()
    for other in windows.reads:
        for e in other.at:
            own = indices & set(symbols(e))
            moving |= own if len(own) > 1 else set()
    axes = [axis for axis, e in enumerate(read.at) if moving & set(symbols(e))]
    return tuple((axes or list(range(len(read.at))))[-2:])


def window_grids(basis: Basis, windows: Equation, sizes: Mapping[str, int]) -> tuple[Grid, ...]:
    """A grid for each tensor that one entry is made from, and one for the entry; equal letters are multiplied.

    Indices that no grid shows are kept in the middle of their range.
    """
    typesetter = Typesetter(basis.layer)
    drawn = {read.tensor: drawn_axes(basis.layer, windows, read) for read in (*windows.reads, windows.left)}
    points = list(_points(windows, drawn, sizes))
    grids = [_operand_grid(basis, typesetter, read, drawn[read.tensor], points, sizes) for read in windows.reads]
    return (*grids, _result_grid(typesetter, windows, drawn[windows.left.tensor], points[0], sizes))


def _points(windows: Equation, drawn: Mapping[str, Drawn], sizes: Point) -> Iterator[dict[str, int]]:
    """The points of the sum that the grids show, for one entry next to the corner."""
    shown = {
        n for read in (*windows.reads, windows.left) for axis in drawn[read.tensor] for n in symbols(read.at[axis])
    }
    fixed = {}
    for r in windows.free:
        last = evaluate(r.high, sizes)
        fixed[r.index] = min(1, last) if r.index in shown else last // 2
    for r in windows.over:
        if r.index not in shown:
            fixed[r.index] = (evaluate(r.low, sizes) + evaluate(r.high, sizes)) // 2
    moving = [r for r in windows.over if r.index in shown]
    for point in product(*(range(evaluate(r.low, sizes), evaluate(r.high, sizes) + 1) for r in moving)):
        yield {**sizes, **fixed, **{r.index: n for r, n in zip(moving, point, strict=True)}}


def _operand_grid(
    basis: Basis, typesetter: Typesetter, read: Read, drawn: Drawn, points: Sequence[Point], sizes: Point
) -> Grid:
    shape = shape_of(basis, read.tensor)
    pads = [(evaluate(a, sizes), evaluate(b, sizes)) for a, b in read.pad] or [(0, 0)] * len(shape)
    sides = [evaluate(e, sizes) + before + after for e, (before, after) in zip(shape, pads, strict=True)]
    letters: dict[tuple[int, ...], str] = {}
    for n, point in enumerate(points):
        at = tuple(evaluate(read.at[axis], point) for axis in drawn)
        letters.setdefault(at, ascii_letters[n % len(ascii_letters)])

    def cell(*at: int) -> Cell:
        inside = all(pads[axis][0] <= x < sides[axis] - pads[axis][1] for axis, x in zip(drawn, at, strict=True))
        if at in letters:
            return Cell("read" if inside else "zero read", letters[at])
        return Cell("plain") if inside else Cell("zero", "0")

    fixed = [Int(evaluate(e, points[0])) for e in read.at]
    title = typesetter.read(Read(read.tensor, tuple(fixed[: drawn[0]]), read.pad))
    rows = _rows([sides[axis] for axis in drawn], cell)
    return Grid(_titled(title, [sides[axis] for axis in drawn]), rows)


def _result_grid(typesetter: Typesetter, windows: Equation, drawn: Drawn, point: Point, sizes: Point) -> Grid:
    sides = [evaluate(r.high, sizes) + 1 for r in windows.free]
    entry = tuple(point[r.index] for r in windows.free)
    shown = tuple(entry[axis] for axis in drawn)
    rows = _rows([sides[axis] for axis in drawn], lambda *at: Cell("written" if at == shown else "plain"))
    title = typesetter.read(Read(windows.left.tensor, tuple(Int(n) for n in entry[: drawn[0]])))
    return Grid(_titled(title, [sides[axis] for axis in drawn]), rows)


def _rows(sides: Sequence[int], cell: Callable[..., Cell]) -> tuple[tuple[Cell, ...], ...]:
    if len(sides) == 1:
        return (tuple(cell(x) for x in range(sides[0])),)
    return tuple(tuple(cell(y, x) for x in range(sides[1])) for y in range(sides[0]))


def _titled(title: Formula, sides: Sequence[int]) -> Text:
    return (title, ": ", listed("x", [Number(side) for side in sides]))
