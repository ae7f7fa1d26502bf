"""The words that every report shares."""

import re
import shlex
from collections.abc import Sequence

from gradcheck.claims.claim import Hypothesis, Identity, Measure, Statement
from gradcheck.evidence import Derivation, Erratum, Method, Report, Sizes, Step, Verdict
from gradcheck.notation.arithmetic import ONE, Expr, Sym, symbols
from gradcheck.notation.sums import Delta, Equation


def reproduce(report: Report, claims: Sequence[str] = (), layers: int | None = None) -> str:
    """The command that gives this report again, or the part of it on some claims and the first layers."""
    return verify_command(report.source, claims or report.selected, report.seed, layers or report.layers, report.method)


def verify_command(source: str | None, claims: Sequence[str], seed: int, layers: int, method: Method) -> str:
    """The command that verifies some claims of a file, or all of them."""
    words = ["gradcheck", "verify"]
    if source:
        words.append(f"./{source}" if source.startswith("-") else source)
    for claim in claims:
        words += ["--claim", claim]
    words += ["--seed", str(seed), "--layers", str(layers)]
    words += ["--method", method] if method != "full" else []
    return shlex.join(words)


def counted(n: int, noun: str, several: str = "") -> str:
    """So many of something: 1 layer, 2 layers."""
    return f"{n} {noun if n == 1 else several or f'{noun}s'}"


def visible(text: str) -> str:
    """A text in one line, with what would act on a terminal, or break a file, spelled out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


COMMAND = "##["  # one of the two ways in which a line of output begins a command on GitHub; the other is ::


def inert(line: str) -> str:
    """A line of output that no CI server takes for a command."""
    return re.sub(r"^(\s*)::", r"\1: :", visible(line).replace(COMMAND, "# #["))


def differenced(report: Report) -> str:
    """What the gradients on the layers were found by."""
    return "finite difference" if report.method == "full" else "exact trial"


def sizes_told(sizes: Sizes) -> str:
    """n=2, m=1."""
    return ", ".join(f"{name}={value}" for name, value in sizes) or "all sizes"


def hypotheses_told(hypotheses: Sequence[Hypothesis]) -> str:
    """The hypotheses, chained; that a size is at least 1 goes without saying, unless it begins a chain."""
    told = [c for c in chained(hypotheses) if len(c) > 3 or c[:2] != (ONE, "<=") or not isinstance(c[2], Sym)]
    return ", ".join(" ".join(map(str, chain)) for chain in told) or "sizes >= 1"


def chained(hypotheses: Sequence[Hypothesis]) -> list[tuple[Expr | str, ...]]:
    """The hypotheses joined where one ends with what another begins with: 1 <= m, m <= n is 1 <= m <= n."""
    chains: list[tuple[Expr | str, ...]] = []
    for h in hypotheses:
        before = next((n for n, chain in enumerate(chains) if chain[-1] == h.left), None)
        if before is None:
            chains.append((h.left, h.sign, h.right))
        else:
            chains[before] += (h.sign, h.right)
    return chains


def says(statement: Statement) -> str:
    """What a claim says; an identity that names no array says nothing about one."""
    return f"{statement} (as algebra)" if is_algebra(statement) else str(statement)


def is_algebra(statement: Statement) -> bool:
    """Whether a statement is an identity of sizes that names no array."""
    return isinstance(statement, Identity) and not any(isinstance(q, Measure) for q in statement.chain)


def proof_told(verdict: Verdict) -> str:
    """What the symbolic engine found, in a phrase."""
    if verdict.proof is None:
        return "proof not run"
    if verdict.proof.counterexample:
        return f"false at {sizes_told(verdict.proof.counterexample.sizes)}"
    if verdict.proof.status == "open":
        return "neither proved nor refuted"
    return f"proved for all {hypotheses_told(verdict.proof.hypotheses)}"


def check_told(verdict: Verdict) -> str:
    """What the numeric engine found, in a phrase."""
    check = verdict.check
    if check.failure:
        return f"failed on layer {check.failure.layer}"
    if check.status == "not run":
        return "check not run"
    return f"checked on {check.layers} layers / {check.elements} elements"


def failure_told(report: Report, verdict: Verdict) -> list[str]:
    """Why a claim is refuted, and the command that shows it again."""
    failure = verdict.check.failure
    rerun = reproduce(report, [verdict.claim.id], failure.layer if failure else 1)
    said = f"{verdict.claim.id}: {says(verdict.claim.statement)}"
    return [f"{said}; {told}; rerun: {rerun}" for told in falsities_told(verdict)]


def falsities_told(verdict: Verdict) -> list[str]:
    """Where a claim is false, and how."""
    return [f"{one.difference}; at {sizes_told(one.sizes)}" for one in verdict.falsities]


def open_told(verdict: Verdict) -> list[str]:
    """What an open proof still needs."""
    steps = verdict.proof.steps if verdict.proof and verdict.status == "open" else ()
    return [f"not shown: {e} >= 0, for '{step.rule}: {step.after}'" for step in steps for e in step.missing]


def erratum_told(erratum: Erratum) -> list[str]:
    """Why what is printed is not so."""
    lines = list(map(str, erratum.why))
    if erratum.counterexample:
        lines.append(f"at {sizes_told(erratum.counterexample.sizes)}: {erratum.counterexample.difference}")
    return lines


def step_told(step: Step) -> tuple[str, str, str]:
    """A step's rule, statement and reason."""
    return step.rule, str(step.after), str(step.because)


OPERATIONS = {"insert zeros": "zero insertion", "reverse": "rotation", "pad": "padding", "crop": "crop"}


def operations_told(derived: Derivation) -> list[tuple[str, str]]:
    """What is done to the tensors that a gradient is made from, by name, and how: padding, rotation, ..."""
    steps = [step for step in derived.steps if step.rule in OPERATIONS]
    return [*((OPERATIONS[step.rule], str(step.because)) for step in steps), *_unread(derived)]


def _unread(derived: Derivation) -> list[tuple[str, str]]:
    """The set of entries that no window reads: those for which no values of the indices make the deltas 1."""
    scattered = [s.after for s in derived.steps if s.rule == "differentiate" and isinstance(s.after, Equation)]
    deltas = [c for e in scattered for c in e.where if isinstance(c, Delta) and not isinstance(c.left, Sym)]
    names = {name for delta in deltas for name in symbols(delta.left)}
    ranges = ", ".join(str(r) for e in scattered for r in e.over if r.index in names)
    entry = derived.windows.left
    met = " and ".join(f"{delta.left} = {delta.right}" for delta in deltas)
    return [("zero", f"{entry} is 0, whatever the values, where no {ranges} has {met}")] if deltas else []


def summary(report: Report) -> str:
    """The verdict on everything, in a line."""
    counts: dict[str, int] = {}
    for verdict in report.verdicts:
        counts[verdict.status] = counts.get(verdict.status, 0) + 1
    told = ", ".join(f"{n} {status}" for status, n in counts.items())
    layers = max(verdict.check.layers for verdict in report.verdicts)
    stop = " (interrupted)" if report.interrupted else ""
    checked = f"{layers} layers, {counted(report.differences, differenced(report))}, compared exactly"
    return f"{report.verdict}{stop}: {told} of {len(report.verdicts)} claims; {checked}"
