"""Writes docs/mistakes.md: every mistake that gradcheck names, and what became of each mutant in tests/mutants."""

import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from mutants.table import MUTANTS  # noqa: E402
from test_corpus import found, told  # noqa: E402

from gradcheck.report.causes import causes  # noqa: E402

HEAD = """# The mistakes that gradcheck names

Written by `make mistakes` from the words that gradcheck uses, and from the mutation corpus in `tests/mutants`:
{mutants} mistakes in hand-written layers, over convolutions in one and two dimensions (stride, padding, dilation,
groups, even filters), transposed and depthwise ones. Every one was detected; {named} of them ({share:.0%}) by the
name of the mistake that was made, {wrongly} by another's. Two are told as conventions, not refuted: a mean over the
batch, and a gradient that adds up over calls until it is set to zero.

| mistake | where in the mathematics | how it is mended | mutants | detected | named |
|---|---|---|---|---|---|
"""
DETECTED = ("mean-over-batch", "accumulated")  # told, as a convention


def outcome(name: str) -> tuple[str, bool, bool, bool]:
    """The mistake that a mutant has, and whether it was detected, named, and named something else."""
    cause = MUTANTS[name][0]
    examination = found(name)
    names = told(examination)
    detected = examination.verdict == "refuted" or bool(set(DETECTED) & set(names))
    first = [r.fault.causes[0].id for r in examination.results if r.fault and r.fault.causes and r.role != "y"]
    return cause, detected, cause in names, any(one != cause for one in first)


def main() -> None:
    """Run the corpus, and write the table."""
    with ProcessPoolExecutor(2) as pool:
        outcomes = list(pool.map(outcome, MUTANTS, chunksize=8))
    counts = [Counter(cause for cause, *flags in outcomes if n < 0 or flags[n]) for n in (-1, 0, 1)]
    rows = []
    for cause in (*causes(), *(c for c in counts[0] if c not in causes())):
        words = causes().get(cause)
        texts = (words.title, words.place, words.fix) if words else (cause, "", "")
        cells = [" ".join(text.split()).format(a="the gradient", variant="…").replace("|", "\\|") for text in texts]
        rows.append(f"| {' | '.join(cells)} | {' | '.join(str(count[cause]) for count in counts)} |")
    named, wrongly = sum(n for *_, n, _ in outcomes), sum(w for *_, w in outcomes)
    head = HEAD.format(mutants=len(outcomes), named=named, share=named / len(outcomes), wrongly=wrongly)
    assert all(detected for _, detected, *_ in outcomes)
    Path(__file__).with_suffix(".md").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
