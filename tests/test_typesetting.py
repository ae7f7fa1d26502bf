"""Reports as files: both engines, their confinement, and the same bytes from the same seed."""

import re
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from printing import (
    DOCUMENTS,
    HOSTILE,
    REFUTED,
    VERSIONS,
    complaints,
    needs_pdftotext,
    needs_tex,
    needs_typst,
    pdflatex,
    report_on,
    text_of,
    words_off_the_page,
)

from gradcheck import Report
from gradcheck.errors import CouldNotRun
from gradcheck.report.document import Document, Paragraph
from gradcheck.typesetting import SUFFIXES, stale, typeset

ENGINES = [pytest.param("pdflatex", marks=needs_tex), pytest.param("typst", marks=needs_typst)]
NAMES = ["the document", "refuted", "hostile", *DOCUMENTS]
ODD_NAME = r"a 100% $odd_#name {\x ü.toml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the claims files of this module stand."""
    return tmp_path_factory.mktemp("claims")


@pytest.fixture
def find(folder: Path):
    """The report on a file by its name."""
    written = {"refuted": ("refuted.toml", REFUTED), "hostile": (ODD_NAME, HOSTILE)}

    def finding(name: str) -> Report:
        if name == "the document":
            return report_on(None, 200)
        if name in DOCUMENTS:
            return report_on(DOCUMENTS[name])
        path = folder / written[name][0]
        path.write_text(written[name][1], encoding="utf-8")
        return report_on(path)

    return finding


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Hides every engine but one."""

    def hiding(engine: str) -> None:
        if engine != "pdflatex":
            monkeypatch.setenv("PATH", str(tmp_path / "nothing here"))
        if engine != "typst":
            monkeypatch.setattr("gradcheck.typesetting.find_spec", lambda name: None)

    return hiding


def written(report: Report, form: str, folder: Path) -> Path:
    """The report as a file."""
    path = folder / f"report{SUFFIXES[form]}"
    path.write_bytes(typeset(report, form, VERSIONS))
    return path


# LaTeX


@needs_tex
@pytest.mark.parametrize("name", NAMES)
def test_latex_compiles_without_a_complaint(find, tmp_path: Path, name: str) -> None:
    """A plain TeX Live compiles the file: no reference leads nowhere, no box is more than 5 pt too wide."""
    assert complaints(pdflatex(written(find(name), "latex", tmp_path))) == []
    assert not list(tmp_path.glob("pwned"))


@needs_tex
def test_a_complaint_is_noticed(tmp_path: Path) -> None:
    """References to nowhere and boxes too wide, planted in a report, are found in the log."""
    text = typeset(report_on(DOCUMENTS["dense"]), "latex", VERSIONS).decode()
    planted = text.replace(r"\end{document}", "\\ref{nowhere}\\hbox to 1cm{\\rule{2cm}{1pt}}\n\\end{document}")
    path = tmp_path / "report.tex"
    path.write_text(planted, encoding="utf-8")
    found = " ".join(complaints(pdflatex(path)))
    assert "nowhere" in found
    assert re.search(r"28\.\d+ pt", found)


def test_latex_uses_the_plainest_packages() -> None:
    """Every package is in texlive-latex-recommended, texlive-pictures or what they need."""
    text = typeset(report_on(DOCUMENTS["dense"]), "latex", VERSIONS).decode()
    packages = {name for group in re.findall(r"\\usepackage(?:\[.*?\])?\{(.*?)\}", text) for name in group.split(",")}
    plain = {"geometry", "amsmath", "amssymb", "array", "booktabs", "longtable", "microtype", "tikz", "hyperref"}
    assert packages <= plain


# PDF


@needs_typst
@pytest.mark.parametrize("name", NAMES)
def test_pdf_is_made_without_tex(find, only, tmp_path: Path, name: str) -> None:
    """With TeX hidden from the path there is a PDF of every report."""
    only("typst")
    pdf = written(find(name), "pdf", tmp_path)
    assert pdf.read_bytes().startswith(b"%PDF")
    assert not list(Path.cwd().glob("pwned"))


@needs_pdftotext
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["the document", "hostile"])
def test_no_word_runs_off_the_page(find, monkeypatch, tmp_path: Path, name: str, engine: str) -> None:
    """Every word keeps its distance to the edges, be it set by the one engine or the other."""
    if engine == "typst":
        monkeypatch.setattr("gradcheck.typesetting.shutil.which", lambda name: None)
    assert words_off_the_page(written(find(name), "pdf", tmp_path)) == []


@needs_tex
@needs_pdftotext
def test_a_word_off_the_page_is_noticed(tmp_path: Path) -> None:
    """A word pushed beyond the margin is found."""
    path = tmp_path / "report.tex"
    path.write_text(
        r"\documentclass{article}\begin{document}\hbox to 0pt{\hspace*{16cm}off}\end{document}", encoding="utf-8"
    )
    pdflatex(path)
    assert words_off_the_page(tmp_path / "report.pdf") == ["off"]


@needs_pdftotext
@pytest.mark.parametrize("engine", ENGINES)
def test_pdf_says_what_was_found(find, monkeypatch, tmp_path: Path, engine: str) -> None:
    """The words of the PDF are those of the verdicts, whichever engine sets them."""
    if engine == "typst":
        monkeypatch.setattr("gradcheck.typesetting.shutil.which", lambda name: None)
    told = text_of(written(find("refuted"), "pdf", tmp_path))
    for words in ("A filter that was not rotated", "Refuted claim 1 (input-gradient)", "0 of 3 claims", "False at"):
        assert words in told
    assert "Theorem" not in told


@needs_pdftotext
@pytest.mark.parametrize("engine", ENGINES)
def test_hostile_text_is_shown_as_it_is(find, monkeypatch, tmp_path: Path, engine: str) -> None:
    """What would act in a format is read as letters."""
    if engine == "typst":
        monkeypatch.setattr("gradcheck.typesetting.shutil.which", lambda name: None)
    told = text_of(written(find("hostile"), "pdf", tmp_path))
    for words in (r"\input{/etc/passwd}", r"\write18{touch pwned}", "{{{", "<script>", "#eval", r"\end{document}"):
        assert words.replace(" ", "") in told.replace(" ", "")
    assert "root:" not in told


@pytest.mark.parametrize("engine", ENGINES)
def test_same_seed_same_bytes(only, tmp_path: Path, engine: str) -> None:
    """Two runs of either engine give one PDF, and another seed another."""
    only(engine)
    report = report_on(DOCUMENTS["dense"])
    first, again, other = (typeset(r, "pdf", VERSIONS) for r in (report, report, replace(report, seed=1)))
    assert first == again
    assert first != other


@needs_tex
def test_date_is_that_of_the_environment(only, monkeypatch) -> None:
    """SOURCE_DATE_EPOCH dates the PDF."""
    only("pdflatex")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert b"/CreationDate (D:20010909" in typeset(report_on(DOCUMENTS["dense"]), "pdf", VERSIONS)


SECRET = r"\errmessage{leaked}"
ACTS = [r"\input{SECRET}", r"\immediate\write18{touch PWNED}", r"\immediate\openout5=PWNED "]


@needs_tex
@pytest.mark.parametrize("act", ACTS)
def test_even_code_that_acts_is_confined(only, monkeypatch, tmp_path: Path, act: str) -> None:
    """Were a command to slip through, pdflatex would read and write nothing outside, and start nothing."""
    only("pdflatex")
    secret, pwned = tmp_path / "secret.tex", tmp_path / "pwned"
    secret.write_text(SECRET, encoding="utf-8")
    code = act.replace("SECRET", str(secret)).replace("PWNED", str(pwned))
    monkeypatch.setattr("gradcheck.report.latex._text", lambda text: code)
    assert "leaked" not in outcome()
    assert not pwned.exists()


def outcome() -> str:
    """What making a PDF comes to."""
    try:
        typeset(report_on(DOCUMENTS["dense"]), "pdf", VERSIONS)
    except CouldNotRun as error:
        return str(error)
    return "made"


@needs_tex
def test_without_confinement_it_would_be_read(tmp_path: Path) -> None:
    """The secret is one that would be noticed."""
    (tmp_path / "secret.tex").write_text(SECRET, encoding="utf-8")
    path = tmp_path / "report.tex"
    path.write_text(rf"\documentclass{{article}}\begin{{document}}\input{{{tmp_path}/secret}}", encoding="utf-8")
    with pytest.raises(AssertionError, match="leaked"):
        pdflatex(path)


def test_without_an_engine_it_is_told_what_to_install(only) -> None:
    """With neither engine the message names both ways."""
    only("none")
    with pytest.raises(
        CouldNotRun, match=r"no engine for it is installed; install TeX .* pip install 'gradcheck\[pdf\]'"
    ):
        typeset(report_on(DOCUMENTS["dense"]), "pdf", VERSIONS)


def fake_pdflatex(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A program of that name, first in the path."""
    program = folder / "pdflatex"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_a_failing_engine_is_told_in_its_words(monkeypatch, tmp_path: Path, only) -> None:
    """What pdflatex complains of stands in the message."""
    only("pdflatex")
    fake_pdflatex(tmp_path, monkeypatch, "echo '! LaTeX Error: File x.sty not found.'; exit 1")
    with pytest.raises(CouldNotRun, match=r"no PDF: pdflatex failed: LaTeX Error: File x.sty not found\.; install"):
        typeset(report_on(DOCUMENTS["dense"]), "pdf", VERSIONS)


def test_an_engine_that_does_not_end_is_stopped(monkeypatch, tmp_path: Path, only) -> None:
    """Its time is limited."""
    only("pdflatex")
    fake_pdflatex(tmp_path, monkeypatch, "exec sleep 60")
    monkeypatch.setattr("gradcheck.typesetting.TIME_LIMIT", 0.2)
    with pytest.raises(CouldNotRun, match=r"pdflatex did not end within 0\.2 seconds"):
        typeset(report_on(DOCUMENTS["dense"]), "pdf", VERSIONS)


@needs_typst
@pytest.mark.skipif(sys.platform == "win32", reason="another shell there")
def test_an_engine_that_cannot_be_started_is_passed_over(monkeypatch, tmp_path: Path) -> None:
    """A pdflatex without its interpreter is no engine."""
    fake_pdflatex(tmp_path, monkeypatch, "")
    (tmp_path / "pdflatex").write_text("#!/no/such/shell\n", encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert b"Typst" in typeset(report_on(DOCUMENTS["dense"]), "pdf", VERSIONS)


@needs_typst
def test_the_second_engine_takes_over(monkeypatch, tmp_path: Path) -> None:
    """Where pdflatex fails, on a TeX without the packages say, typst makes the PDF."""
    fake_pdflatex(tmp_path, monkeypatch, "exit 1")
    assert b"Typst" in typeset(report_on(DOCUMENTS["dense"]), "pdf", VERSIONS)


def test_an_engine_of_another_version_is_told(monkeypatch, only) -> None:
    """Whatever the package typst raises becomes a message."""
    only("typst")

    def compile(*args: object, **kwargs: object) -> bytes:
        raise TypeError("no such argument")

    monkeypatch.setitem(sys.modules, "typst", SimpleNamespace(compile=compile, __spec__=None))
    monkeypatch.setattr("gradcheck.typesetting.find_spec", lambda name: True)
    with pytest.raises(CouldNotRun, match="typst failed: no such argument; install TeX"):
        typeset(report_on(DOCUMENTS["dense"]), "pdf", VERSIONS)


# Stale or not


@pytest.mark.parametrize("form", ["latex", "markdown", "typst", "json", pytest.param("pdf", marks=needs_typst)])
def test_stale_is_what_says_something_else(form: str) -> None:
    """The report of today is not stale, that of another seed is, and a version alone makes no difference."""
    report = report_on(DOCUMENTS["dense"])
    found = typeset(report, form, VERSIONS)
    assert not stale(found, report, form, VERSIONS)
    assert not stale(found, report, form, {**VERSIONS, "numpy": "3.1.0rc1"})
    assert stale(found, replace(report, seed=1), form, VERSIONS)
    assert stale(b"", report, form, VERSIONS)


def test_a_report_is_current_wherever_its_claims_file_is_called_from() -> None:
    """The folder of the claims file stands nowhere in a report."""
    report = report_on(DOCUMENTS["dense"])
    found = typeset(replace(report, source="somefolder/dense.toml"), "markdown", VERSIONS)
    assert not stale(found, report, "markdown", VERSIONS)
    assert b"somefolder" not in found


@needs_tex
@needs_typst
def test_a_pdf_is_current_whatever_engine_made_it(monkeypatch) -> None:
    """The digest in a PDF is of the report, not of the bytes."""
    report = report_on(DOCUMENTS["dense"])
    by_tex = typeset(report, "pdf", VERSIONS)
    monkeypatch.setattr("gradcheck.typesetting.shutil.which", lambda name: None)
    by_typst = typeset(report, "pdf", VERSIONS)
    assert by_tex != by_typst
    assert not stale(by_tex, report, "pdf", VERSIONS)
    assert not stale(by_typst, report, "pdf", VERSIONS)


@needs_tex
def test_a_reference_far_ahead_needs_no_luck(monkeypatch, only) -> None:
    """Passes are repeated until the references are right, and no further than there is hope."""
    only("pdflatex")
    passes = []
    from gradcheck import typesetting

    run = typesetting._run
    monkeypatch.setattr(typesetting, "_run", lambda *words: passes.append(words) or run(*words))
    monkeypatch.setattr(typesetting, "article", lambda *args: Document("t", "s", (Paragraph(("one page",)),)))
    typeset(report_on(DOCUMENTS["dense"]), "pdf", VERSIONS)
    assert 1 <= len(passes) <= 2
