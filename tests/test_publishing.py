"""Reports written to where they belong, and compared with what stands there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from printing import DOCUMENTS, VERSIONS, needs_typst, report_on

from gradcheck import Report
from gradcheck.errors import CouldNotRun, GradcheckError
from gradcheck.publishing import destinations, outdated, publish
from gradcheck.typesetting import typeset


@pytest.fixture
def report() -> Report:
    """A small report."""
    return report_on(DOCUMENTS["dense"])


def typesetting(report: Report) -> Callable[[str], bytes]:
    """How each format of a report is written."""
    return lambda form: typeset(report, form, VERSIONS)


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with neither TeX nor typst."""
    monkeypatch.setattr("gradcheck.typesetting.shutil.which", lambda name: None)
    monkeypatch.setattr("gradcheck.typesetting.find_spec", lambda name: None)


def test_files_are_named_like_the_claims_file(report: Report) -> None:
    """One file for each format, once; the LaTeX of a PDF stands beside it; the own document has its own name."""
    assert destinations(report, ["markdown", "typst", "markdown"], Path("a")) == [
        ("markdown", Path("a/dense.md")),
        ("typst", Path("a/dense.typ")),
    ]
    assert [path.name for _, path in destinations(report, ["pdf"], Path())] == ["dense.tex", "dense.pdf"]
    assert destinations(replace(report, source=None), ["latex"], Path()) == [("latex", Path("gradient_sizes.tex"))]


def test_what_is_published_is_up_to_date(report: Report, tmp_path: Path) -> None:
    """Files are written, with the folders that they need; then nothing is outdated."""
    wanted = destinations(report, ["latex", "markdown"], tmp_path / "new" / "folder")
    assert list(publish(wanted, typesetting(report))) == [path for _, path in wanted]
    assert outdated(report, wanted, VERSIONS) == []


def test_each_file_out_of_date_is_named(report: Report, tmp_path: Path) -> None:
    """A file that says something else, and one that is not there, are told apart."""
    wanted = destinations(report, ["latex", "markdown", "typst"], tmp_path)
    list(publish(wanted, typesetting(report)))
    (tmp_path / "dense.tex").write_text("something else", encoding="utf-8")
    (tmp_path / "dense.md").unlink()
    assert outdated(report, wanted, VERSIONS) == [
        f"{tmp_path}/dense.tex: stale; the same command without --check writes it again",
        f"{tmp_path}/dense.md: cannot be read: No such file or directory",
    ]


@needs_typst
def test_a_pdf_comes_last_and_all_else_is_written_without_it(report: Report, tmp_path: Path, no_engine: None) -> None:
    """Where no PDF can be made, every other file is there before that is told."""
    wanted = destinations(report, ["pdf", "markdown"], tmp_path)
    with pytest.raises(CouldNotRun, match="no PDF"):
        list(publish(wanted, typesetting(report)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dense.md", "dense.tex"]


def test_a_job_summary_is_added_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What other commands of a step wrote stays, however the file is spelled; any other file is written anew."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", f"{tmp_path}/./summary.md")
    for data in (b"one ", b"two"):
        list(
            publish([("a", tmp_path / "summary.md"), ("b", tmp_path / "other.md")], {"a": data, "b": data}.__getitem__)
        )
    assert (tmp_path / "summary.md").read_bytes() == b"one two"
    assert (tmp_path / "other.md").read_bytes() == b"two"


def test_a_file_that_cannot_be_written_is_told(report: Report, tmp_path: Path) -> None:
    """The path and the reason stand in the message."""
    (tmp_path / "file").touch()
    with pytest.raises(GradcheckError, match=r"file/x\.tex: cannot be written: .*/file is no folder$"):
        list(publish([("latex", tmp_path / "file" / "x.tex")], typesetting(report)))


def test_what_can_be_written_is_written(report: Report, tmp_path: Path, no_engine: None) -> None:
    """One file that cannot be written loses no other, and every failure is told."""
    (tmp_path / "dense.tex").mkdir()
    wanted = destinations(report, ["pdf", "markdown"], tmp_path)
    with pytest.raises(GradcheckError, match=r"(?s)dense\.tex: cannot be written: Is a directory.*no PDF: no engine"):
        list(publish(wanted, typesetting(report)))
    assert (tmp_path / "dense.md").is_file()
