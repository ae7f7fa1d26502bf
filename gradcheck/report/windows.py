"""Windows drawn from an equation at given sizes: which squares of which tensors meet in one entry."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, product
from string import ascii_letters

from gradcheck.claims.small_sizes import small_sizes
from gradcheck.evidence import Basis, Derivation
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import ZERO, Expr, evaluate, symbols
from gradcheck.notation.sums import Equation, Range, Read
from gradcheck.report.document import Cell, Grid, Text
from gradcheck.report.formula import Formula, Letter, Number, listed
from gradcheck.report.theorems import sizes_set
from gradcheck.report.typeset import COMMA, Typesetter, moving

Point = Mapping[str, int]
Drawn = tuple[int, ...]  # the axes of a tensor that a grid shows: one or two

MAX_TRIED = 1_500
READABLE = 9  # squares along an axis


def readable_sizes(basis: Basis) -> list[dict[str, int] | None]:
    """Small sizes for the figures of each derivation: the same for all, if there are such, else its own.

    Sides of at least 3 and all different are preferred, so that grids can be told apart. None
    where no sizes that are tried give grids that can be read.
    """
    windows = [derivation.windows for derivation in basis.derivations]
    tried = list(islice(small_sizes(basis.layer, basis.hypotheses), MAX_TRIED))
    common = _readable(basis, windows, tried)
    return [common if common is not None else _readable(basis, [own], tried) for own in windows]


def _readable(basis: Basis, windows: Sequence[Equation], tried: Sequence[dict[str, int]]) -> dict[str, int] | None:
    sides = list(dict.fromkeys(side for equation in windows for side in _sides(basis, equation)))
    measured = [(sizes, [evaluate(e, sizes) for e in sides]) for sizes in tried]
    small = [(sizes, found) for sizes, found in measured if found and max(found) <= READABLE]
    for least, distinct in ((3, True), (2, True), (2, False), (1, False)):
        for sizes, found in small:
            apart = not distinct or len(set(found)) == len(found)
            if apart and least <= min(found) and all(_drawable(basis, own, sizes) for own in windows):
                return sizes
    return None


def _drawable(basis: Basis, windows: Equation, sizes: Point) -> bool:
    """Whether there is an entry to show, and a letter for each point that the grids show of it."""
    some = all(values(r, sizes) for r in windows.free)
    return some and len(list(_points(basis, windows, sizes))) <= len(ascii_letters)


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
    moved = moving(windows.reads, [r.index for r in (*windows.free, *windows.over)])
    axes = [axis for axis, e in enumerate(read.at) if moved & set(symbols(e))]
    return tuple((axes or list(range(len(read.at))))[-2:])


def windows_drawn(basis: Basis, derived: Derivation, sizes: Mapping[str, int]) -> tuple[tuple[Grid, ...], Text]:
    """The grids of a derivation at given sizes, and what they show."""
    grids = window_grids(basis, derived.windows, sizes)
    shown = {name: n for name, n in sizes.items() if n > 1} or sizes
    at: Text = (" at ", *sizes_set(tuple(shown.items()))) if shown else ()
    told = ": squares with equal letters are multiplied, and the products added"
    over = [Letter(r.index) for r in _pinned(basis.layer, derived.windows) if len(values(r, sizes)) > 1]
    others: Text = (", as are those for every other ", listed(COMMA, over)) if over else ()
    cells = [cell for grid in grids for row in grid.rows for cell in row]
    shared = any(cell.kind.endswith("read") and not cell.text for cell in cells)
    several = " A coloured square without a letter is a factor of several products." if shared else ""
    zeros = " Grey squares are the zeros of the padding." if any("zero" in cell.kind for cell in cells) else ""
    entry = ("One entry of ", Typesetter(basis.layer).tensor(derived.tensor), *at, told)
    return grids, (*entry, *others, f".{several}{zeros}")


def values(r: Range, sizes: Point) -> range:
    """The values of an index at given sizes."""
    return range(evaluate(r.low, sizes), evaluate(r.high, sizes) + 1)


def _shown(layer: Layer, windows: Equation) -> set[str]:
    """The indices with which the grids vary."""
    return {
        n
        for read in (*windows.reads, windows.left)
        for axis in drawn_axes(layer, windows, read)
        for n in symbols(read.at[axis])
    }


def _pinned(layer: Layer, windows: Equation) -> list[Range]:
    """The summed indices that no grid shows."""
    return [r for r in windows.over if r.index not in _shown(layer, windows)]


def window_grids(basis: Basis, windows: Equation, sizes: Mapping[str, int]) -> tuple[Grid, ...]:
    """A grid for each tensor that one entry is made from, and one for the entry; equal letters are multiplied.

    Indices that no grid shows are kept in the middle of their range.
    """
    typesetter = Typesetter(basis.layer)
    points = list(_points(basis, windows, sizes))
    grids = [_operand_grid(basis, typesetter, read, windows, points, sizes) for read in windows.reads]
    return (*grids, _result_grid(typesetter, windows, drawn_axes(basis.layer, windows, windows.left), points[0], sizes))


def _points(basis: Basis, windows: Equation, sizes: Point) -> Iterator[dict[str, int]]:
    """The points of the sum that the grids show, for one entry next to the corner."""
    shown = _shown(basis.layer, windows)
    fixed = {}
    for r in windows.free:
        last = evaluate(r.high, sizes)
        fixed[r.index] = min(1, last) if r.index in shown else last // 2
    for r in _pinned(basis.layer, windows):
        fixed[r.index] = (evaluate(r.low, sizes) + evaluate(r.high, sizes)) // 2
    moved = [r for r in windows.over if r.index in shown]
    for point in product(*(values(r, sizes) for r in moved)):
        yield {**sizes, **fixed, **{r.index: n for r, n in zip(moved, point, strict=True)}}


def _operand_grid(
    basis: Basis, typesetter: Typesetter, read: Read, windows: Equation, points: Sequence[Point], sizes: Point
) -> Grid:
    drawn = drawn_axes(basis.layer, windows, read)
    shape = shape_of(basis, read.tensor)
    pads = [(evaluate(a, sizes), evaluate(b, sizes)) for a, b in read.pad] or [(0, 0)] * len(shape)
    sides = [evaluate(e, sizes) + before + after for e, (before, after) in zip(shape, pads, strict=True)]
    letters: dict[tuple[int, ...], str] = {}
    for letter, point in zip(ascii_letters, points, strict=False):
        at = tuple(evaluate(read.at[axis], point) for axis in drawn)
        letters[at] = "" if at in letters else letter

    def cell(*at: int) -> Cell:
        inside = all(pads[axis][0] <= x < sides[axis] - pads[axis][1] for axis, x in zip(drawn, at, strict=True))
        if at in letters:
            return Cell("read" if inside else "zero read", letters[at])
        return Cell("plain") if inside else Cell("zero", "0")

    fixed = [None if axis in drawn else evaluate(e, points[0]) for axis, e in enumerate(read.at)]
    title = typesetter.part(read, fixed)
    rows = _rows([sides[axis] for axis in drawn], cell)
    return Grid(_titled(title, [sides[axis] for axis in drawn]), rows)


def _result_grid(typesetter: Typesetter, windows: Equation, drawn: Drawn, point: Point, sizes: Point) -> Grid:
    sides = [evaluate(r.high, sizes) + 1 for r in windows.free]
    entry = tuple(point[r.index] for r in windows.free)
    shown = tuple(entry[axis] for axis in drawn)
    rows = _rows([sides[axis] for axis in drawn], lambda *at: Cell("written" if at == shown else "plain"))
    title = typesetter.part(windows.left, [None if axis in drawn else n for axis, n in enumerate(entry)])
    return Grid(_titled(title, [sides[axis] for axis in drawn]), rows)


def _rows(sides: Sequence[int], cell: Callable[..., Cell]) -> tuple[tuple[Cell, ...], ...]:
    if len(sides) == 1:
        return (tuple(cell(x) for x in range(sides[0])),)
    return tuple(tuple(cell(y, x) for x in range(sides[1])) for y in range(sides[0]))


def _titled(title: Formula, sides: Sequence[int]) -> Text:
    return (title, ": ", listed("x", [Number(side) for side in sides]))
