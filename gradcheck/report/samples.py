"""The random layers of a run as the appendix of its report, cut to a length that a reader looks through."""

from collections.abc import Sequence

from gradcheck.evidence import Sample
from gradcheck.report.document import Block, Code, Heading, Paragraph, Table, Text
from gradcheck.report.formula import Letter

SHOWN = 30  # layers from the first on


def layers_checked(samples: Sequence[Sample]) -> list[Block]:
    """The sizes of the first layers and of those on which a claim first fails, and what came of them."""
    if not samples:
        return []
    names = [name for name, _ in samples[0].sizes]
    head: tuple[Text, ...] = (("Layer",), *((Letter(name),) for name in names), ("Differences",), ("Compared",))
    share = 0.4 / max(1, len(names))
    shown = _shown(samples)
    rows = tuple(_row(n, samples[n - 1]) for n in shown)
    table = Table((*head, ("Result",)), rows, (0.1, *(share for _ in names), 0.16, 0.14, 0.2))
    left = [sample for n, sample in enumerate(samples, start=1) if n not in shown]
    failed = sum(bool(sample.failed) for sample in left)
    told = f"Of the other {len(left)} layers, {failed or 'none'} failed."
    return [Heading(1, ("Appendix: the layers checked",)), table, *([Paragraph((told,))] if left else [])]


def _shown(samples: Sequence[Sample]) -> list[int]:
    """The numbers, from 1, of the layers that are shown."""
    shown = []
    seen: set[str] = set()
    for n, sample in enumerate(samples, start=1):
        if n <= SHOWN or not seen.issuperset(sample.failed):
            shown.append(n)
        seen.update(sample.failed)
    return shown


def _row(number: int, sample: Sample) -> tuple[Text, ...]:
    counts = (*(value for _, value in sample.sizes), sample.differences, sample.elements)
    return ((str(number),), *((str(count),) for count in counts), _result(sample))


def _result(sample: Sample) -> Text:
    if not sample.failed:
        return ("passed" if sample.elements else "not needed",)
    return ("fails ", *(part for name in sample.failed for part in (Code(name), " ")))
