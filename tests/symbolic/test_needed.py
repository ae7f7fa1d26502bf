"""The hypotheses that a layer needs are found."""

import pytest

from gradcheck.claims.parsing import parse_given
from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.symbolic.basis import basis
from gradcheck.symbolic.needed import needed


@pytest.mark.parametrize(
    ("line", "where", "told"),
    [
        ("dense", [], []),
        ("conv2d", [], ["m <= n"]),
        ("conv2d", ["m <= n"], []),
        ("conv2d_rectangular", [], ["m1 <= n1", "m2 <= n2"]),
        ("conv2d_strided", [], ["m <= n"]),
        ("conv1d_general", [], ["d*m + 1 <= d + n + 2*P"]),
        ("conv1d_general", ["d*(m-1)+1 <= n+2*P"], []),
    ],
)
def test_what_is_needed_is_found(line: str, where: list[str], told: list[str]) -> None:
    """Nothing is asked for that follows from what is given, and nothing twice."""
    layer, given = parse_given(line, {}, where)
    assert list(map(str, needed(layer, given))) == told


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_is_needed_suffices(name: str) -> None:
    """With the hypotheses that were found, no derivation of a layer of the catalogue misses anything."""
    layer, _ = parse_given(name, {}, [])
    own = basis(layer, needed(layer, ()))
    assert own.underived == ()
    assert [e for derived in own.derivations for step in derived.steps for e in step.missing] == []
