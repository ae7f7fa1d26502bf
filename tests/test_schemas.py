"""The schemas of others let good reports pass, and no bad one."""

from copy import deepcopy

import pytest
from schemas import validate_junit, validate_sarif

LOG = {
    "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "gradcheck", "rules": [{"id": "refuted"}]}},
            "results": [
                {
                    "ruleId": "refuted",
                    "level": "error",
                    "message": {"text": "false"},
                    "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a/b.toml"}}}],
                }
            ],
        }
    ],
}
SUITES = b"""<testsuites><testsuite name="a" tests="2" failures="1" errors="0" time="12345.678">
<testcase name="x" classname="a" time="0.5"><failure message="false">why</failure></testcase>
<testcase name="y" classname="a"><skipped/><system-out>said</system-out></testcase>
</testsuite></testsuites>"""


def test_a_good_log_is_valid() -> None:
    """A log with a rule, a result and a place satisfies the schema."""
    validate_sarif(LOG)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("version",), "2.0.0"),
        (("runs", 0, "tool"), {}),
        (("runs", 0, "results", 0, "level"), "fatal"),
        (("runs", 0, "results", 0, "message"), "false"),
        (("runs", 0, "results", 0, "claim"), "unknown"),
        (("runs", 0, "results", 0, "locations", 0, "physicalLocation", "artifactLocation", "uri"), "a b\\c.toml"),
        (("runs", 0, "results", 0, "locations", 0, "physicalLocation", "region"), {"startLine": 0}),
    ],
)
def test_a_bad_log_is_not(place: tuple, value: object) -> None:
    """A log with a planted fault does not satisfy it, and the complaint names the place."""
    log = deepcopy(LOG)
    *path, last = place
    inner: object = log
    for step in path:
        inner = inner[step]
    inner[last] = value
    with pytest.raises(AssertionError, match=str(path[-1]) if path else "version"):
        validate_sarif(log)


def test_a_good_junit_file_is_valid() -> None:
    """Suites with a failed, a skipped and no other case satisfy the schema."""
    validate_junit(SUITES)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b' failures="1"', b""),
        (b"12345.678", b"soon"),
        (b'<testcase name="y"', b"<testcase"),
        (b"<skipped/>", b"<verified/>"),
        (b"testsuites>", b"report>"),
        (b' classname="a"', b' class="a"'),
    ],
)
def test_a_bad_junit_file_is_not(right: bytes, wrong: bytes) -> None:
    """A file with a planted fault does not satisfy it."""
    assert right in SUITES
    with pytest.raises(AssertionError):
        validate_junit(SUITES.replace(right, wrong))
