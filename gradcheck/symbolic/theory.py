"""A layer together with what is assumed of its sizes, and the range of each of its indices."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from gradcheck.claims.claim import Hypothesis, least
from gradcheck.claims.small_sizes import determined, smallest
from gradcheck.errors import LayerError
from gradcheck.evidence import Step
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Int, Sym, symbols
from gradcheck.notation.arrays import Ref
from gradcheck.notation.phrase import Phrase, joined, phrase
from gradcheck.notation.sums import Bounds, Equation, Range, Read, Sized, extent
from gradcheck.symbolic.algebra import coefficient, normal, same
from gradcheck.symbolic.certificates import MAX_POINTS, Facts, equalities
from gradcheck.symbolic.sizes import Needs, Window, admissible, bounds, need, side


@dataclass(frozen=True, slots=True)
class Theory:
    """`forward` is the layer with the range of every index.

    `given` are the operands' sizes, a step each; `steps` derive those of the output from them.
    """

    layer: Layer
    facts: Facts
    given: tuple[Step, ...]
    forward: Equation
    output_sizes: tuple[Expr, ...]
    steps: tuple[Step, ...]

    def __hash__(self) -> int:
        return hash(self.layer)  # theories are keys of caches

    def shape(self, tensor: str) -> tuple[Expr, ...]:
        """The sizes of an operand, of the output, or of the output's cotangent."""
        if tensor in (self.layer.output.tensor, self.layer.cotangent):
            return self.output_sizes
        return self.layer.shapes[self.layer.operands.index(tensor)]

    def within(self, ranges: Sequence[Range]) -> Facts:
        """The facts inside a box of indices."""
        return self.facts.plus(bounds(ranges))


def assumptions(layer: Layer, where: Sequence[Hypothesis]) -> Facts:
    """The hypotheses as facts; every size is at least 1 unless a hypothesis gives another number."""
    lows = [Sym(name) - Int(least(layer, name, where)) for name in layer.sizes]
    sizes = smallest(layer, tuple(where))
    bare = Facts((), determined(layer, where), sizes[:: len(sizes) // MAX_POINTS + 1])
    return bare.plus([*lows, *(e for h in where for e in demands(h))])


def stated(layer: Layer, where: Sequence[Hypothesis]) -> tuple[Hypothesis, ...]:
    """All that is assumed: the least value of each size, and the hypotheses."""
    known = [name for name, e in determined(layer, where) if not symbols(e)]
    lows = [Hypothesis(Int(least(layer, n, where)), "<=", Sym(n)) for n in layer.sizes if n not in known]
    told = {str(h): h for h in (*where, *lows)}  # a least value may be among the hypotheses
    return tuple(told[text] for text in dict.fromkeys(map(str, (*lows, *where))))


def demands(h: Hypothesis) -> tuple[Expr, ...]:
    """A hypothesis as expressions that are >= 0."""
    return equalities(h.low, h.high) if h.equal else (h.high - h.low,)


@lru_cache(maxsize=64)
def theory(layer: Layer, where: tuple[Hypothesis, ...]) -> Theory:
    """The ranges of all indices and the sizes of the output, by the size rule.

    Raises LayerError for a layer whose indices cannot be bounded.
    """
    facts = assumptions(layer, where)
    ranges = _plain_ranges(layer)
    windows = _windows(layer.reads, layer.shapes)
    derived = [index for index in layer.indices if index not in ranges]
    for index in derived:
        if Sym(index) not in layer.output.at:
            raise LayerError(f"index {index} is summed, but nothing is read at {index} alone: nothing bounds it")
    box = tuple(ranges.values())
    found = [_free_range(index, layer.indices, windows, box, facts) for index in derived]
    ranges |= {r.index: r for r, _, _ in found}
    _check_bounds(windows, tuple(ranges.values()), facts)
    output = tuple(ranges[str(e)] for e in layer.output.at)
    over = tuple(ranges[index] for index in layer.indices if ranges[index] not in output)
    forward = Equation(layer.output, output, over, (), layer.reads)
    given = tuple(_given(read, s, facts) for read, s in zip(layer.reads, layer.shapes, strict=True))
    steps = [Step("size rule", r, why, forward, n.proved, n.missing) for r, why, n in found]
    sizes = tuple(side(r) for r in output)
    return Theory(layer, facts, given, forward, sizes, (*given, *steps, counted(layer.output.tensor, sizes)))


def _given(read: Read, sizes: tuple[Expr, ...], facts: Facts) -> Step:
    """An operand's sizes: at least 0, and at least 1 where zeros are inserted between entries, as many as needed."""
    between = [
        goal for size, d in zip(sizes, read.dilation, strict=False) if d != ONE for goal in (size - ONE, d - ONE)
    ]
    needs = need(facts, (*sizes, *between))
    said = Sized(Ref(read.tensor), sizes)
    return Step("given", said, "an operand of the layer", None, needs.proved, needs.missing)


def counted(tensor: str, sizes: tuple[Expr, ...]) -> Step:
    """The last step to a shape: every index from 0 to high takes high + 1 values."""
    return Step(
        "count", Sized(Ref(tensor), sizes), "each index runs from 0, so that it has one value more than its last"
    )


def _check_bounds(windows: Sequence[Window], box: Sequence[Range], facts: Facts) -> None:
    inside = facts.plus(bounds(box))
    for w in windows:
        if need(inside, [w.value - w.low, w.high - w.value]).missing:
            raise LayerError(f"the index {w.value} does not stay within {w.low} <= {w.value} <= {w.high}")


def _plain_ranges(layer: Layer) -> dict[str, Range]:
    """The range of every index at which some operand is read directly: that operand's whole axis."""
    found: dict[str, tuple[Expr, str]] = {}
    for read, shape in layer.sizes_by_axis:
        for axis, (e, size) in enumerate(zip(read.at, shape, strict=True)):
            if not (isinstance(e, Sym) and e.name in layer.indices):
                continue
            place = f"{size} (axis {axis} of {read.tensor})"
            known, where = found.setdefault(e.name, (size, place))
            if not same(known, size):
                raise LayerError(f"index {e.name} runs over {where} and over {place}: {layer.text}")
    return {index: Range(index, ZERO, normal(size - ONE)) for index, (size, _) in found.items()}


def _windows(reads: Sequence[Read], shapes: Sequence[tuple[Expr, ...]]) -> list[Window]:
    """Each index expression of each read, which must stay within its axis (with the zeros in and around it)."""
    return [
        Window(e, ZERO, normal(extent(size, dilation, pad) - ONE))
        for read, shape in zip(reads, shapes, strict=True)
        for (e, dilation, pad), size in zip(read.axes, shape, strict=True)
    ]


def _free_range(
    index: str, indices: Sequence[str], windows: Sequence[Window], box: Sequence[Range], facts: Facts
) -> tuple[Range, Phrase, Needs]:
    """The range of `index`, which bounds make it, and what that rests on."""
    found, why, needs = _admitted(index, indices, windows, box, facts)
    from_zero = need(facts, equalities(found.low, ZERO))
    if from_zero.missing:
        raise LayerError(f"index {index} starts at {found.low}, not at 0: replace {index} by {index} + {found.low}")
    whole = Range(index, ZERO, found.high)
    none = need(facts, [ZERO - side(whole)])
    if not none.missing:
        return Range(index, ZERO, Int(-1)), phrase("never ", why), needs + from_zero + none
    return whole, why, needs + from_zero + need(facts, [side(whole)])


def _admitted(
    index: str, indices: Sequence[str], windows: Sequence[Window], box: Sequence[Range], facts: Facts
) -> tuple[Range, Phrase, Needs]:
    own = [w for w in windows if coefficient(w.value, index) != ZERO]
    for slope in (coefficient(w.value, index) for w in own):
        if not (facts.why(slope - ONE) or facts.why(ZERO - slope - ONE)):
            raise LayerError(f"{index} is multiplied by {slope}, which may be 0: add the hypothesis {slope} >= 1")
    if not own:
        raise LayerError(f"index {index} moves no read: nothing bounds it")
    found, needs = admissible(index, own, box, facts)
    loose = {*symbols(found.low), *symbols(found.high)} & set(indices)
    if loose:
        raise LayerError(f"{index} and {', '.join(sorted(loose))} are read together: nothing bounds them apart")
    return found, joined("; ", list(dict.fromkeys(_demand(w, index, box) for w in own))), needs


def _demand(window: Window, index: str, box: Sequence[Range]) -> Phrase:
    inside = [phrase(r) for r in box if coefficient(window.value, r.index) != ZERO]
    bounded = Bounds(window.low, window.value, window.high)
    return phrase(bounded, " for all " if inside else "", joined(", ", inside))


def size_rule(equation: Equation, shapes: Sequence[tuple[Expr, ...]], facts: Facts) -> tuple[Step, ...]:
    """The range of every free index of `equation`, from the bounds of its reads, and its sizes.

    Where the reads bound an index less than its own axis does, the axis does: an entry beyond it
    does not exist, whatever its windows would read. A read that moves with several free indices
    bounds none of them.
    """
    free = {r.index for r in equation.free}
    windows = [w for w in _windows(equation.reads, shapes) if len(free.intersection(symbols(w.value))) == 1]
    steps = [_confirmed(r, equation, windows, facts) for r in equation.free]
    sizes = tuple(side(r) for r in equation.free)
    return (*steps, counted(equation.left.tensor, sizes))


def _confirmed(own: Range, equation: Equation, windows: Sequence[Window], facts: Facts) -> Step:
    if all(coefficient(w.value, own.index) == ZERO for w in windows):
        return Step("given", own, phrase("no read moves with ", Sym(own.index), ": it runs over its axis"))
    found, why, needs = _admitted(own.index, [r.index for r in equation.free], windows, equation.over, facts)
    equal = need(facts, [*equalities(found.low, own.low), *equalities(found.high, own.high)])
    if equal.missing:
        inside = needs + need(facts, [own.low - found.low, found.high - own.high])
        if inside.missing:
            return Step("given", own, "it runs over its axis, an entry for each of the operand's")
        reason = phrase(why, " would admit ", found, ", of which the axis keeps its own")
        return Step("crop", own, reason, None, inside.proved)
    return Step("size rule", own, why, equation, needs.proved + equal.proved, needs.missing)
