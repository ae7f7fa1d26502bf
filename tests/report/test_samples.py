"""The appendix: the layers checked, cut to a length that a reader looks through."""

from hypothesis import given
from hypothesis import strategies as st

from gradcheck.evidence import Sample
from gradcheck.report.document import Code, Table
from gradcheck.report.formula import Letter
from gradcheck.report.samples import SHOWN, layers_checked


def sample(*failed, compared=7):
    """A layer of n = 3 on which these claims fail first."""
    return Sample((("n", 3),), 5, compared, failed)


def test_no_layer_has_no_appendix():
    """Nothing checked, nothing shown."""
    assert layers_checked([]) == []


def test_a_row_for_each_layer():
    """Its number, its sizes, how much was compared, and the result."""
    _, table = layers_checked([sample(), sample("one", "two"), sample(compared=0)])
    assert table.head == (("Layer",), (Letter("n"),), ("Differences",), ("Compared",), ("Result",))
    assert table.rows == (
        (("1",), ("3",), ("5",), ("7",), ("passed",)),
        (("2",), ("3",), ("5",), ("7",), ("fails ", Code("one"), " ", Code("two"), " ")),
        (("3",), ("3",), ("5",), ("0",), ("not needed",)),
    )


def test_a_layer_without_sizes_has_a_row():
    """A layer of numbers alone has no columns for sizes."""
    _, table = layers_checked([Sample((), 1, 1, ())])
    assert len(table.widths) == len(table.head) == 4


@given(st.lists(st.sampled_from([(), ("a",), ("b",), ("a", "b")]), min_size=1, max_size=3 * SHOWN))
def test_the_table_is_short_and_has_every_first_failure(failures):
    """At most SHOWN layers and one for each claim; the others are counted."""
    _, table, *more = layers_checked([sample(*failed) for failed in failures])
    assert isinstance(table, Table)
    shown = [int(row[0][0]) for row in table.rows]
    assert len(shown) <= SHOWN + 2
    for claim in "ab":
        first = next((n for n, failed in enumerate(failures, start=1) if claim in failed), None)
        assert first is None or first in shown
    left = [failed for n, failed in enumerate(failures, start=1) if n not in shown]
    failed = sum(map(bool, left)) or "none"
    assert [p.text for p in more] == ([(f"Of the other {len(left)} layers, {failed} failed.",)] if left else [])
