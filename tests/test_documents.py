"""Other documents, with no change in the code: each claims file beside this one is verified."""

from pathlib import Path

import pytest

from gradcheck import verify

DOCUMENTS = sorted(Path(__file__).with_name("documents").glob("*.toml"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_document(path: Path) -> None:
    """Every claim of the document is proved and checked."""
    report = verify(path, layers=60)
    assert {v.claim.id: v.status for v in report.verdicts} == {v.claim.id: "verified" for v in report.verdicts}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_document_made_false(path: Path, tmp_path: Path) -> None:
    """The same document with every correlation read as a convolution, or a size too large, is refuted."""
    text = path.read_text(encoding="utf-8")
    wrong = text.replace("corr(", "conv(") if "corr(pad" in text else text.replace('Y = "', 'Y = "1+')
    copy = tmp_path / path.name
    copy.write_text(wrong, encoding="utf-8")
    assert verify(copy, layers=60).verdict == "refuted"


def test_there_are_documents_of_every_kind() -> None:
    """One, two and three spatial axes, depthwise, dense and true convolution are all there."""
    kinds = {"conv1d", "conv3d", "depthwise", "dense", "trueconv", "rectangular"}
    assert kinds <= {path.stem for path in DOCUMENTS}
