"""What the signs in a report mean: only those that occur in it."""

from collections.abc import Callable, Sequence

from gradcheck.report.document import Block, Text
from gradcheck.report.formula import Fence, Formula, Letter, Number, Row, Script, Sign, Sum, Word, row, walk

A, K, X, U, S, T, C, P, D = map(Letter, "AKxustcPd")
COMMA = Sign("comma")

Occurs = Callable[[object], bool]
Entry = tuple[Occurs, Formula, Text]


def _sum_of_products(sign: Formula, place: Formula) -> Formula:
    left = Script(Fence("(", row(A, sign, K)), X)
    return row(left, "=", Sum(U), Script(A, place), "product", Script(K, U))


def _brackets(kind: str) -> Occurs:
    return lambda thing: isinstance(thing, Fence) and thing.kind == kind


def _is(sought: Formula) -> Occurs:
    return lambda thing: thing == sought


def _below(base: Formula, *needed: Formula) -> Occurs:
    """Whether something stands below or above a base, with all that is needed in it."""
    return lambda thing: (
        isinstance(thing, Script) and thing.base == base and all(one in walk(thing.sub) for one in needed)
    )


def _alone(word: str) -> Occurs:
    return lambda thing: isinstance(thing, Row) and Word(word) in thing.parts


def _by_axis(word: str) -> Occurs:
    """Whether there are several brackets below a word."""
    return lambda thing: (
        _below(Word(word))(thing)
        and isinstance(thing, Script)
        and isinstance(thing.sub, Row)
        and COMMA in thing.sub.parts
    )


def _zeros(word: str, *meaning: str | Formula, unevenly: Text = ()) -> tuple[Entry, ...]:
    """What a word means with an amount below it, with two, with those of each axis, and without any."""

    def shown(below: Formula | None) -> Formula:
        return row(Script(Word(word), below) if below else Word(word), Fence("(", A))

    uneven = (_below(Word(word), COMMA), shown(Fence("(", row(S, COMMA, T))), unevenly)
    return (
        (_is(Word(word)), shown(C), meaning),
        *([uneven] if unevenly else []),
        (_by_axis(word), shown(row(Fence("(", S), COMMA, Fence("(", T))), ("the same, axis by axis",)),
        (_alone(word), shown(None), ("the same, with the amounts that are said beside it",)),
    )


def _apart(sign: str, *places: str | Formula) -> Entry:
    """What a stride above a sign and a dilation below it mean."""
    scripts = Script(Sign(sign), D, S)
    meaning = ("the same with stride ", S, " and dilation ", D, "; either is 1 where it is not written")
    return _below(Sign(sign)), _sum_of_products(scripts, row(*places)) if places else row(A, scripts, K), meaning


ENTRIES: tuple[Entry, ...] = (
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
    *_zeros(
        "pad",
        *("the array with ", C, " zeros before and after on every axis; a negative number removes as many entries"),
        unevenly=("the same, with ", S, " zeros before and ", T, " after"),
    ),
    *_zeros(
        "crop",
        *("the array without ", C, " entries before and after on every axis; a negative number adds as many zeros"),
        unevenly=("the same, without ", S, " entries before and ", T, " after"),
    ),
    *_zeros("dilate", "the array with zeros between its entries, which are then ", C, " places apart on every axis"),
    (
        _is(Sign("corr")),
        _sum_of_products(Sign("corr"), row(X, "+", U)),
        ("valid cross-correlation: for every ", X, " at which ", K, " lies inside ", A),
    ),
    _apart("corr", S, "product", X, "+", D, "product", U),
    (
        _is(Sign("conv")),
        _sum_of_products(Sign("conv"), row(X, "+", T, "-", Number(1), "-", U)),
        ("true convolution at the same places: ", K, ", of side ", T, ", is read backwards"),
    ),
    _apart("conv", S, "product", X, "+", D, "product", Fence("(", row(T, "-", Number(1), "-", U))),
    (_is(Sign("star")), row(A, "star", K), ("what the document prints without saying what it means",)),
    _apart("star"),
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
