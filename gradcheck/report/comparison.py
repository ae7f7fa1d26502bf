"""What was found out about the gradients of a function, in words."""

from gradcheck.comparison import Comparison, Evidence, Gradient
from gradcheck.report.fault import fault_lines
from gradcheck.report.findings import MARKS
from gradcheck.report.wording import counted


def told(found: Comparison) -> str:
    """The verdict, what it rests on, a line for each gradient, and what is wrong."""
    lines = [
        f"{found.verdict}: {found.function} ({found.library}, {found.dtype}, seed {found.seed})",
        *(f"  {line}" for line in evidence(found.evidence)),
        *(f"  {_line(one)}" for one in found.gradients),
        *(f"  {notice.told}" for notice in found.notices),
    ]
    for one in found.gradients:
        if one.status == "wrong" and one.fault:
            lines += map(str, fault_lines(one.name, one.fault, f"the {one.name}"))
    if found.verdict != "verified":
        lines.append(f"  rerun: {found.rerun}")
    return "\n".join(lines)


def evidence(of: Evidence) -> list[str]:
    """What was done, and what that proves under which assumptions."""
    if of.method == "shapes":
        return ["gradients must have the shapes of what they are gradients of; their values were not looked at"]
    if of.method == "contracts":
        return ["no gradient was compared: the function does what no comparison can be made with"]
    if of.method == "output":
        return ["the function is not what its line of notation says; its gradients were not looked at"]
    range_ = "proved by the lengths of the line's sums" if of.proved else "for sums as long as the inputs allow"
    bits = ", ".join(map(str, of.bits))
    if of.method == "probe" and of.chance == 1:
        return [f"{counted(of.trials, 'exact trial')} on random integers, compared with ==, failed"]
    if of.method == "probe":
        return [
            f"{counted(of.trials, 'exact trial')} on random integers of {bits} bits, compared with ==; no sum is",
            f"rounded, {range_}. A gradient that is wrong at the point drawn passes with probability",
            f"at most {of.chance:.1e} (Schwartz-Zippel), if it does not depend on its own input; a polynomial one that",
            f"is wrong elsewhere, linear in each input, is right at this point with at most {of.elsewhere:.1e}",
        ]
    if of.method == "full":
        told = f"every element, exactly, by {counted(of.passes, 'forward pass', 'forward passes')} on integers"
        return [f"{told}; no sum is rounded ({range_})"]
    return [
        f"{of.why}: not exact, but differences in {counted(of.trials, 'random direction')} of each input,",
        "compared with their estimated error",
    ]


_MARKS = {**{status: mark for status, (mark, _) in MARKS.items()}, "unresolved": "open", "zero": "zero"}


def _line(one: Gradient) -> str:
    told = evidence_of(one)
    return f"{_MARKS[one.status]:6} {one.name}{', ' if one.elements else ': ' if told else ''}{told}"


def evidence_of(one: Gradient) -> str:
    """What a gradient was compared with, in a phrase; nothing where a probe says it all."""
    told = [counted(one.elements, "element")] if one.elements else []
    if one.by_gradient is not None:
        told.append(
            f"along a direction {one.by_gradient:.6g}, by differences {one.by_differences:.6g} ± {one.error:.1g}"
        )
    line = ": ".join(told)
    if one.status == "unresolved" and one.error is not None:
        line += "; the error hides all of it"
    if one.status == "zero":
        line += "; both are 0 everywhere, which says little"
    return line
