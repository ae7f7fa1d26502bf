"""How the layers were spread over the sizes."""

import pytest
from printing import DOCUMENTS, report_on

from gradcheck.claims.parsing import parse_hypothesis
from gradcheck.evidence import Basis, Sample
from gradcheck.layers.layer import parse_layer
from gradcheck.report.formula import Letter
from gradcheck.report.spread import evidence_grids

SAMPLES = [Sample((("n", n), ("m", m)), 0, 0, ()) for n, m in ((2, 1), (2, 1), (3, 1), (3, 2))]


def grids(*where):
    """The grids for a layer with sizes n and m."""
    layer = parse_layer("Y[a] += X[a+u] * F[u]", {"X": "n", "F": "m"})
    return evidence_grids(Basis(layer, tuple(h for text in where for h in parse_hypothesis(text, layer)), ()), SAMPLES)


def told(grid):
    """The texts of its squares."""
    return [[cell.text for cell in row] for row in grid.rows]


def test_sizes_that_a_hypothesis_ties_are_a_map():
    """Each pair of sizes has its count, the darkest the most; pairs that no layer had are empty."""
    (grid,) = grids("m <= n")
    assert told(grid) == [["", "2", "3"], ["1", "2", "1"], ["2", "", "1"]]
    assert [[cell.heat for cell in row[1:]] for row in grid.rows[1:]] == [[70, 35], [0, 35]]
    assert grid.title == (Letter("m"), " down, ", Letter("n"), " across")


@pytest.mark.parametrize("where", [(), ("n >= 2",)])
def test_a_size_of_its_own_is_a_row(where):
    """Without a hypothesis on both, each has its counts."""
    assert [told(grid) for grid in grids(*where)] == [[["2", "3"], ["2", "2"]], [["1", "2"], ["3", "1"]]]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_layer_is_counted_once_in_each_grid(name):
    """The counts add up to the layers that were checked."""
    report = report_on(DOCUMENTS[name])
    found = evidence_grids(report.basis, report.samples)
    assert found
    for grid in found:
        counts = [int(cell.text) for row in grid.rows for cell in row if cell.kind == "heat"]
        assert sum(counts) == len(report.samples)
