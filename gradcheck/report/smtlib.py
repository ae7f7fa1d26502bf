"""A report's obligations in SMT-LIB 2, for any solver of nonlinear integer arithmetic.

Each is a query for a counterexample: the hypotheses and facts, and that the goal is not the case.
SMT-LIB's div rounds down and its mod is not negative where the divisor is positive, as a // b
and a % b do; that each divisor is positive is an obligation too. A quotient rounded up is
(a + b - 1) // b: z3 shows in no time that -(-a // b) is the same, but not what rests on it.
"""

import re
from collections.abc import Iterator

from gradcheck.claims.claim import Hypothesis
from gradcheck.evidence import Report
from gradcheck.notation.arithmetic import Expr, Group, Int, Op, Sym
from gradcheck.report.obligations import Obligation, Place, obligations
from gradcheck.report.wording import counted

STATUS = {"holds": "unsat", "fails": "sat", "open": "unknown"}
KINDS = {
    "fact": "fact used",
    "certificate": "inequality",
    "divisor": "divisor",
    "equal": "equality",
    "missing": "inequality not proved",
}
ANSWERS = {
    "unsat": "expected unsat",
    "sat": "expected sat: a counterexample is known",
    "unknown": "expected sat or unknown: neither proved nor refuted",
}
OPERATIONS = {"//": "div", "%": "mod"}
EXTREMES = {"min": "<=", "max": ">="}
PLAIN = re.compile(r"[A-Za-z]\w*", re.ASCII)
WORDS = frozenset(
    (
        "_",
        "as",
        "let",
        "par",
        "match",
        "exists",
        "forall",
        "true",
        "false",
        "not",
        "and",
        "or",
        "xor",
        "ite",
        "distinct",
    )
) | {"div", "mod", "abs", "Int", "Bool", "Real", "String"}


def write(report: Report) -> str:
    """The report's obligations as a script, each with the answer that the proofs give it."""
    found = obligations(report)
    queries = (line for n, one in enumerate(found, 1) for line in _query(n, one))
    return "\n".join([*_header(report, found), *queries, ""])


def _header(report: Report, found: tuple[Obligation, ...]) -> Iterator[str]:
    yield _comment(f"{report.subject}: {counted(len(found), 'obligation')}")
    yield "; Each query looks for integers at which a proved statement is false: unsat says that there are none."
    yield "(set-logic QF_NIA)"


def _query(number: int, one: Obligation) -> Iterator[str]:
    status = STATUS[one.expected]
    yield ""
    yield _comment(f"{number}. {KINDS[one.kind]}, {ANSWERS[status]}")
    yield from map(_place, one.places)
    yield "(push 1)"
    yield f"(set-info :status {status})"
    yield from (f"(declare-const {_name(name)} Int)" for name in one.names)
    yield from (f"(assert {relation(h)})" for h in one.hypotheses)
    yield from (f"(assert (>= {term(fact)} 0))" for fact in one.facts)
    yield f"(assert (not {relation(one.goal)}))"
    yield "(check-sat)"
    yield "(pop 1)"


def _place(place: Place) -> str:
    return _comment(f"{place.claim}; {place.rule}: {place.statement}")


def _comment(text: str) -> str:
    """One line, whatever the text."""
    return "; " + " ".join(text.split())


def relation(h: Hypothesis) -> str:
    """left <= right, left < right or left = right."""
    return f"({h.sign} {term(h.left)} {term(h.right)})"


def term(e: Expr) -> str:
    """A size; whatever is done to it stands before it.

    >>> term(Op("//", Sym("n") - Int(-1), Sym("s'")))
    "(div (- n (- 1)) |s'|)"
    """
    match e:
        case Int(value):
            return str(value) if value >= 0 else f"(- {-value})"
        case Sym(name):
            return _name(name)
        case Group(inner):
            return term(inner)
        case Op("**", left, Int(power)):
            return f"(* {' '.join([term(left)] * power)})" if power > 1 else term(left) if power else "1"
        case Op(op, left, right):
            return _operation(op, term(left), term(right))
    raise TypeError(e)


def _operation(op: str, left: str, right: str) -> str:
    if op in EXTREMES:
        return f"(ite ({EXTREMES[op]} {left} {right}) {left} {right})"
    if op == "ceil":
        return f"(div (+ {left} (- {right} 1)) {right})"
    return f"({OPERATIONS.get(op, op)} {left} {right})"


def _name(name: str) -> str:
    """A symbol, in bars where it has marks; one that means something to a solver is told apart by a blank."""
    if name in WORDS:
        return f"|{name} |"
    return name if PLAIN.fullmatch(name) else f"|{name}|"
