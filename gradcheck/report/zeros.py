"""Zeros around entries and between them: short amounts stand below a word, long ones beside the formula."""

from collections.abc import Sequence

from gradcheck.notation.arithmetic import ONE, ZERO, Expr
from gradcheck.notation.arrays import Crop, Dilate, Pad
from gradcheck.notation.sums import Read
from gradcheck.report.document import Text
from gradcheck.report.expressions import size
from gradcheck.report.formula import Fence, Formula, Script, Word, listed, row, weight

ROOM = 12  # below a word

Amounts = Sequence[tuple[Expr, ...]]  # for each axis one amount, or those before and after

SAID = {
    "pad": (" has ", " zeros"),
    "crop": (" lacks ", " entries"),
    "dilate": (" has its entries ", " places apart"),
}
ENDS = (" before", " after")


def first_with_zeros(read: Read) -> int:
    """The first axis of a read that has zeros between or around its entries."""
    return next(axis for axis, (_, *own) in enumerate(read.axes) if own != [ONE, (ZERO, ZERO)])


def zeros_of(thing: object) -> list[tuple[str, Amounts]]:
    """The words, with their amounts, that make something of a tensor or an array, the innermost first."""
    match thing:
        case Read() if not thing.bare:
            own = thing.axes[first_with_zeros(thing) :]
            dilated = [("dilate", [(dilation,) for _, dilation, _ in own])] if thing.dilation else []
            return [*dilated, *([("pad", [pair for *_, pair in own])] if thing.pad else [])]
        case Pad(_, before, after):
            return [("pad", [(before, after)])]
        case Crop(_, before, after):
            return [("crop", [(before, after)])]
        case Dilate(_, by):
            return [("dilate", [(by,)])]
    return []


def below(amounts: Amounts) -> Formula:
    """What all axes have, one amount or (before, after); where they differ, that of each in brackets."""
    own = [[size(e) for e in dict.fromkeys(axis)] for axis in amounts]
    if own.count(own[0]) < len(own):
        return listed("comma", [Fence("(", listed("comma", axis)) for axis in own])
    return own[0][0] if len(own[0]) == 1 else Fence("(", listed("comma", own[0]))


def too_long(amounts: Amounts) -> bool:
    """Whether amounts are too long to stand below a word."""
    return weight(below(amounts)) > ROOM


def zeroed(thing: object, inner: Formula) -> Formula:
    """A tensor or an array in brackets after each of the words that make `thing` of it."""
    for word, amounts in zeros_of(thing):
        head = Word(word) if too_long(amounts) else Script(Word(word), below(amounts))
        inner = row(head, Fence("(", inner))
    return inner


def unsaid(thing: object, shown: Formula) -> list[Text]:
    """What `shown` leaves out of a thing: the amounts that are too long."""
    return [(shown, *_in_words(word, amounts)) for word, amounts in zeros_of(thing) if too_long(amounts)]


def _in_words(word: str, amounts: Amounts) -> Text:
    """What all axes have; where they differ, the amounts of each."""
    has, what = SAID[word]
    axis = amounts[0]
    if any(own != axis for own in amounts):
        return (has, below(amounts), what, " before and after" * (len(axis) > 1), ", axis by axis")
    if len(axis) == 1 or axis[0] == axis[1]:
        return (has, size(axis[0]), what, " before and after" * (len(axis) > 1), " on every axis")
    told = [(size(e), f"{what}{end}") for e, end in zip(axis, ENDS, strict=True) if e != ZERO]
    return (has, *(part for n, one in enumerate(told) for part in (*[" and "] * n, *one)), " on every axis")
