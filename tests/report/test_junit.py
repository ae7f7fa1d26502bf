"""JUnit XML: a suite a subject, a case a part, valid under the schema, whatever stands in any text."""

from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

import pytest
from hostile import HOSTILE, PLAIN, spelled, subject
from schemas import validate_junit

from gradcheck.report import junit
from gradcheck.report.wording import inert


def parsed(*subjects) -> list[Element]:
    """The suites, as a reader of XML finds them in the bytes of the file."""
    root = fromstring(junit.write(subjects).encode("utf-8"))
    assert (root.tag, root.get("name")) == ("testsuites", "gradcheck")
    assert {suite.tag for suite in root} == {"testsuite"}
    return list(root)


def outcomes(suite):
    """What each case of a suite has besides its text."""
    return [[inner.tag for inner in case if inner.tag != "system-out"] for case in suite.iter("testcase")]


def test_a_case_for_each_part():
    """Passed, failed, undecided, noted twice, known, and the error of the subject."""
    (suite,) = parsed(PLAIN)
    assert outcomes(suite) == [[], ["failure"], ["error"], [], [], ["skipped"], ["error"]]


def test_the_counts_are_those_of_the_cases():
    """A server that reads the counts alone gets the same picture."""
    (suite,) = parsed(PLAIN)
    told = {name: int(suite.get(name, "")) for name in ("tests", "failures", "errors", "skipped")}
    assert told == {"tests": 7, "failures": 1, "errors": 2, "skipped": 1}
    for tag, count in (("testcase", 7), ("failure", 1), ("error", 2), ("skipped", 1)):
        assert len(list(suite.iter(tag))) == count


def test_a_failure_has_its_rule_and_all_that_is_said():
    """The type names the rule, the message is one line, the text has the rest and the command."""
    part = replace(PLAIN.parts[1], message="dx: wrong", details=("  why: so",), rerun="gradcheck verify a.py")
    (suite,) = parsed(replace(PLAIN, parts=(part,)))
    (failure,) = suite.iter("failure")
    assert failure.attrib == {"type": "GC201 input-gradient", "message": "dx: wrong"}
    assert failure.text == "dx: wrong\n  why: so\nrerun: gradcheck verify a.py"


def test_an_error_is_a_case_of_its_own():
    """What could not be run is an <error> under GC902, its first line the message."""
    (suite,) = parsed(replace(PLAIN, parts=()))
    (case,) = suite.iter("testcase")
    assert case.attrib == {"classname": "plain", "name": "run"}
    (error,) = case
    assert (error.tag, error.attrib) == ("error", {"type": "GC902 not-run", "message": "an error"})
    assert error.text == "an error\n  in two lines"


def test_what_is_known_is_skipped_and_told():
    """A finding of the baseline keeps its text."""
    (suite,) = parsed(replace(PLAIN, parts=PLAIN.parts[5:], error=""))
    (case,) = suite.iter("testcase")
    skipped, said = case
    assert skipped.get("message") == "known: it is in the baseline"
    assert said.text == "plain\nplain\nrerun: plain"


def test_the_properties():
    """Title, seed and the command that gives the same again; no time, no host."""
    (suite,) = parsed(replace(PLAIN, seed=7, title="a title", rerun="gradcheck verify a.py"))
    told = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert told == {"title": "a title", "seed": "7", "rerun": "gradcheck verify a.py"}
    assert set(suite.attrib) == {"name", "tests", "failures", "errors", "skipped"}


def test_several_subjects_are_several_suites():
    """In the order in which they were verified."""
    names = ["a.toml", "b.py:C", "a.toml again"]
    assert [suite.get("name") for suite in parsed(*(replace(PLAIN, name=name) for name in names))] == names


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_is_read_back(name):
    """The file parses, has the same cases, and every text in it is what was said."""
    text = HOSTILE[name]
    one = subject(text, text, f"{text}\n{text}")
    (suite,) = parsed(one)
    assert outcomes(suite) == outcomes(parsed(PLAIN)[0])
    said = spelled(text)
    line = inert(text)
    assert {suite.get("name"), *(case.get("classname") for case in suite.iter("testcase"))} == {said}
    assert [case.get("name") for case in suite.iter("testcase")] == [
        said,
        *(f"{said} ({n})" for n in range(2, 7)),
        "run",
    ]
    assert {one.get("value") for one in suite.iter("property")} == {said, "0"}
    (failure,) = suite.iter("failure")
    assert (failure.get("message"), failure.text) == (said, f"{line}\n{line}\n{line}\n{inert(f'rerun: {text}')}")
    assert [error.text for error in suite.iter("error")] == [
        f"{line}\n{line}\n{inert(f'rerun: {text}')}",
        "\n".join(map(inert, one.error.split("\n"))),
    ]
    assert [case.findtext("system-out") for case in suite.iter("testcase")][:3] == [line] * 3


@pytest.mark.parametrize("name", ["plain", *HOSTILE])
def test_the_schema_allows_it(name):
    """The file is valid under the schema of the Jenkins xunit plugin."""
    text = HOSTILE.get(name, "plain")
    validate_junit(junit.write([PLAIN, subject(text, text, text), subject(text)]).encode("utf-8"))


def test_nothing_found_is_valid():
    """A subject that could not be run, alone."""
    validate_junit(junit.write([replace(PLAIN, parts=())]).encode("utf-8"))
