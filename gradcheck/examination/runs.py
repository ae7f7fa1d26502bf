"""A target run on many layers: what it was given, what it returned, and its own finite differences."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Case
from gradcheck.conventions.gradients import Source, sources
from gradcheck.conventions.search import Found, integers
from gradcheck.conventions.sweep import relaxed, rules
from gradcheck.diagnosis.scene import Scene
from gradcheck.errors import TargetRaised
from gradcheck.targets.exchange import Array, Differences, Outcome
from gradcheck.targets.recognise import Target

RATE = 1.0
TWICE = 2  # how often the same sizes are enough
HALF = 2  # every so many layers the entries are halves, so that a cast to integers shows


@dataclass(frozen=True, slots=True)
class Run:
    """One layer checked: its sizes, what the target was given and returned, and its own finite differences."""

    convention: Convention
    case: Case
    operands: Mapping[str, Array]
    cotangent: Array
    outcome: Outcome
    gradients: Mapping[str, Array | None]
    differences: Mapping[str, Array]

    def scene(self, role: str) -> Scene | None:
        """How hypotheses see one result of this run; None where there is no array, or the output has another shape."""
        got = self.outcome.y if role == "y" else self.gradients.get(role)
        if got is None:
            return None
        reference = self.convention.reference(self.case)
        arrays = reference.arrays(self.operands)
        if role == "y":
            return Scene(reference, arrays, np.zeros(0), role, got)
        if self.cotangent.shape != self.convention.shape("y", self.case):
            return None
        return Scene(reference, arrays, self.convention.unpack("y", self.cotangent, self.case), role, got, RATE)


@dataclass(slots=True)
class Examiner:
    """The experiments on one target, as they come in."""

    target: Target
    seed: int
    found: Found
    wanted: Sequence[Case]
    sources: Mapping[str, Source] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    unsupported: dict[str, str] = field(default_factory=dict)

    def check(self, progress: Callable[[int, int], None]) -> None:
        """Run the target on all its sizes, and once more where something was wrong."""
        for number, case in enumerate(self.wanted):
            self._one(case, number)
            progress(number + 1, len(self.wanted))
        for number, run in enumerate([run for run in self.runs if _suspicious(run)][:2]):
            self._again(run, len(self.wanted) + number)

    def _one(self, case: Case, number: int) -> None:
        """One layer, on the first sizes near these that the target accepts."""
        try:
            self._keep(case, number)
            return
        except TargetRaised as error:
            if error.stage == "backward":
                raise TargetRaised(f"backward, at {case.told()},", error.message, error.trace) from None
            first = error
        for names, other in relaxed(case, self.found):
            if sum(run.case == other for run in self.runs) >= TWICE:
                return
            try:
                self._keep(other, number)
            except TargetRaised:
                continue
            for name in names:
                self.unsupported.setdefault(name, first.message)
            return
        self.unsupported.setdefault(case.told(), first.message)

    def _keep(self, case: Case, number: int) -> None:
        convention, one = self._padded(case, number)
        self._again(Run(convention, one, {}, np.zeros(0), Outcome((), ()), {}, {}), number)

    def _padded(self, case: Case, number: int) -> tuple[Convention, Case]:
        """The case with the padding that reproduces the output, where the target is not told it."""
        offered = list(rules(self.found, case))
        for rule, one in offered if len(offered) > 1 else ():
            convention = replace(self.found.convention, rule=rule)
            operands = self._operands(convention, one, np.random.default_rng((self.seed, number)), 1.0)
            outcome = self.target.run(convention.request(one, operands))
            scene = Run(convention, one, operands, np.zeros(convention.shape("y", one)), outcome, {}, {}).scene("y")
            if scene and scene.equals(scene.right()):
                self._settle(rule)
                return convention, one
        rule, one = offered[0]
        return replace(self.found.convention, rule=rule), one

    def _settle(self, rule: str) -> None:
        """Keep only the padding rules that have not been refuted so far."""
        if rule in self.found.rules:
            kept = self.found.rules[self.found.rules.index(rule) :]
            self.found = replace(self.found, rules=kept, convention=replace(self.found.convention, rule=rule))

    def _again(self, run: Run, number: int) -> None:
        """A layer of these sizes with operands of its own."""
        convention, case = run.convention, run.case
        random = np.random.default_rng((self.seed, number))
        unit = 0.5 if number % HALF else 1.0
        operands = self._operands(convention, case, random, unit)
        y = self.target.run(convention.request(case, operands)).y
        cotangent = integers(random, y.shape if y is not None else convention.shape("y", case), self._most) * unit
        request = convention.request(case, operands, cotangent=cotangent, rate=RATE, entropy=number)
        outcome = self.target.run(request)
        if not self.sources:
            shapes = {role: convention.shape(role, case) for role in convention.operands}
            self.sources = sources(self.target.description, convention, outcome, shapes)
        gradients = {role: source.array(outcome, RATE) for role, source in self.sources.items()}
        differences = {role: self.target.differences(Differences(request, role)) for role in gradients}
        self.runs.append(Run(convention, case, operands, cotangent, outcome, gradients, differences))

    def _operands(
        self, convention: Convention, case: Case, random: np.random.Generator, unit: float
    ) -> dict[str, Array]:
        return {role: integers(random, convention.shape(role, case), self._most) * unit for role in convention.operands}

    @property
    def _most(self) -> int:
        return self.target.description.most


def _suspicious(run: Run) -> bool:
    """Whether something in a run is not as the layer's line has it."""
    scenes = [scene for role in ("y", *run.gradients) if (scene := run.scene(role))]
    return any(not scene.equals(scene.right()) for scene in scenes)
