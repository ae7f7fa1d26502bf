"""Steps as numbered lines: each is numbered where it first stands, and cited wherever it is needed again."""

from collections.abc import Sequence
from fractions import Fraction as Rational

from gradcheck.evidence import Certificate, Step
from gradcheck.notation.arithmetic import ONE, Expr, Op, symbols
from gradcheck.notation.sums import Equation, Range
from gradcheck.report.document import Cite, Emphasis, Line, Text
from gradcheck.report.expressions import factor, size, starts_with_digit
from gradcheck.report.formula import Formula, Fraction, Letter, Number, listed, row
from gradcheck.report.typeset import COMMA, Typesetter


class Steps:
    """Numbers the steps of one document in the order in which they are told."""

    def __init__(self, typesetter: Typesetter) -> None:
        self._typesetter = typesetter
        self._numbers: dict[Step, int] = {}

    def number(self, step: Step) -> int:
        """The number under which a step was told; KeyError if it was not."""
        return self._numbers[step]

    def told(self, steps: Sequence[Step]) -> tuple[Text, tuple[Line, ...]]:
        """The citation of the steps that already stand, and a line for each of the others."""
        old = [self._numbers[step] for step in steps if step in self._numbers]
        new = [step for step in dict.fromkeys(steps) if step not in self._numbers]
        for step in new:
            self._numbers[step] = len(self._numbers) + 1
        return cited(old), self._lines(new)

    def _lines(self, steps: Sequence[Step]) -> tuple[Line, ...]:
        lines: list[Line] = []
        before: Formula | None = None
        said: set[Range] = set()
        amounts: set[Text] = set()
        for step in steps:
            left, right = self._typesetter.relation(step.after)
            ranges = [r for r in _ranges(step) if r not in said]
            said.update(ranges)
            how = Emphasis(step.rule), ": would hold if " if step.missing else ": "
            reason = (*how, *self._typesetter.text(step.because), *self._against(step))
            left_out = [text for text in self._typesetter.left_out(step.after) if text not in amounts]
            amounts.update(left_out)
            unsaid = [text for text in left_out if not _told(text, reason)]
            notes = (*_for_all(ranges), *unsaid, *self._notes(step))
            repeated = left == before and isinstance(step.after, Equation)
            lines.append(Line(self._numbers[step], None if repeated else left, right, reason, notes))
            before = left
        return tuple(lines)

    def _against(self, step: Step) -> Text:
        """The citation of the equation that a claim is compared with."""
        if step.rule != "compare":
            return ()
        derived = [number for other, number in self._numbers.items() if other.after == step.before]
        return (", as in ", *cited(derived[:1])) if derived else ()

    def _notes(self, step: Step) -> list[Text]:
        """The certificates in full, but those that repeat a range or an assumption; and what is not shown."""
        repeated = [c.goal for c in step.certificates if _repeats_a_fact(c)]
        notes: list[Text] = [certified(c) for c in step.certificates if c.goal not in repeated]
        known = [e for e in repeated if set(symbols(e)) <= set(self._typesetter.layer.names)]
        if assumed := [e for e in known if _polynomial(e)]:
            notes.append(("assumed: ", *at_least_zero(assumed)))
        if defined := [e for e in known if not _polynomial(e)]:
            notes.append(("assumed, or so by definition: ", *at_least_zero(defined)))
        false = [e for e in step.missing if not symbols(e)]
        if false:
            notes.append(("false: ", *at_least_zero(false)))
        if open_ := [e for e in step.missing if symbols(e)]:
            notes.append(("not shown: ", *at_least_zero(open_)))
        return notes


def _told(text: Text, reason: Text) -> bool:
    """Whether all the amounts in a text stand in the reason as well."""
    return all(part in reason for part in text[1:] if not isinstance(part, str))


def _repeats_a_fact(certificate: Certificate) -> bool:
    return certificate == Certificate(certificate.goal, ((Rational(1), (certificate.goal,)),))


def _polynomial(e: Expr) -> bool:
    """Whether `e`, in normal form, has no quotient and no maximum, of which something holds by definition."""
    return not isinstance(e, Op) or (e.op in ("+", "-", "*", "**") and _polynomial(e.left) and _polynomial(e.right))


def certified(certificate: Certificate) -> Text:
    """The identity that shows a goal to be at least 0, what follows for an integer, and the case that it is for."""
    goal, parts = certificate.goal, [_multiple(multiplier, facts) for multiplier, facts in certificate.parts]
    shown = row(size(certificate.total), "=", listed("+", parts) if parts else Number(0), ">=", Number(0))
    rounded = () if certificate.divisor == ONE else (", so that ", *at_least_zero([goal]), ", being an integer")
    where = ", where " if symbols(goal) else ", so that never "  # of an impossible case the goal is -1
    return (shown, *rounded, *((where, *at_least_zero(certificate.assuming)) if certificate.assuming else ()))


def _multiple(multiplier: Rational, facts: Sequence[Expr]) -> Formula:
    product = listed("product", [factor(fact) for fact in facts]) if facts else None
    number: Formula = Number(multiplier.numerator)
    if multiplier.denominator != 1:
        number = Fraction(number, Number(multiplier.denominator))
    if product is None:
        return number
    between = ["dot"] if starts_with_digit(facts[0]) else []
    return product if multiplier == 1 else row(number, *between, product)


def at_least_zero(goals: Sequence[Expr]) -> Text:
    """m - 1, n - m >= 0."""
    *others, last = map(size, goals)
    return (*(part for goal in others for part in (goal, ", ")), row(last, ">=", Number(0)))


def _ranges(step: Step) -> tuple[Range, ...]:
    return (*step.after.free, *step.after.over) if isinstance(step.after, Equation) else ()


def _for_all(ranges: Sequence[Range]) -> list[Text]:
    """The ranges, those with the same bounds together: 0 <= u, v <= m - 1."""
    together: dict[tuple[Expr, Expr], list[Formula]] = {}
    for r in ranges:
        together.setdefault((r.low, r.high), []).append(Letter(r.index))
    told: list[str | Formula] = []
    for (low, high), indices in together.items():
        told += [", " if told else "where ", row(size(low), "<=", listed(COMMA, indices), "<=", size(high))]
    return [tuple(told)] if told else []


def cited(numbers: Sequence[int]) -> Text:
    """References to steps, neighbours joined: (1)-(5), (8)."""
    runs: list[list[int]] = []
    for n in sorted(set(numbers)):
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    text: list[str | Cite] = []
    for run in runs:
        ends = (run[0],) if len(run) == 1 else (run[0], run[-1])
        text += [", ", Cite(ends[0]), *(("\u2013", Cite(ends[1])) if len(ends) == 2 else ())]
    return tuple(text[1:])
