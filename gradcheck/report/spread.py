"""How the numeric evidence is spread over the sizes that were tested."""

from collections.abc import Sequence

from gradcheck.claims.claim import Hypothesis
from gradcheck.evidence import Basis, Sample
from gradcheck.notation.arithmetic import symbols
from gradcheck.report.document import Cell, Grid
from gradcheck.report.formula import Letter


def evidence_grids(basis: Basis, samples: Sequence[Sample]) -> tuple[Grid, ...]:
    """How many layers had each pair of sizes that a hypothesis ties together, and each other size."""
    names = basis.layer.sizes
    tied = _tied(basis.hypotheses, names)
    alone = [name for name in names if not any(name in pair for pair in tied)]
    return (*(_pair_grid(*pair, samples) for pair in tied), *(_single_grid(name, samples) for name in alone))


def _tied(hypotheses: Sequence[Hypothesis], names: Sequence[str]) -> list[tuple[str, str]]:
    found = []
    for h in hypotheses:
        own = [name for name in names if name in {*symbols(h.left), *symbols(h.right)}]
        if len(own) == 2:
            found.append((own[1], own[0]))
    return list(dict.fromkeys(found))


def _pair_grid(down: str, across: str, samples: Sequence[Sample]) -> Grid:
    counts: dict[tuple[int, int], int] = {}
    for sample in samples:
        sizes = dict(sample.sizes)
        counts[sizes[down], sizes[across]] = counts.get((sizes[down], sizes[across]), 0) + 1
    ys, xs = (sorted({key[n] for key in counts}) for n in (0, 1))
    most = max(counts.values())
    head = (Cell("label"), *(Cell("label", str(x)) for x in xs))
    rows = [(Cell("label", str(y)), *(_heat(counts.get((y, x), 0), most) for x in xs)) for y in ys]
    return Grid((Letter(down), " down, ", Letter(across), " across"), (head, *rows))


def _single_grid(name: str, samples: Sequence[Sample]) -> Grid:
    values = [dict(sample.sizes)[name] for sample in samples]
    shown = sorted(set(values))
    most = max(map(values.count, shown))
    rows = (tuple(Cell("label", str(x)) for x in shown), tuple(_heat(values.count(x), most) for x in shown))
    return Grid((Letter(name),), rows)


def _heat(count: int, most: int) -> Cell:
    return Cell("heat", str(count), round(70 * count / most)) if count else Cell("plain")
