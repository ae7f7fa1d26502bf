"""What several test modules share: the document's claims, whole or with one of them changed."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from gradcheck import Report, verify

DOCUMENT = files("gradcheck.claims").joinpath("gradient_sizes.toml").read_text(encoding="utf-8")


@cache
def document_report() -> Report:
    """The verdicts on the document, found once for all the tests that read them."""
    return verify(layers=200)


@pytest.fixture
def document() -> str:
    """The text of the document's claims file."""
    return DOCUMENT


@pytest.fixture
def report() -> Report:
    """The verdicts on the document's claims."""
    return document_report()


@pytest.fixture
def claims_file(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a claims file and gives its path."""

    def write(text: str) -> Path:
        path = tmp_path / "claims.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
