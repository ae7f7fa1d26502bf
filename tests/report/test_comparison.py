"""What was found out in words: the verdict, what it rests on, a line for each gradient, and what is wrong."""

import re
from dataclasses import replace

import pytest

from gradcheck.comparison import Comparison, Evidence, Gradient
from gradcheck.findings import Cause, Fault, Notice
from gradcheck.report.causes import words
from gradcheck.report.comparison import evidence, told

PROBE = Evidence("probe", trials=3, chance=1.25e-13, elsewhere=2e-7, bits=(16, 15, 14))
FULL = Evidence("full", bits=(16, 15, 14), passes=12)
SHAPES = Evidence("shapes")
NEARLY = Evidence("differences", trials=3, why="it bends")
FAULT = Fault(
    "", (2, 3), (2, 3), (1, 2), 5.0, -4.5, 2, (), ("2 of 6 entries differ",), ((0.0, 0.0, 0.5), (0.0, 0.0, 1.0))
)
RIGHT = Gradient("gradient of x", "right")


def text(*gradients, of=FULL, notices=()):
    """The text of a comparison."""
    return told(Comparison("f", "numpy", "float32", 7, of, gradients, notices, "do it again"))


def test_the_first_line_is_the_verdict():
    """With the function, the library, the type and the seed."""
    assert text(RIGHT).splitlines()[0] == "verified: f (numpy, float32, seed 7)"
    assert text(replace(RIGHT, status="wrong")).startswith("refuted: f")
    assert text().startswith("incomplete: f")


def test_how_to_see_it_again_is_told_last():
    """Unless all is well."""
    assert text(replace(RIGHT, status="wrong", fault=FAULT)).splitlines()[-1] == "  rerun: do it again"
    assert text().splitlines()[-1] == "  rerun: do it again"
    assert "rerun" not in text(RIGHT)


# what it rests on


def test_a_probe_tells_its_trials_and_chances():
    """How many, of which numbers, and what passes by chance under which assumptions."""
    (*lines,) = evidence(PROBE)
    said = " ".join(lines)
    assert said.startswith("3 exact trials on random integers of 16, 15, 14 bits")
    assert "at most 1.2e-13 (Schwartz-Zippel)" in said
    assert "at most 2.0e-07" in said
    assert " ".join(evidence(replace(PROBE, trials=1))).startswith("1 exact trial on")


def test_a_probe_that_failed_tells_no_chances():
    """There are none."""
    failed = evidence(replace(PROBE, trials=1, chance=1.0, elsewhere=1.0))
    assert failed == ["1 exact trial on random integers, compared with ==, failed"]


@pytest.mark.parametrize("of", [PROBE, FULL])
def test_whether_the_range_is_proved_is_told(of):
    """By a line of notation, or only guessed."""
    guessed, proved = (" ".join(evidence(replace(of, proved=proved))) for proved in (False, True))
    assert "for sums as long as the inputs allow" in guessed
    assert "proved by the lengths of the line's sums" in proved
    assert "proved" not in guessed


def test_passes_are_counted():
    """One is one."""
    assert "by 12 forward passes" in evidence(FULL)[0]
    assert "by 1 forward pass on" in evidence(replace(FULL, passes=1))[0]


def test_differences_tell_why_they_were_taken():
    """Nothing stronger was possible."""
    assert " ".join(evidence(NEARLY)).startswith("it bends: not exact, but differences in 3 random directions")


def test_shapes_tell_that_values_were_not_looked_at():
    """Nothing more was done."""
    assert "values were not looked at" in " ".join(evidence(SHAPES))


# a line for each gradient


@pytest.mark.parametrize(
    ("status", "mark"), [("right", "right"), ("wrong", "WRONG"), ("unresolved", "open"), ("zero", "zero")]
)
def test_every_gradient_has_its_line(status, mark):
    """The mark first, then its name."""
    line = text(replace(RIGHT, status=status)).splitlines()[2]
    assert re.fullmatch(rf"  {mark:6} gradient of x.*", line)


def test_elements_are_counted():
    """Where they were compared one by one."""
    assert "gradient of x, 6 elements" in text(replace(RIGHT, elements=6))
    assert text(replace(RIGHT, elements=1)).endswith("gradient of x, 1 element")
    assert text(RIGHT).endswith("gradient of x")


def test_a_direction_is_told_with_its_error():
    """The derivative by the gradient, by differences, and how far they may be apart."""
    one = replace(RIGHT, by_gradient=1.23456789, by_differences=1.5, error=2.34e-10)
    assert text(one, of=NEARLY).endswith(": along a direction 1.23457, by differences 1.5 ± 2e-10")
    hidden = text(replace(one, status="unresolved"), of=NEARLY)
    assert "± 2e-10; the error hides all of it" in hidden
    assert "hides" not in text(replace(RIGHT, status="unresolved"), of=SHAPES)


def test_zeros_say_little():
    """Which is told."""
    assert "both are 0 everywhere, which says little" in text(replace(RIGHT, status="zero"))


def test_notices_are_told():
    """Those that refute, and those that do not."""
    notices = (Notice("a", "first of all", refutes=False), Notice("b", "and then", refutes=True))
    lines = text(RIGHT, notices=notices).splitlines()
    assert lines[3:5] == ["  first of all", "  and then"]


# what is wrong


@pytest.mark.parametrize("cause", [Cause("wrong-sign"), Cause("constant-factor", "3"), Cause("filter-not-rotated")])
def test_a_cause_is_told_in_its_words(cause):
    """What it is, why, and how to mend it."""
    expected = words(cause.id, cause.variant, "the gradient of x")
    lines = text(replace(RIGHT, status="wrong", fault=replace(FAULT, causes=(cause,), structure=()))).splitlines()
    assert lines[3:6] == [f"gradient of x: {expected.title}", f"  why: {expected.place}", f"  fix: {expected.fix}"]


def test_of_several_causes_the_likeliest_is_told():
    """The others are told as what would look the same."""
    said = text(replace(RIGHT, status="wrong", fault=replace(FAULT, causes=(Cause("wrong-sign"), Cause("all-zero")))))
    assert "the sign is wrong" in said
    assert "the same would come of: the gradient of x is zero everywhere" in said


def test_what_nobody_knows_is_told_by_its_structure_and_its_map():
    """The entry, what it is, what it should be, and where errors are, the darker the more."""
    lines = text(replace(RIGHT, status="wrong", fault=FAULT)).splitlines()
    assert lines[3:] == [
        "gradient of x is wrong, and by no mistake that gradcheck knows",
        "  2 of 6 entries differ",
        "  shape: 2 x 3, as expected",
        "  gradient of x[1,2]: got 5, should be -4.5; 2 wrong elements",
        "        ▓▓",
        "        ██",
        "  rerun: do it again",
    ]


def test_another_shape_is_told():
    """Both shapes; there is no entry."""
    said = text(replace(RIGHT, status="wrong", fault=Fault("", (3, 2), (2, 3))), of=SHAPES)
    assert "gradient of x: the shape is 3 x 2, should be 2 x 3" in said
    assert "got" not in said


def test_a_fault_without_a_place_is_not_given_one():
    """Where elements were not gone through."""
    said = text(replace(RIGHT, status="wrong", fault=Fault("", (2, 3), (2, 3), causes=(Cause("upstream-ignored"),))))
    assert "the cotangent dY is not used" in said
    assert "should be" not in said


def test_only_what_is_wrong_has_its_fault_told():
    """A gradient that was left open has none."""
    assert "entries differ" not in text(replace(RIGHT, status="unresolved", fault=FAULT), of=NEARLY)
