"""The one verdict model: the same verdict as the engine's, a rule for each finding, and the line it stands on."""

from dataclasses import replace
from itertools import combinations_with_replacement, product
from pathlib import Path

import pytest
from known_examples import WRONG

from gradcheck import verify
from gradcheck.comparison import Comparison, Evidence, Gradient
from gradcheck.conventions.said import Said
from gradcheck.evidence import Check, Proof, Verdict
from gradcheck.findings import Cause, Examination, Fault, Notice, Result
from gradcheck.functions.target import find_out
from gradcheck.report.rules import NOTICES, rules
from gradcheck.report.subjects import of_comparison, of_examination, of_report
from gradcheck.subject import Part, Subject, knowing, overall
from gradcheck.targets.address import parse_address
from gradcheck.targets.load import load

ROOT = Path(__file__).parent.parent.parent
CLAIMS = """\
title = "A text"
layer = "Y[j,a] += X[i,a+u] * F[j,i,u]"
where = ["m <= n"]
[shapes]
X = "k n"
F = "p k m"

[[claim]]
id = "right"
shape = { Y = "p n-m+1" }

[[claim]]
section = "1"
id = "size"
shape = { Y = "p n-m+2" }

  [[claim]]
  id = "identity"
  identity = "side(corr(X[i], dY[j])) = n - (n-m+1) + 2 = m"

[[claim]]
id = "input-gradient"
formula = "dX[i] = sum(j, corr(pad(dY[j], m-1), F[j,i]))"

[[claim]]
id = "filter-gradient"
formula = "dF[j,i] = conv(X[i], dY[j])"

[[claim]]
id = "output"
formula = "Y[j] = sum(i, conv(X[i], F[j,i]))"

[[claim]]
id = "misprinted"
formula = "dF[j,i] = corr(X[i], dY[j])"
printed = "dF[i,i] = corr(X[i], dY[j])"
"""
FAULT = Fault("n=3", (2, 3), (2, 3), (0, 0), 1.0, 2.0, 3, (Cause("filter-not-rotated"),))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A claims file with a claim of each kind."""
    written = tmp_path_factory.mktemp("claims") / "notes.toml"
    written.write_text(CLAIMS, encoding="utf-8")
    return written


@pytest.fixture(scope="module")
def report(path):
    """The verdicts on it."""
    return verify(path, layers=2)


def by_name(subject: Subject) -> dict[str, Part]:
    """The parts by their names."""
    return {part.name: part for part in subject.parts}


def line_of(text: str, needle: str) -> int:
    """The first line with a text in it."""
    return next(n for n, line in enumerate(text.splitlines(), start=1) if needle in line)


def whole(subject: Subject) -> None:
    """Every part has all that the formats write: a rule where it is open, a message, and a command."""
    for part in subject.parts:
        if part.status in ("failed", "undecided"):
            assert part.rule in rules()
            assert part.message
            assert part.rerun
        assert part.rule in ("", *rules())
        assert part.line >= 0


# Claims


def test_a_report_keeps_its_verdict(report):
    """A part for each claim in order, then the errata; the verdict, title, seed and command are the report's."""
    subject = of_report(report)
    whole(subject)
    assert subject.verdict == report.verdict == "refuted"
    assert [part.name for part in subject.parts] == [*(v.claim.id for v in report.verdicts), "erratum of misprinted"]
    assert (subject.title, subject.seed) == ("A text", 0)
    assert subject.rerun == f"gradcheck verify {subject.name} --seed 0 --layers 2"


@pytest.mark.parametrize(
    ("claim", "rule"),
    [
        ("right", ""),
        ("size", "GC101"),
        ("identity", "GC102"),
        ("input-gradient", "GC201"),
        ("filter-gradient", "GC301"),
        ("output", "GC501"),
        ("misprinted", ""),
        ("erratum of misprinted", "GC103"),
    ],
)
def test_a_claim_falls_under_the_rule_of_what_it_is_about(report, claim, rule):
    """Sizes, identities, each gradient, the output, and what is printed."""
    assert by_name(of_report(report))[claim].rule == rule


def test_a_formula_of_another_shape_is_a_matter_of_size(claims_file):
    """As for a layer's gradient, what has not the right shape falls under GC101."""
    text = CLAIMS.split("[[claim]]")[0] + '[[claim]]\nid = "c"\nformula = "dX[i] = sum(j, corr(dY[j], F[j,i]))"\n'
    (part,) = of_report(verify(claims_file(text), layers=2)).parts
    assert "the shape of dX[i]" in part.message
    assert part.rule == "GC101"


def test_a_dense_layer_has_its_rules_too(claims_file):
    """The first operand is the input where none is called X."""
    text = 'title = "t"\nlayer = "C[i,j] += A[i,u] * B[u,j]"\n[shapes]\nA = "m k"\nB = "k n"\n'
    for operand in "AB":
        text += f'[[claim]]\nid = "{operand}"\nformula = "d{operand} = {operand}"\n'
    found = by_name(of_report(verify(claims_file(text), layers=2)))
    assert {name: part.rule for name, part in found.items()} == {"A": "GC201", "B": "GC301"}


def test_a_claim_stands_on_the_line_of_its_id(path, report):
    """However it is indented, and whatever stands before; an erratum where its claim stands."""
    subject = of_report(report)
    assert subject.file == str(path)
    parts = by_name(subject)
    for verdict in report.verdicts:
        assert parts[verdict.claim.id].line == line_of(CLAIMS, f'id = "{verdict.claim.id}"')
    assert parts["erratum of misprinted"].line == parts["misprinted"].line


def test_a_claim_says_what_is_wrong_and_how_to_see_it(report, path):
    """The claim and the smallest counterexample in a line, the rest after it, the command last."""
    part = by_name(of_report(report))["input-gradient"]
    assert part.message == (
        "input-gradient: dX[i] = sum(j, corr(pad(dY[j], m - 1), F[j,i])); "
        "dX[0,0]: got the term F[0,0,0] dY[0,0] not at all, should be once; at k=1, n=2, p=1, m=2"
    )
    assert part.details[0] == "false at k=1, n=2, p=1, m=2, failed on layer 2"
    assert part.lines[-1] == f"rerun: gradcheck verify {path} --claim input-gradient --seed 0 --layers 2"


def test_the_document_that_gradcheck_brings_has_no_file():
    """It is no file of the user's: nothing is annotated in it."""
    for source, name in ((None, "gradient_sizes"), ("conv1d", "conv1d")):
        found = verify(source, layers=2)
        subject = of_report(found)
        whole(subject)
        assert (subject.name, subject.file) == (name, "")
        assert {part.line for part in subject.parts} == {0}
        assert subject.verdict == found.verdict == "verified"


def test_an_open_claim_is_undecided(report):
    """What was neither proved nor refuted falls under GC901; what was not run at all, too."""
    for proof, check in ((Proof((), (), False), Check()), (None, Check(2, 9)), (None, Check())):
        one = Verdict(report["right"].claim, proof, check)
        found = replace(report, verdicts=(one,), errata=())
        (part,) = of_report(found).parts
        whole(of_report(found))
        assert (part.status, part.rule) == ("undecided", "GC901")
        assert of_report(found).verdict == found.verdict == "incomplete"


def test_an_interrupted_run_is_incomplete(report):
    """Though every claim that was looked at is verified."""
    found = replace(report, verdicts=(report["right"],), errata=(), interrupted=True)
    subject = of_report(found)
    whole(subject)
    assert [part.name for part in subject.parts] == ["right", "run"]
    assert subject.verdict == found.verdict == "incomplete"


@pytest.mark.parametrize("claims", [("misprinted",), ("size",), ("size", "misprinted")])
def test_some_claims_of_a_file(path, claims):
    """What was asked for alone, with its errata."""
    found = verify(path, layers=2, claims=claims)
    subject = of_report(found)
    assert [part.name for part in subject.parts if part.rule != "GC103"] == list(claims)
    assert subject.verdict == found.verdict


# Layers


def examination(results=(), notices=()) -> Examination:
    """What was found out about a layer at line 7 of a file."""
    return Examination(
        "a.py:C", "class", "a.py", 7, 3, (), "Y[a]", (), tuple(results), tuple(notices), (), (), layers=1
    )


def result(role: str, status: str) -> Result:
    """A result of each kind."""
    fault = FAULT if status == "wrong" else None
    return Result(role, "y" if role == "y" else f"d{role}", status, 4, 4, fault=fault)


RESULTS = [
    *product("y", ("right", "wrong")),
    *product("xwb", ("right", "wrong", "consistent", "not given")),
]
REFUTING, TELLING = Notice("input-mutated", "changed", refutes=True), Notice("aliasing", "shared", refutes=False)


@pytest.mark.parametrize("notices", [(), (REFUTING,), (TELLING,), (TELLING, REFUTING)])
def test_an_examination_keeps_its_verdict(notices):
    """Whatever was found of whichever arrays."""
    for some in (combo for n in range(4) for combo in combinations_with_replacement(RESULTS, n)):
        found = examination([result(*one) for one in some], notices)
        subject = of_examination(found)
        whole(subject)
        assert subject.verdict == found.verdict, some


@pytest.mark.parametrize(("role", "rule"), [("y", "GC501"), ("x", "GC201"), ("w", "GC301"), ("b", "GC401")])
def test_an_array_falls_under_the_rule_of_its_role(role, rule):
    """Where its values are wrong; where its shape is, or it is None, that is the rule."""
    shapes = {FAULT.shape: rule, None: "GC101", (2, 4): "GC101", (): "GC101"}
    for shape, expected in shapes.items():
        one = replace(result(role, "wrong"), fault=replace(FAULT, shape=shape))
        (part,) = of_examination(examination([one])).parts
        assert (part.status, part.rule) == ("failed", expected)


def test_another_shape_without_a_cause_has_its_sizes():
    """What is wrong is told in one line, with the sizes at which it is."""
    one = replace(result("x", "wrong"), fault=replace(FAULT, shape=(2, 4), causes=(), structure=(), sizes="N=2, k=1"))
    (part,) = of_examination(examination([one])).parts
    assert part.message.startswith(f"{one.name}: the shape is 2 x 4, should be ")
    assert part.message.endswith("; at N=2, k=1")
    assert part.details == ()


def test_a_wrong_array_has_its_diagnosis():
    """The mistake in a line, then why, how to mend it, the entry and the map, the command last."""
    part = of_examination(examination([result("x", "wrong")])).parts[0]
    assert part.lines == (
        "dx: the filter is not rotated by 180°",
        "  why: dX[x] = sum over u of dY[x-u] F[u]: where u grows, x-u falls, so the filter runs backwards",
        "  fix: Reverse the filter along each of its spatial axes before the full correlation: w[..., ::-1, ::-1].",
        "  shape: 2 x 3, as expected",
        "  dx[0,0]: got 1, should be 2; 3 wrong elements; at n=3",
        "rerun: gradcheck verify a.py:C --seed 3",
    )
    assert part.key == "filter-not-rotated"


def test_every_part_of_a_layer_is_on_its_line():
    """Arrays and remarks alike."""
    found = examination([result("x", "wrong"), result("w", "right")], [REFUTING])
    assert {part.line for part in of_examination(found).parts} == {7}
    assert of_examination(found).file == "a.py"


def test_a_missing_gradient():
    """Of the input it is noted: a first layer has no use for it; any other is undecided."""
    roles = {role: of_examination(examination([result(role, "not given")])).parts[0] for role in "xwb"}
    assert {role: (part.status, part.rule) for role, part in roles.items()} == {
        "x": ("noted", ""),
        "w": ("undecided", "GC901"),
        "b": ("undecided", "GC901"),
    }
    assert roles["w"].message == "dw: not returned, not kept, and not read off an update"


def test_a_convention_is_no_finding():
    """A mean over the batch, in all gradients, passes and is told."""
    one = replace(result("w", "right"), fault=FAULT, convention=Cause("mean-over-batch"))
    (part,) = of_examination(examination([one])).parts
    assert (part.status, part.rule) == ("passed", "")
    assert "dw is divided by the number of samples" in part.says


def test_nothing_to_compare_is_undecided():
    """An output alone is no gradient."""
    subject = of_examination(examination([result("y", "right"), result("x", "not given")]))
    assert subject.verdict == "incomplete"
    assert subject.parts[-1].message == "no gradient was found to compare"


@pytest.mark.parametrize(("name", "rule"), NOTICES.items())
def test_a_remark_that_refutes_falls_under_its_rule(name, rule):
    """Any other is noted, under none."""
    notices = [Notice(name, "text", refutes=True), Notice(name, "text", refutes=False)]
    parts = of_examination(examination(notices=notices)).parts
    assert [(part.status, part.rule) for part in parts] == [("failed", rule), ("noted", "")]


def test_two_remarks_are_two_findings():
    """A baseline with one of them does not hide the other, as the two that examine finds of changed arrays."""
    one, other = (Notice("input-mutated", f"{stage} changes the input", True) for stage in ("forward", "backward"))
    subject = of_examination(examination(notices=[one, other]))
    assert knowing(subject, [subject.fingerprint(subject.parts[0])]).parts[1].open


EXAMPLES = [
    "examples/affine_functions.py:affine_forward",
    "examples/corr_single_channel.py:forward",
    "examples/conv_filter_not_rotated.py:Conv",
    "examples/conv_batch_kept_in_dw.py:EinsumConv",
    "examples/conv_bias_axes.py:Conv2D",
    "examples/conv_buffer_accumulates.py:BufferedConv2d",
    "examples/conv_input_reused.py:ThriftyConv",
    "examples/dense_factor_two.py:DenseLayer",
]
FINDINGS = {
    "filter-not-rotated": "GC201",
    "not-summed-over-batch": "GC101",
    "bias-axes": "GC401",
    "accumulated": "GC602",
    "input-mutated": "GC601",
    "constant-factor": "GC301",
}


def looked_at(address: str):
    """What is found out about a target, in this process."""
    parsed = parse_address(address)
    assert parsed
    return find_out(load(parsed), address, Said(), seed=0)


@pytest.mark.parametrize("address", EXAMPLES)
def test_an_example_keeps_its_verdict(address):
    """Right or wrong; a wrong one falls under the rule of its mistake, on the line of the layer."""
    found = looked_at(str(ROOT / address))
    subject = of_examination(found)
    whole(subject)
    assert subject.verdict == found.verdict == ("refuted" if address in WRONG else "verified")
    if address in WRONG:
        assert FINDINGS[WRONG[address]] in {part.rule for part in subject.parts if part.open}
    name, file = address.split(":")[1], ROOT / address.split(":")[0]
    line = file.read_text(encoding="utf-8").splitlines()[subject.parts[0].line - 1]
    assert subject.file == str(file)
    assert line.startswith((f"class {name}", f"def {name}"))


# Functions

ACTIVATIONS = """\
import numpy as np


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dy):
        return dy * (self.x > 0)


class Leaky(ReLU):
    def backward(self, dy):
        return dy * np.where(self.x > 0, 1, 0.01)


class Flattened(ReLU):
    def backward(self, dy):
        return (dy * (self.x > 0)).sum(-1)
"""


@pytest.mark.parametrize(
    ("name", "verdict", "rule"),
    [("ReLU", "verified", None), ("Leaky", "refuted", "GC201"), ("Flattened", "refuted", "GC101")],
)
def test_an_activation_keeps_its_verdict(tmp_path, name, verdict, rule):
    """A layer that no line describes falls under the same rules."""
    path = tmp_path / "activations.py"
    path.write_text(ACTIVATIONS, encoding="utf-8")
    found = looked_at(f"{path}:{name}")
    subject = of_comparison(found, str(path), 4)
    whole(subject)
    assert subject.verdict == found.verdict == verdict
    assert {part.rule for part in subject.parts if part.open} == ({rule} if rule else set())
    assert {part.line for part in subject.parts} == {4}


GRADIENTS = [
    *(Gradient("dx", status, 4, fault=FAULT if status == "wrong" else None) for status in ("right", "wrong")),
    *(Gradient("dx", status, error=1.0) for status in ("unresolved", "zero")),
    Gradient("dw", "wrong", 3),
]


@pytest.mark.parametrize("notices", [(), (REFUTING,), (TELLING,)])
def test_a_comparison_keeps_its_verdict(notices):
    """Whatever was found of whichever gradients."""
    for some in (combo for n in range(4) for combo in combinations_with_replacement(GRADIENTS, n)):
        found = Comparison("f", "numpy", "float64", 0, Evidence("full"), some, notices, "gradcheck verify f")
        subject = of_comparison(found, "", 0)
        whole(subject)
        assert subject.verdict == found.verdict, some


@pytest.mark.parametrize(
    ("name", "role", "rule"),
    [
        ("gradient of x", "", "GC201"),
        ("output Y", "", "GC501"),
        ("dF", "w", "GC301"),
        ("dX", "x", "GC201"),
        ("Y", "y", "GC501"),
    ],
)
def test_a_gradient_of_a_function_is_that_of_an_input(name, role, rule):
    """The output has the rule of an output, and an array of a layer that of its role."""
    found = Comparison("f", "numpy", "float64", 0, Evidence("full"), (Gradient(name, "wrong", fault=FAULT, role=role),))
    assert of_comparison(found, "", 0).parts[0].rule == rule


# Any


def test_what_could_not_be_run_is_incomplete():
    """The error keeps it from being verified, whatever passed; what is refuted stays so."""
    passed, failed = Part("p", "", "passed"), Part("q", "", "failed", "GC301")
    for parts, verdict in (((), "incomplete"), ((passed,), "incomplete"), ((passed, failed), "refuted")):
        assert Subject("a", "", "", 0, parts, "", "it failed").verdict == verdict


@pytest.mark.parametrize(
    ("verdicts", "all_of_them"),
    [
        (["verified"], "verified"),
        (["verified", "verified"], "verified"),
        (["verified", "incomplete"], "incomplete"),
        (["incomplete", "refuted"], "refuted"),
        (["refuted", "verified"], "refuted"),
    ],
)
def test_the_verdict_on_all(verdicts, all_of_them):
    """Refuted if any is, verified if all are."""
    statuses = {"verified": "passed", "refuted": "failed", "incomplete": "undecided"}
    subjects = [Subject("a", "", "", 0, (Part("p", "", statuses[verdict]),), "") for verdict in verdicts]
    assert [subject.verdict for subject in subjects] == verdicts
    assert overall(subjects) == all_of_them


@pytest.mark.parametrize(("status", "verdict"), [("failed", "refuted"), ("undecided", "incomplete")])
def test_what_is_known_does_not_count(status, verdict):
    """A subject all of whose findings are known is verified; an error is never known."""
    subject = Subject("a", "", "", 0, (Part("p", "", "passed"), Part("q", "", status, "GC301")), "")
    found = [subject.fingerprint(part) for part in subject.parts]
    assert subject.verdict == verdict
    assert knowing(subject, found).verdict == "verified"
    assert knowing(subject, found[:1]) == subject
    assert [part.known for part in knowing(subject, found).parts] == [False, True]
    assert knowing(replace(subject, error="it failed"), found).verdict == "incomplete"
