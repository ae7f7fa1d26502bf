"""The layers in examples/: every correct one is verified with no configuration, every wrong one refuted and named."""

import os
from pathlib import Path

import pytest
from known_examples import CORRECT, WRONG

from gradcheck import Examination, WrongGradient

ROOT = Path(__file__).parent.parent
SEEDS = 20 if os.environ.get("GRADCHECK_THOROUGH") else 1


def named(examination: Examination) -> set[str]:
    """The causes told, each first of its array; "forward-off" for any of the output."""
    faults = {result.role: result.fault.causes[:1] for result in examination.results if result.fault}
    causes = {"forward-off" if role == "y" else cause.id for role, causes in faults.items() for cause in causes}
    return causes | {notice.id for notice in examination.notices if notice.refutes}


@pytest.mark.parametrize("address", CORRECT)
def test_correct_example_is_verified(address, assert_gradients):
    """No false alarm, whatever the seed, and every gradient compared with finite differences of its own forward."""
    for seed in range(SEEDS):
        examination = assert_gradients(str(ROOT / address), seed=seed)
        given = [r for r in examination.results if r.role != "y" and r.status != "not given"]
        assert all(r.differences == r.elements > 0 for r in given)


@pytest.mark.parametrize(("address", "cause"), WRONG.items(), ids=WRONG)
def test_wrong_example_is_refuted_and_named(address, cause, assert_gradients):
    """The verdict is refuted, and the mistake that was made is the one that is told."""
    with pytest.raises(WrongGradient) as caught:
        assert_gradients(str(ROOT / address))
    assert caught.value.found.verdict == "refuted"
    assert cause in named(caught.value.found)


def test_half_of_the_examples_are_correct():
    """At least 24 examples, every file used, about half of them correct."""
    files = {address.split(":")[0] for address in (*CORRECT, *WRONG)}
    assert files == {f"examples/{path.name}" for path in (ROOT / "examples").glob("*.py")}
    assert len(CORRECT) >= 12
    assert len(WRONG) >= 12
