"""The export to Coq: what is proved compiles and assumes nothing, and whatever is false or tampered with is refused."""

import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from gradcheck import Report, verify
from gradcheck.claims.claim import Hypothesis
from gradcheck.evidence import Certificate, Proof, Step, Verdict
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Sym
from gradcheck.notation.phrase import phrase
from gradcheck.notation.size_grammar import parse_sizes
from gradcheck.notation.sums import Bounds, Range
from gradcheck.report.coq import write
from gradcheck.report.coq_lemmas import Lemma, equality, multiplied_out, not_negative, related, size_rule
from gradcheck.report.coq_terms import CORE, KEYWORDS, comment

TIME_LIMIT = 60
needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="no coqc")
FILES = [None, "conv1d_general", "conv2d_strided", "keras"]
STRIDED = """
title = "One axis"
layer = "Y[a] += X[s*a+u] * F[u]"
where = [{where}]

[shapes]
X = "n"
F = "m"

[[claim]]
id = "side"
identity = "side(Y) = {side}"
"""
TRUE, FITS = "(n-m)//s + 1", '"m <= n"'


@cache
def report_on(source: str | None) -> Report:
    """The verdicts on a file, found once."""
    return verify(source, layers=2)


def compiled(text: str, folder: Path) -> tuple[int, str]:
    """The exit code of coqc, and all that it says."""
    (folder / "report.v").write_text(text, encoding="utf-8")
    done = subprocess.run(["coqc", "-q", "report.v"], cwd=folder, capture_output=True, timeout=TIME_LIMIT, check=False)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def refused(text: str, folder: Path) -> bool:
    """Whether coqc fails on a lemma, and on nothing before it."""
    code, said = compiled(text, folder)
    line = re.search(r"line (\d+), characters", said)
    return bool(code and line and int(line[1]) > len(CORE.splitlines()) and "Syntax" not in said)


def alone(*lemmas: Lemma) -> str:
    """The core and some lemmas."""
    return "\n".join([CORE, *(lemma.told(f"lemma_{n}") for n, lemma in enumerate(lemmas))])


def size(text: str) -> Expr:
    """A size as it is written."""
    return parse_sizes(text)[0]


def hypotheses(*texts: str) -> tuple[Hypothesis, ...]:
    """Hypotheses as they are written."""
    parts = [re.split(" (<=|<|=) ", text) for text in texts]
    return tuple(Hypothesis(size(left), sign, size(right)) for left, sign, right in parts)


@needs_coq
@pytest.mark.parametrize("source", FILES)
def test_what_is_proved_compiles_and_assumes_nothing(source: str | None, tmp_path: Path) -> None:
    """Coq proves every lemma of the document, of layers with strides and dilations, and of Keras's sizes."""
    text = write(report_on(source))
    assert compiled(text, tmp_path) == (0, "Closed under the global context\n")
    assert not re.search(r"\b(Admitted|admit|Axiom|Abort|Fail)\b", text)
    assert text.count("\nLemma ") > 50


@pytest.mark.parametrize("source", FILES)
def test_every_lemma_stands_once_and_in_the_conjunction(source: str | None) -> None:
    """No two lemmas say the same, and the last command asks what all of them assume."""
    told = write(report_on(source)).partition(CORE)[2]
    names = re.findall(r"^Lemma (\w+) :", told, re.MULTILINE)
    bodies = re.findall(r"^Lemma \w+ :(.*?)Qed\.", told, re.MULTILINE | re.DOTALL)
    conjunction = told[told.index("Definition everything") :]
    assert len(set(bodies)) == len(names) == len(set(names))
    assert set(names) <= set(re.findall(r"conj\s+(\w+)", conjunction))
    assert told.count("Print Assumptions") == 1
    assert told.endswith("Print Assumptions everything.\n")


def test_every_claim_has_its_lemmas() -> None:
    """Each size of a claim is compared with the one that was derived, and each range comes from its bounds."""
    told = write(report_on("conv1d_general"))
    assert "(* output-size, verified: Y: p x ((n + 2*P - d*(m - 1) - 1)//s + 1) *)" in told
    assert re.search(r"Lemma claim_output_size_2 : forall d n P m s r : Z,", told)
    assert "forall u : Z, 0 <= u <= m - 1 -> 0 <= (s * a) + (d * u) <= (n + (2 * P)) - 1" in told


def one_axis(folder: Path, side: str, where: str) -> str:
    """The development for one claim on the side of a strided correlation."""
    path = folder / "one_axis.toml"
    path.write_text(STRIDED.format(side=side, where=where), encoding="utf-8")
    return write(verify(path, layers=20))


@needs_coq
@pytest.mark.parametrize(
    ("side", "where"),
    [("(n-m)//s + 2", FITS), ("(n-m)//s", FITS), ("n - m + 1", FITS), ("(n-1)//s + 1", FITS), (TRUE, "")],
)
def test_a_refuted_size_is_refused(side: str, where: str, tmp_path: Path) -> None:
    """Off by one, without the stride, or without the hypothesis that it needs, a side does not compile."""
    text = one_axis(tmp_path, side, where)
    assert "(* side, refuted: side(Y) = " in text
    assert refused(text, tmp_path)


@needs_coq
def test_the_true_size_compiles(tmp_path: Path) -> None:
    """What is refused above is so for what it says: the true side compiles."""
    assert compiled(one_axis(tmp_path, TRUE, FITS), tmp_path)[0] == 0


SIDE = "s*((n+2*P-d*(m-1)-1)//s) + d*(m-1) + 1 - 2*P"
HOLDS = ("1 <= n", "1 <= m", "1 <= s", "1 <= d", "0 <= P", "d*(m-1)+1 <= n+2*P")


@needs_coq
def test_the_remainder_is_needed(tmp_path: Path) -> None:
    """The padded side is the input's with the remainder, not without it, and not without a positive divisor."""
    rest = " + (n+2*P-d*(m-1)-1)%s"
    assert compiled(alone(equality((size(SIDE + rest), Sym("n")), hypotheses(*HOLDS))), tmp_path)[0] == 0
    assert refused(alone(equality((size(SIDE), Sym("n")), hypotheses(*HOLDS))), tmp_path)
    assert refused(alone(not_negative(size("n%s"), hypotheses("1 <= n"))), tmp_path)


def ranged(high: str, upto: str = "m-1") -> Lemma:
    """The size rule of a strided correlation, with any last index and any last place of the filter."""
    bounds, inside = Bounds(ZERO, size("s*a+u"), size("n-1")), Range("u", ZERO, size(upto))
    step = Step("size rule", Range("a", ZERO, size(high)), phrase(bounds, " for all ", inside))
    lemma = size_rule(step, hypotheses("1 <= n", "1 <= m", "1 <= s", "m <= n"))
    assert lemma
    return lemma


@needs_coq
def test_a_range_is_exact(tmp_path: Path) -> None:
    """The size rule compiles as it is, and neither with one index more nor with one less."""
    assert compiled(alone(ranged("(n-m)//s")), tmp_path)[0] == 0
    for false in (ranged("(n-m)//s+1"), ranged("(n-m)//s-1"), ranged("(n-m)//s", "m")):
        assert refused(alone(false), tmp_path)


def certificates(source: str | None) -> list[Certificate]:
    """All certificates of a report."""
    steps = [step for verdict in report_on(source).verdicts if verdict.proof for step in verdict.proof.steps]
    return list(dict.fromkeys(c for step in steps for c in step.certificates if c.parts))


def tampered(c: Certificate) -> list[Certificate]:
    """A certificate for more than it shows, and with one multiplier changed."""
    (multiplier, facts), *rest = c.parts
    return [replace(c, goal=c.goal - ONE), replace(c, parts=((multiplier + 1, facts), *rest))]


@needs_coq
@pytest.mark.parametrize("source", FILES[1:])
def test_a_tampered_certificate_is_refused(source: str, tmp_path: Path) -> None:
    """Coq multiplies out: what was tampered with in any certificate is an error, which `Fail` demands one by one."""
    chosen = [c for c in certificates(source) if c.divisor != ONE or c.assuming or len(c.parts) > 1]
    lemmas = [multiplied_out(worse) for c in chosen for worse in tampered(c)]
    texts = [lemma.told(f"lemma_{n}") for n, lemma in enumerate(lemmas)]
    failing = [re.sub(r"(certificate\s.*)\.\s+Qed\.$", r"Fail \1. Abort.", text, flags=re.DOTALL) for text in texts]
    assert all("Fail" in text for text in failing)
    assert len(failing) >= 20
    assert compiled("\n".join([CORE, *failing]), tmp_path)[0] == 0


@needs_coq
def test_a_report_with_a_tampered_certificate_is_refused(tmp_path: Path) -> None:
    """One certificate that does not hold is enough."""
    report = report_on("conv1d_general")
    verdict = report["input-gradient"]
    assert verdict.proof
    steps = [
        replace(s, certificates=tuple(replace(c, goal=c.goal - ONE) for c in s.certificates))
        for s in verdict.proof.steps
    ]
    proof = replace(verdict.proof, steps=tuple(steps))
    told = replace(report, verdicts=(Verdict(verdict.claim, proof, verdict.check),))
    assert refused(write(told), tmp_path)


def test_what_is_open_has_no_lemma() -> None:
    """A claim that is neither proved nor refuted is named, and nothing is said to be proved of it."""
    report = report_on("conv1d_general")
    verdict = report["output-size"]
    assert verdict.proof
    for proof in (None, Proof(verdict.proof.hypotheses, verdict.proof.steps, False)):
        told = write(replace(report, verdicts=(Verdict(verdict.claim, proof, verdict.check),)))
        assert "(* output-size, open: " in told
        assert "Lemma claim_" not in told


def test_only_what_has_to_do_with_it_is_assumed() -> None:
    """Equations link symbols; an inequality on any other symbol is left out."""
    known = hypotheses("1 <= n", "1 <= k", "N = n-m", "q = N//s", "1 <= s", "1 <= z", "z = k")
    assert list(map(str, related(known, [Sym("q")]))) == ["1 <= n", "N = n - m", "q = N//s", "1 <= s"]


@needs_coq
def test_every_name_can_be_a_size(tmp_path: Path) -> None:
    """Coq's words, the core's names, primes and marks are names of sizes like any other."""
    words = [*KEYWORDS, "sum", "up", "quotient", "sizes", "I", "S", "H", "Q", "i'", "i*", "i_", "X*1", "2", "é"]
    lemmas = [equality((Sym(word) + Sym("x"), Sym("x") + Sym(word)), ()) for word in words]
    lemmas.append(equality((size("a+b"), size("b+a")), hypotheses("1 <= a")))
    assert compiled(alone(*lemmas), tmp_path)[0] == 0


@pytest.mark.parametrize("text", ["a *) b", '(* "', "*", "(*)*)", 'one "', "((*", "***)"])
@needs_coq
def test_a_comment_stays_one(text: str, tmp_path: Path) -> None:
    """Nothing in a text closes the comment that it stands in, or opens another."""
    assert compiled(f"{comment(text)} Check 1. {comment(text)}\n", tmp_path)[0] == 0
