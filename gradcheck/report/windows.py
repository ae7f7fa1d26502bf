"""Windows drawn from an equation at given sizes: which squares of which tensors meet in one entry."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from string import ascii_letters

from gradcheck.evidence import Basis, Derivation
from gradcheck.notation.arithmetic import Expr, evaluate, symbols
from gradcheck.notation.sums import Equation, Range, Read, extent
from gradcheck.report.document import Cell, Grid, Text
from gradcheck.report.formula import Formula, Letter, Number, listed
from gradcheck.report.theorems import sizes_set
from gradcheck.report.typeset import COMMA, Typesetter, moving

Point = Mapping[str, int]
Drawn = tuple[int, ...]  # the axes of a tensor that a grid shows: one or two


def shape_of(basis: Basis, tensor: str) -> tuple[Expr, ...]:
    """The sizes of an operand, of the output or of its cotangent."""
    layer = basis.layer
    if tensor in layer.operands:
        return layer.shapes[layer.operands.index(tensor)]
    return basis.derivations[0].sizes


def drawn_axes(windows: Equation, read: Read) -> Drawn:
    """The last two axes along which a window moves; the last two of all where none does."""
    moved = moving(windows.reads, [r.index for r in (*windows.free, *windows.over)])
    axes = [axis for axis, e in enumerate(read.at) if moved & set(symbols(e))]
    return tuple((axes or list(range(len(read.at))))[-2:])


def windows_drawn(basis: Basis, derived: Derivation, sizes: Mapping[str, int]) -> tuple[tuple[Grid, ...], Text]:
    """The grids of a derivation at given sizes, and what they show."""
    grids = window_grids(basis, derived.windows, sizes)
    padding = {name for name in basis.layer.sizes if not basis.layer.least(name)}
    shown = {name: n for name, n in sizes.items() if n > 1 or name in padding} or sizes
    at: Text = (" at ", *sizes_set(tuple(shown.items()))) if shown else ()
    told = ": squares with equal letters are multiplied, and the products added"
    over = [Letter(r.index) for r in _pinned(derived.windows) if len(values(r, sizes)) > 1]
    others: Text = (", as are those for every other ", listed(COMMA, over)) if over else ()
    cells = [cell for grid in grids for row in grid.rows for cell in row]
    shared = any(cell.kind.endswith("read") and not cell.text for cell in cells)
    several = " A coloured square without a letter is a factor of several products." if shared else ""
    zeros = f" Grey squares are {_zeros(derived.windows)}." if any("zero" in cell.kind for cell in cells) else ""
    entry = ("One entry of ", Typesetter(basis.layer).tensor(derived.tensor), *at, told)
    return grids, (*entry, *others, f".{several}{zeros}")


def _zeros(windows: Equation) -> str:
    """What the zeros of the grids are."""
    padded, dilated = (any(found) for found in zip(*((r.pad, r.dilation) for r in windows.reads), strict=True))
    between = "between the entries"
    return (
        f"zeros, of the padding or {between}"
        if padded and dilated
        else f"the zeros {between if dilated else 'of the padding'}"
    )


def values(r: Range, sizes: Point) -> range:
    """The values of an index at given sizes."""
    return range(evaluate(r.low, sizes), evaluate(r.high, sizes) + 1)


def _shown(windows: Equation) -> set[str]:
    """The indices with which the grids vary."""
    return {
        n
        for read in (*windows.reads, windows.left)
        for axis in drawn_axes(windows, read)
        for n in symbols(read.at[axis])
    }


def _pinned(windows: Equation) -> list[Range]:
    """The summed indices that no grid shows."""
    return [r for r in windows.over if r.index not in _shown(windows)]


def window_grids(basis: Basis, windows: Equation, sizes: Mapping[str, int]) -> tuple[Grid, ...]:
    """A grid for each tensor that one entry is made from, and one for the entry; equal letters are multiplied.

    Indices that no grid shows are kept in the middle of their range.
    """
    typesetter = Typesetter(basis.layer)
    points = list(points_shown(windows, sizes))
    grids = [_operand_grid(basis, typesetter, read, windows, points, sizes) for read in windows.reads]
    return (*grids, _result_grid(typesetter, windows, drawn_axes(windows, windows.left), points[0], sizes))


def points_shown(windows: Equation, sizes: Point) -> Iterator[dict[str, int]]:
    """The points of the sum that the grids show, for one entry next to the corner."""
    shown = _shown(windows)
    fixed = {}
    for r in windows.free:
        last = evaluate(r.high, sizes)
        fixed[r.index] = min(1, last) if r.index in shown else last // 2
    for r in _pinned(windows):
        fixed[r.index] = (evaluate(r.low, sizes) + evaluate(r.high, sizes)) // 2
    moved = [r for r in windows.over if r.index in shown]
    for point in product(*(values(r, sizes) for r in moved)):
        yield {**sizes, **fixed, **{r.index: n for r, n in zip(moved, point, strict=True)}}


def _operand_grid(
    basis: Basis, typesetter: Typesetter, read: Read, windows: Equation, points: Sequence[Point], sizes: Point
) -> Grid:
    drawn = drawn_axes(windows, read)
    axes = [_axis(basis, read, axis, sizes) for axis in drawn]
    letters: dict[tuple[int, ...], str] = {}
    for letter, point in zip(ascii_letters, points, strict=False):
        at = tuple(evaluate(read.at[axis], point) for axis in drawn)
        letters[at] = "" if at in letters else letter

    def cell(*at: int) -> Cell:
        inside = all(x in entries for (_, entries), x in zip(axes, at, strict=True))
        if at in letters:
            return Cell("read" if inside else "zero read", letters[at])
        return Cell("plain") if inside else Cell("zero", "0")

    fixed = [None if axis in drawn else evaluate(e, points[0]) for axis, e in enumerate(read.at)]
    title = typesetter.part(read, fixed)
    sides = [side for side, _ in axes]
    return Grid(_titled(title, sides), _rows(sides, cell))


def _axis(basis: Basis, read: Read, axis: int, sizes: Point) -> tuple[int, range]:
    """How many squares an axis of a read has, and which of them are entries of the tensor."""
    size = shape_of(basis, read.tensor)[axis]
    _, dilation, pad = read.axes[axis]
    first, apart = evaluate(pad[0], sizes), evaluate(dilation, sizes)
    return evaluate(extent(size, dilation, pad), sizes), range(first, first + apart * evaluate(size, sizes), apart)


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
