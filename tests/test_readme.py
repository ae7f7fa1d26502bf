"""The README says what is so."""

import re
import shlex
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gradcheck.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FUNCTIONS = (ROOT / "docs" / "functions.md").read_text(encoding="utf-8")


def block(mark: str, page: str = README) -> str:
    """The code block after a marker."""
    match = re.search(rf"<!-- {mark} -->\n```\w*\n(.*?)```", page, re.DOTALL)
    assert match
    return match.group(1)


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The README's example as a file in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.toml").write_text(block("example"), encoding="utf-8")
    return tmp_path


def test_refuted_example_is_real_output(notes: Path) -> None:
    """The failure shown is the one that the example gives."""
    result = CliRunner().invoke(main, ["verify", "notes.toml"])
    assert result.exit_code == 1
    assert block("refuted").strip() in result.output.splitlines()


def test_rerun_command_reproduces_it(notes: Path) -> None:
    """The command at its end gives the same failure again."""
    command = shlex.split(block("refuted").rsplit("rerun: ", 1)[1])
    result = CliRunner().invoke(main, command[1:])
    assert result.exit_code == 1
    assert block("refuted").split("; rerun")[0] in result.output


def test_python_example_runs(notes: Path) -> None:
    """The Python shown does what it asserts."""
    exec(compile(block("python"), "README.md", "exec"), {})


def test_function_examples_run() -> None:
    """The functions in the README and in docs/functions.md are as right, and as wrong, as is said there."""
    exec(compile(block("function"), "README.md", "exec"), {})
    exec(compile(block("functions", FUNCTIONS), "docs/functions.md", "exec"), {})


NORMALISATION = """
class BatchNorm:
    def __init__(self, gamma, beta):
        self.gamma, self.beta = gamma, beta

    def forward(self, x):
        self.deviation = (x.var(0) + 1e-5) ** 0.5
        self.normal = (x - x.mean(0)) / self.deviation
        return self.gamma * self.normal + self.beta

    def backward(self, dy):
        self.dgamma, self.dbeta = (dy * self.normal).sum(0), dy.sum(0)
        d = dy * self.gamma
        return (d - d.mean(0) - self.normal * (d * self.normal).mean(0)) / self.deviation
"""


@pytest.mark.parametrize("broken", ["", "d - d.mean(0)", "(dy * self.normal).sum(0)"])
def test_a_layer_with_parameters_is_a_function(broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of a normalisation in docs/functions.md verifies a right one, and refutes others."""
    (tmp_path / "norm.py").write_text(NORMALISATION.replace(broken, "dy") if broken else NORMALISATION, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "norm", raising=False)
    shown: dict[str, Any] = {}
    exec(compile(block("batch norm", FUNCTIONS), "docs/functions.md", "exec"), shown)
    with pytest.raises(AssertionError, match=r"is wrong|shape") if broken else nullcontext():
        shown["test_batch_norm"]()


@pytest.fixture
def layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The README's broken layer as a file in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "conv.py"
    path.write_text(block("layer"), encoding="utf-8")
    return path


def test_diagnosis_is_real_output(layer: Path) -> None:
    """What is shown of the broken layer is what gradcheck says of it."""
    result = CliRunner().invoke(main, ["verify", "conv.py"])
    assert result.exit_code == 1
    assert block("diagnosis").rstrip() in result.output


def test_the_fix_makes_it_right(layer: Path) -> None:
    """With the line changed as the README says, the layer is verified as shown."""
    wrong, right = (
        "correlate(padded, self.w.swapaxes(0, 1))",
        "correlate(padded, self.w[:, :, ::-1, ::-1].swapaxes(0, 1))",
    )
    assert wrong in block("layer")
    assert right in README
    layer.write_text(block("layer").replace(wrong, right), encoding="utf-8")
    result = CliRunner().invoke(main, ["verify", "conv.py"])
    assert result.exit_code == 0
    assert result.output.splitlines()[-1].startswith(block("fixed").strip())


def test_binding_and_python_of_the_layers_page() -> None:
    """The binding shown in docs/layers.md is verified by the Python shown there."""
    page = (ROOT / "docs" / "layers.md").read_text(encoding="utf-8")
    shown = [re.search(rf"<!-- {mark} -->\n```python\n(.*?)```", page, re.DOTALL) for mark in ("binding", "examine")]
    exec(compile("\n".join(match[1] for match in shown if match), "docs/layers.md", "exec"), {"__name__": "page"})
    assert all(shown)


def test_links_lead_somewhere() -> None:
    """Every file that the README points at is there."""
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_commands_are_one_line_each() -> None:
    """Each of the two commands can be copied as one line, and makes its own environment."""
    for mark in ("verify", "test"):
        assert block(mark).count("\n") == 1
        assert block(mark).startswith("python3 -m venv .venv && ")
