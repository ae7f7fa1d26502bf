"""From the runs to a result for each array: right, wrong and why, or consistent with a forward that is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from gradcheck.conventions.convention import Convention
from gradcheck.conventions.gradients import Source
from gradcheck.diagnosis.match import causes
from gradcheck.diagnosis.scene import Scene
from gradcheck.diagnosis.structure import heat, structure
from gradcheck.examination.runs import Run
from gradcheck.findings import Cause, Fault, Result
from gradcheck.targets.exchange import Array

CONVENTIONS = ("mean-over-batch",)


def results(
    runs: Sequence[Run], found: Mapping[str, Source], convention: Convention, shared: Sequence[str]
) -> tuple[Result, ...]:
    """The result for the output and for the gradient of every operand.

    `shared` are the operands whose gradients add up over calls.
    """
    output = _output(runs, convention.called("y"))
    forward_right = output.status == "right"
    every = (
        _gradient(role, convention.called(role), runs, found.get(role), forward_right) for role in convention.operands
    )
    told = [_accumulated(result) if result.role in shared else result for result in every]
    return (output, *_of_one_mind(told))


def _of_one_mind(found: Sequence[Result]) -> list[Result]:
    """A mean over the batch is a convention only if all gradients that sum over the batch are means."""
    summed = [result for result in found if result.role != "x" and result.status == "right"]
    if all(result.convention for result in summed):
        return list(found)
    return [replace(one, status="wrong", convention=None) if one.convention and one in summed else one for one in found]


def _accumulated(result: Result) -> Result:
    """A gradient that is wrong, or will be, because it is added to what other layers left."""
    fault = result.fault
    return replace(result, fault=replace(fault, causes=(Cause("accumulated"),))) if fault else result


def _output(runs: Sequence[Run], name: str) -> Result:
    scenes = [scene for run in runs if (scene := run.scene("y"))]
    wrong = [scene for scene in scenes if not scene.equals(scene.right())]
    elements = sum(scene.got.size for scene in scenes)
    fault = _fault(scenes, wrong) if wrong else None
    return Result("y", name, "wrong" if wrong else "right", elements, 0, "returned by forward", fault)


def _gradient(role: str, name: str, runs: Sequence[Run], source: Source | None, forward_right: bool) -> Result:
    if source is None:
        return Result(role, name, "not given", 0, 0)
    absent = [run for run in runs if run.gradients.get(role) is None]
    if absent:
        expected = absent[0].operands[role].shape
        fault = Fault(absent[0].case.told(), None, expected, causes=(Cause("none-returned"),))
        return Result(role, name, "wrong", 0, 0, source.told(), fault)
    differ = [run for run in runs if not _equal(run.gradients[role], run.differences[role])]
    elements = sum(_array(run, role).size for run in runs)
    differences = sum(run.differences[role].size for run in runs)
    counted = elements, differences, source.told()
    if not differ:
        return Result(role, name, "right" if forward_right else "consistent", *counted)
    scenes = [scene for run in runs if (scene := run.scene(role))]
    wrong = [scene for scene in scenes if not scene.equals(scene.right())]
    if scenes and not wrong:
        note = "it is what the layer's line of notation gives; its own forward says otherwise, and is the suspect"
        return Result(role, name, "consistent", *counted, note=note)
    fault = _fault(scenes, wrong) if wrong else _against_forward(differ, role)
    if fault.causes and fault.causes[0].id in CONVENTIONS:
        return Result(role, name, "right", *counted, fault, fault.causes[0])
    return Result(role, name, "wrong", *counted, fault)


def _array(run: Run, role: str) -> Array:
    found = run.gradients[role]
    assert found is not None
    return found


def _equal(one: Array | None, other: Array) -> bool:
    return one is not None and one.shape == other.shape and bool(np.array_equal(one, other))


def _fault(scenes: Sequence[Scene], wrong: Sequence[Scene]) -> Fault:
    """The smallest layer on which a result is wrong, and what explains all of them."""
    known = causes(scenes)
    least = min(wrong, key=lambda scene: (scene.got.shape != scene.right().shape, scene.right().size))
    shown = _entry(least.reference.case.told(), least.got, least.right())
    told = () if known else structure(least)
    return Fault(*shown, known, told, heat(least))


def _against_forward(runs: Sequence[Run], role: str) -> Fault:
    """The same, where only the target's own forward says what is right."""
    least = min(runs, key=lambda run: run.differences[role].size)
    return Fault(*_entry(least.case.told(), _array(least, role), least.differences[role]))


Shown = tuple[str, tuple[int, ...], tuple[int, ...], tuple[int, ...], float | None, float | None, int]


def _entry(sizes: str, got: Array, right: Array) -> Shown:
    """The sizes, both shapes, and the first entry that differs."""
    if got.shape != right.shape:
        return sizes, got.shape, right.shape, (), None, None, right.size
    wrong = np.argwhere(~(got == right))
    at = tuple(int(n) for n in wrong[0])
    return sizes, got.shape, right.shape, at, float(got[at]), float(right[at]), len(wrong)
