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
    _, table, more = layers_checked([sample(), sample("one", "two"), sample(), sample(compared=0)])
    assert table.head == (("Layer",), (Letter("n"),), ("Differences",), ("Found equal",), ("Result",))
    assert table.rows == (
        (("1",), ("3",), ("5",), ("7",), ("passed",)),
        (("2",), ("3",), ("5",), ("7",), ("fails ", Code("one"), ", ", Code("two"))),
        (("3",), ("3",), ("5",), ("7",), ("no other fails",)),
        (("4",), ("3",), ("5",), ("0",), ("nothing compared",)),
    )
    assert more.text == ("A claim is not checked again once it has failed.",)


def test_a_layer_without_sizes_has_a_row():
    """A layer of numbers alone has no columns for sizes."""
    _, table = layers_checked([Sample((), 1, 1, ())])
    assert len(table.widths) == len(table.head) == 4


@given(st.integers(1, 3 * SHOWN), st.dictionaries(st.integers(1, 3 * SHOWN), st.sampled_from("abc"), max_size=3))
def test_the_table_is_short_and_has_every_failure(layers, failing):
    """At most SHOWN layers and those on which a claim first fails; the others are counted."""
    failures = [tuple(failing.get(n, "")) for n in range(1, layers + 1)]
    _, table, *more = layers_checked([sample(*failed) for failed in failures])
    assert isinstance(table, Table)
    shown = [int(row[0][0]) for row in table.rows]
    assert shown == [n for n in range(1, layers + 1) if n <= SHOWN or n in failing]
    told = " ".join(text for paragraph in more for text in paragraph.text)
    assert (f"On the other {layers - len(shown)} layers no {'other ' * any(failures)}claim failed." in told) == (
        len(shown) < layers
    )
    assert ("not checked again" in told) == any(failures)
