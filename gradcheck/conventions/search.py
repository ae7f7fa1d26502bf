"""The experiment: build the target, run it on small integers, and keep what reproduces its output exactly."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice, product

import numpy as np

from gradcheck.conventions.candidates import LARGE, biases, families, filters, inputs, outputs, starts
from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Case, Family
from gradcheck.conventions.geometry import explaining
from gradcheck.conventions.layout import axes, shape, solve
from gradcheck.conventions.nonlinear import is_nonlinear
from gradcheck.conventions.options import Options, styled
from gradcheck.conventions.weights import weights_in
from gradcheck.errors import TargetRaised, TargetStopped
from gradcheck.targets.exchange import Array, Description, Outcome, Request

Run = Callable[[Request], Outcome]
STYLES = 12  # how many ways of giving the options are tried


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run that went through: what the target was given, in which layouts, and what it did.

    `case` has the sizes it was told; where it made its own weights, `layouts` has only x.
    """

    family: Family
    options: Options
    case: Case
    layouts: Mapping[str, str]
    weights: Mapping[str, str]
    operands: Mapping[str, Array]
    outcome: Outcome

    @property
    def request(self) -> Request:
        """What was asked of the target."""
        return Request(self.options.values(self.case, self.family, self.layouts["x"]), self.operands, self.weights)


@dataclass(frozen=True, slots=True)
class Found:
    """A way to read an attempt: a convention and the sizes, with every padding rule that gives these."""

    convention: Convention
    case: Case
    attempt: Attempt | None
    rules: tuple[str, ...] = ()


@dataclass(slots=True)
class Search:
    """The experiments on one target; `fixed` are the layouts that the user has given, by role, `family` the kind.

    `unbiased` leaves every bias 0, for a layer that does something else with it than add it.

    After the search `raised` has the first exception met, with the sizes it was raised at, and
    `attempts` every run that went through. A `nonlinear` target is of no family: the search ends after
    the first of them.
    """

    run: Run
    described: Description
    options: Options
    fixed: Mapping[str, str] = field(default_factory=dict)
    flips: tuple[bool, ...] = (False, True)
    family: Family | None = None
    unbiased: bool = False
    raised: tuple[TargetRaised, Case] | None = None
    attempts: list[Attempt] = field(default_factory=list)
    nonlinear: bool = False
    _stage: str = ""  # of the last exception

    def exact(self) -> Found | None:
        """The first reading that reproduces an output exactly."""
        every = (replace(self.family, flipped=False),) if self.family else families(self.described)
        for family in every:
            for attempt in self._attempts(family):
                self.attempts.append(attempt)
                for found in self.readings(attempt, exactly=True):
                    if reproduces(found):
                        return found
                if len(self.attempts) == 1 and self._is_nonlinear(attempt):
                    self.nonlinear = True
                    return None
        return None

    def _is_nonlinear(self, attempt: Attempt) -> bool:
        return is_nonlinear(lambda request: self._try(request, attempt.case), attempt.request, attempt.outcome.y)

    def readings(self, attempt: Attempt, exactly: bool) -> Iterator[Found]:
        """Every way to read an attempt; with `exactly`, only with an output of the shape that came out."""
        y = attempt.outcome.y
        for layouts, case in self._filters_read(attempt):
            for layout in outputs(attempt.family, layouts["x"], case):
                known = {"z": case.N, "h": case.g, "j": case.p // case.g}
                found = solve(layout, () if y is None else y.shape, known)
                for sides in [tuple(found[name] for name in attempt.family.space)] if found else []:
                    yield from self._geometries(attempt, {**layouts, "y": layout}, case, sides if exactly else None)

    def _geometries(
        self, attempt: Attempt, layouts: Mapping[str, str], case: Case, sides: tuple[int, ...] | None
    ) -> Iterator[Found]:
        free = frozenset(
            role for role in "sdP" if not attempt.options.takes(role) and role not in attempt.options.fixed
        )
        if attempt.options.styles.get("P") == "string":
            free |= {"P"}
        cases: dict[Case, list[str]] = {}
        for one, rule in explaining(case, attempt.family, sides, free):
            cases.setdefault(one, []).append(rule)
        for (one, rules), flipped in product(cases.items(), self.flips if attempt.family.dims else (False,)):
            family = replace(attempt.family, flipped=flipped)
            convention = Convention(family, layouts, attempt.weights, attempt.options, rules[0])
            for bias in self._biases_read(convention, one, attempt):
                yield Found(bias, one, attempt, tuple(rules))

    def _filters_read(self, attempt: Attempt) -> Iterator[tuple[dict[str, str], Case]]:
        """The layouts that the filters can have by their shape, and the sizes that this gives."""
        case, family, w = attempt.case, attempt.family, attempt.operands.get("w")
        if w is None:
            return
        options = attempt.options
        own = attempt.layouts.get("w")
        for g, layout in product(
            dict.fromkeys((case.g, case.k)), [own] if own else filters(family, self.fixed.get("w"))
        ):
            known = {"h": g, "i": case.k // g}
            if options.takes("m") or "w" not in attempt.weights:
                known |= dict(zip(family.taps, case.m, strict=True))
            if (options.takes("p") or "w" not in attempt.weights) and case.p % g == 0:
                known["j"] = case.p // g
            sizes = solve(layout, w.shape, known)
            if sizes and _covers(layout, sizes):
                p, m = g * sizes.get("j", 1), tuple(sizes[tap] for tap in family.taps)
                yield {"x": attempt.layouts["x"], "w": layout}, replace(case, g=g, p=p, m=m)

    def _biases_read(self, convention: Convention, case: Case, attempt: Attempt) -> Iterator[Convention]:
        """The convention with every layout that the bias can have by its shape."""
        b = attempt.operands.get("b")
        if b is None:
            yield convention
            return
        for layout in [attempt.layouts["b"]] if "b" in attempt.layouts else biases(convention.family):
            extended = replace(convention, layouts={**convention.layouts, "b": layout})
            if extended.shape("b", case) == b.shape:
                yield extended

    def _attempts(self, family: Family) -> Iterator[Attempt]:
        """The runs that go through, with the first way to give the options with which any does."""
        for options in islice(styled(self.options), STYLES):
            through, self._stage = False, ""
            for case, layout in product(starts(family, options), inputs(family, self.fixed.get("x"))):
                if through and case.n == LARGE[: family.dims]:
                    break
                own = replace(case, N=case.N if "z" in layout else 1, k=case.k if "i" in layout else 1)
                if own.k % own.g or (self._stage == "the constructor" and not through and "n" not in options.named):
                    continue
                for attempt in self._runs(family, options, own, layout):
                    through = True
                    yield attempt
            if through:
                return

    def _runs(self, family: Family, options: Options, case: Case, layout: str) -> Iterator[Attempt]:
        """The runs with an input of one layout, whoever keeps the weights."""
        random = np.random.default_rng(0)
        x = integers(random, shape(layout, case.known(family)), self.described.most)
        values = options.values(case, family, layout)
        if "w" not in self.described.takes:
            outcome = self._try(Request(values, {"x": x}), case)
            state = dict(outcome.state) if outcome else {}
            for weights in weights_in(state):
                operands = {"x": x} | {
                    role: self._drawn(random, role, np.asarray(state[path]).shape) for role, path in weights.items()
                }
                attempt = self._try(Request(values, operands, weights), case)
                if attempt:
                    yield Attempt(family, options, case, {"x": layout}, weights, operands, attempt)
            return
        depthwise = [case.k] if "g" not in options.named else []
        last = biases(family)[:7] if "b" in self.described.takes else (None,)
        for bias, g, w in product(last, dict.fromkeys((case.g, *depthwise)), filters(family, self.fixed.get("w"))):
            grouped = replace(case, g=g, p=case.p if case.p % g == 0 and "j" in w else g)
            known = grouped.known(family)
            layouts = {"x": layout, "w": w} | ({"b": bias} if bias else {})
            if not _covers(w, known):
                continue
            operands = {
                role: self._drawn(random, role, shape(one, known)) for role, one in layouts.items() if role != "x"
            } | {"x": x}
            outcome = self._try(Request(options.values(grouped, family, layout), operands), grouped)
            if outcome:
                yield Attempt(family, options, grouped, layouts, {}, operands, outcome)

    def _drawn(self, random: np.random.Generator, role: str, sides: tuple[int, ...]) -> Array:
        return np.zeros(sides) if role == "b" and self.unbiased else integers(random, sides, self.described.most)

    def _try(self, request: Request, case: Case) -> Outcome | None:
        """What the run gives; an exception is kept: the first, but one from forward before any other."""
        try:
            return self.run(request)
        except TargetStopped as error:
            raise TargetStopped(f"{error}, in a run at {case.told()}") from None
        except TargetRaised as error:
            self._stage = error.stage
            if self.raised is None or (self.raised[0].stage != "forward" and error.stage == "forward"):
                self.raised = error, case
            return None


def _covers(layout: str, sizes: Mapping[str, int]) -> bool:
    """Whether an array of this layout has all entries: what is left out has one."""
    there = {name for names in axes(layout) for name in names}
    return all(size == 1 for name, size in sizes.items() if name in "hijruv" and name not in there)


def integers(random: np.random.Generator, sides: tuple[int, ...], most: int) -> Array:
    """Integers up to this size, none of them 0."""
    drawn = random.integers(1, most, size=sides, endpoint=True) * random.choice((-1, 1), size=sides)
    return np.asarray(drawn, float)


def reproduces(found: Found) -> bool:
    """Whether the line of notation gives exactly what the target gave."""
    attempt, convention = found.attempt, found.convention
    y = attempt.outcome.y if attempt else None
    if attempt is None or y is None or not y.size or y.shape != convention.shape("y", found.case):
        return False
    reference = convention.reference(found.case)
    expected = convention.pack("y", reference.output(reference.arrays(attempt.operands)))
    return bool(np.array_equal(y, expected))
