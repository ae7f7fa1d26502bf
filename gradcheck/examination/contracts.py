"""What a layer must not do, whatever its values: change what it is given, differ from call to call, lose precision."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from gradcheck.conventions.gradients import Source
from gradcheck.examination.runs import RATE, Run
from gradcheck.findings import Notice
from gradcheck.targets.exchange import Array, Outcome
from gradcheck.targets.recognise import Target
from gradcheck.targets.roles import WORDS as ROLES


def notices(target: Target, runs: Sequence[Run], found: Mapping[str, Source]) -> tuple[Notice, ...]:
    """All that is to be said besides shapes and values, each thing once."""
    first = runs[0]
    told = [
        *(one for run in runs for one in _in_place(run.outcome)),
        *(one for run in runs for one in _values(run, found)),
        *_aliases(first.outcome),
        *_repeated(target, first, found),
        *_updated(target, first, found),
    ]
    return tuple(dict.fromkeys(told))


def _in_place(outcome: Outcome) -> Iterator[Notice]:
    for role, stage in outcome.mutated:
        text = f"{stage} changes {ROLES[role]} in place: whoever uses it afterwards gets other values; copy it first"
        yield Notice("input-mutated", text, refutes=True)


def _values(run: Run, found: Mapping[str, Source]) -> Iterator[Notice]:
    arrays = {"y": run.outcome.y} | {f"d{role}": run.gradients.get(role) for role in found}
    for name, array in arrays.items():
        if array is None:
            continue
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            yield Notice("not-finite", f"{name} has NaN or infinity", refutes=True, sizes=run.case.told())
        if array.dtype.kind == "f" and array.dtype.itemsize < 8:
            yield Notice("down-cast", f"{name} is {array.dtype}, though all that was given is float64", refutes=False)
        if array.dtype.kind in "iub":
            yield Notice("down-cast", f"{name} is {array.dtype}: fractions are cut off", refutes=True)


def _aliases(outcome: Outcome) -> Iterator[Notice]:
    for path, role in outcome.aliases:
        what = f"result {path}" if path else "what backward returns"
        yield Notice(
            "aliasing", f"{what} shares memory with {ROLES[role]}: a change to one changes both", refutes=False
        )


def _gradients(outcome: Outcome, found: Mapping[str, Source]) -> dict[str, Array | None]:
    return {role: source.array(outcome, RATE) for role, source in found.items()}


def _repeated(target: Target, run: Run, found: Mapping[str, Source]) -> Iterator[Notice]:
    """A second fresh layer, and a second pass over the same one, must give the same."""
    request = run.convention.request(run.case, run.operands, cotangent=run.cotangent, rate=RATE, entropy=12345)
    first, again = target.run(request), target.run(replace(request, entropy=54321, twice=True))
    before, after = _gradients(first, found), _gradients(again, found)
    if not _same(first.y, again.y):
        yield Notice("not-deterministic", "the same input gives another output: something random is in forward", True)
    steady = {}
    for role, one in before.items():
        other = after[role]
        if _same(one, other) or one is None or other is None:
            steady[role] = found[role]
        elif one.shape == other.shape == run.differences[role].shape and _same(other - one, run.differences[role]):
            text = f"d{role} adds up over calls, even of fresh layers: what it is added to is shared; start from zeros"
            yield Notice("accumulated", text, refutes=True, role=role)
        else:
            yield Notice("not-deterministic", f"d{role} is another one each time, for the same input", refutes=True)
    yield from _second_pass(again, after, steady)


def _second_pass(outcome: Outcome, first: Mapping[str, Array | None], found: Mapping[str, Source]) -> Iterator[Notice]:
    """What the same layer gives for the same input a second time; sums that go on are a convention."""
    assert outcome.second
    if not _same(outcome.y, outcome.second.y):
        text = "the output differs when the same layer is called a second time with the same arrays"
        yield Notice("second-call-differs", text, refutes=True)
    for role, source in found.items():
        one, other = first[role], source.array(outcome.second, RATE)
        if one is None or other is None or _same(one, other):
            continue
        if one.shape == other.shape and (other == 2 * one).all() and source.kind == "kept":
            text = f"d{role} adds up over calls of backward on one layer: set {source.path} to zero before each"
            yield Notice("accumulates", text, refutes=False)
        elif one.shape == other.shape and (other == 2 * one).all():
            text = (
                f"d{role} adds up over calls of backward on one layer, though it is {source.told()}: start from zeros"
            )
            yield Notice("accumulated", text, refutes=True, role=role)
        else:
            text = f"d{role} differs when the same layer is called a second time with the same arrays"
            yield Notice("second-call-differs", text, refutes=True)


def _updated(target: Target, run: Run, found: Mapping[str, Source]) -> Iterator[Notice]:
    """A gradient that is read off an update must be the same at twice the learning rate."""
    updates = {role: source for role, source in found.items() if source.kind == "update"}
    if not updates:
        return
    request = run.convention.request(run.case, run.operands, cotangent=run.cotangent, rate=2 * RATE, entropy=12345)
    twice = target.run(request)
    for role, source in updates.items():
        if not _same(source.array(twice, 2 * RATE), source.array(run.outcome, RATE)):
            text = f"the update of {source.path} does not grow with the learning rate: d{role} cannot be read off it"
            yield Notice("update-not-linear", text, refutes=False)


def _same(one: Array | None, other: Array | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.shape == other.shape and bool(np.array_equal(one, other, equal_nan=True))
