"""Replaying a derivation: every step holds at small sizes, and a corrupted one is caught."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from derivations import GENERAL, TRANSPOSED, Case, caught

from gradcheck import read_document
from gradcheck.errors import Disagreement
from gradcheck.evidence import Step
from gradcheck.notation.arithmetic import ONE, Sym
from gradcheck.notation.sums import Chain, Condition, Equation, Guard, Range, Read, Sized
from gradcheck.symbolic.gradients import gradient
from gradcheck.symbolic.prove import prove
from gradcheck.symbolic.replay import fault, replay, replay_sizes

DOCUMENT = read_document()
LAYER, WHERE = DOCUMENT.layer, DOCUMENT.where
STEPS = {claim.id: prove(LAYER, WHERE, claim).steps for claim in DOCUMENT.claims}
ALL_STEPS = list(dict.fromkeys(step for steps in STEPS.values() for step in steps))


@pytest.mark.parametrize("claim", STEPS)
def test_derivation_replays(claim: str) -> None:
    """Every step of the document's proofs is true at the replayed sizes."""
    replay(LAYER, WHERE, STEPS[claim])


def test_sizes_differ_enough() -> None:
    """Among the sizes replayed are the smallest, all above the least, and all different with m < n."""
    found = [dict(sizes) for sizes in replay_sizes(LAYER, WHERE)]
    assert {"k": 1, "n": 1, "p": 1, "m": 1} in found
    assert any(min(sizes.values()) > 1 for sizes in found)
    assert any(len(set(sizes.values())) == 4 and 1 < sizes["m"] < sizes["n"] for sizes in found)


def shifted(read: Read) -> Read:
    """The read one entry further along its last axis."""
    return replace(read, at=(*read.at[:-1], read.at[-1] + ONE))


def wrong_equations(e: Equation) -> list[Equation]:
    """Ways to get an equation wrong."""
    found = [replace(e, reads=(shifted(e.reads[0]), *e.reads[1:]))]
    found += [replace(e, over=e.over[1:])] if e.over and e.left.at else []
    found += [replace(e, where=(tightened(e.where[0]), *e.where[1:]))] if e.where else []
    found += [replace(e, over=(replace(e.over[-1], high=e.over[-1].high - ONE), *e.over[:-1]))] if e.over else []
    found += [replace(e, free=(*e.free[:-1], replace(e.free[-1], high=e.free[-1].high - ONE)))] if e.free else []
    return found


def tightened(condition: Condition) -> Condition:
    """A condition that leaves out what it should let through."""
    if isinstance(condition, Guard):
        return replace(condition, low=condition.low + ONE)
    return replace(condition, left=condition.left + ONE)


def wrong(step: Step) -> list[Step]:
    """The step with its statement corrupted in every way that fits it."""
    match step.after:
        case Equation() as e:
            return [replace(step, after=bad) for bad in wrong_equations(e)]
        case Range(index, low, high):
            bad_ranges = [Range(index, low + ONE, high), Range(index, low, high + ONE), Range(index, low, high - ONE)]
            return [replace(step, after=bad) for bad in bad_ranges]
        case Sized(array, sizes):
            return [replace(step, after=Sized(array, (*sizes[:-1], sizes[-1] + ONE)))]
        case Chain(links):
            return [replace(step, after=Chain((*links, Sym("n") + Sym("k"))))]


@pytest.mark.parametrize("step", ALL_STEPS, ids=lambda step: f"{step.rule}-{step.after}"[:60])
def test_corrupted_step_is_caught(step: Step) -> None:
    """Whatever is changed in a statement, some replayed size shows it."""
    corrupted = wrong(step)
    assert corrupted
    for bad in corrupted:
        assert any(fault(LAYER, bad, sizes) for sizes in replay_sizes(LAYER, WHERE)), str(bad.after)


def general_steps(own: Case) -> list[Step]:
    """Every step to the output and the gradients of a layer, but ranges that are said and not derived."""
    found = own.known
    steps = dict.fromkeys(s for o in found.layer.operands for s in (*found.steps, *gradient(found, o).steps))
    return [step for step in steps if step.before or not isinstance(step.after, Range)]


def more_wrong(step: Step) -> list[Step]:
    """The step with the zeros of its reads changed, one read at a time."""
    if not isinstance(step.after, Equation):
        return []
    reads = step.after.reads
    bad = [(n, changed) for n, read in enumerate(reads) for changed in other_zeros(read)]
    return [replace(step, after=replace(step.after, reads=(*reads[:n], read, *reads[n + 1 :]))) for n, read in bad]


def other_zeros(read: Read) -> list[Read]:
    """The read with one zero more before all entries, with its zeros turned around, or with more in between."""
    last = len(read.at) - 1
    found = []
    if read.pad:
        before, after = read.pad[last]
        found += [
            replace(read, pad=(*read.pad[:last], pair)) for pair in ((before + ONE, after), (before, after - ONE))
        ]
    if read.dilation:
        found.append(replace(read, dilation=(*read.dilation[:last], read.dilation[last] + ONE)))
    return found


@pytest.mark.parametrize("own", [GENERAL, TRANSPOSED], ids=["general", "transposed"])
def test_corrupted_steps_with_zeros_are_caught(own: Case) -> None:
    """Of a layer with strides, dilation and padding, too, no step can be changed without some small size showing it."""
    steps = general_steps(own)
    assert sum(bool(more_wrong(step)) for step in steps) >= 5
    points = own.grid()[3::7]
    for step in steps:
        for bad in (*wrong(step), *more_wrong(step)):
            caught(own.known.layer, bad, points)


def test_every_rule_is_replayed() -> None:
    """The document's proofs use every rule that there is."""
    rules = {
        "define", "differentiate", "collapse", "drop", "reverse", "pad", "size rule", "count", "given", "cotangent",
        "index", "zero padding", "rotation", "valid correlation", "sum", "unfold", "compare", "normal form",
        "side", "depth", "padding",
    }  # fmt: skip
    assert {step.rule for step in ALL_STEPS} == rules


def test_fault_stops_the_run() -> None:
    """A step that does not replay is a fault of the engine, with the step and the sizes."""
    good = STEPS["input-gradient-formula"]
    bad = [replace(s, after=wrong(s)[0].after) if s.rule == "reverse" else s for s in good]
    with pytest.raises(Disagreement, match=r"step 'reverse: dX.*' is false at \{'k'"):
        replay(LAYER, WHERE, bad)


def test_guard_is_needed(corrupt: Callable[[Step], Step]) -> None:
    """A read that a dropped guard no longer protects is out of bounds."""
    step = next(s for s in STEPS["input-gradient-formula"] if s.rule == "drop")
    assert any("is outside of" in (fault(LAYER, corrupt(step), sizes) or "") for sizes in replay_sizes(LAYER, WHERE))


@pytest.fixture
def corrupt() -> Callable[[Step], Step]:
    """Takes the guards out of a step."""

    def without_guards(step: Step) -> Step:
        assert isinstance(step.after, Equation)
        deltas = tuple(c for c in step.after.where if not isinstance(c, Guard))
        return replace(step, after=replace(step.after, where=deltas))

    return without_guards
