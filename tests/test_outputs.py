"""The formats of verify from the command line: the same verdict in each, baselines, rules, and nothing forged."""

import json
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from click.testing import CliRunner
from hostile import HOSTILE, annotations, links, page
from schemas import validate_junit, validate_sarif

from gradcheck.cli import main
from gradcheck.commands.formats import FORMS
from gradcheck.report.rules import rules

GOOD = """\
title = "Right"
layer = "Y[j,a] += X[i,a+u] * F[j,i,u]"
where = ["m <= n"]
[shapes]
X = "k n"
F = "p k m"

[[claim]]
id = "output-size"
shape = { Y = "p n-m+1" }
"""
BAD = GOOD.replace("Right", "Wrong") + (
    '\n[[claim]]\nid = "wrong-size"\nshape = { Y = "p n-m+2" }\n'
    '\n[[claim]]\nid = "misprinted"\nshape = { Y = "p n-m+1" }\nprinted = { Y = "p n-m+3" }\n'
)
FORMULA = '\n[[claim]]\nid = "not-rotated"\nformula = "dX[i] = sum(j, corr(pad(dY[j], m-1), F[j,i]))"\n'
LAYERS = """\
import numpy as np


class Dense:
    factor = 1

    def __init__(self, inputs, outputs):
        self.w = np.zeros((inputs, outputs))

    def forward(self, x):
        self.x = x
        return x @ self.w

    def backward(self, dy):
        self.dw = self.factor * self.x.T @ dy
        return dy @ self.w.T


class Doubled(Dense):
    factor = 2


class Raises(Dense):
    def forward(self, x):
        raise ValueError("no such luck\\nin two lines")


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dy):
        return dy * (self.x >= 0.5)
"""
HOSTILE_LAYER = """
EVIL = {evil!r}


class Conv(Dense):
    def __init__(self, inputs, outputs, mode=EVIL):
        super().__init__(inputs, outputs)

    def backward(self, dy):
        self.__dict__["dw" + EVIL] = self.x.T @ dy
        return 2 * dy @ self.w.T


class Raises(Conv):
    def forward(self, x):
        raise ValueError(EVIL)


class Half:
    def forward(self, x):
        return x


class Ends(Conv):
    def forward(self, x):
        import os

        os.write(1, EVIL.encode(errors="replace") + b"\\n")
        os._exit(5)


for one in (Conv, Raises, Half, Ends):
    one.__qualname__ = one.__name__ = EVIL.replace("\\0", "").encode(errors="ignore").decode()
"""


def run(*words):
    """The result of a command."""
    return CliRunner().invoke(main, [str(word) for word in words])


def verify(*words):
    """The result of verify with few layers."""
    return run("verify", *words, "--layers", 2)


def written(*words, code):
    """What verify writes in each format, by format, from one run that must end with the exit code."""
    files = {form: Path(f"out.{form}") for form in FORMS}
    done = verify(*words, *(word for form, path in files.items() for word in ("--report", f"{form}={path}")))
    assert done.exit_code == code, done.output
    assert isinstance(done.exception, SystemExit | None)
    return {form: path.read_text(encoding="utf-8") for form, path in files.items()}


def untimed(text):
    """A text without the seconds that a run took."""
    return re.sub(r"; \d+\.\d s$", "", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def written_files(tmp_path_factory):
    """A folder with claims files and layers."""
    home = tmp_path_factory.mktemp("outputs")
    for name, text in {"good.toml": GOOD, "bad.toml": BAD, "layers.py": LAYERS}.items():
        (home / name).write_text(text, encoding="utf-8")
    return home


@pytest.fixture
def folder(written_files, monkeypatch):
    """That folder, as the current one."""
    monkeypatch.chdir(written_files)
    return written_files


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of the test's own with the same files, as the current one."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"good.toml": GOOD, "bad.toml": BAD, "layers.py": LAYERS}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def suites(text):
    """The suites of a JUnit file by their names, which the schema allows."""
    validate_junit(text.encode("utf-8"))
    return {suite.get("name"): suite for suite in ElementTree.fromstring(text.encode("utf-8"))}


def sarif_run(text):
    """The run in a SARIF log, which the schema allows."""
    data = json.loads(text)
    validate_sarif(data)
    return data["runs"][0]


# Every format


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["bad.toml", "layers.py:Doubled"])
def test_a_report_is_what_stands_on_standard_output(folder, name, form):
    """--report FORMAT=PATH writes what --format FORMAT shows, from the same run, into folders that it makes."""
    path = folder / "made" / "here" / f"out.{form}"
    done = verify(name, "--format", form, "--report", f"{form}={path}")
    assert (done.exit_code, done.stderr) == (1, "")
    assert path.read_text(encoding="utf-8") == done.stdout


def test_claims_in_every_format(folder):
    """The claim that is false, under its rule and on its line; the erratum as a note."""
    found = written("bad.toml", code=1)
    line = BAD.splitlines().index('id = "wrong-size"') + 1
    assert json.loads(found["json"])["schema"] == "gradcheck.verdicts/1"
    (suite,) = suites(found["junit"]).values()
    assert [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None] == ["wrong-size"]
    places = {
        (one["ruleId"], one["locations"][0]["physicalLocation"]["region"]["startLine"])
        for one in sarif_run(found["sarif"])["results"]
    }
    assert places == {("GC101", line), ("GC103", line + 4)}
    error, notice = annotations(found["github"])
    assert (error.command, error.properties["line"], notice.command) == ("error", str(line), "notice")
    assert f"GC101 size: wrong-size (bad.toml:{line})" in page(found["markdown"]).headings


def test_a_layer_in_every_format(folder):
    """The gradient that is wrong, with the mistake named, on the line of the class."""
    found = written("layers.py:Doubled", code=1)
    line = str(LAYERS.splitlines().index("class Doubled(Dense):") + 1)
    assert json.loads(found["json"])["schema"] == "gradcheck.findings/1"
    (failure,) = suites(found["junit"])["layers.py:Doubled"].iter("failure")
    (result,) = sarif_run(found["sarif"])["results"]
    (error,) = annotations(found["github"])
    assert failure.get("type") == "GC301 filter-gradient"
    assert result["ruleId"] == "GC301"
    assert error.properties == {
        "file": "layers.py",
        "line": line,
        "title": "GC301 filter-gradient: layers.py:Doubled",
    }
    said = error.message.split("\n")
    assert said[0].startswith("dw: ")
    assert said[-1] == "rerun: gradcheck verify layers.py:Doubled --seed 0"
    assert result["message"]["text"].split("\n") == failure.text.split("\n") == said
    assert f"GC301 filter-gradient: dw (layers.py:{line})" in page(found["markdown"]).headings


def test_an_activation_in_every_format(folder):
    """A layer that no line describes is compared, and reported on its line as well."""
    found = written("layers.py:ReLU", code=1)
    assert json.loads(found["json"])["schema"] == "gradcheck.comparison/1"
    (error,) = annotations(found["github"])
    line = str(LAYERS.splitlines().index("class ReLU:") + 1)
    assert (error.properties["file"], error.properties["line"]) == ("layers.py", line)
    assert {one["ruleId"] for one in sarif_run(found["sarif"])["results"]} == {"GC201"}
    assert len(list(suites(found["junit"])["layers.py:ReLU"].iter("failure"))) == 1


def test_the_same_run_gives_the_same_bytes(folder):
    """Every format is the same to the byte from the same arguments, but for the seconds in the text."""
    one, other = (written("bad.toml", "layers.py:Doubled", code=1) for _ in range(2))
    assert untimed(one.pop("text")) == untimed(other.pop("text"))
    assert one == other


@pytest.mark.parametrize("form", FORMS)
def test_what_is_verified_is_verified_in_every_format(folder, form):
    """Exit code 0, and no finding."""
    done = verify("good.toml", "--format", form)
    assert (done.exit_code, done.stderr) == (0, "")
    assert annotations(done.stdout) == []
    assert "verified" in done.stdout or form in ("junit", "sarif")
    assert form != "sarif" or sarif_run(done.stdout)["results"] == []
    assert form != "junit" or suites(done.stdout)["good.toml"].get("failures") == "0"


# Several subjects

ALL = ("good.toml", "missing.toml", "layers.py:Doubled", "layers.py:Raises", "layers.py:Dense")
VERDICTS = ["verified", "incomplete", "refuted", "incomplete", "verified"]


def test_several_subjects_are_all_reported(folder):
    """One that cannot be read or raises does not keep the others from being verified, nor from being reported."""
    found = written(*ALL, code=1)
    data = json.loads(found["json"])
    assert (data["schema"], data["verdict"]) == ("gradcheck.run/1", "refuted")
    assert [one["verdict"] for one in data["subjects"]] == VERDICTS
    assert list(suites(found["junit"])) == list(ALL)
    (invocation,) = sarif_run(found["sarif"])["invocations"]
    assert [one["message"]["text"].split(": ")[0] for one in invocation["toolExecutionNotifications"]] == [
        "missing.toml",
        "layers.py:Raises",
    ]
    assert [one.properties["title"] for one in annotations(found["github"])] == [
        "GC902 not-run: missing.toml",
        "GC301 filter-gradient: layers.py:Doubled",
        "GC902 not-run: layers.py:Raises",
    ]
    assert [row[1].split(": ")[0] for row in page(found["markdown"]).rows] == list(ALL)
    last = found["text"].splitlines()[-1]
    assert last == f"refuted: {'; '.join(map(' '.join, zip(ALL, VERDICTS, strict=True)))}"


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("good.toml", "layers.py:Dense"), 0),
        (("good.toml", "bad.toml"), 1),
        (("bad.toml", "missing.toml"), 1),
        (("missing.toml", "good.toml"), 2),
        (("layers.py:Raises", "good.toml"), 3),
        (("layers.py:Raises", "missing.toml"), 2),
        (("good.toml", "good.toml"), 0),
    ],
)
def test_the_exit_code_is_that_of_the_worst(folder, names, code):
    """What is refuted first, then what the user can mend, then what could not be run."""
    assert verify(*names).exit_code == code


def test_a_subject_named_twice_is_verified_once(folder):
    """As one claim named twice is."""
    done = verify("good.toml", "good.toml", "--format", "json")
    assert json.loads(done.stdout)["schema"] == "gradcheck.verdicts/1"


# What cannot be run

UNUSABLE = {
    "missing.toml": (2, "cannot be read", "", None),
    "broken.toml": (2, "not TOML", "broken.toml", None),
    "strange.toml": (2, "unknown key 'colour'", "strange.toml", "3"),
    "layers.py:Raises": (3, "raised ValueError: no such luck", "layers.py", None),
    "layers.py:Dnse": (2, "did you mean 'Dense'?", "layers.py", None),
    "layers.py": (2, "has several targets", "layers.py", None),
    "missing.py:Dense": (2, "there is no such file", "", None),
    "no_such_module:Dense": (2, "there is no module no_such_module", "", None),
    "raising.py:Dense": (3, "importing raising.py raised ZeroDivisionError", "raising.py", None),
}


@pytest.fixture
def unusable(folder):
    """The folder with files that cannot be used, besides."""
    strange = GOOD.replace("where = ", "colour = 1\nwhere = ")
    texts = {"broken.toml": "title = \n", "strange.toml": strange, "raising.py": "1 / 0\n"}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_run_is_told_in_every_format(unusable, name):
    """<error> in JUnit, a notification in SARIF, ::error for GitHub, gradcheck.error/1 in JSON; 2 or 3."""
    code, said, file, line = UNUSABLE[name]
    found = written(name, code=code)
    data = json.loads(found["json"])
    assert (data["schema"], data["subject"], data["verdict"]) == ("gradcheck.error/1", name, "incomplete")
    assert said in data["error"]
    (error,) = suites(found["junit"])[name].iter("error")
    assert error.get("type") == "GC902 not-run"
    assert said in error.text
    ran = sarif_run(found["sarif"])
    ((told,),) = [one["toolExecutionNotifications"] for one in ran["invocations"]]
    assert (ran["results"], ran["invocations"][0]["executionSuccessful"]) == ([], False)
    assert said in told["message"]["text"]
    (annotation,) = annotations(found["github"])
    assert said in annotation.message
    assert annotation.command == "error"
    assert (annotation.properties.get("file", ""), annotation.properties.get("line")) == (file, line)
    ((language, shown),) = page(found["markdown"]).code
    assert language == "text"
    assert said in shown


@pytest.mark.parametrize("form", FORMS)
def test_what_cannot_be_run_is_told_on_standard_error(folder, form):
    """For whoever reads the log, whatever the format."""
    done = verify("missing.toml", "--format", form)
    assert (done.exit_code, done.stderr) == (2, "gradcheck: missing.toml: cannot be read: No such file or directory\n")
    assert bool(done.stdout) == (form != "text")


@pytest.mark.parametrize("name", [f"{'a' * 300}.toml", f"{'a' * 300}.py:Dense"])
def test_a_name_that_no_file_can_have_is_2(folder, name):
    """A name that the system refuses is bad input like any other that leads to no file."""
    assert verify(name, "--format", "json").exit_code == 2


def test_what_was_finished_before_an_interrupt_is_reported(folder, monkeypatch):
    """Exit code 130, with what was found until then in every format; nothing after it is begun."""

    def interrupt(*args, **given):
        raise KeyboardInterrupt

    monkeypatch.setattr("gradcheck.functions.target.find_out", interrupt)
    found = written("bad.toml", "layers.py:Dense", "good.toml", code=130)
    assert [one["subject" if "subject" in one else "target"] for one in json.loads(found["json"])["subjects"]] == [
        "Wrong",
        "layers.py:Dense",
    ]
    assert list(suites(found["junit"])) == ["bad.toml", "layers.py:Dense"]
    assert "interrupted" in annotations(found["github"])[-1].message


# Baselines


def baseline(*names, code=1):
    """Writes what is found now into known.sarif."""
    assert verify(*names, "--report", "sarif=known.sarif").exit_code == code


def beside(*words):
    """The exit code, and the last lines, of a run beside known.sarif."""
    done = verify(*words, "--baseline", "known.sarif")
    assert isinstance(done.exception, SystemExit | None)
    return done.exit_code, done.stdout.split("\n\n")[-1].splitlines()


NAMES = ("bad.toml", "layers.py:Doubled")


def test_what_is_known_does_not_fail_a_run(own):
    """The same run beside its own baseline: exit code 0, and every format tells what is known."""
    baseline(*NAMES)
    assert beside(*NAMES) == (
        0,
        [
            "baseline: 2 findings known, 0 new findings",
            "nothing new: bad.toml nothing new (1 known); layers.py:Doubled nothing new (1 known)",
        ],
    )
    found = written(*NAMES, "--baseline", "known.sarif", code=0)
    assert [one.command for one in annotations(found["github"]) if one.command != "notice"] == []
    assert {suite.get("skipped") for suite in suites(found["junit"]).values()} == {"1"}
    assert json.loads(found["json"])["verdict"] == "verified"
    assert len(json.loads(found["json"])["known"]) == 2
    results = sarif_run(found["sarif"])["results"]
    assert {one["baselineState"] for one in results if one["level"] == "error"} == {"unchanged"}
    assert [row[2:] for row in page(found["markdown"]).rows] == [["2", "0", "1"], ["2", "0", "1"]]


def test_the_json_of_one_subject_agrees_with_the_exit_code(own):
    """One verdict model: whatever is known everywhere is verified in JSON too."""
    baseline("bad.toml")
    done = verify("bad.toml", "--baseline", "known.sarif", "--format", "json")
    assert (done.exit_code, json.loads(done.stdout)["verdict"]) == (0, "verified")


def test_the_baseline_can_be_renewed_in_the_same_run(own):
    """It is read before it is written, and a known finding stays in it."""
    baseline("bad.toml")
    for _ in range(2):
        assert verify("bad.toml", "--baseline", "known.sarif", "--report", "sarif=known.sarif").exit_code == 0


def test_a_new_finding_fails(own):
    """Beside what is known, another one is refuted, and it alone."""
    baseline("bad.toml")
    (own / "bad.toml").write_text(BAD + FORMULA, encoding="utf-8")
    code, told = beside("bad.toml")
    assert (code, told[0]) == (1, "baseline: 1 finding known, 1 new finding")
    found = written("bad.toml", "--baseline", "known.sarif", code=1)
    assert [one.properties["title"][:5] for one in annotations(found["github"]) if one.command == "error"] == ["GC201"]
    states = {one["properties"]["part"]: one["baselineState"] for one in sarif_run(found["sarif"])["results"]}
    assert (states["wrong-size"], states["not-rotated"]) == ("unchanged", "new")


def test_a_finding_that_moved_is_known(own):
    """Lines before it change nothing, nor does another seed."""
    baseline("bad.toml")
    (own / "bad.toml").write_text(f"# a line\n\n{BAD}", encoding="utf-8")
    assert beside("bad.toml", "--seed", 5)[0] == 0


def test_what_is_mended_is_told(own):
    """A finding of the baseline that is no longer there; the run is verified."""
    baseline("bad.toml")
    (own / "bad.toml").write_text(BAD.replace("n-m+2", "n-m+1"), encoding="utf-8")
    code, told = beside("bad.toml")
    assert (code, told[0]) == (0, "baseline: 0 findings known, 0 new findings")
    assert [line for line in told if "no longer found" in line and "GC101|bad.toml|wrong-size" in line]


def test_what_was_not_looked_at_is_not_told_as_mended(own):
    """Neither another subject's findings, nor other claims', nor those of what could not be run."""
    baseline(*NAMES)
    (own / "layers.py").write_text("1 / 0", encoding="utf-8")
    for words, code in ((("bad.toml",), 0), (("bad.toml", "--claim", "output-size"), 0), (("layers.py:Doubled",), 3)):
        found, told = beside(*words)
        assert found == code
        assert not [line for line in told if "no longer found" in line]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("bad.toml", "p n-m+2", "p n-m+4"),
        ("layers.py:Doubled", "self.factor * self.x.T @ dy", "-self.x.T @ dy"),
        ("layers.py:Doubled", "self.factor * self.x.T @ dy", "self.x.T @ np.ones_like(dy)"),
        ("layers.py:Doubled", "return dy @ self.w.T", "return -dy @ self.w.T"),
    ],
)
def test_another_cause_is_a_new_finding(own, name, old, new):
    """A known claim that says something else, a known gradient with another mistake, or another gradient."""
    baseline(name)
    path = own / name.split(":")[0]
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    code, told = beside(name)
    assert code == 1
    assert told[0].endswith("1 new finding")


def test_another_remark_of_the_same_kind_is_a_new_finding(own):
    """A known array that is changed in place does not hide another one that is."""
    changing = "self.x = x.copy()\n        y = x @ self.w\n        x += 1\n        return y"
    text = LAYERS.replace("self.x = x\n        return x @ self.w", changing)
    (own / "layers.py").write_text(text, encoding="utf-8")
    baseline("layers.py:Dense")
    later = "dx = dy @ self.w.T\n        dy += 1\n        return dx"
    (own / "layers.py").write_text(text.replace("return dy @ self.w.T", later), encoding="utf-8")
    assert beside("layers.py:Dense")[0] == 1


def test_what_could_not_be_run_is_never_known(own):
    """A run that could not be made is no finding that one starts with."""
    baseline("layers.py:Raises", code=3)
    assert beside("layers.py:Raises")[0] == 3


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"{}", b'{"runs": [{"results": [{}]}]}', b"\xff\xfe", b"<testsuites/>", b"title = 1"],
)
def test_a_broken_baseline_is_2(own, data):
    """Told before anything runs, with what to do."""
    (own / "known.sarif").write_bytes(data)
    done = verify("bad.toml", "--baseline", "known.sarif")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("gradcheck: known.sarif: not a baseline: ")
    assert done.stderr.endswith("a run without --baseline writes one with --report sarif=KNOWN.sarif\n")


@pytest.mark.parametrize("name", ["missing.sarif", "."])
def test_a_baseline_that_cannot_be_read_is_2(own, name):
    """A file that is not there, and a folder."""
    done = verify("bad.toml", "--baseline", name)
    assert (done.exit_code, done.stdout) == (2, "")
    assert name in done.stderr


def test_a_baseline_of_brackets_is_2(own):
    """No file ends the program with a traceback."""
    (own / "known.sarif").write_text("[" * 200_000, encoding="utf-8")
    assert verify("bad.toml", "--baseline", "known.sarif").exit_code == 2


# Options that do not go together


@pytest.mark.parametrize(
    "words",
    [
        ("layers.py:Dense", "--report", "latex=a.tex"),
        ("good.toml", "bad.toml", "--report", "coq=a.v"),
        ("good.toml", "layers.py:Dense", "--report", "smtlib=a.smt2"),
        ("good.toml", "bad.toml", "--claim", "output-size"),
        ("layers.py:Dense", "--claim", "output-size"),
        ("layers.py:Dense", "--method", "probe"),
        ("good.toml", "--report", "junit=a", "--report", "sarif=./a"),
    ],
)
def test_options_that_do_not_go_together_are_2(folder, words):
    """Refused before anything runs or is written."""
    done = verify(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Usage: " in done.stderr
    assert not any(Path(name).exists() for name in ("a", "a.tex", "a.v", "a.smt2"))


def test_proofs_and_reports_go_together(own):
    """For one claims file, a proof may be written beside the reports for CI."""
    done = verify("bad.toml", "--report", "latex=a.tex", "--report", "junit=a.xml")
    assert done.exit_code == 1
    assert (own / "a.tex").exists()
    assert suites((own / "a.xml").read_text(encoding="utf-8"))


def test_a_proof_of_what_cannot_be_read_is_not_written(own):
    """The others are, and tell why."""
    done = verify("missing.toml", "--report", "latex=a.tex", "--report", "junit=a.xml")
    assert done.exit_code == 2
    assert not (own / "a.tex").exists()
    assert (own / "a.xml").exists()


def test_a_report_that_cannot_be_written_keeps_none_of_the_others(own):
    """Those that can be are written, and each that cannot is told."""
    done = verify("bad.toml", "--report", "sarif=good.toml/a", "--report", f"json={own}", "--report", "junit=a.xml")
    assert done.exit_code == 1  # what is refuted counts first
    assert "gradcheck: good.toml/a: cannot be written: " in done.stderr
    assert f"\n{own}: cannot be written: " in done.stderr
    assert (own / "a.xml").exists()


# What is forged

TITLES = {
    "a command": "::error::x",
    "an old command": "##[error]x",
    "an old command inside": "a ##[error]x",
    "marks": "a | b ``` <b>x</b> [a](http://x) ]]> %0A::error::x",
}


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_a_title_forges_nothing(own, title):
    """The title of a claims file is text in every file, and no command where output is read for commands."""
    text = BAD.replace('title = "Wrong"', f"title = '{title}'").replace(
        'id = "wrong', f"section = '{title}'\nid = \"wrong", 1
    )
    (own / "bad.toml").write_text(text, encoding="utf-8")
    found = written("bad.toml", code=1)
    assert [one.command for one in annotations(found["github"])] == ["error", "notice"]
    assert annotations(found["text"]) == []
    values = [one.get("value") for one in suites(found["junit"])["bad.toml"].iter("property")]
    assert values[0] == json.loads(found["json"])["subject"] == title
    assert [row[1] for row in page(found["markdown"]).rows] == [f"bad.toml: {title}"]
    assert not any(links(one["message"]["text"]) for one in sarif_run(found["sarif"])["results"])


def test_titles_have_no_control_characters(own):
    """They are refused, and the complaint forges nothing either."""
    for text in ("a\n::error::x", "\x1b[31m", "\u202e"):
        (own / "bad.toml").write_text(BAD.replace('"Wrong"', json.dumps(text)), encoding="utf-8")
        found = written("bad.toml", code=2)
        (told,) = annotations(found["github"])
        assert told.message.endswith("title contains a control character")


EVIL = " ".join(text for name, text in HOSTILE.items() if "\0" not in text and name != "a lone surrogate")


@pytest.mark.parametrize(("name", "code"), [("Conv", 1), ("Raises", 3), ("Half", 2), ("Ends", 3)])
def test_a_layer_forges_nothing(own, name, code):
    """The names, defaults, attributes, exceptions and last words of a layer are text, in every format."""
    (own / "evil.py").write_text(LAYERS + HOSTILE_LAYER.format(evil=EVIL), encoding="utf-8")
    address = f"evil.py:{name}"
    found = written(address, code=code)
    assert json.loads(found["json"])
    assert annotations(found["text"]) == []
    (annotation,) = annotations(found["github"])
    assert annotation.command == "error"
    assert annotation.properties["title"] == f"{'GC902 not-run' if code > 1 else 'GC201 input-gradient'}: {address}"
    assert len(list(suites(found["junit"])[address].iter("testcase"))) == (1 if code > 1 else 4)
    assert len(sarif_run(found["sarif"])["results"]) == (code == 1)
    summary = page(found["markdown"])
    assert not summary.kinds & {"html_block", "html_inline", "link_open", "image"}
    assert (len(summary.headings), len(summary.rows)) == (2, 1)


def test_a_layer_forges_nothing_on_standard_error(own):
    """What it raised is told there as well, where the runner reads, too."""
    (own / "evil.py").write_text(LAYERS + HOSTILE_LAYER.format(evil=EVIL), encoding="utf-8")
    for name in ("Raises", "Half", "Ends"):
        done = verify(f"evil.py:{name}")
        assert done.stderr
        assert annotations(done.stderr) == []


@pytest.mark.parametrize("form", ["text", "json", "junit", "sarif", "markdown"])
def test_no_format_on_standard_output_is_a_command(own, form):
    """In a step's log, and through tee, the runner finds no command in any format but its own."""
    text = LAYERS.replace("no such luck\\nin two lines", "a\\n::error::x\\n##[error]y")
    assert text != LAYERS
    (own / "evil.py").write_text(text, encoding="utf-8")
    done = verify("evil.py:Raises", "--format", form)
    assert done.exit_code == 3
    assert annotations(done.stdout) == []


@pytest.mark.parametrize(
    "form",
    FORMS,
)
def test_a_lone_surrogate_breaks_nothing(own, form):
    """A message that is not Unicode, as of a file's name, is spelled out."""
    text = LAYERS.replace("no such luck\\nin two lines", "a\\udcff")
    (own / "evil.py").write_text(text, encoding="utf-8")
    assert verify("evil.py:Raises", "--report", f"{form}=out").exit_code == 3
    assert (own / "out").read_text(encoding="utf-8") or form == "text"


FILE = "a\n::error::x ##[error]y ]]> `|` \x1b[31m [a](http:x) %0A <b>.toml"


def test_the_name_of_a_file_forges_nothing(own):
    """A claims file may be called anything that the system allows."""
    (own / FILE).write_text(BAD, encoding="utf-8")
    found = written(FILE, code=1)
    assert [one.command for one in annotations(found["github"])] == ["error", "notice"]
    assert len(suites(found["junit"])) == 1
    assert len(sarif_run(found["sarif"])["results"]) == 2
    assert annotations(found["text"]) == []
    assert not page(found["markdown"]).kinds & {"html_inline", "link_open"}


def test_the_name_of_a_file_need_not_be_utf8(own):
    """Linux allows any bytes."""
    name = b"a\xff.toml".decode(errors="surrogateescape")
    (own / name).write_text(BAD, encoding="utf-8")
    assert verify(name, "--report", "sarif=out.sarif").exit_code == 1
    assert sarif_run((own / "out.sarif").read_text(encoding="utf-8"))["results"]


def test_no_two_cases_have_one_name(own):
    """A server that knows cases by their names shows all of them."""
    text = (
        BAD
        + '\n[[claim]]\nid = "f"\nformula = "dF[j,i] = corr(X[i], dY[j])"\nprinted = "dF[i,i] = star(X[i], dY[j])"\n'
    )
    (own / "bad.toml").write_text(text, encoding="utf-8")
    names = [case.get("name") for case in suites(written("bad.toml", code=1)["junit"])["bad.toml"].iter("testcase")]
    assert len(set(names)) == len(names)


# Rules


@pytest.mark.parametrize("id_", rules())
def test_explain_shows_the_page_of_a_rule(id_):
    """Exit code 0, and the page as it is."""
    done = run("explain", id_)
    assert (done.exit_code, done.stderr, done.stdout) == (0, "", f"{rules()[id_].page.rstrip()}\n")


def test_explain_of_no_rule_is_2():
    """An id that there is not is told as any other name."""
    done = run("explain", "GC999")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "GC999" in done.stderr


def test_a_claim_may_be_called_like_a_rule(own):
    """With its file, the claim is meant."""
    (own / "a.toml").write_text(GOOD.replace("output-size", "GC201"), encoding="utf-8")
    assert run("explain", "GC201", "a.toml").stdout.startswith("GC201: Y: p x (n - m + 1)\n")


# Settings


def configure(own, text):
    """Writes [tool.gradcheck]."""
    (own / "pyproject.toml").write_text(f"[tool.gradcheck]\n{text}\n", encoding="utf-8")


def test_seed_and_layers_are_read_from_the_project(own):
    """The command line comes first, and the command that shows it again says all of it."""
    configure(own, "seed = 7\nlayers = 3")
    assert "--seed 7 --layers 3" in json.loads(run("verify", "good.toml", "--format", "json").stdout)["reproduce"]
    told = json.loads(run("verify", "good.toml", "--format", "json", "--seed", 8).stdout)
    assert (told["seed"], told["claims"][0]["check"]["layers"]) == (8, 3)
    assert json.loads(run("verify", "layers.py:Dense", "--format", "json").stdout)["seed"] == 7


def test_like_is_read_from_the_project(own):
    """What every layer must be: another one is refuted or refused; the command line comes first."""
    configure(own, 'like = "dense"')
    assert run("verify", "layers.py:Dense").exit_code == 0
    configure(own, 'like = "conv2d"')
    assert run("verify", "layers.py:Dense").exit_code in (1, 2)
    assert run("verify", "layers.py:Dense", "--like", "dense").exit_code == 0


@pytest.mark.parametrize(
    "text",
    ["seed = 1.5", 'seed = "1"', "seed = -1", "layers = 0", 'layers = "many"', "like = 3", "sed = 1", "layers = [1]"],
)
def test_a_setting_that_cannot_be_is_2(own, text):
    """Told before anything runs."""
    configure(own, text)
    done = run("verify", "good.toml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr


def test_a_layer_that_is_like_nothing_is_told(own):
    """A name that is not in the catalogue is bad input, in the reports too."""
    found = written("layers.py:Dense", "--like", "conv9d", code=2)
    assert "conv9d" in annotations(found["github"])[0].message


def test_what_says_what_a_layer_is_needs_a_layer(own):
    """Options for a target are no silent extras of a claims file."""
    done = verify("bad.toml", "--like", "conv2d")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "there is none here" in done.stderr


def test_what_could_not_be_run_is_asked_again(own):
    """The command at its end asks the same, and fails the same way."""
    done = verify("bad.toml", "--claim", "nope", "--layers", "2", "--method", "probe", "--format", "json")
    again = json.loads(done.stdout)["reproduce"]
    assert again == "gradcheck verify bad.toml --claim nope --seed 0 --layers 2 --method probe"
    assert verify(*again.split()[2:]).stderr == done.stderr


def test_a_finding_is_known_however_its_subject_is_spelled(own):
    """A dot and a slash before a file, its whole path, or the module make no other finding."""
    baseline("layers.py:Doubled")
    for name in ("./layers.py:Doubled", str(own / "layers.py:Doubled"), "layers:Doubled"):
        assert beside(name)[0] == 0
    baseline("bad.toml")
    assert beside("./bad.toml")[0] == beside(str(own / "bad.toml"))[0] == 0


def test_a_new_finding_is_named(own):
    """Beside a baseline it is told which of the findings is new."""
    baseline("bad.toml")
    code, told = beside(*NAMES)
    assert code == 1
    assert [line for line in told if line.startswith("baseline: new: layers.py:Doubled: ")]


@pytest.mark.parametrize(("name", "code"), [("good.toml", 2), ("bad.toml", 1)])
def test_what_is_refuted_counts_before_what_cannot_be_written(own, name, code):
    """A report that cannot be written is told either way; a refuted subject stays an exit code of 1."""
    done = verify(name, "--report", "sarif=good.toml/a.sarif")
    assert done.exit_code == code
    assert done.stderr == "gradcheck: good.toml/a.sarif: cannot be written: good.toml is no folder\n"


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["bad.toml", "--report", "sarif=./known.sarif"], 2, "it has findings of layers.py:Doubled, not verified now"),
        (["bad.toml", "layers.py:Doubled", "--report", "json=known.sarif"], 2, "no SARIF report"),
        (
            ["bad.toml", "--claim", "output-size", "--report", "sarif=known.sarif"],
            2,
            "it has findings of bad.toml, layers.py:Doubled, not verified now",
        ),
        (["layers.py:Doubled", "bad.toml", "--report", "sarif=known.sarif"], 0, ""),
    ],
)
def test_a_baseline_forgets_nothing(own, words, code, why):
    """It is renewed only by a run on all of its subjects, and only as SARIF; other reports are written."""
    baseline(*NAMES)
    before = (own / "known.sarif").read_bytes()
    done = verify(*words, "--report", "junit=a.xml", "--baseline", "known.sarif")
    assert done.exit_code == code
    assert done.stderr == (f"gradcheck: known.sarif: the baseline is left as it is: {why}\n" if why else "")
    assert ((own / "known.sarif").read_bytes() == before) == bool(why)
    assert (own / "a.xml").exists()


def test_a_baseline_forgets_nothing_of_what_raises(own):
    """A layer that could not be run this time may still have its findings."""
    baseline(*NAMES)
    before = (own / "known.sarif").read_bytes()
    (own / "layers.py").write_text("raise ValueError('boo')", encoding="utf-8")
    done = verify(*NAMES, "--report", "sarif=known.sarif", "--baseline", "known.sarif")
    assert done.exit_code != 0
    assert "the baseline is left as it is: it has findings of layers.py:Doubled, not verified now" in done.stderr
    assert (own / "known.sarif").read_bytes() == before


def test_a_report_does_not_overwrite_what_is_verified(own):
    """The claims file, or the file of the layer, is refused as a place for a report."""
    for subject, path in (("bad.toml", "./bad.toml"), ("layers.py:Doubled", "layers.py")):
        done = verify(subject, "--report", f"sarif={path}")
        assert (done.exit_code, done.stdout) == (2, "")
        assert "would overwrite" in done.stderr


def test_several_reports_are_rechecked(own):
    """The JSON of several claims files is re-checked as that of one is."""
    assert verify("conv1d", "dense", "--report", "json=both.json").exit_code == 0
    assert verify("--recheck", "both.json").exit_code == 0


@pytest.mark.parametrize(
    "text", ["[tool]\ngradcheck = 3\n", "[tool.gradcheck]\nlayers = 0\n", "[tool.gradcheck]\ntime_limit = 0\n"]
)
def test_settings_out_of_range_are_2(own, text):
    """What [tool.gradcheck] cannot mean is told with the file."""
    (own / "pyproject.toml").write_text(text, encoding="utf-8")
    done = verify("bad.toml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "pyproject.toml: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_stream_is_no_verdict(own):
    """Where nothing can be said, the exit code still is what was found."""
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        command = f"exec {shlex.quote(sys.executable)} -m gradcheck verify layers.py:Dense {closed}"
        assert subprocess.run(["/bin/sh", "-c", command], capture_output=True, timeout=60, check=False).returncode == 0
