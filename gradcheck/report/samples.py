"""The random layers of a run as the appendix of its report, cut to a length that a reader looks through."""

from collections.abc import Sequence

from gradcheck.evidence import Sample
from gradcheck.report.document import Block, Code, Heading, Paragraph, Table, Text
from gradcheck.report.formula import Letter

SHOWN = 30  # layers from the first on


HOW = {
    "full": "Each layer has small random integers as operands and cotangent. The gradients are finite differences "
    "with step 1, one for every element of every operand: the loss is linear in each operand, so that they have no "
    "truncation error, and every partial sum is an integer that float64 holds exactly. All comparisons are equalities.",
    "probe": "Each layer has random integers as operands and cotangent, and the gradients that the exchanged layer "
    "gives. They are tested along random directions, exactly: every partial sum is an integer that float64 holds.",
}


def layers_checked(samples: Sequence[Sample]) -> list[Block]:
    """The sizes of the first layers and of those on which a claim first fails, and what came of them."""
    if not samples:
        return []
    names = [name for name, _ in samples[0].sizes]
    head: tuple[Text, ...] = (("Layer",), *((Letter(name),) for name in names), ("Differences",), ("Found equal",))
    widths = 0.09, *(min(0.05 + 0.015 * len(name), 0.4 / len(names)) for name in names), 0.16, 0.15
    table = Table((*head, ("Result",)), _rows(samples), (*widths, 1 - sum(widths)))
    left = len(samples) - len(table.rows)
    failed = any(sample.failed for sample in samples)
    told = [f"On the other {left} layers no {'other ' * failed}claim failed."] if left else []
    told += ["A claim is not checked again once it has failed."] if failed else []
    return [Heading(1, ("Appendix: the layers checked",)), table, *([Paragraph((" ".join(told),))] if told else [])]


def _rows(samples: Sequence[Sample]) -> tuple[tuple[Text, ...], ...]:
    rows = []
    seen: set[str] = set()
    for n, sample in enumerate(samples, start=1):
        if n <= SHOWN or sample.failed:
            counts = n, *(value for _, value in sample.sizes), sample.differences, sample.elements
            rows.append((*((str(count),) for count in counts), _result(sample, bool(seen))))
        seen.update(sample.failed)
    return tuple(rows)


def _result(sample: Sample, failed_before: bool) -> Text:
    if sample.failed:
        return ("fails ", *[part for name in sample.failed for part in (", ", Code(name))][1:])
    if not sample.elements:
        return ("nothing compared",)
    return ("no other fails" if failed_before else "passed",)
