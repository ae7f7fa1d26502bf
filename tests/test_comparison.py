"""What was found out about a function's gradients is judged by one property, which every finding takes part in."""

from dataclasses import FrozenInstanceError, replace

import pytest

from gradcheck.comparison import Comparison, Evidence, Gradient
from gradcheck.findings import Cause, Fault, Notice

FAULT = Fault("", (2,), (2,))
HARMLESS = Notice("kinks", "there is a kink", refutes=False)
FATAL = Notice("input-mutated", "it changes its input", refutes=True)


def found(*statuses, notices=(), faults=()):
    """A comparison in which the gradients have these statuses."""
    gradients = tuple(Gradient(f"gradient of {n}", status) for n, status in enumerate(statuses))
    gradients += tuple(Gradient("gradient of other", "wrong", fault=fault) for fault in faults)
    return Comparison("f", "numpy", "float64", 0, Evidence("full"), gradients, notices)


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        (("right",), "verified"),
        (("right", "right"), "verified"),
        (("right", "zero"), "verified"),
        (("zero",), "incomplete"),
        (("unresolved",), "incomplete"),
        (("right", "unresolved"), "incomplete"),
        (("zero", "unresolved"), "incomplete"),
        ((), "incomplete"),
        (("wrong",), "refuted"),
        (("right", "wrong"), "refuted"),
        (("unresolved", "wrong", "zero"), "refuted"),
    ],
)
def test_the_verdict_is_that_of_all_gradients(statuses, verdict):
    """One that is wrong refutes, one that is open leaves open, and nothing but zeros verifies nothing."""
    assert found(*statuses).verdict == verdict


@pytest.mark.parametrize("statuses", [("right",), ("zero",), ("unresolved",), ()])
def test_a_notice_that_refutes_refutes(statuses):
    """Whatever the gradients are; one that does not changes nothing."""
    assert found(*statuses, notices=(HARMLESS, FATAL)).verdict == "refuted"
    assert found(*statuses, notices=(HARMLESS,)).verdict == found(*statuses).verdict


def test_the_cause_is_the_first_that_is_known():
    """The likeliest of the first gradient that has one."""
    some = replace(FAULT, causes=(Cause("wrong-sign"), Cause("all-zero")))
    more = replace(FAULT, causes=(Cause("axes-swapped"),))
    assert found("right", faults=(FAULT, some, more)).cause == "wrong-sign"


@pytest.mark.parametrize("faults", [(), (FAULT,)])
def test_there_need_not_be_a_cause(faults):
    """Of what is right, and of what nobody knows."""
    assert found("right", faults=faults).cause is None


def test_its_text_is_what_its_words_say():
    """They are given the comparison itself."""
    one = replace(found("right"), words=lambda this: f"{this.function} is {this.verdict}")
    assert str(one) == "f is verified"
    assert str(found("right")).startswith("Comparison(function='f'")


def test_words_are_no_part_of_what_was_found():
    """Two that say the same in other words are equal; others are not."""
    assert replace(found("right"), words=lambda _: "") == found("right")
    assert found("right") != found("zero")


def test_what_was_found_is_not_changed():
    """The values are frozen."""
    with pytest.raises(FrozenInstanceError):
        found("right").seed = 1
