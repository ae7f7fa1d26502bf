"""From the notation of layers and claims to formulas as a mathematician would set them.

X[i,a+u]     the channel as a superscript, every other index below
dX[i]        the derivative of the loss L with respect to that
rot180(F)    a prime
corr, conv   a star, an asterisk, with a stride above and a dilation below
pad, crop    words, as are dilate and the measures; long amounts of zeros are said beside the formula
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gradcheck.claims.claim import Formula as FormulaClaim
from gradcheck.claims.claim import Hypothesis, Identity, Measure, Shape
from gradcheck.layers.layer import Layer, gradient_name
from gradcheck.notation.arithmetic import ONE, Expr, Sym, symbols
from gradcheck.notation.arrays import Array, Crop, Dilate, Pad, Ref, Rot180, Slide, SumOver
from gradcheck.notation.phrase import Said, phrase
from gradcheck.notation.sums import (
    Bounds,
    Chain,
    Delta,
    Dimensions,
    Equation,
    Expansion,
    Guard,
    Range,
    Read,
    Sized,
)
from gradcheck.report.document import Text
from gradcheck.report.expressions import dimensions, size
from gradcheck.report.formula import (
    Derivative,
    Factors,
    Fence,
    Formula,
    Letter,
    Number,
    Script,
    Sign,
    Sum,
    Word,
    listed,
    row,
    walk,
    weight,
)
from gradcheck.report.zeros import first_with_zeros, unsaid, zeroed

LOSS = "L"
COMMA = "comma"
ROOM_IN_TEXT = 20  # of the weights of a read


def channel_axes(layer: Layer) -> dict[str, int]:
    """For each tensor with spatial axes, the last axis before them, whose index is set as a superscript.

    An axis is spatial where its index moves with another one through a window.
    """
    spatial = moving(layer.reads, layer.indices)
    found = {}
    for read in (layer.output, *layer.reads):
        first = next((n for n, e in enumerate(read.at) if spatial & set(symbols(e))), 0)
        if first:
            found[read.tensor] = first - 1
    return found


def moving(reads: Sequence[Read], indices: Iterable[str]) -> set[str]:
    """The indices that some read takes together with another one: those of windows."""
    together = [own for read in reads for e in read.at if len(own := set(indices) & set(symbols(e))) > 1]
    return set().union(*together)


@dataclass(frozen=True)
class Typesetter:
    """Sets everything that is said about one layer."""

    layer: Layer
    _channels: dict[str, int] = field(init=False)
    _primal: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_channels", channel_axes(self.layer))
        tensors = (self.layer.output.tensor, *self.layer.operands)
        object.__setattr__(self, "_primal", {gradient_name(tensor): tensor for tensor in tensors})

    def text(self, said: Said) -> Text:
        """A sentence with its formulas set, reads with long indices without these."""
        return tuple(part if isinstance(part, str) else self._in_text(part) for part in phrase(said).parts)

    def _in_text(self, thing: object) -> Formula:
        whole = self.formula(thing)
        long = isinstance(thing, Read) and isinstance(whole, Script) and weight(whole) > ROOM_IN_TEXT
        return Script(whole.base, Sign("dots"), whole.sup) if long and isinstance(whole, Script) else whole

    def formula(self, thing: object) -> Formula:
        """Anything of the notation as one formula."""
        match thing:
            case Expr():
                return size(thing)
            case Ref() | Pad() | Crop() | Dilate() | Rot180() | Slide() | SumOver():
                return self.array(thing)
            case Read():
                return self.read(thing)
            case Delta(left, right):
                return Fence("[", row(size(left), "=", size(right)))
            case Guard(low, value, high):
                return Fence("[", _between(low, value, high))
            case Range(index, low, high):
                return _between(low, Sym(index), high)
            case Bounds(low, value, high):
                return _between(low, value, high)
            case Dimensions(sizes):
                return dimensions(sizes)
            case Measure(kind, array):
                return row(Word(kind), Fence("(", self.array(array)))
            case Hypothesis(left, sign, right):
                return row(size(left), sign, size(right))
            case Shape(of):
                return listed(COMMA, [self.formula(Sized(array, sizes)) for array, sizes in of])
        return row(*self.relation(thing))

    def relation(self, thing: object) -> tuple[Formula, Formula]:
        """What stands on the left, and the relation with all that follows."""
        match thing:
            case Equation():
                return self.read(thing.left), self._right_side(thing)
            case Range(index, low, high):
                return Letter(index), row("in", Fence("{", listed(COMMA, [size(low), Sign("dots"), size(high)])))
            case Sized(array, sizes):
                return self.array(array), row("of size", dimensions(sizes))
            case Chain(links) | Identity(links):
                first, *rest = map(self.formula, links)
                return first, row(*(part for link in rest for part in ("=", link)))
            case Expansion(entry, terms):
                products = [self._product(n, reads) for n, reads in terms]
                return self.read(entry), row("=", listed("+", products) if products else Number(0))
            case FormulaClaim(left, right):
                return self.array(left), row("=", self.array(right))
        raise TypeError(f"{thing!r} cannot be set")

    def _right_side(self, equation: Equation) -> Formula:
        factors = Factors((*map(self.formula, equation.where), *map(self.read, equation.reads)))
        if not equation.over:
            return row("=", factors)
        under = listed(COMMA, [Letter(r.index) for r in equation.over])
        return row("=", Sum(under), factors)

    def _product(self, times: int, reads: Sequence[Read]) -> Formula:
        return Factors((*[Number(times)] * (times != 1), *map(self.read, reads)))

    def tensor(self, name: str, at: Sequence[Formula] = ()) -> Formula:
        """A tensor with its first indices; of a gradient, the derivative with respect to that entry."""
        if name in self._primal:
            return Derivative(Letter(LOSS), self.tensor(self._primal[name], at))
        channel = self._channels.get(name)
        below = [index for axis, index in enumerate(at) if axis != channel]
        above = Fence("(", at[channel]) if channel is not None and channel < len(at) else None
        return scripted(Letter(name), below, above)

    def read(self, read: Read) -> Formula:
        """One entry of a tensor, or of what zeros make of it."""
        return self._entry(read, [size(e) for e in read.at])

    def part(self, read: Read, fixed: Sequence[int | None]) -> Formula:
        """A part of what is read: a dot for each axis that is not fixed, unless none is fixed after it."""
        last = max((axis for axis, place in enumerate(fixed) if place is not None), default=-1)
        return self._entry(read, [Sign("dot") if n is None else Number(n) for n in fixed[: last + 1]])

    def _entry(self, read: Read, at: Sequence[Formula]) -> Formula:
        if read.bare:
            return self.tensor(read.tensor, at)
        first = first_with_zeros(read)
        return scripted(zeroed(read, self.tensor(read.tensor, at[:first])), at[first:], None)

    def left_out(self, thing: object) -> tuple[Text, ...]:
        """What is to be said beside the formula of a thing: the amounts of zeros that are too long for it."""
        reads = [said for part in walk(thing) if isinstance(part, Read) for said in unsaid(part, self._entry(part, ()))]
        arrays = [
            said
            for part in walk(thing)
            if isinstance(part, Pad | Crop | Dilate)
            for said in unsaid(part, self.array(part))
        ]
        return tuple(dict.fromkeys((*reads, *arrays)))

    def where(self, thing: object) -> Text:
        """What is left out, as the end of a sentence."""
        said = self.left_out(thing)
        return tuple(part for n, one in enumerate(said) for part in (", and " if n else ", where ", *one))

    def array(self, array: Array) -> Formula:
        """An array formula."""
        match array:
            case Ref(tensor, at):
                return self.tensor(tensor, [Letter(index) for index in at])
            case Pad(inner) | Crop(inner) | Dilate(inner):
                return zeroed(array, self.array(inner))
            case Rot180(Ref(tensor, ())) if tensor not in self._primal:
                return Script(Letter(tensor), None, Sign("prime"))
            case Rot180(inner):
                return Script(Fence("(", self.array(inner)), None, Sign("prime"))
            case Slide(_, signal, kernel):
                return row(self._operand(signal), _star(array), self._operand(kernel))
            case SumOver(index, inner):
                return row(Sum(Letter(index)), self.array(inner))

    def _operand(self, array: Array) -> Formula:
        own = self.array(array)
        return Fence("(", own) if isinstance(array, Slide | SumOver) else own


def scripted(base: Formula, below: Sequence[Formula], above: Formula | None) -> Formula:
    """A base with indices below and one above it, as far as there are any."""
    sub = listed(COMMA, below) if below else None
    return Script(base, sub, above) if sub or above else base


def _star(slide: Slide) -> Formula:
    """The sign of a slide, with its stride above and its dilation below unless they are 1."""
    dilation, stride = (None if e == ONE else size(e) for e in (slide.dilation, slide.stride))
    return Script(Sign(slide.op), dilation, stride) if dilation or stride else Sign(slide.op)


def _between(low: Expr, value: Expr, high: Expr) -> Formula:
    return row(size(low), "<=", size(value), "<=", size(high))
