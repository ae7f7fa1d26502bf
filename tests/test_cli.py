"""The command line: exit codes, streams, and no traceback for any input."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from gradcheck.cli import main
from gradcheck.difference import Difference
from gradcheck.evidence import Proof
from gradcheck.numeric.check import Mismatch

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
TRUE = """
title = "sizes"
layer = "conv1d"
where = ["m <= n"]

[[claim]]
id = "output-size"
shape = { Y = "p n-m+1" }
"""
FALSE = TRUE.replace("n-m+1", "n-m+2")
RUN = "from gradcheck.cli import main; main()"


def run(*words):
    """The result of a command."""
    return CliRunner().invoke(main, list(map(str, words)))


@pytest.fixture
def write(tmp_path):
    """Writes a claims file and gives its path."""

    def writing(text, name="claims.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return writing


def test_verified_is_0(write):
    """Everything verified: exit code 0, the report on standard output, nothing on standard error."""
    result = run("verify", write(TRUE), "--layers", 3)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1].startswith("verified: 1 verified of 1 claims; 3 layers, ")


def test_the_document_is_verified_by_default():
    """Without a file the claims of the document are verified, and its errata listed."""
    result = run("verify", "--layers", 2)
    assert result.exit_code == 0
    assert "Proof of gradient sizes" in result.stdout
    assert "Errata" in result.stdout
    assert "verified: 24 verified of 24 claims; 2 layers" in result.stdout


def test_refuted_is_1(write):
    """Something refuted: exit code 1, and the command that shows it again."""
    path = write(FALSE)
    result = run("verify", path, "--layers", 3)
    assert (result.exit_code, result.stderr) == (1, "")
    assert (
        "output-size: Y: p x (n - m + 2); the shape of Y: got 1 x 2, should be 1 x 1; at k=1, n=1, p=1, m=1"
        in result.stdout
    )
    assert f"rerun: gradcheck verify {path} --claim output-size --seed 0 --layers 1" in result.stdout


def test_undecided_is_3(monkeypatch, write):
    """A claim that is neither proved nor refuted is no success: exit code 3."""
    monkeypatch.setattr("gradcheck.symbolic.prove.prove", lambda *args: Proof((), (), False))
    result = run("verify", write(TRUE), "--layers", 3)
    assert result.exit_code == 3
    assert result.stdout.splitlines()[-1].startswith("incomplete: 1 open of 1 claims")


def test_a_disagreement_is_3(monkeypatch, write):
    """A fault of gradcheck itself is no verdict: exit code 3, nothing on standard output, and what to do."""

    def planted(*args):
        raise Mismatch(Difference("the shape of Y", "1 x 1", "2 x 2"))

    monkeypatch.setattr("gradcheck.numeric.check.compare", planted)
    result = run("verify", write(TRUE), "--layers", 3)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "its two engines contradict each other, please report this: output-size is proved" in result.stderr


def test_interrupted_is_130(monkeypatch, write):
    """An interrupt while checking ends with what was finished, and exit code 130."""
    from gradcheck.numeric.check import trial

    def interrupt(layer, number, sizes, seed, *method):
        if number == 6:
            raise KeyboardInterrupt
        return trial(layer, number, sizes, seed, *method)

    monkeypatch.setattr("gradcheck.numeric.check.trial", interrupt)
    result = run("verify", write(TRUE), "--layers", 50)
    assert result.exit_code == 130
    assert "checked on 5 layers" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("incomplete (interrupted): 1 verified of 1 claims; 5 layers")


@pytest.mark.parametrize("words", [("verify",), ("explain", "output-size")])
def test_interrupted_before_anything_is_finished_is_130(monkeypatch, words):
    """An interrupt before there is anything to report says so."""

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("gradcheck.claims.reader.read_document", interrupt)
    monkeypatch.setattr("gradcheck.verification.read_document", interrupt)
    result = run(*words)
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "gradcheck: interrupted\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("verify", "--claim", "paddin"), "gradient_sizes.toml has no claim 'paddin'; did you mean 'padding'?"),
        (("verify", "--claim", "zzz"), "gradcheck: gradient_sizes.toml has no claim 'zzz'"),
        (("explain", "output-sise"), "gradient_sizes.toml has no claim 'output-sise'; did you mean 'output-size'?"),
        (("verify", "no such file.toml"), "gradcheck: no such file.toml: cannot be read: No such file or directory"),
        (("explain", "output-size", "none.toml"), "gradcheck: none.toml: cannot be read"),
        (("verify", ""), "cannot be read"),
        (("verify", "--layers", "0"), "--layers"),
        (("verify", "--layers", "100001"), "--layers"),
        (("verify", "--layers", "many"), "--layers"),
        (("verify", "--seed", "-1"), "--seed"),
        (("verify", "--seed", str(2**32)), "--seed"),
        (("verify", "--format", "xml"), "--format"),
        (("verify", "--colour"), "--colour"),
        (("explain", "a", "b.toml", "c.toml"), "unexpected extra argument"),
        (("explain",), "Missing argument"),
        (("prove-it",), "No such command"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_command_is_2(words, told):
    """Usage and unknown names: exit code 2, the complaint on standard error, nothing on standard output."""
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def changed(old, new):
    """The true claims file with one part of it replaced."""
    assert old in TRUE
    return TRUE.replace(old, new)


needs_limits = pytest.mark.skipif(sys.platform == "win32", reason="memory cannot be limited there")
HUGE = "999999999*999999999*999999999"
BAD = {
    "empty": "",
    "blanks": " \n\n",
    "binary": bytes(range(256)),
    "zeros": b"\0" * 1000,
    "latin-1": TRUE.replace("sizes", "größe").encode("latin-1"),
    "not TOML": "title = ",
    "prose": "Dear reader,\nthis is a letter.",
    "JSON": '{"title": "t"}',
    "too large": "#" * 300_000,
    "deep TOML": "x = " + "[" * 20_000,
    "no claims": TRUE.split("[[claim]]")[0],
    "claims no table": 'title = "t"\nlayer = "dense"\nclaim = 3\n',
    "unknown key": "colour = 1\n" + TRUE,
    "unknown layer": changed('"conv1d"', '"conv9d"'),
    "duplicate id": TRUE + TRUE.split("where = ")[1].split("\n", 1)[1],
    "unknown symbol": changed("n-m+1", "n-q+1"),
    "unknown tensor": changed("{ Y =", "{ Z ="),
    "wrong rank": changed("p n-m+1", "p n-m+1 n"),
    "division": changed("n-m+1", "n/m"),
    "huge exponent": changed("n-m+1", "n**99999"),
    "tower": changed("n-m+1", "n**9**9**9"),
    "20,000 parentheses": changed("n-m+1", "(" * 20_000 + "n"),
    "code": changed("n-m+1", "__import__('os').system('true')"),
    "quadratic read": changed('"conv1d"', '"Y[a] += X[a*u] * F[u]"'),
    "contradiction": changed('"m <= n"', '"m <= n", "n < m"'),
    "nothing fits": changed('"m <= n"', '"m <= n", "n <= 0"'),
    "stride": changed('"conv1d"', '"Y[a] += X[2*a+u] * F[u]"') + '[shapes]\nX = "n"\nF = "m"\n',
}
HUGE_NUMBERS = {
    "factor": changed('"m <= n"', f'"m <= n", "m <= {HUGE}*n"'),
    "least": changed('"m <= n"', '"m <= n", "n >= 999999999"'),
    "shape": TRUE.replace("[[claim]]", f'[shapes]\nX = "k {HUGE}*n"\n\n[[claim]]'),
}


TESTED_ONLY = ("contradiction", "nothing fits")  # wrong only where something is to be tested
BAD_RUNS = [("verify", name) for name in BAD] + [("explain", name) for name in BAD if name not in TESTED_ONLY]


@pytest.mark.parametrize(("command", "name"), BAD_RUNS)
def test_a_bad_file_is_2_and_no_traceback(write, command, name):
    """Whatever is in a file: exit code 2 and a complaint that names it, not a traceback."""
    path = write(BAD[name])
    words = ("verify", path, "--layers", 2) if command == "verify" else ("explain", "output-size", path)
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert type(result.exception) is SystemExit
    assert result.stderr.startswith("gradcheck: ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["contradiction", "nothing fits", "unknown layer", "stride", "no claims"])
def test_a_complaint_names_the_file(write, name):
    """A user with several files learns which one is meant."""
    assert "claims.toml" in run("verify", write(BAD[name]), "--layers", 2).stderr


@needs_limits
@pytest.mark.parametrize("name", HUGE_NUMBERS)
def test_huge_numbers_are_no_traceback(write, name):
    """Numbers beyond any machine are drawn small or told to be untestable, within seconds and in words."""
    words = [sys.executable, "-c", RUN, "verify", str(write(HUGE_NUMBERS[name])), "--layers", "2"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=5, preexec_fn=little_memory, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2)


def little_memory():
    """At most 4 GiB, so that a file that asks for more cannot take the machine down."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))


UNUSUAL = {
    "an ordinary one": ("Y[a] += X[a+u] * F[u]", {"X": "n", "F": "m"}, ["m <= n"], "n-m+1"),
    "no symbols": ("Y[a] += X[a+u] * F[u]", {"X": "5", "F": "2"}, [], "4"),
    "a constant read": ("Y[a] += X[a,0] * F[a]", {"X": "n 1", "F": "n"}, [], "n"),
    "an index of one operand": ("Y[a] += X[a] * F[u]", {"X": "n", "F": "m"}, [], "n"),
    "no filters": ("Y[j,a] += X[a] * F[j]", {"X": "n", "F": "p"}, ["p >= 0"], "p n"),
    "a large picture": ("Y[a,b] += X[a+u,b+v] * F[u,v]", {"X": "n n", "F": "m m"},
                        ["n = 224", "m <= n"], "n-m+1 n-m+1"),
}  # fmt: skip


@needs_limits
@pytest.mark.parametrize("name", UNUSUAL)
def test_an_unusual_layer_is_verified_or_refused(write, name):
    """A layer at the edge of the notation has a verdict or a complaint, never a traceback."""
    layer, shapes, where, sizes = UNUSUAL[name]
    told = "\n".join(f'{operand} = "{of}"' for operand, of in shapes.items())
    text = f'title = "t"\nlayer = "{layer}"\nwhere = {json.dumps(where)}\n[shapes]\n{told}\n'
    path = write(f'{text}[[claim]]\nid = "c"\nshape = {{ Y = "{sizes}" }}\n')
    words = [sys.executable, "-c", RUN, "verify", str(path), "--layers", "2"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, preexec_fn=little_memory, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2)


def test_a_folder_is_not_a_file(tmp_path):
    """A folder in place of a file is told."""
    result = run("verify", tmp_path)
    assert (result.exit_code, result.stderr) == (2, f"gradcheck: {tmp_path}: cannot be read: Is a directory\n")


def test_json_is_valid(write):
    """With --format json standard output is one JSON value, and the exit code is the same."""
    for text, code, verdict in ((TRUE, 0, "verified"), (FALSE, 1, "refuted")):
        result = run("verify", write(text), "--layers", 3, "--format", "json")
        assert (result.exit_code, json.loads(result.stdout)["verdict"]) == (code, verdict)


def test_only_the_claims_asked_for():
    """--claim may be repeated, and leaves the others out."""
    result = run("verify", "--layers", 2, "--claim", "padding", "--claim", "input-size", "--format", "json")
    assert [claim["id"] for claim in json.loads(result.stdout)["claims"]] == ["input-size", "padding"]


def test_the_same_seed_gives_the_same_bytes(write):
    """JSON is the same to the byte from the same arguments, and not from another seed."""
    path = write(TRUE.replace('{ Y = "p n-m+1" }', '{ "Y[j]" = "n-m+1" }'))
    outputs = [run("verify", path, "--seed", seed, "--format", "json").stdout_bytes for seed in (3, 3, 4)]
    assert outputs[0] == outputs[1]
    assert json.loads(outputs[0])["claims"] != json.loads(outputs[2])["claims"]


def test_explain_shows_the_derivation():
    """The steps of a proof, each with its reason, and that it is proved."""
    result = run("explain", "output-size")
    told = result.stdout.splitlines()
    assert (result.exit_code, told[0], told[-1]) == (0, "output-size: Y: p x (n - m + 1) x (n - m + 1)", "proved")
    assert "  3. size rule" in told
    assert any(line.startswith("     because ") for line in told)


def test_explain_refutes_with_the_same_code(write):
    """A false claim is explained with its counterexample: exit code 1."""
    result = run("explain", "output-size", write(FALSE))
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1].startswith("refuted: at ")


def test_explain_of_an_undecided_claim_is_3(monkeypatch):
    """A derivation that does not close is told as open: exit code 3."""
    monkeypatch.setattr("gradcheck.symbolic.prove.prove", lambda *args: Proof((), (), False))
    result = run("explain", "output-size")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (3, "open")


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("verify", "--help"), ("explain", "-h")])
def test_help_is_0(words):
    """Help is asked for, not a mistake."""
    result = run(*words)
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")


@pytest.mark.parametrize("word", ["--version", "-V"])
def test_the_version(word):
    """The version is that of the installed package."""
    from importlib.metadata import version

    assert run(word).stdout == f"gradcheck {version('gradcheck')}\n"


# Reports


def test_report_writes_what_was_asked_for(write, tmp_path):
    """The files of the formats, named on standard output; the exit code is that of the verdict."""
    words = ("--layers", 3, "--out", tmp_path / "out", "--format", "latex", "--format", "markdown")
    for text, code in ((TRUE, 0), (FALSE, 1)):
        result = run("report", write(text), *words)
        assert (result.exit_code, result.stderr) == (code, "")
        assert result.stdout == f"wrote {tmp_path}/out/claims.tex\nwrote {tmp_path}/out/claims.md\n"
    assert "Refuted claim 1" in (tmp_path / "out" / "claims.md").read_text(encoding="utf-8")


def test_report_check_tells_what_is_stale(write, tmp_path):
    """With --check nothing is written: 0 when all is up to date, 1 and the names when not."""
    words = ("report", write(TRUE), "--layers", 3, "--out", tmp_path, "--format", "latex")
    path = tmp_path / "claims.tex"
    missing = run(*words, "--check")
    assert (missing.exit_code, missing.stdout) == (1, f"{path}: cannot be read: No such file or directory\n")
    assert not path.exists()
    run(*words)
    current = run(*words, "--check")
    assert (current.exit_code, current.stdout) == (0, f"{path}: up to date\n")
    stale = run(*words, "--check", "--seed", 7)
    assert (stale.exit_code, stale.stdout.count("stale")) == (1, 1)


def test_report_check_of_a_refuted_file_is_0_when_up_to_date(write, tmp_path):
    """--check is about the files, not about what they say."""
    words = ("report", write(FALSE), "--layers", 3, "--out", tmp_path, "--format", "markdown")
    assert run(*words).exit_code == 1
    assert run(*words, "--check").exit_code == 0


def test_report_of_some_claims(write, tmp_path):
    """--claim leaves the other claims out of the report."""
    run("report", "--claim", "padding", "--layers", 2, "--out", tmp_path, "--format", "markdown")
    told = (tmp_path / "gradient_sizes.md").read_text(encoding="utf-8")
    assert "<code>padding</code>" in told
    assert "input-size" not in told


def test_every_format_that_can_be_asked_for_can_be_written():
    """The command line and the writers know the same formats."""
    from gradcheck.commands.formats import DOCUMENTS
    from gradcheck.typesetting import SUFFIXES

    assert {*DOCUMENTS, "json"} == set(SUFFIXES)


def test_report_without_an_engine_is_3(monkeypatch, write, tmp_path):
    """No PDF can be made: the LaTeX is there, the message says what to install, the exit code tells."""
    monkeypatch.setattr("gradcheck.typesetting.shutil.which", lambda name: None)
    monkeypatch.setattr("gradcheck.typesetting.find_spec", lambda name: None)
    result = run("report", write(TRUE), "--layers", 3, "--out", tmp_path, "--format", "pdf")
    assert (result.exit_code, result.stdout) == (3, f"wrote {tmp_path}/claims.tex\n")
    assert "no PDF: no engine for it is installed; install TeX" in result.stderr
    assert "pip install 'gradcheck[pdf]'" in result.stderr


def test_report_interrupted_writes_nothing(monkeypatch, write, tmp_path):
    """Half a report is none."""

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("gradcheck.numeric.check.trial", interrupt)
    result = run("report", write(TRUE), "--out", tmp_path / "out")
    assert (result.exit_code, result.stderr) == (130, "gradcheck: interrupted\n")
    assert not (tmp_path / "out").exists()


def test_verify_writes_reports_besides(write, tmp_path):
    """--report FORMAT=PATH may be repeated, and changes neither the output nor the exit code."""
    tex, data = tmp_path / "a.tex", tmp_path / "b.json"
    for text, code in ((TRUE, 0), (FALSE, 1)):
        plain = run("verify", write(text), "--layers", 3, "--format", "json")
        result = run("verify", write(text), "--layers", 3, "--format", "json", "--report", f"latex={tex}",
                     "--report", f"json={data}")  # fmt: skip
        assert (result.exit_code, result.stdout) == (code, plain.stdout)
        assert tex.read_text(encoding="utf-8").startswith(r"\documentclass")
        assert json.loads(data.read_text(encoding="utf-8")) == json.loads(plain.stdout)


@pytest.mark.parametrize("value", ["latex", "latex=", "=x", "docx=x", ""])
def test_a_report_without_format_or_path_is_2(value):
    """What is not FORMAT=PATH is refused before anything runs, with the formats."""
    result = run("verify", "--report", value)
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        "expected FORMAT=PATH with one of text, json, junit, sarif, github, markdown, latex, pdf, typst"
        in result.stderr
    )


def test_two_reports_in_one_file_are_2():
    """Nothing is overwritten by the same command."""
    result = run("verify", "--report", "latex=a.x", "--report", "markdown=a.x")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "a.x is named twice" in result.stderr


def test_a_report_that_cannot_be_written_is_2(write, tmp_path):
    """The verdicts are shown all the same."""
    result = run("verify", write(TRUE), "--layers", 2, "--report", f"latex={tmp_path}")
    assert result.exit_code == 2
    assert "verified: 1 verified" in result.stdout
    assert result.stderr == f"gradcheck: {tmp_path}: cannot be written: Is a directory\n"


# In a process of its own


PROBE = """
import sys
from gradcheck.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert end.code == 0
print("heavy:", *sorted({"numpy", "sympy", "rich"} & set(sys.modules)))
"""


def heavy(*words):
    """The heavy modules that a command has imported."""
    done = subprocess.run([sys.executable, "-c", PROBE, *words], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("words", [("--help",), ("verify", "--help"), ("report", "--help"), ("--version",)])
def test_help_imports_nothing_heavy(words):
    """Help is there at once: neither sympy nor numpy nor rich is imported."""
    assert heavy(*words) == "heavy:"


def test_the_probe_notices_what_is_heavy():
    """A command that needs them is seen to import them."""
    assert heavy("verify", "--layers", "1", "--claim", "padding") == "heavy: numpy rich sympy"


def test_a_pipe_gets_no_codes(write):
    """Standard output that is no terminal gets letters alone."""
    words = [sys.executable, "-c", RUN, "verify", str(write(FALSE)), "--layers", "2"]
    plain = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "TTY_COMPATIBLE")}
    done = subprocess.run(words, capture_output=True, text=True, env={**plain, "TERM": "xterm-256color"}, check=False)
    assert "refuted" in done.stdout
    assert not ANSI.search(done.stdout + done.stderr)


def on_a_terminal(path, **environment):
    """What `gradcheck verify` writes to a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    words = [sys.executable, "-c", RUN, "verify", str(path), "--layers", "2"]
    with subprocess.Popen(words, stdout=theirs, stderr=theirs, env={**kept, "TERM": "xterm", **environment}) as process:
        os.close(theirs)
        found = b""
        while chunk := _read(ours):
            found += chunk
        process.wait()
    os.close(ours)
    return found.decode()


def _read(descriptor):
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:  # how a terminal tells that the other side is gone
        return b""


def test_a_terminal_gets_colour_unless_no_color_is_set(write):
    """The verdict is coloured on a terminal, and with NO_COLOR it is not."""
    path = write(FALSE)
    coloured = re.compile(r"\x1b\[(?:[0-9]+;)*3[0-7]m")
    assert coloured.search(on_a_terminal(path))
    plain = on_a_terminal(path, NO_COLOR="1")
    assert "refuted" in plain
    assert not coloured.search(plain)


SIGNALLED = """
import signal, sys
from gradcheck.progress import Bar
signal.signal(signal.SIGINT, signal.default_int_handler)
called = Bar.__call__
def told(self, done, total):
    called(self, done, total)
    print(done, total, file=sys.stderr, flush=True)
Bar.__call__ = told
from gradcheck.cli import main
main()
"""


def interrupted(form):
    """The exit code and the output of a real run that gets SIGINT after its hundredth layer."""
    words = [sys.executable, "-c", SIGNALLED, "verify", "--layers", "100000", "--format", form]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if int(line.split()[0]) == 24 + 100:
                process.send_signal(signal.SIGINT)
                break
        output, _ = process.communicate(timeout=20)
    return process.returncode, output


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to a process there")
def test_an_interrupt_prints_what_was_finished():
    """Ctrl-C in a long run: exit code 130, and all claims as far as they were checked."""
    code, output = interrupted("text")
    assert code == 130
    layers = re.search(r"incomplete \(interrupted\): 24 verified of 24 claims; (\d+) layers", output)
    assert 100 <= int(layers[1]) < 100_000


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to a process there")
def test_an_interrupt_leaves_valid_json():
    """Ctrl-C in a long run with JSON: exit code 130 and a whole JSON value, incomplete."""
    code, output = interrupted("json")
    data = json.loads(output)
    assert (code, data["verdict"]) == (130, "incomplete")
    assert len(data["claims"]) == 24
    assert all(100 <= claim["check"]["layers"] < 100_000 for claim in data["claims"])


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe breaks differently there")
def test_a_reader_that_leaves_early_is_no_refutation(write):
    """Output piped into a program that reads no further does not end as if a claim were refuted."""
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-c", RUN, "verify", str(write(TRUE)), "--layers", "2"]
    done = subprocess.run(words, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert "Traceback" not in done.stderr
    assert done.returncode != 1


def test_python_dash_m_is_the_same_command():
    """`python -m gradcheck` answers like `gradcheck`."""
    found = subprocess.run([sys.executable, "-m", "gradcheck", "--version"], capture_output=True, text=True, check=True)
    assert found.stdout == CliRunner().invoke(main, ["--version"]).output


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("words", [["verify", "--layers", "2"], ["verify", "--layers", "2", "--format", "json"]])
def test_a_full_disk_is_no_refutation(words):
    """Output that cannot be written is told in a line, and exits 3."""
    with open("/dev/full", "w") as full:
        found = subprocess.run(
            [sys.executable, "-m", "gradcheck", *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (found.returncode, found.stderr.count("\n")) == (3, 1)
    assert found.stderr.startswith("gradcheck: the output cannot be written: ")
