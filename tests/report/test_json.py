"""The JSON report follows its schema, to the key, and is the same from the same seed."""

import json
import shlex

import pytest
from click.testing import CliRunner

from gradcheck import verify
from gradcheck.claims.claim import Claim, Identity
from gradcheck.cli import main
from gradcheck.evidence import Basis, Check, Proof, Report, Step, Verdict
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import Sym
from gradcheck.notation.sums import Chain
from gradcheck.report.json import to_json

TOP = ["schema", "tool", "subject", "sizes", "seed", "verdict", "claims", "errata", "reproduce"]
CLAIM = ["id", "section", "says", "verdict", "proof", "check"]
PROOF = ["status", "hypotheses", "steps", "counterexample"]
STEP = ["rule", "statement", "because"]
CHECK = ["status", "layers", "elements", "exact", "failure"]
FAILURE = ["layer", "sizes", "where", "got", "should", "reproduce"]
ERRATUM = ["claims", "section", "printed", "holds", "why", "counterexample", "detail"]
FALSE = """
title = "Größen"
layer = "conv2d"
where = ["m <= n"]

[[claim]]
id = "size"
section = "Sizes"
shape = { Y = "p n-m+1 m" }

[[claim]]
id = "true"
shape = { X = "k n n" }
"""


def told(report):
    """A report as what its JSON holds."""
    return json.loads(to_json(report, "1.2"))


@pytest.fixture
def false(tmp_path):
    """The report on a file with one false claim."""
    path = tmp_path / "false.toml"
    path.write_text(FALSE, encoding="utf-8")
    return verify(path, layers=30)


@pytest.fixture
def true():
    """The report on two claims of the document that bring errata."""
    return verify(layers=3, seed=4, claims=["input-channel-size", "output-size"])


def test_the_top_of_the_report(true):
    """Schema, tool, subject, sizes, seed, verdict, and the command, in this order."""
    data = told(true)
    assert list(data) == TOP
    assert data["schema"] == "gradcheck.verdicts/1"
    assert data["tool"] == {"name": "gradcheck", "version": "1.2"}
    assert (data["subject"], data["seed"], data["verdict"]) == ("Proof of gradient sizes", 4, "verified")
    assert data["reproduce"] == "gradcheck verify --claim input-channel-size --claim output-size --seed 4 --layers 3"


def test_a_verified_claim(true):
    """A claim has its words, a proof with steps and hypotheses, and a check that is exact."""
    claim = told(true)["claims"][1]
    assert list(claim) == CLAIM
    assert [claim[key] for key in CLAIM[:4]] == [
        "output-size",
        "Notation",
        "Y: p x (n - m + 1) x (n - m + 1)",
        "verified",
    ]
    assert [claim["proof"][key] for key in ("status", "hypotheses", "counterexample")] == [
        "proved",
        ["1 <= k", "1 <= n", "1 <= p", "1 <= m", "m <= n"],
        None,
    ]
    assert claim["check"] == {"status": "passed", "layers": 3, "elements": 9, "exact": True, "failure": None}


def test_the_keys_of_a_proof(true):
    """A proof and each of its steps begin with the keys of the schema; all words are texts."""
    proof = told(true)["claims"][1]["proof"]
    assert [key for key in proof if key in PROOF] == PROOF
    assert len(proof["steps"]) > 2
    for step in proof["steps"]:
        assert list(step)[:3] == STEP
        assert all(isinstance(step[key], str) and step[key] for key in STEP)


def test_certificates_are_part_of_a_step(true):
    """What a step rests on can be multiplied out by a reader: multipliers and facts."""
    steps = told(true)["claims"][1]["proof"]["steps"]
    assert {
        "goal": "n - m + 1",
        "divisor": "1",
        "assuming": [],
        "sum": [{"multiplier": "1", "facts": []}, {"multiplier": "1", "facts": ["n - m"]}],
    } in [certificate for step in steps for certificate in step["certificates"]]


def test_a_refuted_claim(false):
    """A refutation has the smallest counterexample, and the failure of the check with its command."""
    claim = told(false)["claims"][0]
    assert (claim["verdict"], claim["proof"]["status"], claim["check"]["status"]) == ("refuted", "refuted", "failed")
    assert claim["proof"]["counterexample"] == {"n": 2, "p": 1, "m": 1}
    failure = claim["check"]["failure"]
    assert list(failure) == FAILURE
    n, m, p = (failure["sizes"][name] for name in "nmp")
    assert n - m + 1 != m
    assert (failure["where"], failure["got"]) == ("the shape of Y", f"{p} x {n - m + 1} x {m}")
    assert failure["should"] == f"{p} x {n - m + 1} x {n - m + 1}"


def test_a_failure_is_reproduced_by_its_command(false):
    """The failure's command, in JSON, gives the same claim again, entry for entry."""
    claim = told(false)["claims"][0]
    words = shlex.split(claim["check"]["failure"]["reproduce"])[1:]
    result = CliRunner().invoke(main, [*words, "--format", "json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["claims"] == [claim]


def test_the_whole_report_is_reproduced_by_its_command(false):
    """The report's own command gives the same bytes again."""
    words = shlex.split(told(false)["reproduce"])[1:]
    first = CliRunner().invoke(main, [*words, "--format", "json"])
    assert told(false)["claims"] == json.loads(first.stdout)["claims"]
    assert CliRunner().invoke(main, [*words, "--format", "json"]).stdout_bytes == first.stdout_bytes


def test_the_same_seed_gives_the_same_bytes():
    """Nothing in the report depends on time or chance; another seed shows."""
    claims = ["filter-gradient-formula", "output-size"]
    assert to_json(verify(layers=9, claims=claims), "1") == to_json(verify(layers=9, claims=claims), "1")
    assert told(verify(layers=30, claims=claims))["claims"] != told(verify(layers=30, seed=1, claims=claims))["claims"]


def test_errata(true):
    """Each erratum has what is printed, what holds, why, and a counterexample where there is one."""
    errata = told(true)["errata"]
    assert [list(erratum) for erratum in errata] == [ERRATUM] * 2
    assert errata[0] == {
        "claims": ["input-channel-size"],
        "section": "Notation",
        "printed": "X: n x n",
        "holds": "X[i]: n x n",
        "why": ["X has 3 axes, 2 are printed"],
        "counterexample": None,
        "detail": None,
    }
    assert errata[1]["counterexample"] == {"n": 1, "p": 1, "m": 3}


def test_letters_of_any_alphabet_are_kept(false):
    """A title is written as it was read."""
    assert '"subject": "Größen"' in to_json(false, "1")


def test_claims_not_reached_are_not_run():
    """An interrupted run has every claim: those not reached as not run, with an open proof."""

    def stop(done, total):
        if done == 1:
            raise KeyboardInterrupt

    data = told(verify(layers=5, claims=["input-size", "output-size"], progress=stop))
    assert data["verdict"] == "incomplete"
    assert [claim["verdict"] for claim in data["claims"]] == ["open", "not run"]
    assert data["claims"][1]["proof"]["status"] == "open"
    assert data["claims"][1]["check"]["status"] == "not run"
    assert data["errata"] == []


def test_what_is_missing_is_listed():
    """An open step lists the inequalities that were not shown."""
    m, n = Sym("m"), Sym("n")
    step = Step("normal form", Chain((n, m)), "so it is", missing=(n - m,))
    verdict = Verdict(Claim("c", "", Identity((n, m))), Proof((), (step,), True), Check(1, 2))
    data = told(Report("t", None, (), 0, 1, Basis(parse_layer("dense", {}), (), ()), (), (verdict,), ()))
    assert data["claims"][0]["verdict"] == "open"
    assert data["claims"][0]["proof"]["steps"][0]["missing"] == ["n - m"]
