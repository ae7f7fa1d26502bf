"""An array formula unfolded to index notation: which products of entries each of its entries sums."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, count

from gradcheck.evidence import Step
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Sym
from gradcheck.notation.arrays import Array, Crop, Dilate, Pad, Ref, Rot180, Slide, SumOver, axis_of
from gradcheck.notation.phrase import Phrase, Said, joined, phrase
from gradcheck.notation.sums import Delta, Equation, Guard, Range, Read, Sized
from gradcheck.symbolic.algebra import normal
from gradcheck.symbolic.equations import substituted
from gradcheck.symbolic.gradients import shape
from gradcheck.symbolic.sizes import Needs, Window, admissible, need, side
from gradcheck.symbolic.theory import Theory

AXIS_NAMES = ("x", "y", "z", "w")
TAP_NAMES = ("u", "v", "w", "t")


class Unfolding:
    """Unfolds arrays one after another, with fresh names; collects the step for each operation.

    `bound` gives the range of every index that is free in the arrays.
    """

    def __init__(self, theory: Theory, bound: Mapping[str, Range]) -> None:
        self._theory, self._bound = theory, dict(bound)
        self._taken = {*theory.layer.names, *bound}
        self.steps: list[Step] = []

    def unfold(self, array: Array, names: tuple[str, ...] = AXIS_NAMES) -> Equation:
        """`array` as an equation whose free ranges are its axes, in order, named like `names`."""
        why: Said
        match array:
            case Ref():
                return self._ref(array, names)
            case Pad(inner, before, after):
                found, needs = self._pad(self.unfold(inner, names), before, after)
                why = _around(before, after, "zeros")
            case Crop(inner, before, after):
                found, needs = self._pad(self.unfold(inner, names), ZERO - before, ZERO - after)
                why = _around(before, after, "entries less")
            case Dilate(inner, by):
                found, needs = self._dilate(self.unfold(inner, names), by)
                why = phrase("zeros between the entries, which then stand ", by, " places apart")
            case Rot180(inner):
                found, needs, why = self._rotate(self.unfold(inner, names)), Needs(), "reversing an axis keeps its side"
            case Slide(_, signal, kernel):
                found, needs = self._slide(array, self.unfold(signal, names), self.unfold(kernel, TAP_NAMES))
                why = _fitting(array)
            case SumOver(index, inner):
                found, needs = self._sum(index, inner, names)
                why = phrase("adding over ", Sym(index), " keeps the sizes")
        sizes = tuple(side(r) for r in found.free)
        self.steps.append(Step(_rule(array), Sized(array, sizes), why, None, needs.proved, needs.missing))
        return found

    def _fresh(self, name: str) -> str:
        numbered = chain([name], (f"{name}{n}" for n in count(1)))
        found = next(candidate for candidate in numbered if candidate not in self._taken)
        self._taken.add(found)
        return found

    def _ref(self, ref: Ref, names: tuple[str, ...]) -> Equation:
        sizes = shape(self._theory, ref.tensor)
        needs = Needs()
        for index, size in zip(ref.at, sizes, strict=False):
            high = self._bound[index].high
            needs += need(self._theory.facts, [high - size + ONE, size - ONE - high])
        rest = sizes[len(ref.at) :]
        axes = [self._fresh(names[n % len(names)]) for n in range(len(rest))]
        free = tuple(Range(x, ZERO, normal(size - ONE)) for size, x in zip(rest, axes, strict=True))
        at = tuple(Sym(self._bound[index].index) for index in ref.at)
        if ref.at:
            why = phrase(joined(", ", [phrase(Sym(i)) for i in ref.at]), " fixed, running over the whole of the axis")
            self.steps.append(Step("index", Sized(ref, rest), why, None, needs.proved, needs.missing))
        return Equation(Read(str(ref), ()), free, (), (), (Read(ref.tensor, (*at, *(Sym(r.index) for r in free))),))

    def _pad(self, inner: Equation, before: Expr, after: Expr) -> tuple[Equation, Needs]:
        shifted = substituted(inner, {r.index: Sym(r.index) - before for r in inner.free})
        free = tuple(Range(r.index, r.low, normal(r.high + before + after)) for r in inner.free)
        guards = tuple(Guard(r.low, normal(Sym(r.index) - before), r.high) for r in inner.free)
        needs = need(self._theory.facts, [side(r) for r in free])
        return replace(shifted, free=free, where=(*shifted.where, *guards)), needs

    def _dilate(self, inner: Equation, by: Expr) -> tuple[Equation, Needs]:
        """The entry at by*x is that at x: a delta picks it, for a fresh x."""
        entries = {r.index: Sym(self._fresh(r.index)) for r in inner.free}
        moved = substituted(inner, entries)
        over = tuple(Range(entries[r.index].name, r.low, r.high) for r in inner.free)
        free = tuple(Range(r.index, ZERO, normal(by * r.high)) for r in inner.free)
        deltas = tuple(Delta(Sym(r.index), normal(by * entries[r.index])) for r in inner.free)
        needs = need(self._theory.facts, [by - ONE, *(side(r) - ONE for r in inner.free)])
        return replace(moved, free=free, over=(*over, *moved.over), where=(*deltas, *moved.where)), needs

    def _rotate(self, inner: Equation) -> Equation:
        return substituted(inner, {r.index: r.low + r.high - Sym(r.index) for r in inner.free})

    def _slide(self, slide: Slide, signal: Equation, kernel: Equation) -> tuple[Equation, Needs]:
        free, by, needs = [], {}, need(self._theory.facts, [slide.stride - ONE, slide.dilation - ONE])
        facts = self._theory.facts.plus(needs.missing)
        for axis, tap in zip(signal.free, kernel.free, strict=True):
            start = slide.stride * Sym(axis.index)
            window = Window(start + slide.dilation * Sym(tap.index), axis.low, axis.high)
            found, demanded = admissible(axis.index, [window], [tap], facts)
            needs += demanded + need(facts, [side(found)])
            offset = Sym(tap.index) if slide.op == "corr" else tap.low + tap.high - Sym(tap.index)
            by[axis.index] = start + slide.dilation * offset
            free.append(found)
        moved = substituted(signal, by)
        over = (*moved.over, *kernel.over, *kernel.free)
        where, reads = (*moved.where, *kernel.where), (*moved.reads, *kernel.reads)
        return Equation(Read("", ()), tuple(free), over, where, reads), needs

    def _sum(self, index: str, array: Array, names: tuple[str, ...]) -> tuple[Equation, Needs]:
        outer = self._bound.get(index)
        own = index_range(self._theory, index, [array])
        self._bound[index] = replace(own, index=self._fresh(index))
        inner = self.unfold(array, names)
        summed = self._bound.pop(index)
        if outer:
            self._bound[index] = outer
        return replace(inner, over=(summed, *inner.over)), need(self._theory.facts, [side(summed) - ONE])


def index_range(theory: Theory, index: str, arrays: list[Array]) -> Range:
    """The range of an index that subscripts something in `arrays`: the first axis that it stands for."""
    tensor, axis = axis_of(index, arrays)
    return Range(index, ZERO, normal(shape(theory, tensor)[axis] - ONE))


def _around(before: Expr, after: Expr, what: str) -> Phrase:
    if before == after:
        return phrase(before, f" {what} before and after on every axis")
    return phrase(before, f" {what} before and ", after, f" {what} after on every axis")


def _fitting(slide: Slide) -> Phrase:
    """Where the kernel lies inside the signal."""
    kernel = "the kernel"
    apart: tuple[object, ...] = (", its entries ", slide.dilation, " apart,") if slide.dilation != ONE else ()
    if slide.stride != ONE:
        return phrase("one of ", slide.stride, f" places at which {kernel}", *apart, " lies inside the signal")
    if apart:
        return phrase(f"the places at which {kernel}", *apart, " lies inside the signal")
    return phrase(f"the places at which {kernel} lies inside the signal: its side less the kernel's, plus 1")


def _rule(array: Array) -> str:
    names = {Pad: "zero padding", Crop: "crop", Dilate: "zero insertion", Rot180: "rotation", SumOver: "sum"}
    if isinstance(array, Slide):
        return {"corr": "valid correlation", "conv": "valid convolution"}[array.op]
    return names[type(array)]
