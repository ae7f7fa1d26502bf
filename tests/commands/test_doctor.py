"""gradcheck doctor: what is installed is told as it is, and a broken engine is no success."""

import os
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, metadata, version
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from gradcheck.commands import doctor as module
from gradcheck.commands.doctor import doctor, engines, extras, itself, plugin, programs
from gradcheck.typesetting import INSTALL

needs_scripts = pytest.mark.skipif(sys.platform == "win32", reason="a program there is no script")


def run():
    """The result of the command."""
    return CliRunner().invoke(doctor, [])


@pytest.fixture
def installed(monkeypatch):
    """Replaces what is known of the installed distributions."""

    def replacing(versions, requires=()):
        def version_of(name):
            if name not in versions:
                raise PackageNotFoundError(name)
            return versions[name]

        monkeypatch.setattr(module.metadata, "version", version_of)
        monkeypatch.setattr(module.metadata, "requires", lambda name: list(requires))

    return replacing


@pytest.fixture
def on_path(monkeypatch, tmp_path):
    """Writes a script, the only program on PATH, and gives its path; the time limit is short."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module, "TIME_LIMIT", 0.5)

    def writing(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    return writing


def test_everything_is_there():
    """With working engines the exit code is 0, and every part is told in aligned lines."""
    result = run()
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"gradcheck    {version('gradcheck')}, in ")
    assert [line for line in lines if line and line[0] != " "][3:] == ["engines", "extras", "pytest", "programs"]
    assert f"  symbolic   sympy {version('sympy')}" in lines
    assert f"  numeric    numpy {version('numpy')}" in lines
    assert "  together   they work: output-size proved for all sizes, and checked on 3 layers" in lines
    assert all(line[12] == " " and line[13] != " " for line in lines if len(line) > 13)


def test_the_extras_are_those_of_the_distribution():
    """What a user can install is listed; what is for work on gradcheck itself is not."""
    provided = metadata("gradcheck").get_all("Provides-Extra")
    assert [name for name, _ in extras()] == sorted({*provided} - {"bench", "test"})


def test_an_extra_is_missing_or_there(installed):
    """A missing extra comes with the command that installs it."""
    installed(
        {"jax": "0.10.1", "torch": "1.13.1+cpu", "z3-solver": "4.12.0.0", "odd": "1"},
        [
            "click>=8.2",
            "autograd>=1.7; extra == 'autograd'",
            "jax[cpu] (>=0.5) ; (python_version > '3') and extra == \"jax\"",
            "torch>=2.3; extra == 'torch'",
            "z3-solver>=4.12; extra == 'smt'",
            "odd; extra == 'odd'",
            "pytest; extra == 'test'",
        ],
    )
    assert extras() == (
        ("autograd", "not installed: pip install 'gradcheck[autograd]'"),
        ("jax", "jax 0.10.1"),
        ("odd", "odd 1"),
        ("smt", "z3-solver 4.12.0.0"),
        ("torch", "torch 1.13.1+cpu"),
    )


def test_an_extra_of_several_libraries(installed):
    """What is there is told beside what is missing."""
    installed({"one": "1"}, ["one; extra == 'two'", "other; extra == 'two'", "third; extra == 'two'"])
    assert extras() == (("two", "one 1, not installed: pip install 'gradcheck[two]'"),)


def test_run_from_its_source(monkeypatch, installed):
    """A gradcheck that is not installed says so, and its extras are not known."""
    installed({})

    def unknown(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module.metadata, "requires", unknown)
    assert dict(itself())["gradcheck"].startswith("not installed: run from its source, in ")
    assert extras() == (("none", "gradcheck is not installed, so they are not known"),)
    assert run().exit_code == 0


def test_the_plugin(monkeypatch, installed):
    """pytest's plugin is told with what runs it, or how to get it."""
    entries = [SimpleNamespace(name="xdist", value="xdist"), SimpleNamespace(name="gradcheck", value="gradcheck.p")]
    monkeypatch.setattr(module.metadata, "entry_points", lambda group: entries if group == "pytest11" else [])
    installed({"pytest": "8.2"})
    assert plugin() == (
        ("plugin", "gradcheck.p"),
        ("pytest", "8.2"),
        ("xdist", "not installed: pip install pytest-xdist"),
    )
    entries.clear()
    assert plugin()[0] == ("plugin", "not found by pytest: install gradcheck again")


# Engines


@pytest.mark.parametrize(
    "error", [ImportError("no sympy\nand so on"), RuntimeError("\x1b[1m"), SystemExit(), OSError()]
)
def test_a_library_that_cannot_be_imported_is_3(monkeypatch, error):
    """Whatever an engine's library raises is told in a line, with what mends it."""

    def broken(name):
        if name == "gradcheck.symbolic.prove":
            raise error
        return name

    monkeypatch.setattr(module, "import_module", broken)
    result = run()
    assert (result.exit_code, type(result.exception), result.stderr) == (3, SystemExit, "")
    line = next(line for line in result.stdout.splitlines() if line.startswith("  symbolic"))
    assert f"cannot be imported: {type(error).__name__}" in line
    assert line.endswith("; pip install --force-reinstall sympy")
    assert "  together   not tried" in result.stdout.splitlines()
    assert "Traceback" not in result.output
    assert "\x1b" not in result.output
    assert "and so on" not in result.output


def test_a_broken_sympy_is_3(tmp_path):
    """In a real process whose sympy is broken nothing but words comes out."""
    (tmp_path / "sympy.py").write_text("raise RuntimeError('half an upgrade')", encoding="utf-8")
    words = [sys.executable, "-c", "from gradcheck.commands.doctor import doctor; doctor()"]
    done = subprocess.run(
        words, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert "cannot be imported: RuntimeError: half an upgrade; pip install --force-reinstall sympy" in done.stdout


def test_a_library_that_is_not_there_is_3(monkeypatch, installed):
    """A missing library is told as not installed; the rest is told all the same."""
    installed({"sympy": "1.14"})
    monkeypatch.setitem(sys.modules, "gradcheck.numeric.check", None)  # importing it raises ModuleNotFoundError
    states, works = engines()
    assert not works
    assert dict(states)["numeric"].startswith("numpy not installed; cannot be imported: ModuleNotFoundError: ")
    assert dict(states)["symbolic"] == "sympy 1.14"
    assert run().stdout.splitlines()[-1].startswith("  PDF ")


def test_an_engine_that_raises_is_3(monkeypatch):
    """A fault within an engine is told, not shown as a traceback."""

    def fault(*args):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("gradcheck.symbolic.prove.prove", fault)
    result = run()
    told = "they do not work: verifying output-size raised ZeroDivisionError: planted"
    assert result.exit_code == 3
    assert f"  together   {told}" in result.stdout.splitlines()


def test_an_engine_that_is_wrong_is_3(monkeypatch):
    """An engine that does not prove what holds does not work."""
    from gradcheck.evidence import Proof

    monkeypatch.setattr("gradcheck.symbolic.prove.prove", lambda *args: Proof((), (), False))
    states, works = engines()
    assert (works, states[-1][1]) == (
        False,
        "they do not work: output-size holds, and is found open; please report this",
    )


def test_an_interrupt_is_130(monkeypatch):
    """Ctrl-C while the engines are tried ends the command."""

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("gradcheck.symbolic.prove.prove", interrupt)
    assert run().exit_code == 130


# Programs


def test_no_programs(monkeypatch):
    """Without TeX a PDF is made by typst; without either it is said how to get one."""
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    monkeypatch.setattr(module, "find_spec", lambda name: name)
    assert programs() == (("pdflatex", "not installed"), ("coqc", "not installed"), ("PDF", "made by typst"))
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert programs()[-1] == ("PDF", f"cannot be made: {INSTALL}")


@needs_scripts
def test_a_program_that_works(on_path):
    """The first line of a program's version is told, without what would act on a terminal."""
    path = on_path("pdflatex", "#!/bin/sh\necho; printf '\\033pdfTeX %0200d\\nmore' 3\n")
    states = dict(programs())
    assert states["pdflatex"] == f"{path}: pdfTeX {'0' * 93}"
    assert states["PDF"] == "made by pdflatex"


@needs_scripts
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("#!/bin/sh\necho no fonts >&2; exit 4\n", "exit code 4: no fonts"),
        ("#!/bin/sh\nexit 1\n", "exit code 1: it says nothing"),
        ("#!/no/such/shell\n", "No such file or directory"),
        ("\0\0\0\0", "Exec format error"),
        ("#!/bin/sh\n/bin/sleep 60\n", "it did not end within 0.5 seconds"),
        ("#!/bin/sh\nwhile :; do echo again; done\n", "it did not end within 0.5 seconds"),
    ],
)
def test_a_program_that_does_not_work(monkeypatch, on_path, text, told):
    """A program that fails or hangs is told, with its children ended, and another makes the PDF."""
    monkeypatch.setattr(module, "find_spec", lambda name: name)
    path, start = on_path("pdflatex", text), time.monotonic()
    states = dict(programs())
    assert states["pdflatex"] == f"{path} does not work: {told}"
    assert states["PDF"] == "made by typst"
    assert time.monotonic() - start < 20


@needs_scripts
def test_a_broken_program_is_no_broken_engine(on_path):
    """Programs make no difference to the exit code."""
    on_path("pdflatex", "#!/bin/sh\nexit 1\n")
    assert run().exit_code == 0
