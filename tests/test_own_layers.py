"""Layers as people bring them, from the command line: what is found, what is refused, and how it is told."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gradcheck.cli import main

CONV = """
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def correlate(x, w):
    return np.einsum("niabuv,jiuv->njab", sliding_window_view(x, w.shape[2:], axis=(2, 3)), w)


class Conv:
    SIZE = None

    def __init__(self, in_channels, out_channels, kernel_size):
        sides = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
        self.w = np.zeros((out_channels, in_channels, *sides))

    def forward(self, x):
        assert self.SIZE in (None, x.shape[2:]), x.shape
        self.x = x
        return correlate(x, self.w)

    def backward(self, dy):
        m = self.w.shape[2] - 1
        n = self.w.shape[3] - 1
        self.dw = correlate(self.x.swapaxes(0, 1), dy.swapaxes(0, 1)).swapaxes(0, 1)
        padded = np.pad(dy, ((0, 0), (0, 0), (m, m), (n, n)))
        return correlate(padded, self.w[:, :, ::-1, ::-1].swapaxes(0, 1))


class Fixed(Conv):
    SIZE = (28, 28)


class SquareOnly(Conv):
    def backward(self, dy):
        super().backward(dy)
        m = self.w.shape[2] - 1
        padded = np.pad(dy, ((0, 0), (0, 0), (m, m), (m, m)))
        return correlate(padded, self.w[:, :, ::-1, ::-1].swapaxes(0, 1))


class SquareAndNotRotated(Conv):
    def backward(self, dy):
        super().backward(dy)
        m = self.w.shape[2] - 1
        padded = np.pad(dy, ((0, 0), (0, 0), (m, m), (m, m)))
        return correlate(padded, self.w.swapaxes(0, 1))


class SameOnly(Conv):
    def __init__(self, in_channels, out_channels, kernel_size=3, padding="same"):
        super().__init__(in_channels, out_channels, 3)
        assert padding == "same"

    def forward(self, x):
        return super().forward(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))))

    def backward(self, dy):
        return super().backward(dy)[:, :, 1:-1, 1:-1]


class Clipped(Conv):
    def forward(self, x):
        self.w = np.minimum(self.w, 4)
        return super().forward(x)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the layers in conv.py, and with a folder that is called like the package."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conv.py").write_text(CONV, encoding="utf-8")
    (tmp_path / "gradcheck").mkdir()
    (tmp_path / "gradcheck" / "__init__.py").write_text("raise RuntimeError", encoding="utf-8")
    return tmp_path


def run(*words: str) -> Result:
    """The result of a command."""
    return CliRunner().invoke(main, list(words))


def found(name: str, *words: str) -> dict[str, object]:
    """What verify says of a layer as JSON."""
    return json.loads(run("verify", f"conv.py:{name}", "--format", "json", *words).stdout)  # type: ignore[no-any-return]


def first_cause(findings: dict[str, object], array: str) -> list[str]:
    """The causes that are told for an array."""
    results = {result["array"]: result for result in findings["results"]}  # type: ignore[attr-defined]
    return [cause["id"] for cause in results[array]["fault"]["causes"]]


def test_a_right_layer_is_verified(folder: Path) -> None:
    """Exit code 0, whatever else stands in the folder."""
    result = run("verify", "conv.py:Conv")
    assert result.exit_code == 0
    assert "verified: right: y, dx, dw" in result.stdout


def test_images_of_one_size(folder: Path) -> None:
    """A layer that takes no other images is checked on these, and that is told."""
    findings = found(
        "Fixed", *(word for size in ("in_channels=1", "out_channels=2", "kernel_size=3") for word in ("--set", size))
    )
    assert findings["verdict"] == "verified"
    assert "images of other sizes" in findings["unsupported"]  # type: ignore[operator]


def test_a_padding_that_has_one_value(folder: Path) -> None:
    """An option that accepts nothing but its default is left at it."""
    assert found("SameOnly")["verdict"] == "verified"


def test_square_filters_only(folder: Path) -> None:
    """A backward pass that takes the filter to be square is told as such, alone and besides another mistake."""
    assert first_cause(found("SquareOnly"), "dx") == ["square-filters-only"]
    assert first_cause(found("SquareAndNotRotated"), "dx") == ["filter-not-rotated", "square-filters-only"]


def test_a_forward_that_changes_its_weights_is_not_verified(folder: Path) -> None:
    """Gradients that are right for the weights that were given, and not for what forward makes of them."""
    assert run("verify", "conv.py:Clipped", "--layout", "NCHW", "--filters", "OIHW").exit_code != 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["conv.py"], 2, "has several targets, name one"),
        (["conv.py:Cnv"], 2, "did you mean 'Conv'?"),
        (["con.py:Conv"], 2, "there is no such file"),
        (["no_such_module:Conv"], 2, "there is no module no_such_module"),
        (["conv.py:Conv", "--set", "colour=2"], 2, "has no such parameter"),
        (["conv.py:Conv", "--layout", "NCHX"], 2, "'X' is no axis"),
        (["conv.py:Conv", "--claim", "a"], 2, "are for claims files"),
    ],
)
def test_bad_input_is_told(folder: Path, words: list[str], code: int, said: str) -> None:
    """What was wrong and what to do, without a traceback."""
    result = run("verify", *words)
    assert (result.exit_code, said in result.stderr) == (code, True), result.stderr


def test_settings_of_the_project(folder: Path) -> None:
    """[tool.gradcheck] says what the options say, and is refused where it says nothing known."""
    settings = folder / "pyproject.toml"
    settings.write_text("[tool.gradcheck]\noperation = 'convolution'\n", encoding="utf-8")
    assert run("verify", "conv.py:Conv").exit_code == 1
    for wrong in ("operation = 'corelation'", "layout = 3", "colour = 1"):
        settings.write_text(f"[tool.gradcheck]\n{wrong}\n", encoding="utf-8")
        assert run("verify", "conv.py:Conv").exit_code == 2


def test_init_writes_a_binding_that_is_verified(folder: Path) -> None:
    """The file runs as it is, and is not written over."""
    assert run("init", "conv.py:Conv").exit_code == 0
    assert run("verify", "conv_binding.py").exit_code == 0
    assert "is there already" in run("init", "conv.py:Conv").stderr


def test_the_command_at_the_end_gives_it_again(folder: Path) -> None:
    """Options and seed are in it."""
    result = run("verify", "conv.py:Conv", "--seed", "3", "--layout", "NCHW", "--set", "kernel_size=2")
    command = result.stdout.split("rerun: ")[1].split(";")[0]
    assert command == "gradcheck verify conv.py:Conv --seed 3 --layout NCHW --set kernel_size=2"
    assert run(*command.split()[1:]).stdout.splitlines()[:-1] == result.stdout.splitlines()[:-1]
