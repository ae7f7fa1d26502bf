"""The words of every report: what was said, what came out, what should have, where, and how to see it again."""

import shlex
from collections import Counter
from dataclasses import replace

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gradcheck import verify
from gradcheck.claims.claim import Claim, Hypothesis, Identity, Measure, Shape
from gradcheck.claims.parsing import parse_hypothesis
from gradcheck.cli import main
from gradcheck.difference import Difference
from gradcheck.evidence import Basis, Check, Counterexample, Erratum, Failure, Proof, Report, Sample, Step, Verdict
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import ONE, ZERO, Int, Sym
from gradcheck.notation.arrays import Ref
from gradcheck.notation.phrase import phrase
from gradcheck.notation.sums import Chain
from gradcheck.report.wording import (
    chained,
    check_told,
    counted,
    erratum_told,
    failure_told,
    hypotheses_told,
    open_told,
    proof_told,
    reproduce,
    says,
    sizes_told,
    step_told,
    summary,
)

K, M, N = map(Sym, "kmn")
CLAIM = Claim("side", "", Identity((Measure("side", Ref("Y")), M)))
SIZES = parse_layer("Y[a,b,c,d,e,f] += X[a,b,c,d,e,f]", {"X": "k n p m r s"})


def where(*texts):
    """The hypotheses that the texts say."""
    return tuple(h for text in texts for h in parse_hypothesis(text, SIZES))


WHERE = where("1 <= m", "m <= n")
STEP = Step("normal form", Chain((N, M)), "so it is", missing=(N - M, M - N))
FOUND = Counterexample((("n", 2), ("m", 1)), Difference("n = m", "2 = 1", "equal"))
FAILURE = Failure(4, (("n", 3), ("m", 1)), Difference("the shape of Y", "3 x 3", "2 x 2"))
PROVED, OPEN = Proof(WHERE, (), True), Proof(WHERE, (STEP,), True)
REFUTED = Proof(WHERE, (STEP,), False, FOUND)
PASSED, FAILED = Check(200, 4000), Check(4, 10, FAILURE)


def report(*verdicts, **changed):
    """A report with these verdicts."""
    values = {
        "subject": "Sizes",
        "source": None,
        "selected": (),
        "seed": 7,
        "layers": 50,
        "basis": Basis(SIZES, (), ()),
        "samples": (Sample((("n", 2),), 1200, 9, ()), Sample((("n", 3),), 34, 9, ())),
        "verdicts": verdicts,
        "errata": (),
    }
    return Report(**values | changed)


@pytest.mark.parametrize(
    ("changed", "arguments", "command"),
    [
        ({}, (), "gradcheck verify --seed 7 --layers 50"),
        ({"source": "notes.toml"}, (), "gradcheck verify notes.toml --seed 7 --layers 50"),
        ({"source": "my notes.toml"}, (), "gradcheck verify 'my notes.toml' --seed 7 --layers 50"),
        ({"source": "a;b $(c).toml"}, (), "gradcheck verify 'a;b $(c).toml' --seed 7 --layers 50"),
        ({"selected": ("a", "b")}, (), "gradcheck verify --claim a --claim b --seed 7 --layers 50"),
        ({"selected": ("a", "b")}, (["b"], 3), "gradcheck verify --claim b --seed 7 --layers 3"),
        ({"layers": 0}, (["b"], 3), "gradcheck verify --claim b --seed 7 --layers 3"),
    ],
)
def test_reproduce(changed, arguments, command):
    """The command has the file, the claims, the seed and the layers, quoted for a shell."""
    assert reproduce(report(**changed), *arguments) == command


@pytest.mark.parametrize(
    ("sizes", "told"), [((), "all sizes"), ((("n", 2),), "n=2"), ((("n", 2), ("m", 1)), "n=2, m=1")]
)
def test_sizes(sizes, told):
    """Sizes are told as they would be typed."""
    assert sizes_told(sizes) == told


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ((), "sizes >= 1"),
        (("m <= n",), "m <= n"),
        (("1 <= m", "m <= n"), "1 <= m <= n"),
        (("1 <= m", "m < n", "n <= 9"), "1 <= m < n <= 9"),
        (("1 <= m", "1 <= k"), "sizes >= 1"),
        (("1 <= k", "1 <= n", "1 <= m", "m <= n"), "1 <= m <= n"),
        (("0 <= k", "1 <= m"), "0 <= k"),
        (("1 <= m", "k <= p", "p <= n"), "k <= p <= n"),
        (("n - m = r", "r <= s"), "n - m = r <= s"),
        (("2 <= n - m", "m <= 3"), "2 <= n - m, m <= 3"),
        (("m <= n", "n - m <= 3"), "m <= n, n - m <= 3"),
    ],
)
def test_hypotheses_are_joined_into_chains(texts, told):
    """A hypothesis that begins where the last one ends continues it, and never changes what is said."""
    assert hypotheses_told(where(*texts)) == told


@pytest.mark.parametrize(
    ("texts", "chains"),
    [
        ((), []),
        (("m <= n",), [(M, "<=", N)]),
        (("1 <= m", "m < n", "n <= 9"), [(ONE, "<=", M, "<", N, "<=", Int(9))]),
        (("1 <= m", "0 <= k", "m = n"), [(ONE, "<=", M, "=", N), (ZERO, "<=", K)]),
        (("m <= n", "1 <= m"), [(M, "<=", N), (ONE, "<=", M)]),
        (("1 <= m", "m <= n", "m <= k"), [(ONE, "<=", M, "<=", N), (M, "<=", K)]),
        (("1 <= n", "1 <= m", "m <= n", "n <= k"), [(ONE, "<=", N, "<=", K), (ONE, "<=", M, "<=", N)]),
        (("m <= n", "n - m <= 3"), [(M, "<=", N), (N - M, "<=", Int(3))]),
    ],
)
def test_chains_keep_what_is_chained(texts, chains):
    """A chain has the sizes and the signs in turn, as they were said, and leaves none out."""
    assert chained(where(*texts)) == chains


SIDES = st.sampled_from([M, N, K, N - M, ZERO, ONE, Int(3)])


@given(st.lists(st.builds(Hypothesis, SIDES, st.sampled_from(["<=", "<", "="]), SIDES), max_size=8))
def test_chains_say_the_hypotheses_and_nothing_else(hypotheses):
    """The relations inside all chains are the hypotheses, each as often as it was stated."""
    links = [chain[n : n + 3] for chain in chained(hypotheses) for n in range(0, len(chain) - 2, 2)]
    assert Counter(links) == Counter((h.left, h.sign, h.right) for h in hypotheses)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (CLAIM.statement, "side(Y) = m"),
        (Identity((N, M)), "n = m (as algebra)"),
        (Shape(((Ref("Y"), (N, M)),)), "Y: n x m"),
    ],
)
def test_what_a_claim_says(statement, told):
    """An identity that is about no array is told to be algebra alone."""
    assert says(statement) == told


@pytest.mark.parametrize(
    ("proof", "told"),
    [
        (None, "proof not run"),
        (PROVED, "proved for all 1 <= m <= n"),
        (OPEN, "neither proved nor refuted"),
        (REFUTED, "false at n=2, m=1"),
    ],
)
def test_a_proof_in_a_phrase(proof, told):
    """What the symbolic engine found is said once."""
    assert proof_told(Verdict(CLAIM, proof, PASSED)) == told


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (Check(), "check not run"),
        (Check(layers=3), "check not run"),
        (PASSED, "checked on 200 layers / 4000 elements"),
        (FAILED, "failed on layer 4"),
    ],
)
def test_a_check_in_a_phrase(check, told):
    """What the numeric engine found is said once."""
    assert check_told(Verdict(CLAIM, None, check)) == told


@pytest.mark.parametrize(
    ("proof", "check", "told"),
    [
        (PROVED, PASSED, []),
        (None, Check(), []),
        (
            REFUTED,
            PASSED,
            [
                "side: side(Y) = m; n = m: got 2 = 1, should be equal; at n=2, m=1; "
                "rerun: gradcheck verify notes.toml --claim side --seed 7 --layers 1"
            ],
        ),
        (
            OPEN,
            FAILED,
            [
                "side: side(Y) = m; the shape of Y: got 3 x 3, should be 2 x 2; at n=3, m=1; "
                "rerun: gradcheck verify notes.toml --claim side --seed 7 --layers 4"
            ],
        ),
        (
            REFUTED,
            FAILED,
            [
                "side: side(Y) = m; n = m: got 2 = 1, should be equal; at n=2, m=1; "
                "rerun: gradcheck verify notes.toml --claim side --seed 7 --layers 4",
                "side: side(Y) = m; the shape of Y: got 3 x 3, should be 2 x 2; at n=3, m=1; "
                "rerun: gradcheck verify notes.toml --claim side --seed 7 --layers 4",
            ],
        ),
    ],
)
def test_failures_follow_one_grammar(proof, check, told):
    """claim-id: what was said; got A, should be B; at sizes; rerun: command."""
    verdict = Verdict(CLAIM, proof, check)
    assert failure_told(report(verdict, source="notes.toml"), verdict) == told


def test_what_an_open_proof_still_needs():
    """Each inequality that was not shown is told with the step that needs it."""
    assert open_told(Verdict(CLAIM, OPEN, PASSED)) == [
        "not shown: n - m >= 0, for 'normal form: n = m'",
        "not shown: m - n >= 0, for 'normal form: n = m'",
    ]


@pytest.mark.parametrize("proof", [None, PROVED])
def test_nothing_is_missing_from_a_proof_that_closes(proof):
    """A proof that closes, or that was not run, needs nothing."""
    assert open_told(Verdict(CLAIM, proof, PASSED)) == []


def test_a_refuted_claim_does_not_ask_for_what_is_false():
    """Where there is a counterexample, no inequality is told as merely not shown."""
    assert open_told(Verdict(CLAIM, REFUTED, PASSED)) == []


@pytest.mark.parametrize(
    ("counterexample", "told"),
    [(None, ["so", "and so"]), (FOUND, ["so", "and so", "at n=2, m=1: n = m: got 2 = 1, should be equal"])],
)
def test_an_erratum_has_its_reasons(counterexample, told):
    """The reasons come first, the counterexample last."""
    assert erratum_told(Erratum(("a",), "", "p", "h", ("so", "and so"), counterexample)) == told
    reasons = phrase("so"), phrase("and", " so")
    assert erratum_told(Erratum(("a",), "", phrase("p"), phrase("h"), reasons, counterexample)) == told


def test_a_step_in_words():
    """A step has its rule, its statement and its reason."""
    assert step_told(STEP) == ("normal form", "n = m", "so it is")
    reasoned = replace(STEP, because=phrase("so ", Chain((N, M)), " is"))
    assert step_told(reasoned) == ("normal form", "n = m", "so n = m is")


@pytest.mark.parametrize(
    ("verdicts", "changed", "told"),
    [
        (
            [(PROVED, PASSED)],
            {},
            "verified: 1 verified of 1 claims; 200 layers, 1234 finite differences, compared exactly",
        ),
        (
            [(PROVED, PASSED), (REFUTED, FAILED), (PROVED, PASSED), (OPEN, PASSED)],
            {},
            "refuted: 2 verified, 1 refuted, 1 open of 4 claims; 200 layers, 1234 finite differences, compared exactly",
        ),
        (
            [(PROVED, Check(3, 9)), (None, Check())],
            {"interrupted": True, "samples": (Sample((), 5, 9, ()),)},
            "incomplete (interrupted): 1 verified, 1 not run of 2 claims; "
            "3 layers, 5 finite differences, compared exactly",
        ),
    ],
)
def test_the_summary_in_a_line(verdicts, changed, told):
    """The verdict, how many claims have which status, and what it rests on."""
    assert summary(report(*(Verdict(CLAIM, *pair) for pair in verdicts), **changed)) == told


FALSE = """
title = "false claims"
layer = "conv2d"
where = ["m <= n"]

[[claim]]
id = "size"
shape = {{ Y = "p n-m+1 {0}" }}

[[claim]]
id = "true"
shape = {{ X = "k n n" }}

[[claim]]
id = "rare"
identity = "(n-1)*(n-2)*(n-3)*(n-4)*(n-5)*(n-6) = 0"

[[claim]]
id = "formula"
formula = "dF[j,i] = conv(X[i], dY[j])"
"""


@pytest.mark.parametrize("seed", [0, 11])
@pytest.mark.parametrize("name", ["false.toml", "false claims.toml", "it's $HOME; #1.toml", "-false.toml"])
def test_the_rerun_command_shows_the_same_failure(tmp_path, monkeypatch, name, seed):
    """Every command printed with a failure, typed as it stands, prints that failure again."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(FALSE.format("m"), encoding="utf-8")
    found = verify(name, layers=40, seed=seed)
    lines = [line for verdict in found.verdicts for line in failure_told(found, verdict)]
    assert {line.split(":")[0] for line in lines} == {"size", "rare", "formula"}
    assert len(lines) == 5
    for line in lines:
        program, *words = shlex.split(line.split("; rerun: ")[1])
        result = CliRunner().invoke(main, words)
        assert (program, result.exit_code) == ("gradcheck", 1)
        assert line in result.stdout.splitlines()


def test_a_mended_file_no_longer_shows_the_failure(tmp_path):
    """The rerun can differ: once the claim is mended, its command passes."""
    path = tmp_path / "claims.toml"
    path.write_text(FALSE.format("m"), encoding="utf-8")
    found = verify(path, layers=40, claims=["size"])
    words = shlex.split(failure_told(found, found["size"])[1].split("; rerun: ")[1])[1:]
    path.write_text(FALSE.format("n-m+1"), encoding="utf-8")
    assert CliRunner().invoke(main, words).exit_code == 0


@pytest.mark.parametrize(("n", "told"), [(0, "0 layers"), (1, "1 layer"), (2, "2 layers")])
def test_one_is_no_plural(n, told):
    """One layer, two layers."""
    assert counted(n, "layer") == told
