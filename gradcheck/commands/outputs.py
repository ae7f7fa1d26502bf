"""What was found, in every format: all of them on standard output, or in files."""

import io
import os
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

from gradcheck.commands.claims import versions
from gradcheck.commands.formats import FORMS, PROOFS
from gradcheck.commands.subjects import Finished, Run
from gradcheck.errors import GradcheckError


def rendered(form: str, run: Run) -> str:
    """What was found, in one of FORMS."""
    if form == "json":
        return _json(run)
    if form == "sarif":
        from gradcheck.report import sarif

        return sarif.write(run.subjects, version("gradcheck"), run.known is not None) + "\n"
    if form == "text":
        stream = io.StringIO()
        for n, one in enumerate(run.finished):
            write_text(one, stream, first=n == 0)
        write_overview(run, stream)
        return stream.getvalue()
    from gradcheck.report import github, job_summary, junit

    writers: dict[str, Callable[..., str]] = {
        "junit": junit.write,
        "github": github.write,
        "markdown": job_summary.write,
    }
    return writers[form](run.subjects)


def write_text(one: Finished, stream: TextIO, *, first: bool) -> None:
    """A subject as text, with the time that it took; what could not be run is told on standard error."""
    from gradcheck.comparison import Comparison
    from gradcheck.evidence import Report
    from gradcheck.report.findings import write_findings
    from gradcheck.report.text import write_report
    from gradcheck.report.wording import inert

    stream.write("" if first or one.found is None else "\n")
    match one.found:
        case Report():
            write_report(one.found, version("gradcheck"), one.seconds, stream)
        case Comparison():
            stream.write("\n".join(map(inert, str(one.found).split("\n"))) + "\n")
        case None:
            pass
        case _:
            write_findings(one.found, version("gradcheck"), one.seconds, stream)


def write_overview(run: Run, stream: TextIO) -> None:
    """The last lines, where there are several subjects or a baseline."""
    if len(run.finished) > 1 or run.known is not None:
        from gradcheck.report.overview import overview
        from gradcheck.report.wording import inert

        lines = overview(run.subjects, run.known, run.whole)
        stream.write("\n" + "".join(f"{inert(line)}\n" for line in lines))


def _json(run: Run) -> str:
    """One subject in its own schema, several as gradcheck.run/1; known findings by their fingerprints."""
    from gradcheck.report.json_text import json_text
    from gradcheck.subject import overall

    each = [_data(one) for one in run.finished]
    several: dict[str, Any] = {"schema": "gradcheck.run/1", "verdict": overall(run.subjects), "subjects": each}
    data = each[0] if len(each) == 1 else several
    if run.known is not None:
        data["verdict"] = overall(run.subjects)
        data["known"] = [one.fingerprint(part) for one in run.subjects for part in one.parts if part.excused]
    return json_text(data) + "\n"


def _data(one: Finished) -> dict[str, Any]:
    from gradcheck.comparison import Comparison
    from gradcheck.evidence import Report
    from gradcheck.report.comparison_json import comparison_data
    from gradcheck.report.findings_json import findings_data
    from gradcheck.report.json import error_data, report_data

    match one.found:
        case Report():
            return report_data(one.found, version("gradcheck"))
        case Comparison():
            return comparison_data(one.found, version("gradcheck"))
        case None:
            return error_data(one.subject, version("gradcheck"))
    return findings_data(one.found, version("gradcheck"))


def write_reports(reports: Sequence[tuple[str, Path]], run: Run, baseline: Path | None) -> None:
    """Each report in its file, but none on the baseline that has less in it.

    Raises GradcheckError or CouldNotRun for some, the others being written.
    """
    from gradcheck.evidence import Report
    from gradcheck.publishing import publish
    from gradcheck.typesetting import typeset

    found = run.finished[0].found  # a proof is of one claims file, if that could be run

    def written(form: str) -> bytes:
        if form in PROOFS and isinstance(found, Report):
            return typeset(found, form, versions())
        return rendered(form, run).encode()

    wanted = [(form, path) for form, path in reports if form in FORMS or found]
    left = [one for one in wanted if baseline and _loses(*one, baseline, run)]
    list(publish([one for one in wanted if one not in left], written))
    if left:
        why = f"it has findings of {', '.join(run.unrenewed)}, not verified now" if run.unrenewed else "no SARIF report"
        raise GradcheckError(f"{baseline}: the baseline is left as it is: {why}")


def _loses(form: str, path: Path, baseline: Path, run: Run) -> bool:
    """Whether a report would take the baseline's place, and have less in it."""
    return os.path.normpath(path) == os.path.normpath(baseline) and (form != "sarif" or bool(run.unrenewed))
