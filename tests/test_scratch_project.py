"""A project that installs gradcheck from its wheel: of three layers one is broken, and that is what pytest says."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = ("gradcheck", "pyproject.toml", "README.md", "LICENSE")
LAYERS = """
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dy):
        return dy * (self.x > 0)


class Dense:
    def __init__(self, inputs, outputs):
        self.w = np.random.randn(outputs, inputs)

    def forward(self, x):
        self.x = x
        return x @ self.w.T

    def backward(self, dy):
        self.dw = dy.T @ self.x
        return dy @ self.w


class Conv2d:
    def __init__(self, in_channels, out_channels, kernel_size):
        self.w = np.random.randn(out_channels, in_channels, kernel_size, kernel_size)

    def forward(self, x):
        self.x = x
        return correlate(x, self.w)

    def backward(self, dy):
        self.dw = correlate(self.x.swapaxes(0, 1), dy.swapaxes(0, 1)).swapaxes(0, 1)
        m = self.w.shape[2]
        padded = np.pad(dy, ((0, 0), (0, 0), (m - 1, m - 1), (m - 1, m - 1)))
        return correlate(padded, self.w.swapaxes(0, 1))


def correlate(x, w):
    windows = sliding_window_view(x, w.shape[2:], axis=(2, 3))
    return np.einsum("niabuv,jiuv->njab", windows, w)
"""
TESTS = """
from gradcheck import assert_gradients
from layers import Conv2d, Dense, ReLU


def test_relu():
    assert_gradients(ReLU)


def test_dense():
    assert_gradients(Dense, like="dense")


def test_conv():
    assert_gradients(Conv2d, like="conv2d")
"""
CONFTEST = """
import gradcheck


def pytest_report_header():
    return f"imported from {gradcheck.__file__}"
"""
DIAGNOSIS = "dx: the filter is not rotated by 180°"


def ran(*words: object, folder: Path, path: str = "") -> subprocess.CompletedProcess:
    """A finished command, with a PATH that has a folder in front."""
    paths = os.pathsep.join([*([path] if path else []), os.environ.get("PATH", "")])
    clean = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST", "COV_", "PYTHON"))}
    return subprocess.run(
        list(map(str, words)),
        cwd=folder,
        env={**clean, "PATH": paths},
        text=True,
        encoding="utf-8",
        capture_output=True,
        timeout=120,
        check=False,
    )


def done(*words: object, folder: Path) -> None:
    """A command that must not fail."""
    found = ran(*words, folder=folder)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    build = ("wheel", ".", "--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check")
    done(sys.executable, "-m", "pip", *build, "-w", folder / "dist", folder=folder)
    (found,) = (folder / "dist").glob("*.whl")
    return found


@pytest.fixture(scope="module")
def tools(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment with the wheel in it, and of the running one what the wheel depends on."""
    home = tmp_path_factory.mktemp("environment") / "venv"
    done(sys.executable, "-m", "venv", "--without-pip", home, folder=home.parent)
    python = home / "bin" / "python"
    words = ("--no-deps", "--no-index", "--quiet", "--disable-pip-version-check")
    done(sys.executable, "-m", "pip", "--python", python, "install", *words, wheel, folder=home.parent)
    (own,) = home.glob("lib/python*/site-packages")
    running = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    (own / "running.pth").write_text("\n".join(running) + "\n", encoding="utf-8")
    script = python.with_name("pytest")
    script.write_text(f"#!{python}\nimport pytest\n\nraise SystemExit(pytest.console_main())\n", encoding="utf-8")
    script.chmod(0o755)
    return python.parent


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with three layers, and a test for each."""
    for name, text in {"layers.py": LAYERS, "test_layers.py": TESTS, "conftest.py": CONFTEST}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_wheel_has_its_data(wheel: Path) -> None:
    """Rules, causes, and all claims files are in the wheel, tests are not, and the plugin is announced."""
    with ZipFile(wheel) as packed:
        names = set(packed.namelist())
        (points,) = (packed.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    data = [path for pattern in ("*.md", "*.toml") for path in (ROOT / "gradcheck").rglob(pattern)]
    expected = {path.relative_to(ROOT).as_posix() for path in data}
    assert {"gradcheck/report/causes.toml", "gradcheck/report/rules/GC201.md", "gradcheck/py.typed"} <= names
    assert any(name.startswith("gradcheck/claims/") and name.endswith(".toml") for name in expected)
    assert expected <= names
    assert not [name for name in names if name.startswith(("tests", "examples"))]
    assert "[pytest11]\ngradcheck = gradcheck.pytest_plugin" in points


def test_one_layer_of_three_fails(tools: Path, project: Path) -> None:
    """With one process or two exactly one test fails, it is named and diagnosed alike, and pasting shows it again."""
    outputs = []
    for options in ([], ["-n", "2"]):
        found = ran(tools / "pytest", *options, folder=project)
        assert found.returncode == 1, found.stdout + found.stderr
        assert re.search(r"=+ 1 failed, 2 passed in ", found.stdout), found.stdout
        assert re.findall(r"^FAILED (\S+)", found.stdout, re.MULTILINE) == ["test_layers.py::test_conv"]
        assert f"imported from {tools.parent}" in found.stdout
        assert "gradcheck: seed 0" in found.stdout
        outputs.append(told(found.stdout))
    one, two = outputs
    assert DIAGNOSIS in one[0]
    assert one == two
    command = one[-1].removeprefix("rerun: ")
    assert command == "pytest test_layers.py::test_conv"
    pasted = ran("sh", "-c", command, folder=project, path=str(tools))
    assert (pasted.returncode, told(pasted.stdout)) == (1, one)


def test_a_project_without_a_mistake_passes(tools: Path, project: Path) -> None:
    """With the filter rotated nothing fails, so that it is the mistake that was found."""
    path = project / "layers.py"
    text = path.read_text("utf-8").replace(
        "self.w.swapaxes(0, 1))\n\n\n", "self.w[:, :, ::-1, ::-1].swapaxes(0, 1))\n\n\n"
    )
    path.write_text(text, encoding="utf-8")
    found = ran(tools / "pytest", folder=project)
    assert re.search(r"=+ 3 passed in ", found.stdout), found.stdout


def told(output: str) -> list[str]:
    """What the one failure says, from its diagnosis to its command."""
    lines = [line[1:].strip() for line in output.splitlines() if line.startswith("E ")]
    assert lines[-1].startswith("rerun: "), output
    return lines
