"""What the signs in a report mean: only those that occur in it."""

from collections.abc import Callable, Sequence

from gradcheck.report.document import Block, Text
from gradcheck.report.formula import Fence, Formula, Letter, Number, Script, Sign, Sum, Word, row, walk

A, K, X, U, S, T, C, P = map(Letter, "AKxustcP")


def _sum_of_products(sign: str, place: Formula) -> Formula:
    left = Script(Fence("(", row(A, sign, K)), X)
    return row(left, "=", Sum(U), Script(A, place), "product", Script(K, U))


def _pads(thing: object) -> bool:
    return isinstance(thing, Script) and thing.base == Word("pad")


def _pads_unevenly(thing: object) -> bool:
    return isinstance(thing, Script) and _pads(thing) and Sign("comma") in walk(thing.sub)


def _brackets(kind: str) -> Callable[[object], bool]:
    return lambda thing: isinstance(thing, Fence) and thing.kind == kind


def _is(sought: Formula) -> Callable[[object], bool]:
    return lambda thing: thing == sought


ENTRIES: tuple[tuple[Callable[[object], bool], Formula, Text], ...] = (
    (
        _is(Sign("of size")),
        row(A, "of size", S, "x", T),
        (
            "the array ",
            A,
            " has these sizes",
        ),
    ),
    (_brackets("["), Fence("[", P), ("1 where ", P, " holds, and 0 elsewhere")),
    (_brackets("floor"), Fence("floor", X), ("the greatest integer that is at most ", X)),
    (_brackets("ceil"), Fence("ceil", X), ("the least integer that is at least ", X)),
    (_is(Sign("mod")), row(S, "mod", T), ("what is left of ", S, " when it is divided by ", T)),
    (
        _is(Sign("prime")),
        row(Script(A, X, Sign("prime")), "=", Script(A, row(S, "-", Number(1), "-", X))),
        ("the array rotated by 180°: every axis, of side ", S, ", is reversed"),
    ),
    (
        _pads,
        row(Script(Word("pad"), C), Fence("(", A)),
        ("the array with ", C, " zeros before and after on every axis; a negative number removes as many entries"),
    ),
    (
        _pads_unevenly,
        row(Script(Word("pad"), Fence("(", row(S, "comma", T))), Fence("(", A)),
        ("the same, with ", S, " zeros before and ", T, " after, axis by axis"),
    ),
    (
        _is(Sign("corr")),
        _sum_of_products("corr", row(X, "+", U)),
        ("valid cross-correlation: for every ", X, " at which ", K, " lies inside ", A),
    ),
    (
        _is(Sign("conv")),
        _sum_of_products("conv", row(X, "+", T, "-", Number(1), "-", U)),
        ("true convolution at the same places: ", K, ", of side ", T, ", is read backwards"),
    ),
    (_is(Sign("star")), row(A, "star", K), ("what the document prints without saying what it means",)),
    (_is(Word("side")), row(Word("side"), Fence("(", A)), ("the size of every axis of ", A)),
    (_is(Word("depth")), row(Word("depth"), Fence("(", A)), ("the size of the first axis of ", A)),
    (
        _is(Word("padding")),
        row(Word("padding"), Fence("(", A)),
        ("how far the windows that make up the gradient ", A, " reach beyond the cotangent, on every side"),
    ),
)


def legend(blocks: Sequence[Block]) -> list[tuple[Text, Text]]:
    """The signs that occur in the blocks, each with what it means."""
    things = [thing for block in blocks for thing in walk(block)]
    return [((shown,), meaning) for occurs, shown, meaning in ENTRIES if any(map(occurs, things))]
