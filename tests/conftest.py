"""What several test modules share, and which slow ones are sampled: GRADCHECK_THOROUGH=1 runs all."""

import os
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from gradcheck import Report, verify

for forced in ("FORCE_COLOR", "PY_COLORS"):  # the tests read what programs print, without colours
    os.environ.pop(forced, None)

THOROUGH = bool(os.environ.get("GRADCHECK_THOROUGH"))
SAMPLED = {  # of the tests of a slow module, one in so many
    "claims/test_reader": 2,
    "commands/test_completion": 4,
    "conventions/test_search": 4,
    "diagnosis/test_blind": 2,
    "diagnosis/test_match": 4,
    "examination/test_contracts": 2,
    "examination/test_script": 4,
    "functions/test_causes": 2,
    "functions/test_check": 2,
    "functions/test_corpus": 4,
    "functions/test_jax": 4,
    "functions/test_torch": 3,
    "numeric/test_check": 3,
    "numeric/test_configurations": 3,
    "numeric/test_probe": 3,
    "recheck/test_certificates": 8,
    "report/test_article": 3,
    "test_coq": 9,
    "report/test_latex": 6,
    "report/test_typst": 3,
    "report/test_windows": 2,
    "symbolic/test_algebra": 3,
    "symbolic/test_certificates": 3,
    "symbolic/test_deltas": 2,
    "symbolic/test_prove": 4,
    "targets/test_process": 2,
    "test_assertions": 3,
    "test_cli": 4,
    "test_corpus": 56,
    "test_examples": 10,
    "test_false_arithmetic": 6,
    "test_jax": 14,
    "test_mutations": 4,
    "test_outputs": 7,
    "test_own_layers": 3,
    "test_pytest_plugin": 4,
    "test_random_layers": 4,
    "test_recipes": 4,
    "test_reports": 2,
    "test_smtlib": 8,
    "test_strategies": 3,
    "test_torch": 4,
    "test_typesetting": 10,
}
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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out most tests of the slow modules, unless all are asked for."""
    if THOROUGH:
        return
    seen: dict[str, int] = {}
    kept, left = [], []
    for item in items:
        path = item.path.with_suffix("").as_posix()
        every = next((every for name, every in SAMPLED.items() if path.endswith(f"/{name}")), 1)
        seen[path] = seen.get(path, -1) + 1
        (left if seen[path] % every else kept).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept
