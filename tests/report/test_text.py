"""The report for a terminal: a line a claim, failures, errata, and the verdict last."""

import io
import re
from dataclasses import replace

import pytest

from gradcheck import verify
from gradcheck.claims.claim import Claim, Hypothesis, Identity, Measure
from gradcheck.difference import Difference
from gradcheck.evidence import (
    Basis,
    Certificate,
    Check,
    Counterexample,
    Erratum,
    Failure,
    Proof,
    Report,
    Sample,
    Step,
    Verdict,
)
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import ONE, Int, Sym
from gradcheck.notation.arrays import Ref
from gradcheck.notation.phrase import phrase
from gradcheck.notation.sums import Chain
from gradcheck.report.text import write_derivation, write_report

M, N = Sym("m"), Sym("n")
SAID = Identity((Measure("side", Ref("Y")), N))
WHERE = (Hypothesis(ONE, "<=", M), Hypothesis(M, "<=", N))
BASIS = Basis(parse_layer("dense", {}), (), ())
GAP = Step("normal form", Chain((N, M)), "so it is", missing=(N - M,))
FOUND = Counterexample((("n", 2), ("m", 1)), Difference("n = m", "2 = 1", "equal"))
SURE = Step("size rule", Chain((N, M)), "it fits", certificates=(Certificate(N - M + ONE, ()),))
PROVED, OPEN = Proof(WHERE, (SURE,), True), Proof(WHERE, (GAP,), True)
REFUTED = Proof(WHERE, (GAP,), False, FOUND)
FAILED = Check(4, 10, Failure(4, (("n", 3), ("m", 1)), Difference("n = m", "3 = 1", "equal")))
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*(?<![0-9])(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?![0-9])[0-9;]*m")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch):
    """No variable of the surroundings forces or forbids colour."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def verdict(name, proof, check, section="Sizes"):
    """A verdict from this evidence."""
    return Verdict(Claim(name, section, SAID), proof, check)


def written(*verdicts, stream=None, **changed):
    """The text of a report with these verdicts."""
    stream = stream or io.StringIO()
    samples = Sample((("n", 2),), 90, 20, ()), Sample((("n", 3),), 9, 10, ())
    values = {"selected": (), "seed": 7, "layers": 9, "samples": samples, "errata": (), "interrupted": False}
    found = Report("Sides", "my.toml", basis=BASIS, verdicts=verdicts, **values | changed)
    write_report(found, "1.2", 3.14159, stream)
    return stream.getvalue()


def lines(text):
    """The lines of a text without the blanks at their ends."""
    return [line.rstrip() for line in text.splitlines()]


def test_a_verified_report_to_the_letter():
    """The header, a line for each claim under its section, and the verdict with the time."""
    text = written(
        verdict("a", PROVED, Check(9, 30), "First"),
        verdict("longer", PROVED, Check(9, 4), "First"),
        verdict("c", PROVED, Check(9, 4), ""),
    )
    assert lines(text) == [
        "gradcheck 1.2: my.toml: Sides (seed 7)",
        "",
        "First",
        "  verified  a       side(Y) = n  proved for all 1 <= m <= n, checked on 9 layers / 30 elements",
        "  verified  longer  side(Y) = n  proved for all 1 <= m <= n, checked on 9 layers / 4 elements",
        "",
        "Claims",
        "  verified  c       side(Y) = n  proved for all 1 <= m <= n, checked on 9 layers / 4 elements",
        "",
        "verified: 3 verified of 3 claims; 9 layers, 99 finite differences, compared exactly; 3.1 s",
    ]


def test_no_line_ends_in_blanks():
    """Output can be pasted and compared: nothing invisible at the end of a line."""
    text = written(verdict("a", PROVED, Check(9, 30)), verdict("longer", PROVED, Check(9, 4)))
    assert text.splitlines() == lines(text)


def test_failures_come_under_the_claims():
    """A refuted claim has its failure lines, an open one what is missing; the rest have none."""
    text = written(
        verdict("good", PROVED, Check(9, 30)),
        verdict("bad", REFUTED, FAILED),
        verdict("gap", OPEN, Check(9, 30)),
        verdict("late", None, Check()),
    )
    rerun = "rerun: gradcheck verify my.toml --claim bad --seed 7 --layers 4"
    assert lines(text)[3:7] == [
        "  verified  good  side(Y) = n  proved for all 1 <= m <= n, checked on 9 layers / 30 elements",
        "  refuted   bad   side(Y) = n  false at n=2, m=1, failed on layer 4",
        "  open      gap   side(Y) = n  neither proved nor refuted, checked on 9 layers / 30 elements",
        "  not run   late  side(Y) = n  proof not run, check not run",
    ]
    assert f"bad: side(Y) = n; n = m: got 2 = 1, should be equal; at n=2, m=1; {rerun}" in lines(text)
    assert f"bad: side(Y) = n; n = m: got 3 = 1, should be equal; at n=3, m=1; {rerun}" in lines(text)
    assert "not shown: n - m >= 0, for 'normal form: n = m'" in lines(text)
    assert lines(text)[-1].startswith("refuted: 1 verified, 1 refuted, 1 open, 1 not run of 4 claims; 9 layers, ")


def test_errata_come_before_the_verdict():
    """Each erratum has its claims, what is printed, what holds, and the reasons."""
    erratum = Erratum(("a", "b"), "First", "n = m", "n >= m", ("m is free",), FOUND)
    text = written(verdict("a", PROVED, Check(9, 30)), errata=(erratum,))
    assert lines(text)[5:12] == [
        "Errata: printed, but not so",
        "  a, b",
        "    printed: n = m",
        "    holds:   n >= m",
        "    - m is free",
        "    - at n=2, m=1: n = m: got 2 = 1, should be equal",
        "",
    ]


def test_a_report_without_errata_has_no_heading_for_them():
    """Nothing misprinted, nothing said."""
    assert "Errata" not in written(verdict("a", PROVED, Check(9, 30)))


def test_an_interrupted_report_says_so():
    """The last line tells an interrupted run from a whole one."""
    text = written(verdict("a", PROVED, Check(3, 30)), interrupted=True)
    assert lines(text)[-1].startswith("incomplete (interrupted): 1 verified of 1 claims; 3 layers, ")


def test_the_same_seed_gives_the_same_bytes():
    """Apart from the time, text depends on the arguments alone."""

    def text(seed):
        stream = io.StringIO()
        write_report(verify(layers=30, seed=seed, claims=["filter-gradient-formula"]), "1", 0.0, stream)
        return stream.getvalue()

    assert text(0) == text(0)
    assert text(0) != text(1).replace("seed 1", "seed 0")


def test_long_lines_are_not_broken_in_a_pipe():
    """A claim of any length stays on its line, so that it can be searched for."""
    long = Claim("c", "", Identity((N,) * 100))
    text = written(Verdict(long, PROVED, Check(1, 1)))
    assert sum(line.startswith("  verified  c  ") and " = ".join(["n"] * 100) in line for line in lines(text)) == 1


@pytest.mark.parametrize("text", ["[bold]x[/bold]", ":smile:", "[/]"])
def test_words_of_a_file_are_not_markup(text):
    """Brackets and colons in a title are printed as they are."""
    stream = io.StringIO()
    found = Report(text, None, (), 0, 1, BASIS, (), (verdict("a", PROVED, Check(1, 1), text),), ())
    write_report(found, "1", 0.0, stream)
    assert lines(stream.getvalue())[0] == f"gradcheck 1: {text} (seed 0)"
    assert lines(stream.getvalue())[2] == text


def everything(stream):
    """A report and a derivation, with every style there is."""
    written(verdict("bad", REFUTED, FAILED), verdict("good", PROVED, Check(9, 30)), stream=stream)
    write_derivation(Claim("c", "", SAID), PROVED, stream)
    return stream.getvalue()


def test_a_terminal_has_colour():
    """Verdicts are coloured where a person looks at them."""
    assert COLOUR.search(everything(Terminal()))


def test_a_pipe_has_no_codes():
    """A file or a pipe gets letters alone."""
    assert not ANSI.search(everything(io.StringIO()))


def test_no_color_is_respected(monkeypatch):
    """With NO_COLOR set even a terminal gets no colour."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert not COLOUR.search(everything(Terminal()))


def derivation(proof):
    """The lines of a derivation."""
    stream = io.StringIO()
    write_derivation(Claim("side", "", SAID), proof, stream)
    return lines(stream.getvalue())


def test_a_derivation_to_the_letter():
    """The claim, its hypotheses, the steps with their reasons and certificates, and the end."""
    assert derivation(PROVED) == [
        "side: side(Y) = n",
        "for all 1 <= m <= n",
        "",
        "  1. size rule",
        "     n = m",
        "     because it fits",
        "       0 <= n - m + 1 = 0",
        "",
        "proved",
    ]


def test_an_open_derivation_says_what_is_missing():
    """What was not shown stands under its step, and the end says open."""
    told = derivation(OPEN)
    assert "       not shown: n - m >= 0" in told
    assert told[-1] == "open"


def test_a_refuted_derivation_ends_with_the_counterexample():
    """The sizes and what happens there."""
    assert derivation(REFUTED)[-1] == "refuted: at n=2, m=1, n = m: got 2 = 1, should be equal"


def test_a_refuted_derivation_shows_the_claim_worked_out():
    """What the parts of the claim come to at the counterexample stands before it, a line each."""
    workings = phrase(Chain((N + M, Int(3)))), phrase(Chain((N - M, ONE)), " as stated")
    told = derivation(replace(REFUTED, counterexample=replace(FOUND, workings=workings)))
    assert told[-3:] == ["     n + m = 3", "     n - m = 1 as stated", derivation(REFUTED)[-1]]


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_rerun_command_is_never_broken(monkeypatch, stream):
    """A command is on one line whatever the width, at no hyphen and no space broken, so that it can be pasted."""
    monkeypatch.setenv("COLUMNS", "50")
    name = "a-claim-with-" + "a-long-" * 8 + "name"
    text = ANSI.sub("", written(verdict(name, REFUTED, FAILED), stream=stream()))
    rerun = f"rerun: gradcheck verify my.toml --claim {name} --seed 7 --layers 4"
    assert sum(rerun in line for line in lines(text)) == 2


def test_a_narrow_terminal_has_the_evidence_on_a_line_of_its_own(monkeypatch):
    """Where a line would not fit, the evidence follows, indented."""
    monkeypatch.setenv("COLUMNS", "50")
    text = lines(ANSI.sub("", written(verdict("a", PROVED, Check(9, 30)), stream=Terminal())))
    assert text[3] == "  verified  a  side(Y) = n"
    assert " ".join(" ".join(text[4:6]).split()) == "proved for all 1 <= m <= n, checked on 9 layers / 30 elements"


def test_long_lines_of_a_derivation_are_not_broken():
    """Hypotheses and counterexamples of any length stay on one line in a pipe."""
    found = Counterexample((("n", 2),), Difference("n = m", "x" * 300, "equal"))
    told = derivation(Proof((Hypothesis(M, "<=", N),) * 60, (), False, found))
    assert told[-1] == f"refuted: at n=2, n = m: got {'x' * 300}, should be equal"
    assert told[1] == f"for all {', '.join(['m <= n'] * 60)}"
