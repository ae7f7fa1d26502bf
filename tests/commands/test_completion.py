"""Shell completion: what is offered, through click's protocol and in the shells that are installed."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from gradcheck.claims.reader import packaged
from gradcheck.commands.completion import claims, reports, subjects
from gradcheck.commands.formats import FORMS, PROOFS

OWN = 'title = "t"\nlayer = "conv1d"\nwhere = ["m <= n"]\n' + "".join(
    f'[[claim]]\nid = "{name}"\nshape = {{ Y = "p n-m+1" }}\n' for name in ("one", "other")
)
REAL = "from gradcheck.cli import main"
WIRED = """
import click
from gradcheck.commands import completion
@click.group()
def main():
    pass
@main.command()
@click.argument("subjects", nargs=-1, shell_complete=completion.subjects)
@click.option("--claim", "claims", multiple=True, shell_complete=completion.claims)
@click.option("--report", "reports", multiple=True, shell_complete=completion.reports)
@click.option("--format", "form", type=click.Choice(["text", "json"]))
def verify(**given):
    pass
"""
SHELLS = ("bash", "zsh", "fish")
CHECKS = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}
needs_bash = pytest.mark.skipif(sys.platform == "win32", reason="a program there is no script")


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """A folder to stand in, with claims files, layers and what is neither."""
    place = tmp_path / "place"
    for name in ("layers/deep/conv.py", "layers/__init__.py", "notes.toml", "notes.txt", ".hidden/x.py", ".hid.toml"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(OWN if name == "notes.toml" else "", encoding="utf-8")
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Puts a command `gradcheck` on PATH."""

    def writing(source=REAL):
        path = tmp_path / "bin" / "gradcheck"
        path.parent.mkdir()
        (tmp_path / "main.py").write_text(f"{source}\nmain(prog_name='gradcheck')\n", encoding="utf-8")
        path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {tmp_path / "main.py"} "$@"\n')
        path.chmod(0o755)
        monkeypatch.setenv("PATH", str(path.parent), prepend=os.pathsep)

    return writing


def context(*args, **params):
    """The context of a command whose words so far are these."""
    found = click.Context(click.Command("verify"))
    found.params, found.args = params, list(args)
    return found


def offered(callback, incomplete, *args, **params):
    """What a callback offers for a word."""
    return callback(context(*args, **params), click.Argument(["word"]), incomplete)


# The callbacks


def test_subjects_are_names_files_and_folders():
    """Everything that can be verified, and nothing else: names first, nothing hidden."""
    assert offered(subjects, "") == [*sorted(packaged()), "layers/", "notes.toml"]
    assert offered(subjects, "conv1d_") == ["conv1d_general", "conv1d_transposed"]
    assert offered(subjects, "no") == ["notes.toml"]
    assert offered(subjects, "zzz") == []


def test_hidden_subjects_are_offered_where_a_dot_is_typed():
    """As a shell does it."""
    assert offered(subjects, ".") == [".hid.toml", ".hidden/"]
    assert offered(subjects, "./n") == ["./notes.toml"]


def test_a_single_folder_is_looked_into():
    """A shell would end the word after the folder, so what is in it is offered in its place."""
    assert offered(subjects, "la") == ["layers/__init__.py", "layers/deep/"]
    assert offered(subjects, "layers/d") == ["layers/deep/conv.py"]
    Path("empty").mkdir()
    assert offered(subjects, "em") == ["empty/"]


def test_the_home_folder(monkeypatch, folder):
    """A tilde is replaced: a shell would quote it."""
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    assert offered(subjects, "~/no") == [f"{folder}/notes.toml"]


@pytest.mark.parametrize("name", ["my notes.toml", "-n.toml", "a$b.toml", "a,b.toml", "a\nb.toml", "a*.toml", "a:b.py"])
def test_what_a_shell_would_have_to_quote_is_left_out(name):
    """No completion makes another command line than was meant."""
    try:
        Path(name).touch()
    except OSError:
        pytest.skip(f"a file cannot be named {name!r} here")
    assert offered(subjects, name[0]) == [one for one in sorted(packaged()) if one.startswith(name[0])]


@pytest.mark.parametrize("word", ["no/such/folder/", "notes.toml/", "\0", "/root/x" * 2000, "~nobody-at-all/"])
def test_a_folder_that_cannot_be_listed_gives_nothing(word):
    """Whatever is typed, there is no traceback."""
    assert offered(subjects, word) == []


def test_claims_are_those_of_the_document():
    """Without a file, the claims of "Proof of gradient sizes"."""
    assert offered(claims, "output-g") == ["output-gradient-size"]
    assert len(offered(claims, "", claims_file=None)) == 24


def test_claims_are_those_of_the_file():
    """The file named earlier, or the name that gradcheck brings, wherever click has put it."""
    assert offered(claims, "", claims_file="notes.toml") == ["one", "other"]
    assert offered(claims, "ot", "notes.toml", subjects=()) == ["other"]
    assert offered(claims, "ot", subjects=("notes.toml", "conv1d")) == ["other"]
    assert "gradient-sizes" in offered(claims, "", claims_file="conv1d")


@pytest.mark.parametrize("name", ["none.toml", "layers", "layers/__init__.py", "bad.toml", "binary.toml", "\0", ""])
def test_claims_of_what_cannot_be_read_are_none(name):
    """A file that is not there, or says nothing that can be used, gives nothing and no traceback."""
    Path("bad.toml").write_text("title = [" * 1000)
    Path("binary.toml").write_bytes(bytes(range(256)))
    assert offered(claims, "", claims_file=name or "./") == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_not_waited_for():
    """A shell does not hang on what has no end."""
    os.mkfifo("pipe.toml")
    assert offered(claims, "", claims_file="pipe.toml") == []


def test_reports_are_formats():
    """FORMAT= for each; a single one also as the file that gradcheck report would write."""
    assert offered(reports, "") == [f"{form}=" for form in (*FORMS, *PROOFS)]
    assert offered(reports, "pd") == ["pdf=", "pdf=gradient_sizes.pdf"]
    assert offered(reports, "latex=", claims_file="some/notes.toml") == ["latex=", "latex=notes.tex"]
    assert offered(reports, "docx") == []


@pytest.mark.parametrize("form", [*FORMS, *PROOFS])
def test_every_report_has_a_name(form):
    """Whatever can be asked for is completed to something that can be written."""
    key, whole = offered(reports, f"{form}=")
    assert key == f"{form}="
    assert Path(whole.removeprefix(key)).suffix


# Through click's protocol


def completed(shell, line):
    """The words that a shell is told for a command line, its last word incomplete."""
    words = line.split(" ")
    number = words[-1] if shell == "fish" else str(len(words) - 1)
    wanted = {"_GRADCHECK_COMPLETE": f"{shell}_complete", "COMP_WORDS": line, "COMP_CWORD": number}
    done = subprocess.run(
        ["gradcheck"], env={**os.environ, **wanted}, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    if shell == "zsh" and any(lines):
        assert set(lines[::3]) <= {"plain"}
        return lines[1::3]
    return [line.split(",")[1].split("\t")[0] for line in lines if line]


@needs_bash
@pytest.mark.parametrize("shell", SHELLS)
def test_what_click_completes(program, shell):
    """Commands, options and choices of the real command line, in the format of each shell."""
    program()
    assert completed(shell, "gradcheck ver") == ["verify"]
    assert {"verify", "prove", "explain", "report", "init"} <= set(completed(shell, "gradcheck "))
    assert completed(shell, "gradcheck verify --lay") == ["--layers", "--layout"]
    assert {"text", "json"} <= set(completed(shell, "gradcheck verify --format "))
    assert completed(shell, "gradcheck report --format lat") == ["latex"]
    assert completed(shell, "gradcheck nothing-like-it") == []


@needs_bash
@pytest.mark.parametrize("shell", SHELLS)
def test_what_gradcheck_completes(program, shell):
    """The callbacks are given what click knows of the line before the word."""
    program(WIRED)
    assert completed(shell, "gradcheck verify la") == ["layers/__init__.py", "layers/deep/"]
    assert completed(shell, "gradcheck verify notes.toml --claim ") == ["one", "other"]
    assert completed(shell, "gradcheck verify notes.toml --claim ot") == ["other"]
    assert completed(shell, "gradcheck verify notes.toml --format json --claim one --claim ot") == ["other"]
    assert completed(shell, "gradcheck verify --claim output-g") == ["output-gradient-size"]
    assert completed(shell, "gradcheck verify conv1d no") == ["notes.toml"]
    assert completed(shell, "gradcheck verify layers --claim ") == []
    assert completed(shell, "gradcheck verify notes.toml --report latex") == ["latex=", "latex=notes.tex"]


HEAVY = """
import sys
import click
from gradcheck.commands import completion
context = click.Context(click.Command("verify"))
for callback in (completion.subjects, completion.claims, completion.reports):
    assert callback(context, click.Argument(["word"]), "")
assert completion.reports(context, click.Argument(["word"]), "pdf")
print("heavy:", *sorted({"numpy", "sympy", "rich", "torch", "jax"} & set(sys.modules)))
"""


def test_completion_imports_nothing_heavy():
    """A word is completed at once: nothing is imported that takes long."""
    for source in (HEAVY, HEAVY.replace("import click", "import click, numpy")):
        done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
        assert done.stdout == ("heavy: numpy\n" if "numpy" in source.split("print")[0] else "heavy:\n")


# In the shells


def script(shell):
    """What a shell is to source."""
    env = {**os.environ, "_GRADCHECK_COMPLETE": f"{shell}_source"}
    return subprocess.run(["gradcheck"], env=env, capture_output=True, text=True, timeout=60, check=True).stdout


def installed(shell):
    """Skip the test where a shell is not installed."""
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")


@needs_bash
@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_one(program, tmp_path, shell):
    """What is to be sourced mentions the command, and is of the shell's syntax."""
    program()
    path = tmp_path / "script"
    path.write_text(script(shell), encoding="utf-8")
    assert "_GRADCHECK_COMPLETE" in path.read_text(encoding="utf-8")
    installed(shell)
    done = subprocess.run([*CHECKS[shell], path], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@needs_bash
@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_that_is_none_is_noticed(tmp_path, shell):
    """The check of the syntax fails for a function that does not end."""
    installed(shell)
    path = tmp_path / "script"
    path.write_text("function f\n" if shell == "fish" else "f() {\n", encoding="utf-8")
    assert subprocess.run([*CHECKS[shell], path], capture_output=True, timeout=60, check=False).returncode


def output(*words):
    """The lines that a program writes."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


BASH = """
source <(_GRADCHECK_COMPLETE=bash_source gradcheck)
complete -p gradcheck
COMP_WORDS=({line}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_gradcheck_completion gradcheck
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@needs_bash
@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("gradcheck ver", ["verify"]),
        ("gradcheck verify conv1d", ["conv1d", "conv1d_general", "conv1d_transposed"]),
        ("gradcheck verify notes.toml --claim ''", ["one", "other"]),
        ("gradcheck verify layers/", ["layers/__init__.py", "layers/deep/"]),
    ],
)
def test_bash(program, line, found):
    """bash, with the script sourced, replies with what is offered."""
    installed("bash")
    program(WIRED)
    told = output("bash", "--norc", "-c", BASH.format(line=line))
    assert told == ["complete -o nosort -F _gradcheck_completion gradcheck", *found]


@needs_bash
def test_fish(program):
    """Fish, with the script sourced, completes a line."""
    installed("fish")
    program(WIRED)
    told = 'source (_GRADCHECK_COMPLETE=fish_source gradcheck | psub); complete -C "{}"'
    assert output("fish", "-c", told.format("gradcheck ver")) == ["verify"]
    assert output("fish", "-c", told.format("gradcheck verify notes.toml --claim o")) == ["one", "other"]


ZSH = """
compdef() { registered=$*; }
source <(_GRADCHECK_COMPLETE=zsh_source gradcheck)
compadd() { printf '%s\\n' "$registered" $completions; }
words=(gradcheck verify notes.toml --claim o) CURRENT=5
_gradcheck_completion
"""


@needs_bash
def test_zsh(program):
    """Zsh, with the script sourced, adds what is offered."""
    installed("zsh")
    program(WIRED)
    assert output("zsh", "-f", "-c", ZSH) == ["_gradcheck_completion gradcheck", "one", "other"]
