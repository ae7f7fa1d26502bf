"""A report for a terminal: a line a claim, errata, and the verdict last."""

from collections.abc import Sequence
from itertools import groupby
from textwrap import wrap
from typing import TextIO

from rich.console import Console
from rich.text import Text

from gradcheck.claims.claim import Claim, Hypothesis
from gradcheck.evidence import Basis, Proof, Report, Step, Verdict
from gradcheck.notation.arrays import Ref
from gradcheck.notation.sums import Sized
from gradcheck.report.wording import (
    check_told,
    erratum_told,
    failure_told,
    hypotheses_told,
    inert,
    open_told,
    operations_told,
    proof_told,
    says,
    sizes_told,
    step_told,
    summary,
)

STYLES = {"verified": "green", "refuted": "bold red", "open": "yellow", "not run": "yellow", "incomplete": "yellow"}
PIPED_WIDTH = 100_000  # a pipe has no edge at which a line would have to be broken


def console(stream: TextIO) -> Console:
    """A console that colours only a terminal, and not where NO_COLOR is set."""
    width = None if stream.isatty() else PIPED_WIDTH
    return _Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


class _Console(Console):
    """A console that lets its caller know when nobody reads on."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def write_report(report: Report, version: str, seconds: float, stream: TextIO) -> None:
    """The whole report, with the time that it took."""
    out = console(stream)
    named = f"{report.source}: {report.subject}" if report.source else report.subject
    say(out, f"gradcheck {version}: {named} (seed {report.seed})", style="bold")
    for section, verdicts in groupby(report.verdicts, key=lambda verdict: verdict.claim.section):
        out.print()
        say(out, section or "Claims", style="bold")
        for verdict in verdicts:
            _write_verdict(verdict, report, out)
    for verdict in report.verdicts:
        lines = failure_told(report, verdict) + open_told(verdict)
        if lines:
            out.print()
        for line in lines:
            write_line(out, line, STYLES[verdict.status])
    _write_errata(report, out)
    out.print()
    say(out, f"{summary(report)}; {seconds:.1f} s", style=STYLES[report.verdict])


def _write_verdict(verdict: Verdict, report: Report, out: Console) -> None:
    """One line, or two where the terminal is too narrow for one."""
    ids = max(len(v.claim.id) for v in report.verdicts)
    said = max(len(says(v.claim.statement)) for v in report.verdicts)
    evidence = f"{proof_told(verdict)}, {check_told(verdict)}"
    head = f"{verdict.claim.id:{ids}}  {says(verdict.claim.statement):{said}}"
    narrow = out.width < len(f"  verified  {head}  {evidence}")
    line = head.rstrip() if narrow else f"{head}  {evidence}"
    out.print(Text.assemble((f"  {verdict.status:8}  ", STYLES[verdict.status]), inert(line)), soft_wrap=True)
    if narrow:
        say(out, evidence, indent=14, style="dim")


def say(out: Console, text: str, indent: int = 0, style: str = "") -> None:
    """A text, wrapped with its indentation."""
    blank = " " * indent
    for line in wrap(text, out.width, initial_indent=blank, subsequent_indent=blank + "  ", break_on_hyphens=False) or [
        ""
    ]:
        write_line(out, line, style)


def write_line(out: Console, line: str, style: str = "") -> None:
    """A line as it is, however long."""
    out.print(Text(inert(line), style=style), soft_wrap=True)


def _write_errata(report: Report, out: Console) -> None:
    if report.errata:
        out.print()
        say(out, "Errata: printed, but not so", style="bold")
    for erratum in report.errata:
        say(out, ", ".join(erratum.claims), indent=2)
        for label, line in (("printed", erratum.printed), ("holds", erratum.holds)):
            say(out, f"{label + ':':9}{line}", indent=4)
        for line in erratum_told(erratum):
            say(out, f"- {line}", indent=4)


def write_derivation(claim: Claim, proof: Proof, stream: TextIO) -> None:
    """A proof step by step: rule, statement, reason, and the certificates that it rests on."""
    out = console(stream)
    say(out, f"{claim.id}: {says(claim.statement)}", style="bold")
    say(out, f"for all {hypotheses_told(proof.hypotheses)}")
    _write_steps(proof.steps, out)
    out.print()
    if proof.counterexample:
        found = proof.counterexample
        for working in found.workings:
            say(out, str(working), indent=5, style="cyan")
        say(out, f"refuted: at {sizes_told(found.sizes)}, {found.difference}", style=STYLES["refuted"])
    else:
        say(out, proof.status, style=STYLES["verified" if proof.status == "proved" else "open"])


def _write_steps(steps: Sequence[Step], out: Console) -> None:
    for number, step in enumerate(steps, start=1):
        rule, statement, because = step_told(step)
        out.print()
        say(out, f"{number:3}. {rule}", style="bold")
        say(out, statement, indent=5, style="cyan")
        say(out, f"{'would hold if' if step.missing else 'because'} {because}", indent=5)
        for certificate in step.certificates:
            say(out, f"0 <= {certificate}", indent=7, style="dim")
        for e in step.missing:
            say(out, f"not shown: {e} >= 0", indent=7, style="yellow")


def write_layer(basis: Basis, needed: Sequence[Hypothesis], steps: bool, stream: TextIO) -> None:
    """What follows from a layer alone: sizes, gradients in gather form, and all steps where they are asked for."""
    out = console(stream)
    forward, *gradients = basis.derivations
    say(out, str(forward.windows), style="bold")
    say(out, f"for all {hypotheses_told(basis.hypotheses)}")
    if needed:
        say(out, f"needed, and assumed: {hypotheses_told(needed)}", style="yellow")
    out.print()
    for derived in basis.derivations:
        say(out, str(Sized(Ref(derived.tensor), derived.sizes)), indent=2, style="cyan")
    for derived in gradients:
        out.print()
        say(out, str(derived.windows), style="bold")
        for what, how in operations_told(derived):
            say(out, f"{what}: {how}", indent=2)
    for derived in basis.derivations:
        for e in dict.fromkeys(e for step in derived.steps for e in step.missing):
            say(out, f"{derived.tensor}: not shown: {e} >= 0", style="yellow")
    for tensor, why in basis.underived:
        out.print()
        say(out, f"{tensor}: no rule leads to it: {why}", style="yellow")
    if steps:
        _write_steps(tuple(dict.fromkeys(step for derived in basis.derivations for step in derived.steps)), out)
