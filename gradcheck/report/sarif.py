"""Subjects as a SARIF 2.1.0 log, as code scanning reads it; an earlier log is a baseline.

The format: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from gradcheck.report.json_text import json_text
from gradcheck.report.rules import ERRATUM, NOT_RUN, Rule, rules
from gradcheck.report.wording import visible
from gradcheck.subject import Part, Subject

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "gradcheck/v1"


def write(subjects: Sequence[Subject], version: str, compared: bool = False) -> str:
    """The log; `compared` says whether there was a baseline. The same run gives the same text."""
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "gradcheck", "version": version, "rules": list(map(_rule, rules().values()))}
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(subjects)],
                "results": [
                    _result(subject, part, compared) for subject in subjects for part in subject.parts if _found(part)
                ],
            }
        ],
    }
    return json_text(log)


def fingerprints(log: str) -> dict[str, str]:
    """Those of the findings in a log that `write` wrote, with their subjects; raises ValueError for anything else."""
    try:
        data = json.loads(log)
        results = [result for run in data["runs"] for result in run["results"]]
        return {r["partialFingerprints"][FINGERPRINT]: str(r["properties"]["subject"]) for r in results}
    except (KeyError, TypeError, RecursionError):
        raise ValueError("it is no SARIF log that gradcheck wrote") from None


def _found(part: Part) -> bool:
    return part.status in ("failed", "undecided") or part.rule == ERRATUM


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.finds},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": rule.level},
    }


def _invocation(subjects: Sequence[Subject]) -> dict[str, Any]:
    """How the run went: what could not be run at all is a notification, no result."""
    failed = [subject for subject in subjects if subject.error]
    told = [
        {
            "level": "error",
            "descriptor": {"id": NOT_RUN},
            "message": {"text": _text(f"{subject.name}: {subject.error}".split("\n"))},
            **_where(subject, subject.line),
        }
        for subject in failed
    ]
    return {"executionSuccessful": not failed, "toolExecutionNotifications": told}


def _result(subject: Subject, part: Part, compared: bool) -> dict[str, Any]:
    return {
        "ruleId": part.rule,
        "ruleIndex": list(rules()).index(part.rule),
        "level": rules()[part.rule].level,
        "message": {"text": _text(part.lines)},
        **_where(subject, part.line),
        "partialFingerprints": {FINGERPRINT: subject.fingerprint(part)},
        **({"baselineState": "unchanged" if part.known else "new"} if compared else {}),
        "properties": {
            "subject": visible(subject.name),
            "part": visible(part.name),
            "seed": subject.seed,
            "rerun": visible(part.rerun),
        },
    }


def _text(lines: Sequence[str]) -> str:
    """A message in which no [text](target) is a link."""
    return "\n".join(map(visible, lines)).replace("](", "] (")


def _where(subject: Subject, line: int) -> dict[str, Any]:
    if not subject.file:
        return {}
    path = PurePath(subject.file)
    quoted = quote(path.as_posix().encode("utf-8", "surrogatepass"))
    uri = f"file://{quoted}" if path.is_absolute() else quoted
    region = {"region": {"startLine": line}} if line else {}
    return {"locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, **region}}]}
