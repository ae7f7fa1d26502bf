"""The structure of the package: floors, and who may import what."""

import ast
from pathlib import Path

import pytest

import gradcheck

HOUSE = Path(gradcheck.__file__).parent
FLOORS = [  # from the ground up; a room imports only lower floors and itself
    {"errors", "recheck"},
    {"notation", "running_test"},
    {"layers", "difference"},
    {"claims"},
    {"evidence", "findings"},
    {"comparison", "subject"},
    {"symbolic", "numeric", "report", "progress", "targets"},
    {"conventions"},
    {"diagnosis"},
    {"verification", "typesetting", "examination"},
    {"functions"},
    {"assertions"},
    {"random_layer"},
    {"strategies"},
    {"publishing"},
    {"exits"},
    {"commands"},
    {"cli", "pytest_claims", "__init__"},
    {"pytest_plugin"},
    {"__main__"},
]
LIBRARIES = {
    "sympy": "symbolic",
    "numpy": "numeric targets conventions diagnosis examination functions random_layer strategies",
    "torch": "targets functions",
    "jax": "targets functions",
    "autograd": "functions",
    "rich": "report progress",
    "click": "cli commands exits",
    "pytest": "pytest_plugin pytest_claims",
    "hypothesis": "strategies",
    "typst": "typesetting",
}
FILES = sorted(HOUSE.rglob("*.py"))


def room(path: Path) -> str:
    """The room in which a file stands: its folder, or itself at the top."""
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imports(source: str) -> set[str]:
    """Every module that a source file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def trespasses(own: str, source: str) -> set[str]:
    """The imports in a room's source that its floor does not allow."""
    level = next(n for n, floor in enumerate(FLOORS) if own in floor)
    allowed = {own}.union(*FLOORS[:level])
    inside = {name.split(".")[1] if "." in name else "__init__" for name in imports(source) if name[:9] == "gradcheck"}
    outside = {lib for lib in imports(source) if own not in LIBRARIES.get(lib.split(".")[0], own).split()}
    return (inside - allowed) | outside


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_file_keeps_to_its_floor(path: Path) -> None:
    """A file imports only from lower floors, its own room, and the libraries that are its room's."""
    assert trespasses(room(path), path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    ("own", "source"),
    [
        ("symbolic", "from gradcheck.numeric.check import check"),
        ("claims", "import numpy as np"),
        ("report", "def f():\n    import sympy.printing"),
        ("notation", "from gradcheck.evidence import Proof"),
    ],
)
def test_a_trespass_is_noticed(own: str, source: str) -> None:
    """An import that the floors forbid is found wherever it stands."""
    assert trespasses(own, source)


def test_only_algebra_knows_sympy() -> None:
    """One module stands between the package and sympy."""
    found = [path.name for path in FILES if any(n.startswith("sympy") for n in imports(path.read_text("utf-8")))]
    assert found == ["algebra.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_file_is_one_idea(path: Path) -> None:
    """No file is longer than 250 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250
