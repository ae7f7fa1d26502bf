"""Reports as files: the text of each format, and a PDF by the first engine that is there and can.

The only place that starts another program. A PDF carries the digest of the report that it was
made from, so that a stale one is known whatever engine made it.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from gradcheck.errors import CouldNotRun
from gradcheck.evidence import Basis, Report
from gradcheck.report import coq, json, latex, markdown, smtlib, typst
from gradcheck.report.article import article, derivations
from gradcheck.report.document import Document

SUFFIXES = {
    "latex": ".tex",
    "pdf": ".pdf",
    "markdown": ".md",
    "typst": ".typ",
    "json": ".json",
    "smtlib": ".smt2",
    "coq": ".v",
}
WRITERS = {"latex": latex.write, "markdown": markdown.write, "typst": typst.write}
OBLIGATIONS = {"smtlib": smtlib.write, "coq": coq.write}  # they take the report itself
TIME_LIMIT = 120  # seconds for one pass of an engine
MAX_PASSES = 4  # until all references are right
INSTALL = "install TeX (texlive-latex-recommended and texlive-pictures) or pip install 'gradcheck[pdf]'"
_VERSION = re.compile(rb"\b(gradcheck|numpy|sympy) [0-9][\w.+]*")


def typeset(report: Report, form: str, versions: Mapping[str, str]) -> bytes:
    """The report in one format, a key of SUFFIXES; raises CouldNotRun where no engine makes a PDF."""
    if form == "json":
        return json.to_json(report, versions["gradcheck"]).encode()
    if form in OBLIGATIONS:
        return OBLIGATIONS[form](report).encode()
    document = article(report, versions)
    return _pdf(document) if form == "pdf" else WRITERS[form](document).encode()


def typeset_layer(basis: Basis, form: str) -> str:
    """What follows from a layer alone, in one of the formats that are text."""
    return WRITERS[form](derivations(basis))


def stale(found: bytes, report: Report, form: str, versions: Mapping[str, str]) -> bool:
    """Whether a file is not what the report gives today; versions alone make no difference."""
    if form == "pdf":
        return _digest(article(report, versions)).encode() not in found
    return _unversioned(found) != _unversioned(typeset(report, form, versions))


def _unversioned(text: bytes) -> bytes:
    return _VERSION.sub(rb"\1", text)


def _digest(document: Document) -> str:
    return hashlib.sha256(_unversioned(latex.write(document).encode())).hexdigest()


def _pdf(document: Document) -> bytes:
    failed = []
    for there, engine in ((shutil.which("pdflatex"), _by_pdflatex), (find_spec("typst"), _by_typst)):
        if there:
            try:
                return engine(document)
            except (CouldNotRun, OSError) as error:
                failed.append(str(error))
    raise CouldNotRun(f"no PDF: {'; '.join(failed) or 'no engine for it is installed'}; {INSTALL}")


def _by_pdflatex(document: Document) -> bytes:
    """By pdflatex, in a folder of its own: no other program is started and no other file is written."""
    confined = {"openin_any": "p", "openout_any": "p", "shell_escape": "f", "TEXMFOUTPUT": ""}
    env = {"SOURCE_DATE_EPOCH": "0"} | os.environ | confined
    start = rf"\pdfinfo{{/Report ({_digest(document)})}}\input{{report}}"
    command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-jobname=report", start]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "report.tex").write_bytes(latex.write(document).encode())
        for _ in range(MAX_PASSES):
            log = _run(command, folder, env)
            if not re.search("Rerun to get|have changed", log):
                break
        return Path(folder, "report.pdf").read_bytes()


def _run(command: list[str], folder: str, env: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        raise CouldNotRun(f"pdflatex did not end within {TIME_LIMIT} seconds") from None
    log = done.stdout.decode(errors="replace")
    if done.returncode:
        complaint = next((line for line in log.splitlines() if line.startswith("!")), "it says nothing")
        raise CouldNotRun(f"pdflatex failed: {complaint.removeprefix('! ')}")
    return log


def _by_typst(document: Document) -> bytes:
    import typst as engine

    source = f'#set document(keywords: "{_digest(document)}")\n{typst.write(document)}'
    try:
        return bytes(engine.compile(source.encode(), format="pdf", ignore_system_fonts=True))
    except Exception as error:  # engines of other versions raise what they like
        raise CouldNotRun(f"typst failed: {error}") from None
