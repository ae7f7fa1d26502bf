"""Sizes at which figures can be read: small, with sides that can be told apart, strides of 2 and a padding of 1."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from string import ascii_letters

from gradcheck.claims.claim import Hypothesis
from gradcheck.claims.small_sizes import small_sizes
from gradcheck.evidence import Basis
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import Expr, Int, Op, Sym, evaluate, symbols
from gradcheck.notation.sums import Equation, extent
from gradcheck.report.formula import walk
from gradcheck.report.windows import drawn_axes, points_shown, shape_of, values

MAX_TRIED = 1_500
READABLE = 9  # squares along an axis

Sizes = dict[str, int]


def readable_sizes(basis: Basis) -> list[Sizes | None]:
    """Small sizes for the figures of each derivation: the same for all, if there are such, else its own.

    Strides of 2 and a padding of 1 are preferred, so that they show, then sides of at least 3 and
    all different, so that grids can be told apart. None where no sizes that are tried give grids
    that can be read.
    """
    windows = [derivation.windows for derivation in basis.derivations]

    @cache
    def tried(telling: tuple[Hypothesis, ...]) -> list[Sizes]:
        return list(islice(small_sizes(basis.layer, (*basis.hypotheses, *telling)), MAX_TRIED))

    def chosen(windows: Sequence[Equation]) -> Sizes | None:
        found = (_readable(basis, windows, tried(telling)) for telling in telling_values(basis.layer))
        return next((sizes for sizes in found if sizes is not None), None)

    common = chosen(windows)
    return [common if common is not None else chosen([own]) for own in windows]


def telling_values(layer: Layer) -> list[tuple[Hypothesis, ...]]:
    """Values of strides, of dilations and of the first amount of padding that show in a figure, the best first.

    A dilation is 2 only where there is no stride.
    """
    strides, dilations = strides_and_dilations(layer)
    padding = [name for name in layer.sizes if not layer.least(name)][:1]
    steps = dict.fromkeys(strides or dilations, 2) | {name: 1 for name in dilations if strides}
    apart = tuple(Hypothesis(Sym(name), "=", Int(value)) for name, value in steps.items())
    padded = tuple(Hypothesis(Sym(name), "=", Int(1)) for name in padding)
    return list(dict.fromkeys([(*apart, *padded), apart, padded, ()]))


def strides_and_dilations(layer: Layer) -> tuple[list[str], list[str]]:
    """The sizes that multiply an index of the output or move entries apart, and those that multiply another index."""
    output = {name for e in layer.output.at for name in symbols(e)}
    inserted = [e.name for read in layer.reads for e in read.dilation if isinstance(e, Sym)]
    found = [pair for read in layer.reads for e in read.at for pair in _multiples(e, set(layer.indices))]
    strides = dict.fromkeys([*inserted, *(size for size, indices in found if indices & output)])
    return list(strides), [size for size in dict.fromkeys(size for size, _ in found) if size not in strides]


def _multiples(e: Expr, indices: set[str]) -> Iterator[tuple[str, set[str]]]:
    """Each size that is a factor in `e`, with the indices in the other factor."""
    for part in walk(e):
        if isinstance(part, Op) and part.op == "*":
            for size, other in ((part.left, part.right), (part.right, part.left)):
                moved = indices & set(symbols(other))
                if isinstance(size, Sym) and size.name not in indices and moved:
                    yield size.name, moved


def _readable(basis: Basis, windows: Sequence[Equation], tried: Sequence[Sizes]) -> Sizes | None:
    sides = [side for equation in windows for side in _sides(basis, equation)]
    columns = dict.fromkeys(tuple(evaluate(e, sizes) for sizes in tried) for e in sides)  # equal ones once
    measured = zip(tried, zip(*columns, strict=True), strict=True) if columns else ()
    small = [(sizes, found) for sizes, found in measured if max(found) <= READABLE]
    for least, distinct in ((3, True), (2, True), (2, False), (1, False)):
        for sizes, found in small:
            apart = not distinct or len(set(found)) == len(found)
            if apart and least <= min(found) and all(_drawable(own, sizes) for own in windows):
                return sizes
    return None


def _drawable(windows: Equation, sizes: Mapping[str, int]) -> bool:
    """Whether there is an entry to show, and a letter for each point that the grids show of it."""
    some = all(values(r, sizes) for r in windows.free)
    return some and len(list(points_shown(windows, sizes))) <= len(ascii_letters)


def _sides(basis: Basis, windows: Equation) -> list[Expr]:
    """The sizes of the axes that the grids of an equation show."""
    return [
        extent(shape_of(basis, read.tensor)[axis], *read.axes[axis][1:])
        for read in windows.reads
        for axis in drawn_axes(windows, read)
    ]
