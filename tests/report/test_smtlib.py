"""SMT-LIB: z3 confirms what is proved, finds where a claim is false, and notices a planted fault."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest

import gradcheck
from gradcheck import Report, verify
from gradcheck.claims.claim import Hypothesis
from gradcheck.evidence import Certificate, Proof, Step, Verdict
from gradcheck.notation.arithmetic import ONE, ZERO, Group, Int, Op, Sym, evaluate
from gradcheck.report.obligations import Obligation, obligations
from gradcheck.report.smtlib import relation, term, write

CLAIMS = Path(gradcheck.__file__).parent / "claims"
FILES = {path.stem: path for path in sorted(CLAIMS.rglob("*.toml"))}
TIME_LIMIT = 10_000  # milliseconds for each obligation

needs_z3 = pytest.mark.skipif(find_spec("z3") is None, reason="the package z3-solver is not installed")


@cache
def report_on(path: Path) -> Report:
    """The verdicts on a file, found once."""
    return verify(path, layers=2)


def answer(script: str) -> str:
    """What z3 says of one query."""
    import z3

    solver = z3.Solver()
    solver.set("timeout", TIME_LIMIT)
    solver.from_string(script)
    return str(solver.check())


def script(given: Sequence[Hypothesis], goal: str = "") -> str:
    """A query that asserts hypotheses, and perhaps that something else is not the case."""
    names = Obligation("fact", tuple(given), (), Hypothesis(ZERO, "<=", ONE), "holds", ()).names
    lines = [f"(declare-const {term(Sym(name))} Int)" for name in names]
    lines += [f"(assert {relation(h)})" for h in given]
    return "\n".join(lines + ([f"(assert (not {goal}))"] if goal else []))


def answers(report: Report) -> list[tuple[Obligation, str]]:
    """Each obligation with what z3 says of its query."""
    queries = write(report).split("(push 1)")[1:]
    return [
        (one, answer(query.split("(check-sat)")[0])) for one, query in zip(obligations(report), queries, strict=True)
    ]


def on_proofs(report: Report, change: Callable[[Proof], Proof]) -> Report:
    """The report with every proof changed."""
    return replace(report, verdicts=tuple(Verdict(v.claim, change(v.proof), v.check) for v in report.verdicts))


@needs_z3
@pytest.mark.parametrize("name", FILES)
def test_z3_confirms_every_obligation(name: str) -> None:
    """Nothing that the proofs of a file rest on has a counterexample, though there are sizes; and z3 knows it."""
    found = answers(report_on(FILES[name]))
    for given in {one.hypotheses for one, _ in found}:
        assert answer(script(given)) == "sat"
    assert found
    assert [(str(one.goal), said) for one, said in found if said != "unsat"] == []


@needs_z3
def test_the_script_as_a_whole_is_one_that_z3_reads() -> None:
    """Every answer is the one announced, without a complaint."""
    import z3

    report = report_on(FILES["gradient_sizes"])
    context = z3.Context()
    said = z3.Z3_eval_smtlib2_string(context.ref(), write(report)).split()
    assert said == ["unsat"] * len(obligations(report))


FALSE = {
    "off by one": ("conv2d", "m <= n", 'shape = { Y = "p n-m+2 n-m+2" }'),
    "missing remainder": ("conv2d_strided", "m <= n", 'identity = "s*((n-m)//s) + m = n"'),
    "missing hypothesis": ("conv2d", "m <= n", 'identity = "max(n - 2*m, 0) = n - 2*m"'),
    "missing hypothesis on the stride": ("conv2d_strided", "m <= n", 'identity = "side(Y) = n-m+1"'),
    "wrong channel": ("conv2d", "m <= n", 'shape = { Y = "k n-m+1 n-m+1" }'),
    "padding too small": ("conv2d", "m <= n", 'formula = "dX[i] = sum(j, corr(pad(dY[j], m-2), rot180(F[j,i])))"'),
}


@needs_z3
@pytest.mark.parametrize("name", FALSE)
def test_z3_finds_where_a_claim_is_false(name: str, claims_file: Callable[[str], Path]) -> None:
    """Every obligation of a false claim that a counterexample refutes has a model, and there is one."""
    layer, where, claim = FALSE[name]
    report = verify(
        claims_file(f'title = "false"\nlayer = "{layer}"\nwhere = ["{where}"]\n[[claim]]\nid = "false"\n{claim}'),
        layers=2,
    )
    found = answers(report)
    assert report.verdict == "refuted"
    assert {said for one, said in found if one.expected == "fails"} == {"sat"}
    assert {said for one, said in found if one.expected == "holds"} <= {"unsat"}
    assert "(set-info :status sat)" in write(report)


@needs_z3
@pytest.mark.parametrize("name", ["gradient_sizes", "conv1d_transposed"])
def test_an_altered_goal_is_noticed(name: str) -> None:
    """Where a certificate is said to show the opposite, z3 has a counterexample."""

    def altered(certificate: Certificate) -> Certificate:
        return replace(certificate, goal=ZERO - ONE - certificate.goal)

    def in_step(step: Step) -> Step:
        return replace(step, certificates=tuple(map(altered, step.certificates)), equal=())

    report = on_proofs(report_on(FILES[name]), lambda proof: replace(proof, steps=tuple(map(in_step, proof.steps))))
    found = [said for one, said in answers(report) if one.kind == "certificate" and not impossible(one)]
    assert found
    assert set(found) == {"sat"}


def impossible(one: Obligation) -> bool:
    """Whether an obligation is about a case that cannot be: everything follows there."""
    return answer(script([*one.hypotheses, *(Hypothesis(ZERO, "<=", fact) for fact in one.facts)])) == "unsat"


@needs_z3
def test_a_hypothesis_that_is_left_out_is_noticed() -> None:
    """Without m <= n, what the document's proofs say of n - m has a counterexample."""

    def forgetful(proof: Proof) -> Proof:
        return replace(proof, hypotheses=tuple(h for h in proof.hypotheses if str(h) != "m <= n"))

    found = answers(on_proofs(report_on(FILES["gradient_sizes"]), forgetful))
    assert "0 <= n - m" in [str(one.goal) for one, said in found if said == "sat"]


@needs_z3
@pytest.mark.parametrize("op", ["+", "-", "*", "//", "%", "ceil", "min", "max"])
def test_operations_mean_the_same_to_z3(op: str) -> None:
    """On a grid of integers, with positive divisors."""
    a, b = Sym("a'"), Sym("b")
    lowest = 1 if op in ("//", "%", "ceil") else -4
    told = [
        f"(=> (and (= |a'| {term(Int(x))}) (= b {term(Int(y))})) (= {term(Op(op, a, b))} {term(Int(value))}))"
        for x, y in product(range(-7, 8), range(lowest, 5))
        for value in [evaluate(Op(op, a, b), {"a'": x, "b": y})]
    ]
    declared = "(declare-const |a'| Int)(declare-const b Int)"
    assert answer(f"{declared}(assert (not (and {' '.join(told)})))") == "unsat"
    assert answer(f"{declared}(assert (not (= {term(Op(op, a, b))} {term(Op(op, a, b + ONE))})))") == "sat"


@needs_z3
def test_rounding_up_is_what_rounding_down_makes_of_it() -> None:
    """ceil(a/b) is -(-a // b) for every positive b."""
    above, below = Op("ceil", Sym("a"), Sym("b")), ZERO - Op("//", ZERO - Sym("a"), Sym("b"))
    given = [Hypothesis(ONE, "<=", Sym("b")), Hypothesis(Sym("a"), "=", Sym("a"))]
    assert answer(script(given, f"(= {term(above)} {term(below)})")) == "unsat"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (Int(-3), "(- 3)"),
        (Group(Sym("n") - ONE), "(- n 1)"),
        (Op("**", Sym("m"), Int(3)), "(* m m m)"),
        (Op("**", Sym("m"), ONE), "m"),
        (Op("**", Sym("m"), ZERO), "1"),
        (Sym("i'"), "|i'|"),
        (Sym("X*1"), "|X*1|"),
        (Sym("F_1"), "F_1"),
        (Sym("div"), "|div |"),
        (Sym("_"), "|_ |"),
        (Op("max", Sym("a"), Int(0)), "(ite (>= a 0) a 0)"),
        (Op("ceil", Sym("a"), Sym("s")), "(div (+ a (- s 1)) s)"),
    ],
)
def test_terms(size: object, expected: str) -> None:
    """Numbers, powers and names as SMT-LIB writes them."""
    assert term(size) == expected


def test_what_is_no_size_is_refused() -> None:
    """Nothing is written that would mean something else."""
    with pytest.raises(TypeError):
        term("n")


@needs_z3
@pytest.mark.parametrize("name", ["_", "div", "mod", "true", "and", "ite", "let", "as", "i'", "X*1", "min", "Int"])
def test_any_name_can_be_a_size(name: str) -> None:
    """z3 takes it as a symbol of its own."""
    declared = f"(declare-const {term(Sym(name))} Int)"
    assert answer(f"{declared}(assert {relation(Hypothesis(Sym(name), '<', Sym(name)))})") == "unsat"


def test_a_query_says_what_it_is_for() -> None:
    """Its kind and the answer to expect, where it is needed, what is given, and the opposite of the goal."""
    told = write(verify(layers=1, claims=["output-size"]))
    assert told.startswith("; Proof of gradient sizes: ")
    assert "(set-logic QF_NIA)\n" in told
    assert re.search(
        r"\n; \d+\. fact used, expected unsat\n; output-size; size rule: 0 <= a <= n - m\n(?:; .*\n)*\(push 1\)\n"
        r"\(set-info :status unsat\)\n(?:\(declare-const [knpm] Int\)\n){4}(?:\(assert \(<= 1 [knpm]\)\)\n){4}"
        r"\(assert \(<= m n\)\)\n\(assert \(not \(<= 0 \(- n m\)\)\)\)\n\(check-sat\)\n\(pop 1\)\n",
        told,
    )


def test_no_text_leaves_its_comment() -> None:
    """Whatever the title, each line is a comment or a command."""
    report = replace(verify(layers=1, claims=["output-size"]), subject="a\n(exit)\r(exit)\u2028(exit)")
    assert "; a (exit) (exit) (exit): " in write(report)
    assert not [line for line in write(report).splitlines() if line.startswith("(exit")]
