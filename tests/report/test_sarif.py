"""SARIF: valid under the schema of OASIS, a result a finding, and a baseline for later runs."""

import json
from dataclasses import replace

import pytest
from hostile import HOSTILE, PLAIN, links, spelled, subject
from schemas import validate_sarif

from gradcheck.report.rules import rules
from gradcheck.report.sarif import fingerprints, write
from gradcheck.subject import knowing


def log(*subjects, compared=False):
    """The one run in a log, read back from its bytes."""
    data = json.loads(write(subjects, "1.0", compared).encode("utf-8"))
    validate_sarif(data)
    (run,) = data["runs"]
    return run


def test_every_rule_has_its_page():
    """The driver has all rules, in order, with what they find and the page as help."""
    driver = log(PLAIN)["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("gradcheck", "1.0")
    assert [rule["id"] for rule in driver["rules"]] == sorted(rules())
    for told in driver["rules"]:
        rule = rules()[told["id"]]
        assert told["shortDescription"]["text"] == rule.finds
        assert told["help"] == {"text": rule.page, "markdown": rule.page}
        assert told["name"].isalpha()
        assert told["name"].lower() == rule.name.replace("-", "")
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in driver["rules"]}
    assert {id_: level for id_, level in levels.items() if level != "error"} == {"GC103": "note", "GC901": "warning"}


def test_a_result_for_each_finding():
    """What failed, is undecided or an erratum, known or not; its rule, level and line."""
    found = log(PLAIN)["results"]
    places = [one["locations"][0]["physicalLocation"] for one in found]
    assert [(one["ruleId"], one["level"], place["region"]) for one, place in zip(found, places, strict=True)] == [
        ("GC201", "error", {"startLine": 3}),
        ("GC901", "warning", {"startLine": 4}),
        ("GC103", "note", {"startLine": 5}),
        ("GC301", "error", {"startLine": 7}),
    ]
    assert {place["artifactLocation"]["uri"] for place in places} == {"a/b.py"}


def test_the_index_is_that_of_the_rule():
    """Each result points at its own rule."""
    run = log(PLAIN)
    listed = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(listed[one["ruleIndex"]] == one["ruleId"] for one in run["results"])


def test_what_could_not_be_run_is_a_notification():
    """It is no result; the run was not successful, and the message says why."""
    run = log(replace(PLAIN, parts=()))
    (invocation,) = run["invocations"]
    (told,) = invocation["toolExecutionNotifications"]
    assert (run["results"], invocation["executionSuccessful"]) == ([], False)
    assert (told["level"], told["descriptor"]["id"]) == ("error", "GC902")
    assert told["message"]["text"] == "plain: an error\n  in two lines"
    assert told["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "a/b.py"}}


def test_a_run_that_found_something_was_successful():
    """A finding is no failure of the tool."""
    (invocation,) = log(replace(PLAIN, error=""))["invocations"]
    assert invocation == {"executionSuccessful": True, "toolExecutionNotifications": []}


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b/c#d.py", "a%20b/c%23d.py"),
        ("größe.toml", "gr%C3%B6%C3%9Fe.toml"),
        ("a:b.toml", "a%3Ab.toml"),
        ("a%20b.toml", "a%2520b.toml"),
        ("../a.toml", "../a.toml"),
        ("./a.toml", "a.toml"),
        ("/a b/c.py", "file:///a%20b/c.py"),
    ],
)
def test_a_file_is_a_uri(file, uri):
    """Relative to where the run was started, or absolute, with every character that a URI has not escaped."""
    places = [one["locations"][0]["physicalLocation"] for one in log(replace(PLAIN, file=file))["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {uri}


def test_without_a_file_there_is_no_place():
    """A claims file that gradcheck brings is no file of the project's."""
    assert not any("locations" in one for one in log(replace(PLAIN, file=""))["results"])


def test_a_line_that_is_not_known_is_no_region():
    """The first line is 1."""
    (found,) = log(replace(PLAIN, parts=(replace(PLAIN.parts[1], line=0),)))["results"]
    assert "region" not in found["locations"][0]["physicalLocation"]


def test_without_a_baseline_nothing_is_compared():
    """Only beside a baseline a result is new or unchanged."""
    assert not any("baselineState" in one for one in log(PLAIN)["results"])
    states = [one["baselineState"] for one in log(PLAIN, compared=True)["results"]]
    assert (states[0], states[3]) == ("new", "unchanged")


def test_an_erratum_of_the_baseline_is_unchanged():
    """Beside its own log, a run has nothing that is new."""
    known = knowing(PLAIN, fingerprints(write([PLAIN], "1.0")))
    assert {one["baselineState"] for one in log(known, compared=True)["results"]} == {"unchanged"}


def test_a_log_is_a_baseline():
    """The findings of a log, read back, make those of the same run known, and no others."""
    read = fingerprints(write([PLAIN], "1.0"))
    found = [part for part in PLAIN.parts if part.status in ("failed", "undecided") or part.rule == "GC103"]
    assert read == {PLAIN.fingerprint(part): "plain" for part in found}
    assert not any(part.open for part in knowing(PLAIN, read).parts)
    for field in ("name", "rule", "key"):
        other = replace(PLAIN, parts=(replace(PLAIN.parts[1], **{field: "GC401"}),))
        assert knowing(other, read).parts[0].open
    assert knowing(replace(PLAIN, file="another.py"), read).parts[1].open


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "null",
        '"runs"',
        "{}",
        '{"runs": 3}',
        '{"runs": [3]}',
        '{"runs": [{}]}',
        '{"runs": [{"results": [{}]}]}',
        '{"runs": [{"results": [{"partialFingerprints": {"gradcheck/v1": []}, "properties": {"subject": ""}}]}]}',
        '{"runs": [{"results": [{"partialFingerprints": {"other": "a"}, "properties": {"subject": "a"}}]}]}',
    ],
)
def test_what_is_no_log_is_no_baseline(text):
    """Anything else raises ValueError."""
    with pytest.raises(ValueError, match=r"."):
        fingerprints(text)


def test_brackets_that_nest_are_no_baseline():
    """A file that is nothing but brackets raises ValueError as well."""
    with pytest.raises(ValueError, match=r"."):
        fingerprints("[" * 200_000)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_is_valid_and_no_link(name):
    """The log satisfies the schema, has the same results, and its messages are plain text."""
    text = HOSTILE[name]
    run = log(subject(text, text, f"{text}\n{text}"))
    assert [one["ruleId"] for one in run["results"]] == ["GC201", "GC901", "GC103", "GC301"]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    messages = [one["message"]["text"] for one in (*run["results"], told)]
    assert not any(map(links, messages))
    assert all(c.isprintable() or c == "\n" for message in messages for c in message)
    said = spelled(text).replace("](", "] (")
    assert messages[0] == f"{said}\n{said}\n{said}\nrerun: {said}"


def test_a_link_would_be_noticed():
    """The reader of these tests sees a link where a viewer does."""
    assert links("see [this](http://x), and [that](1)") == ["[this](http://x)", "[that](1)"]
    assert not links(r"a[0] (b) ](http://x)")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_baseline_with_any_text_is_read_back(name):
    """The fingerprints of hostile names are those that were written."""
    one = subject(HOSTILE[name])
    read = fingerprints(write([one], "1.0").encode("utf-8").decode("utf-8"))
    assert not any(part.open for part in knowing(one, read).parts)
