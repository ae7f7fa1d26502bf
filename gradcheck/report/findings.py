"""What was found out about a target, for a terminal: conventions, a line an array, and the diagnosis."""

import shlex
from typing import TextIO

from rich.console import Console
from rich.text import Text

from gradcheck.findings import Examination, Fault, Result
from gradcheck.report.causes import words
from gradcheck.report.fault import fault_lines
from gradcheck.report.text import console, say, write_line
from gradcheck.report.wording import counted, inert

STYLES = {"verified": "green", "refuted": "bold red", "incomplete": "yellow"}
MARKS = {
    "right": ("right", "green"),
    "wrong": ("WRONG", "bold red"),
    "consistent": ("see y", "yellow"),
    "not given": ("none", "yellow"),
}
OVERRIDES = {"input": "--layout", "filters": "--filters", "layer": "--operation"}


def write_findings(found: Examination, version: str, seconds: float, stream: TextIO) -> None:
    """The whole examination, with the time that it took."""
    out = console(stream)
    say(out, f"gradcheck {version}: {found.target} (seed {found.seed})", style="bold")
    say(out, f"{found.kind}{f', {found.file}:{found.line}' if found.file else ''}", style="dim")
    out.print()
    say(out, "Found by experiment", style="bold")
    say(out, found.layer, indent=2, style="cyan")
    for what, how in found.found:
        option = f"   ({OVERRIDES[what]})" if what in OVERRIDES and found.kind != "binding" else ""
        say(out, f"{what:8}  {how}{option}", indent=2)
    out.print()
    say(out, f"Checked exactly, on {counted(found.layers, 'layer')}", style="bold")
    for result in found.results:
        _write_result(result, out)
    for result in found.results:
        if result.fault and result.status == "wrong":
            _write_fault(result.name, result.fault, out)
    _write_rest(found, out)
    out.print()
    say(out, f"{summary(found)}; {seconds:.1f} s", style=STYLES[found.verdict])


def _write_result(result: Result, out: Console) -> None:
    mark, style = MARKS[result.status]
    out.print(
        Text.assemble(("  "), (f"{mark:6}", style), f" {inert(f'{result.name:3} {evidence(result)}')}"), soft_wrap=True
    )


def evidence(result: Result) -> str:
    """What a result rests on, in a phrase."""
    if result.status == "not given":
        return "not returned, not kept, and not read off an update"
    told = f"{counted(result.elements, 'element')}"
    if result.role != "y":
        told += f", {counted(result.differences, 'finite difference')} of its own forward"
    if result.convention:
        one = words(result.convention.id, result.convention.variant, result.name)
        told += f"; {one.title}: {one.fix}"
    if result.status == "consistent":
        told += f"; {result.note or 'it is the gradient of its own forward, which is wrong'}"
    return told


def _write_fault(name: str, fault: Fault, out: Console) -> None:
    out.print()
    for line in fault_lines(name, fault):
        if line.indent > 2:  # a row of a map
            write_line(out, str(line))
        else:
            say(out, line.text, indent=line.indent, style=line.style)


def reproduce(found: Examination) -> str:
    """The command that gives this examination again."""
    return shlex.join(["gradcheck", "verify", found.target, "--seed", str(found.seed), *found.options])


def _write_rest(found: Examination, out: Console) -> None:
    for notice in found.notices:
        out.print()
        say(out, notice.told, style="bold red" if notice.refutes else "yellow")
    if found.unsupported:
        out.print()
        say(out, "Not accepted, and not counted as wrong", style="bold")
    for what, why in found.unsupported:
        say(out, f"{what}: {why}", indent=2)
    out.print()
    if found.blind is None:
        return
    if found.blind:
        say(out, "Blind spots: what these sizes could not have revealed", style="bold yellow")
        for cause, need in found.blind:
            title = words(cause, "", "the gradient").title
            say(out, f"{title}: needs {need}, which this layer was not given or does not accept", indent=2)
    else:
        say(out, "Blind spots: none; every classic mistake would have been seen on these sizes", style="dim")


def summary(found: Examination) -> str:
    """The verdict in a line, with the command that gives it again."""
    wrong = [r.name for r in found.results if r.status == "wrong"]
    wrong += [n.id for n in found.notices if n.refutes]
    right = [r.name for r in found.results if r.status == "right"]
    told = f"wrong: {', '.join(dict.fromkeys(wrong))}" if wrong else f"right: {', '.join(right)}"
    return f"{found.verdict}: {told}; rerun: {reproduce(found)}"
