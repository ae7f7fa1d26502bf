"""A report as JSON, schema gradcheck.verdicts/1."""

from collections.abc import Sequence
from typing import Any

from gradcheck.claims.claim import Hypothesis
from gradcheck.claims.small_sizes import determined
from gradcheck.evidence import Basis, Certificate, Check, Counterexample, Erratum, Proof, Report, Step, Verdict
from gradcheck.report.json_text import json_text
from gradcheck.report.wording import operations_told, reproduce, says, step_told
from gradcheck.subject import Subject

SCHEMA = "gradcheck.verdicts/1"


def to_json(report: Report, version: str) -> str:
    """The report as text; the same report and version give the same text."""
    return json_text(report_data(report, version))


def report_data(report: Report, version: str) -> dict[str, Any]:
    """The report as what JSON can hold."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "gradcheck", "version": version},
        "subject": report.subject,
        "sizes": list(report.basis.layer.names),
        "seed": report.seed,
        "verdict": report.verdict,
        "claims": [_verdict(report, verdict) for verdict in report.verdicts],
        "errata": [_erratum(erratum) for erratum in report.errata],
        "reproduce": reproduce(report),
    }


def error_data(subject: Subject, version: str) -> dict[str, Any]:
    """What could not be run, and why, schema gradcheck.error/1."""
    return {
        "schema": "gradcheck.error/1",
        "tool": {"name": "gradcheck", "version": version},
        "subject": subject.name,
        "seed": subject.seed,
        "verdict": subject.verdict,
        "error": subject.error,
        "reproduce": subject.rerun,
    }


def _verdict(report: Report, verdict: Verdict) -> dict[str, Any]:
    return {
        "id": verdict.claim.id,
        "section": verdict.claim.section,
        "says": says(verdict.claim.statement),
        "verdict": verdict.status,
        "proof": _proof(report, verdict.proof or Proof((), (), False)),
        "check": _check(report, verdict.claim.id, verdict.check),
    }


def _proof(report: Report, proof: Proof) -> dict[str, Any]:
    return {
        "status": proof.status,
        "hypotheses": list(map(str, proof.hypotheses)),
        "determined": {name: str(e) for name, e in determined(report.basis.layer, proof.hypotheses)},
        "steps": [_step(step) for step in proof.steps],
        "counterexample": dict(proof.counterexample.sizes) if proof.counterexample else None,
        "detail": str(proof.counterexample.difference) if proof.counterexample else None,
        "workings": list(map(str, proof.counterexample.workings)) if proof.counterexample else [],
    }


def layer_to_json(basis: Basis, needed: Sequence[Hypothesis], version: str) -> str:
    """What follows from a layer alone as text, schema gradcheck.layer/1."""
    data = {
        "schema": "gradcheck.layer/1",
        "tool": {"name": "gradcheck", "version": version},
        "layer": str(basis.derivations[0].windows),
        "sizes": list(basis.layer.names),
        "hypotheses": list(map(str, basis.hypotheses)),
        "needed": list(map(str, needed)),
        "derivations": [
            {
                "tensor": derived.tensor,
                "size": list(map(str, derived.sizes)),
                "gather": str(derived.windows),
                "named": [dict(zip(("what", "how"), told, strict=True)) for told in operations_told(derived)],
                "steps": [_step(step) for step in derived.steps],
            }
            for derived in basis.derivations
        ],
        "underived": dict(basis.underived),
    }
    return json_text(data)


def _step(step: Step) -> dict[str, Any]:
    rule, statement, because = step_told(step)
    return {
        "rule": rule,
        "statement": statement,
        "because": because,
        "equal": [[str(a), str(b)] for a, b in step.equal],
        "certificates": [_certificate(certificate) for certificate in step.certificates],
        "missing": [str(e) for e in step.missing],
    }


def _certificate(certificate: Certificate) -> dict[str, Any]:
    """divisor*goal + divisor - 1 = sum of multiplier * product of facts; multipliers and facts are not negative."""
    parts = [{"multiplier": str(c), "facts": [str(fact) for fact in facts]} for c, facts in certificate.parts]
    assuming = list(map(str, certificate.assuming))
    return {"goal": str(certificate.goal), "divisor": str(certificate.divisor), "assuming": assuming, "sum": parts}


def _check(report: Report, claim: str, check: Check) -> dict[str, Any]:
    failure = check.failure
    told = failure and {
        "layer": failure.layer,
        "sizes": dict(failure.sizes),
        "where": str(failure.difference.where),
        "got": str(failure.difference.got),
        "should": str(failure.difference.should),
        "reproduce": reproduce(report, [claim], failure.layer),
    }
    return {
        "status": check.status,
        "layers": check.layers,
        "elements": check.elements,
        "exact": True,
        "failure": told,
    }


def _erratum(erratum: Erratum) -> dict[str, Any]:
    found: Counterexample | None = erratum.counterexample
    return {
        "claims": list(erratum.claims),
        "section": erratum.section,
        "printed": str(erratum.printed),
        "holds": str(erratum.holds),
        "why": list(map(str, erratum.why)),
        "counterexample": dict(found.sizes) if found else None,
        "detail": str(found.difference) if found else None,
    }
