"""Certificates re-checked from a JSON report, and tampered ones caught."""

import ast
import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import gradcheck
from gradcheck.claims.reader import packaged
from gradcheck.recheck.report import recheck
from gradcheck.report.json import to_json
from gradcheck.verification import verify

NAMES = sorted(packaged())


@cache
def report(name: str) -> str:
    """The JSON report on a claims file that gradcheck brings."""
    return to_json(verify(name, layers=1), "0")


def steps(data: dict[str, Any]) -> list[dict[str, Any]]:
    """All steps of all claims."""
    return [step for claim in data["claims"] for step in claim["proof"]["steps"]]


@pytest.mark.parametrize("name", NAMES)
def test_every_proof_that_gradcheck_brings_is_rechecked(name: str) -> None:
    """Each claim states at least one identity, and all that it rests on multiplies out."""
    found = recheck(report(name))
    assert found
    assert [(one.claim, one.complaint) for one in found if one.complaint or not one.identities] == []


def test_nothing_of_gradcheck_is_imported() -> None:
    """The re-checking code imports the standard library and itself alone."""
    for file in Path(gradcheck.__file__).parent.joinpath("recheck").glob("*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        modules = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
        modules += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        assert [m for m in modules if m.startswith("gradcheck") and not m.startswith("gradcheck.recheck")] == []
        assert not {"sympy", "numpy"} & set(modules)


def _with_certificates(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [c for step in steps(data) for c in step["certificates"] if c["sum"]]


def _goal_one_less(data: dict[str, Any]) -> None:
    certificate = _with_certificates(data)[0]
    certificate["goal"] += " - 1"


def _fact_invented(data: dict[str, Any]) -> None:
    size = data["sizes"][0]
    certificate = _with_certificates(data)[0]
    certificate.update(goal=f"{size} - 7", sum=[{"multiplier": "1", "facts": [f"{size} - 7"]}])


def _negative_multiplier(data: dict[str, Any]) -> None:
    certificate = _with_certificates(data)[0]
    fact = certificate["sum"][0]
    certificate["sum"] = [{**fact, "multiplier": "2"}, {**fact, "multiplier": "-1"}, *certificate["sum"][1:]]


def _identity_false(data: dict[str, Any]) -> None:
    step = next(step for step in steps(data) if step["equal"])
    step["equal"][0][0] += " + 1"


def _divisor_zero(data: dict[str, Any]) -> None:
    certificate = next(c for c in _with_certificates(data) if c["divisor"] != "1")
    certificate["divisor"] = "P"


def _hypothesis_dropped(data: dict[str, Any]) -> None:
    for claim in data["claims"]:
        claim["proof"]["hypotheses"] = [h for h in claim["proof"]["hypotheses"] if "<=" not in h or h[0] in "01"]


def _case_dropped(data: dict[str, Any]) -> None:
    for step in steps(data):
        first = next((c["assuming"][0] for c in step["certificates"] if c["assuming"]), None)
        step["certificates"] = [c for c in step["certificates"] if first is None or c["assuming"][:1] != [first]]


def _definition_invented(data: dict[str, Any]) -> None:
    for claim in data["claims"]:
        claim["proof"]["determined"] = {data["sizes"][0]: "5"}


def _index_of_no_range(data: dict[str, Any]) -> None:
    """0 = -1, from facts about an index that has no value."""
    facts = [{"multiplier": "1", "facts": [fact]} for fact in ("t - 1", "0 - t")]
    step = next(step for step in steps(data) if step["equal"])
    step["equal"] = [["0", "1"]]
    step["certificates"] = [
        {"goal": "0 - 1", "divisor": "1", "assuming": [], "sum": facts},
        {"goal": "1", "divisor": "1", "assuming": [], "sum": [{"multiplier": "1", "facts": []}]},
    ]


def _laundered(data: dict[str, Any]) -> None:
    """The same by way of a certificate that names no index itself."""
    size = data["sizes"][0]
    facts = [{"multiplier": "1", "facts": [fact]} for fact in (f"t - {size}", "0 - t")]
    step = next(step for step in steps(data) if step["equal"])
    step["equal"] = [["0", size]]
    less = {"goal": f"0 - {size}", "divisor": "1", "assuming": []}
    again = [{"multiplier": "1", "facts": [f"0 - {size}"]}]
    step["certificates"] = [{**less, "sum": facts}, {**less, "sum": again}, *step["certificates"]]


def _something_missing(data: dict[str, Any]) -> None:
    steps(data)[0]["missing"] = ["0 - n"]


def _quotient_by_anything(data: dict[str, Any]) -> None:
    """0 <= a - b*(a//b) <= b - 1 with a negative b."""
    step = next(step for step in steps(data) if step["equal"])
    step["equal"] = [["0", "1"]]
    facts = ["1 - (0 - n)*(1//(0 - n))", "(0 - n) - 1 - (1 - (0 - n)*(1//(0 - n)))"]
    parts = [{"multiplier": "1", "facts": [fact]} for fact in facts]
    step["certificates"] = [{"goal": "0 - n - 1", "divisor": "1", "assuming": [], "sum": parts}]


FAULTS = {
    "an index without values, twice removed": (_laundered, "conv1d"),
    "something missing": (_something_missing, "conv1d"),
    "a quotient by anything": (_quotient_by_anything, "conv1d"),
    "an index without values": (_index_of_no_range, "conv1d"),
    "a goal one less": (_goal_one_less, "conv1d"),
    "an invented fact": (_fact_invented, "conv1d"),
    "a negative multiplier": (_negative_multiplier, "conv1d"),
    "a false identity": (_identity_false, "conv1d"),
    "a divisor that may be zero": (_divisor_zero, "conv1d_general"),
    "a missing hypothesis": (_hypothesis_dropped, "conv1d_general"),
    "a missing case": (_case_dropped, "keras"),
    "an invented definition": (_definition_invented, "conv1d"),
}


@pytest.mark.parametrize(("fault", "name"), FAULTS.values(), ids=FAULTS)
def test_tampering_is_caught(fault: Any, name: str) -> None:
    """A report in which anything that a proof rests on was changed does not pass."""
    data = copy.deepcopy(json.loads(report(name)))
    fault(data)
    assert any(one.complaint for one in recheck(json.dumps(data)))


def test_a_size_may_have_a_name_of_pythons(tmp_path: Path) -> None:
    """A size called lambda is read like any other."""
    path = tmp_path / "named.toml"
    text = (
        'title = "t"\nlayer = "Y[a] += X[a]"\n[shapes]\nX = "lambda"\n[[claim]]\nid = "x"\nshape = { Y = "lambda" }\n'
    )
    path.write_text(text, encoding="utf-8")
    (found,) = recheck(to_json(verify(path, layers=2), "0"))
    assert (found.complaint, found.identities) == ("", 1)


def test_a_refuted_claim_has_nothing_to_recheck(tmp_path: Path) -> None:
    """A claim that was not proved is told, and is no success."""
    path = tmp_path / "false.toml"
    path.write_text('title = "t"\nlayer = "conv1d"\n[[claim]]\nid = "x"\nshape = { Y = "p n" }\n', encoding="utf-8")
    (found,) = recheck(to_json(verify(path, layers=2), "0"))
    assert (found.complaint, found.proved) == ("refuted, not proved", False)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"claims": 3, "sizes": []}', '{"claims": [{}], "sizes": []}'])
def test_what_is_no_report_is_refused(text: str) -> None:
    """Anything but a JSON report of gradcheck's is a ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        recheck(text)
