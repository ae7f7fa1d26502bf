"""A report for a terminal: a line a claim, errata, and the verdict last."""

from itertools import groupby
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gradcheck.claims.claim import Claim
from gradcheck.evidence import Proof, Report, Verdict
from gradcheck.report.wording import (
    check_told,
    erratum_told,
    failure_told,
    hypotheses_told,
    open_told,
    proof_told,
    sizes_told,
    summary,
)

STYLES = {"verified": "green", "refuted": "bold red", "open": "yellow", "not run": "yellow", "incomplete": "yellow"}
PIPED_WIDTH = 240  # a pipe has no edge at which a line would have to be broken


def console(stream: TextIO) -> Console:
    """A console that colours only a terminal, and not where NO_COLOR is set."""
    width = None if stream.isatty() else PIPED_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def write_report(report: Report, version: str, seconds: float, stream: TextIO) -> None:
    """The whole report, with the time that it took."""
    out = console(stream)
    out.print(Text(f"gradcheck {version}: {report.subject} (seed {report.seed})", style="bold"))
    for section, verdicts in groupby(report.verdicts, key=lambda verdict: verdict.claim.section):
        out.print()
        out.print(Text(section or "Claims", style="bold"))
        out.print(_table(list(verdicts)))
    for verdict in report.verdicts:
        if verdict.status in ("refuted", "open"):
            out.print()
            for line in (*failure_told(report, verdict), *open_told(verdict)):
                out.print(Text(line, style=STYLES[verdict.status]), soft_wrap=True)
    _write_errata(report, out)
    out.print()
    out.print(Text(f"{summary(report)}; {seconds:.1f} s", style=STYLES[report.verdict]), soft_wrap=True)


def _table(verdicts: list[Verdict]) -> Table:
    table = Table.grid(padding=(0, 2))
    for column in ("verdict", "id", "says", "proof", "check"):
        table.add_column(column, overflow="fold", no_wrap=column in ("verdict", "id"))
    for verdict in verdicts:
        status = Text(f"  {verdict.status}", style=STYLES[verdict.status])
        words = (verdict.claim.id, str(verdict.claim.statement), proof_told(verdict), check_told(verdict))
        table.add_row(status, *map(Text, words))
    return table


def _write_errata(report: Report, out: Console) -> None:
    if report.errata:
        out.print()
        out.print(Text("Errata: printed, but not so", style="bold"))
    for erratum in report.errata:
        out.print(Text(f"  {', '.join(erratum.claims)}"), soft_wrap=True)
        for label, line in (("printed", erratum.printed), ("holds", erratum.holds)):
            out.print(Text(f"    {label + ':':9}{line}"), soft_wrap=True)
        for line in erratum_told(erratum):
            out.print(Text(f"    - {line}"), soft_wrap=True)


def write_derivation(claim: Claim, proof: Proof, stream: TextIO) -> None:
    """A proof step by step: rule, statement, reason, and the certificates that it rests on."""
    out = console(stream)
    out.print(Text(f"{claim.id}: {claim.statement}", style="bold"), soft_wrap=True)
    out.print(Text(f"for all {hypotheses_told(proof.hypotheses)}"))
    for number, step in enumerate(proof.steps, start=1):
        out.print()
        out.print(Text(f"{number:3}. {step.rule}", style="bold"))
        out.print(Text(f"     {step.after}", style="cyan"), soft_wrap=True)
        out.print(Text(f"     because {step.because}"), soft_wrap=True)
        for certificate in step.certificates:
            out.print(Text(f"       0 <= {certificate}", style="dim"), soft_wrap=True)
        for e in step.missing:
            out.print(Text(f"       not shown: {e} >= 0", style="yellow"), soft_wrap=True)
    out.print()
    if proof.counterexample:
        found = proof.counterexample
        out.print(Text(f"refuted: at {sizes_told(found.sizes)}, {found.detail}", style=STYLES["refuted"]))
    else:
        out.print(Text(proof.status, style=STYLES["verified" if proof.status == "proved" else "open"]))
