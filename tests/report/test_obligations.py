"""What a report's proofs rest on in integers: nothing is left out, nothing is asked twice."""

from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest

from gradcheck import Report, verify
from gradcheck.claims.claim import Hypothesis
from gradcheck.difference import Difference
from gradcheck.evidence import Certificate, Check, Counterexample, Proof, Step, Verdict
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Int, Op, Sym
from gradcheck.notation.sums import Chain
from gradcheck.report.obligations import Obligation, Place, obligations

A, M, N, S, X = map(Sym, "amnsx")
HYPOTHESES = (*(Hypothesis(ONE, "<=", e) for e in (M, N, S)), Hypothesis(M, "<=", N))
HALF = Op("//", N, S)


@cache
def small() -> Report:
    """A report whose proofs are put in place of by those of the tests."""
    return verify(layers=1, claims=["output-size"])


def certificate(goal: Expr, *facts: Expr, **more: tuple[Expr, ...]) -> Certificate:
    """A certificate that uses these facts, once each."""
    return Certificate(goal, tuple((Fraction(1), (fact,)) for fact in facts), **more)


def step(*certificates: Certificate, rule: str = "rule", **more: tuple[object, ...]) -> Step:
    """A step that says a, with what it needs."""
    return Step(rule, Chain((A,)), "because", None, certificates, **more)


def report(*steps: Step, false_at: dict[str, int] | None = None, ids: tuple[str, ...] = ("claim",)) -> Report:
    """A report in which claims have these steps, and perhaps a counterexample."""
    found = Counterexample(tuple(false_at.items()), Difference("at", "got", "should")) if false_at else None
    proof = Proof(HYPOTHESES, steps, True, found)
    (verdict,) = small().verdicts
    claims = (replace(verdict.claim, id=name) for name in ids)
    return replace(small(), verdicts=tuple(Verdict(claim, proof, Check()) for claim in claims))


def told(report: Report) -> list[tuple[str, list[str], str, str]]:
    """Each obligation without its hypotheses and places."""
    return [(o.kind, list(map(str, o.facts)), str(o.goal), o.expected) for o in obligations(report)]


def test_a_certificate_is_to_be_shown_from_what_it_uses() -> None:
    """The hypotheses, the facts about indices and the case are given; what holds by definition is not."""
    one = certificate(N - A, X, N - X, HALF, A, assuming=(Int(2) - M,), by_definition=(A,))
    (found,) = [o for o in obligations(report(step(one))) if o.kind == "certificate"]
    assert found.hypotheses == HYPOTHESES
    assert found.facts == (Int(2) - M, X, N - X, HALF)
    assert found.goal == Hypothesis(ZERO, "<=", N - A)
    assert (found.expected, found.places) == ("holds", (Place("claim", "rule", "a"),))
    assert found.names == ("m", "n", "s", "a", "x")


def test_a_fact_about_sizes_alone_is_to_be_shown_itself() -> None:
    """It must follow from the hypotheses; what bounds an index is taken, and so is a case."""
    one = certificate(X + N, X, N - M, S - M, assuming=(S - M,))
    assert told(report(step(one))) == [
        ("fact", [], "0 <= n - m", "holds"),
        ("certificate", ["s - m", "x", "n - m"], "0 <= x + n", "holds"),
    ]


def test_what_was_shown_before_may_be_used() -> None:
    """The goal of a certificate before it is no obligation twice."""
    first, second = certificate(N, N - ONE), certificate(N + N, N)
    assert [goal for _, _, goal, _ in told(report(step(first, second)))] == ["0 <= n - 1", "0 <= n", "0 <= n + n"]


def test_what_uses_only_itself_is_no_obligation() -> None:
    """The bound of an index says nothing new; a fact about sizes still has to follow."""
    assert told(report(step(certificate(X, X)))) == []
    assert told(report(step(certificate(N - M, N - M)))) == [("fact", [], "0 <= n - m", "holds")]


def test_each_divisor_is_to_be_positive() -> None:
    """Once for a step, wherever it divides; a number needs no proof."""
    found = told(report(step(equal=((HALF, Op("ceil", N, S)), (Op("%", X, M), Op("//", N, Int(2)))))))
    assert [goal for kind, _, goal, _ in found if kind == "divisor"] == ["1 <= s", "1 <= m"]


def test_sizes_said_to_be_equal_follow_from_the_hypotheses_alone() -> None:
    """One obligation for each pair that is not written alike."""
    found = told(report(step(equal=((N, N), (N + M, M + N)))))
    assert found == [("equal", [], "n + m = m + n", "holds")]


@pytest.mark.parametrize(
    ("false_at", "expected"),
    [(None, "open"), ({"n": 1, "m": 1}, "open"), ({"n": 2, "m": 1}, "fails"), ({"k": 2, "n": 2}, "open")],
)
def test_what_is_missing_is_expected_to_fail_where_a_counterexample_says_so(
    false_at: dict[str, int] | None, expected: str
) -> None:
    """Both the inequality and the equality; without its sizes the answer is open."""
    found = told(report(step(equal=((N, M),), missing=(M - N,)), false_at=false_at))
    assert found == [("equal", [], "n = m", expected), ("missing", [], "0 <= m - n", expected)]


def test_a_shared_obligation_stands_once_with_all_its_places() -> None:
    """Whatever the order of its facts, and however many steps and claims need it."""
    steps = [step(certificate(N, X, A), rule="one"), step(certificate(N, A, X), rule="two")]
    (found,) = obligations(report(*steps, ids=("b", "a")))
    assert [(place.claim, place.rule) for place in found.places] == [
        ("b", "one"),
        ("b", "two"),
        ("a", "one"),
        ("a", "two"),
    ]


def test_what_one_step_shows_and_another_misses_holds() -> None:
    """The answer that is known stands."""
    steps = [step(missing=(N - M,)), step(certificate(N - M, N - M))]
    assert [o.expected for o in obligations(report(*steps))] == ["holds"]


def test_the_document_has_every_certificate_in_it() -> None:
    """Each is an obligation, or uses itself; none stands twice."""
    whole = verify(layers=1)
    found = obligations(whole)
    assert len({(o.hypotheses, frozenset(o.facts), o.goal) for o in found}) == len(found)
    goals = {(place.claim, o.goal.right) for o in found for place in o.places}
    for verdict in whole.verdicts:
        needed = [c for s in verdict.proof.steps for c in s.certificates if all(c.goal not in p for _, p in c.parts)]
        assert {(verdict.claim.id, c.goal) for c in needed} <= goals
    assert {"certificate", "fact", "equal"} <= {o.kind for o in found}
    assert {o.expected for o in found} == {"holds"}


def test_without_proofs_there_is_nothing_to_show() -> None:
    """A run that was interrupted has only the obligations of what it proved."""
    (verdict,) = small().verdicts
    assert obligations(replace(small(), verdicts=(Verdict(verdict.claim, None, Check()),))) == ()
    assert all(isinstance(o, Obligation) for o in obligations(small()))
