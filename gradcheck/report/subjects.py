"""From what an engine found to the one model that the reports for CI share."""

from gradcheck.claims.claim import Formula, Identity
from gradcheck.claims.reader import DOCUMENT, packaged
from gradcheck.comparison import Comparison, Gradient
from gradcheck.difference import ShapeDifference
from gradcheck.evidence import Erratum, Report, Verdict
from gradcheck.findings import Examination, Fault, Notice, Result
from gradcheck.report import comparison as functions
from gradcheck.report import findings as layers
from gradcheck.report.fault import fault_lines
from gradcheck.report.rules import ARRAYS, ERRATUM, IDENTITY, NOTICES, SIZE, UNDECIDED, rule_of
from gradcheck.report.wording import (
    check_told,
    erratum_told,
    falsities_told,
    open_told,
    proof_told,
    reproduce,
    says,
    summary,
)
from gradcheck.subject import Part, Status, Subject

CLAIMS: dict[str, Status] = {"verified": "passed", "refuted": "failed", "open": "undecided", "not run": "undecided"}
RESULTS: dict[str, Status] = {"right": "passed", "wrong": "failed", "consistent": "undecided"}
GRADIENTS: dict[str, Status] = {"right": "passed", "wrong": "failed", "unresolved": "undecided", "zero": "noted"}


def of_report(found: Report) -> Subject:
    """A claims file: a part for each claim, and for each erratum."""
    file = "" if found.source is None or found.source in packaged() else found.source
    rerun = reproduce(found)
    lines = {verdict.claim.id: verdict.claim.line if file else 0 for verdict in found.verdicts}
    parts = [_claim(found, verdict, lines[verdict.claim.id]) for verdict in found.verdicts]
    parts += [_erratum(erratum, lines[erratum.claims[0]]) for erratum in found.errata]
    told = _undecided(parts, found.verdict, "run", summary(found), rerun)
    return Subject(found.source or DOCUMENT, found.subject, file, found.seed, told, rerun)


def _claim(found: Report, verdict: Verdict, line: int) -> Part:
    claim, status = verdict.claim, CLAIMS[verdict.status]
    said = says(claim.statement)
    evidence = f"{proof_told(verdict)}, {check_told(verdict)}"
    failure = verdict.check.failure
    rerun = reproduce(found, [claim.id], failure.layer if failure else None)
    if status == "passed":
        return Part(claim.id, f"{said}; {evidence}", status, line=line, rerun=rerun)
    told = falsities_told(verdict) if status == "failed" else open_told(verdict)
    rule = _rule(found, verdict) if status == "failed" else UNDECIDED
    message = f"{claim.id}: {said}; {told[0] if told else evidence}"
    return Part(claim.id, f"{said}; {evidence}", status, rule, message, (evidence, *told[1:]), line, rerun, said)


def _rule(found: Report, verdict: Verdict) -> str:
    """The rule that a false claim falls under: that of what it is about."""
    statement, layer = verdict.claim.statement, found.basis.layer
    if not isinstance(statement, Formula):
        return IDENTITY if isinstance(statement, Identity) else SIZE
    if any(isinstance(one.difference, ShapeDifference) for one in verdict.falsities):
        return SIZE
    read = layer.operand_of(statement.left.tensor)
    if read is None:
        return ARRAYS["y"]
    image = "X" if "X" in layer.operands else layer.operands[0]
    return ARRAYS["x" if read.tensor == image else "w"]


def _erratum(erratum: Erratum, line: int) -> Part:
    name = ", ".join(erratum.claims)
    message = f"{name}: printed {erratum.printed}; what holds is {erratum.holds}"
    told = tuple(erratum_told(erratum))
    return Part(
        f"erratum of {name}", str(erratum.printed), "noted", ERRATUM, message, told, line, key=str(erratum.printed)
    )


def subject_of(found: Report | Examination | Comparison, file: str = "", line: int = 0) -> Subject:
    """Whatever was found; of a comparison, `file` and `line` say where the function stands."""
    match found:
        case Report():
            return of_report(found)
        case Examination():
            return of_examination(found)
    return of_comparison(found, file, line)


def of_examination(found: Examination) -> Subject:
    """A target: a part for each of its arrays, and for each remark."""
    rerun = layers.reproduce(found)
    parts = [_result(result, found.line, rerun) for result in found.results]
    parts += [_notice(notice, found.line, rerun) for notice in found.notices]
    told = _undecided(parts, found.verdict, "gradients", "no gradient was found to compare", rerun)
    return Subject(found.target, found.layer, found.file, found.seed, told, rerun)


def _result(result: Result, line: int, rerun: str) -> Part:
    evidence, fault = layers.evidence(result), result.fault
    if result.status == "wrong" and fault:
        message, *details = map(str, fault_lines(result.name, fault))
        rule = rule_of(result.role, fault)
        return Part(result.name, evidence, "failed", rule, message, tuple(details), line, rerun, _key(fault))
    status = RESULTS.get(result.status, "noted" if result.role == "x" else "undecided")
    rule = UNDECIDED if status == "undecided" else ""
    return Part(result.name, evidence, status, rule, f"{result.name}: {evidence}", (), line, rerun)


def _notice(notice: Notice, line: int, rerun: str) -> Part:
    status: Status = "failed" if notice.refutes else "noted"
    rule = NOTICES[notice.id] if notice.refutes else ""
    return Part(notice.id, notice.told, status, rule, notice.told, (), line, rerun, notice.text)


def of_comparison(found: Comparison, file: str, line: int) -> Subject:
    """A function of its inputs: a part for each gradient, and for each remark."""
    parts = [_gradient(one, line, found.rerun) for one in found.gradients]
    parts += [_notice(notice, line, found.rerun) for notice in found.notices]
    told = _undecided(parts, found.verdict, "gradients", "no gradient was compared", found.rerun)
    return Subject(found.function, found.library, file, found.seed, told, found.rerun)


def _gradient(one: Gradient, line: int, rerun: str) -> Part:
    said, status = functions.evidence_of(one) or "not compared one by one", GRADIENTS[one.status]
    if status != "failed":
        rule = UNDECIDED if status == "undecided" else ""
        return Part(one.name, said, status, rule, f"{one.name}: {said}", (), line, rerun)
    if not one.fault:
        return Part(one.name, said, "failed", ARRAYS["x"], f"{one.name} is wrong: {said}", (), line, rerun)
    rule = rule_of(one.role or ("y" if one.name.startswith("output") else "x"), one.fault)
    message, *details = map(str, fault_lines(one.name, one.fault))
    return Part(one.name, said, "failed", rule, message, tuple(details), line, rerun, _key(one.fault))


def _key(fault: Fault) -> str:
    """The likeliest cause, which tells one finding about an array from another."""
    return " ".join((fault.causes[0].id, fault.causes[0].variant)).strip() if fault.causes else ""


def _undecided(parts: list[Part], verdict: str, name: str, why: str, rerun: str) -> tuple[Part, ...]:
    """The parts, and one more where the whole is incomplete though none of them is."""
    if verdict == "incomplete" and not any(part.open for part in parts):
        parts.append(Part(name, why, "undecided", UNDECIDED, why, (), 0, rerun))
    return tuple(parts)
