"""What was found out about a target as JSON, schema gradcheck.findings/1."""

from typing import Any

from gradcheck.findings import Cause, Examination, Fault, Result
from gradcheck.report.causes import words
from gradcheck.report.findings import reproduce

SCHEMA = "gradcheck.findings/1"


def findings_data(found: Examination, version: str) -> dict[str, Any]:
    """The examination as what JSON can hold."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "gradcheck", "version": version},
        "target": {"name": found.target, "kind": found.kind, "file": found.file, "line": found.line},
        "seed": found.seed,
        "verdict": found.verdict,
        "layer": found.layer,
        "found": dict(found.found),
        "layers": found.layers,
        "results": [_result(result) for result in found.results],
        "notices": [{"id": n.id, "text": n.told, "refutes": n.refutes} for n in found.notices],
        "unsupported": dict(found.unsupported),
        "blind": None if found.blind is None else dict(found.blind),
        "reproduce": reproduce(found),
    }


def _result(result: Result) -> dict[str, Any]:
    name = result.name
    return {
        "array": name,
        "status": result.status,
        "source": result.source,
        "elements": result.elements,
        "differences": result.differences,
        "convention": _cause(result.convention, name) if result.convention else None,
        "note": result.note,
        "fault": _fault(result.fault, name) if result.fault and result.status == "wrong" else None,
    }


def _fault(fault: Fault, name: str) -> dict[str, Any]:
    return {
        "sizes": fault.sizes,
        "shape": fault.shape,
        "expected": fault.expected,
        "entry": fault.entry,
        "got": fault.got,
        "should": fault.should,
        "wrong": fault.wrong,
        "causes": [_cause(cause, name) for cause in fault.causes],
        "structure": fault.structure,
        "map": fault.map,
    }


def _cause(cause: Cause, name: str) -> dict[str, str]:
    told = words(cause.id, cause.variant, name)
    return {"id": cause.id, "variant": cause.variant, "title": told.title, "why": told.place, "fix": told.fix}
