"""Every claim of the document made false: refuted by both engines, alone, at the smallest sizes."""

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner

from gradcheck.cli import main

Sizes = tuple[int, int, int, int]  # k, n, p, m


def always(k: int, n: int, p: int, m: int) -> bool:
    """A claim that is false whatever the sizes."""
    return True


# The claim, what is changed in it, and the sizes at which that makes it false.
MUTATIONS = [
    ("input-size", '"k n n"', '"n k n"', lambda k, n, p, m: k != n),
    ("input-size", '"k n n"', '"p n n"', lambda k, n, p, m: k != p),
    ("input-channel-size", '"n n" }', '"n m" }', lambda k, n, p, m: n != m),
    ("filter-size", '"k m m"', '"p m m"', lambda k, n, p, m: k != p),
    ("filter-size", '"k m m"', '"m m k"', lambda k, n, p, m: k != m),
    ("filter-channel-size", '"m m"', '"m+1 m"', always),
    ("output-size", "n-m+1 n-m+1", "n-m+2 n-m+2", always),
    ("output-size", "n-m+1 n-m+1", "n-m n-m", always),
    ("output-size", '"p ', '"k ', lambda k, n, p, m: k != p),
    ("output-size", "p n-m+1 n-m+1", "n-m+1 n-m+1 p", lambda k, n, p, m: p != n - m + 1),
    ("output-channel-size", "n-m+1 n-m+1", "n-m+1 n+m-1", lambda k, n, p, m: m != 1),
    ("rotated-filter-size", '"m m"', '"n n"', lambda k, n, p, m: n != m),
    ("filter-gradient-formula", "corr", "conv", lambda k, n, p, m: n != m),
    ("filter-gradient-formula", "X[i], dY[j]", "dY[j], X[i]", lambda k, n, p, m: m != 1),
    ("filter-gradient-formula", "dY[j])", "rot180(dY[j]))", lambda k, n, p, m: n != m),
    ("filter-gradient-formula", "dF[j,i]", "dF[i,j]", lambda k, n, p, m: (k, p) != (1, 1)),
    ("filter-gradient-arguments", 'dY[j]" = "n-m+1 n-m+1', 'dY[j]" = "n-m+2 n-m+2', always),
    ("filter-gradient-arguments", '"n n"', '"n m"', lambda k, n, p, m: n != m),
    ("filter-gradient-side", "(n-m+1) + 1 = m", "(n-m+2) + 1 = m", always),
    ("filter-gradient-side", "corr(X[i], dY[j])", "corr(X[i], F[j,i])", lambda k, n, p, m: n - m + 1 != m),
    ("filter-gradient-side", "side(F[j,i])", "side(X[i])", lambda k, n, p, m: n != m),
    ("filter-gradient-channels", "depth(X)", "depth(Y)", lambda k, n, p, m: k != p),
    ("filter-gradient-depth", "= k", "= p", lambda k, n, p, m: k != p),
    ("filter-gradient-size", '"k m m"', '"m m k"', lambda k, n, p, m: k != m),
    ("filter-gradient-size", '"k m m"', '"k m n"', lambda k, n, p, m: n != m),
    ("filter-gradient-fits", 'dF = "p k m m"', 'dF = "k p m m"', lambda k, n, p, m: k != p),
    ("input-gradient-formula", "m-1), rot180(F[j,i])", "m-2), rot180(F[j,i])", always),
    ("input-gradient-formula", "m-1), rot180(F[j,i])", "m), rot180(F[j,i])", always),
    ("input-gradient-formula", "rot180(F[j,i])", "F[j,i]", lambda k, n, p, m: m != 1),
    ("input-gradient-formula", "corr", "conv", lambda k, n, p, m: m != 1),
    ("input-gradient-formula", "sum(j", "sum(i", lambda k, n, p, m: (k, p) != (1, 1)),
    ("stride-one-side", "n-m+1", "n-m+2", always),
    ("stride-one-side", "n-m+1", "n+m-1", lambda k, n, p, m: m != 1),
    ("output-gradient-size", 'dY = "p ', 'dY = "k ', lambda k, n, p, m: k != p),
    ("padding", "m-1", "m-2", always),
    ("padding", "m-1", "m", always),
    ("padded-side", "dY[j], m-1", "dY[j], m-2", always),
    ("padded-side", "n+m-1", "n+m", always),
    ("input-gradient-side", "m-1), rot180", "m), rot180", always),
    ("input-gradient-side", "m + 1 = n", "m + 1 = m", lambda k, n, p, m: n != m),
    ("input-gradient-channel-size", '"n n"', '"n m"', lambda k, n, p, m: n != m),
    ("adding-filters-keeps-size", '"n n"', '"p n"', lambda k, n, p, m: n != p),
    ("adding-filters-keeps-size", "m-1), rot180", "m-2), rot180", always),
    ("input-gradient-depth", "= k", "= p", lambda k, n, p, m: k != p),
    ("input-gradient-size", '"k n n"', '"p n n"', lambda k, n, p, m: k != p),
    ("input-gradient-size", '"k n n"', '"n n k"', lambda k, n, p, m: k != n),
]


@pytest.mark.parametrize(("claim", "old", "new", "false_at"), MUTATIONS)
def test_false_claim(
    document: str, claims_file: Callable[[str], Path], claim: str, old: str, new: str, false_at: Callable[..., bool]
) -> None:
    """A false claim exits 1, is the only one named, and has the smallest counterexample and a failing layer."""
    path = claims_file(changed(document, claim, old, new))
    result = CliRunner().invoke(main, ["verify", str(path), "--layers", "30", "--format", "json"])
    assert result.exit_code == 1
    found = {entry["id"]: entry for entry in json.loads(result.output)["claims"]}
    assert [name for name, entry in found.items() if entry["verdict"] == "refuted"] == [claim]
    assert {entry["verdict"] for name, entry in found.items() if name != claim} == {"verified"}
    counterexample = found[claim]["proof"]["counterexample"]
    assert counterexample.items() <= smallest(false_at).items()
    assert found[claim]["check"]["failure"]["sizes"].keys() == {"k", "n", "p", "m"}
    assert false_at(**found[claim]["check"]["failure"]["sizes"])


def test_every_claim_is_made_false(document: str) -> None:
    """No claim is left out of the table."""
    assert {mutation[0] for mutation in MUTATIONS} == set(_blocks(document)) - {""}


def test_unchanged_claims_are_not_refuted(document: str, claims_file: Callable[[str], Path]) -> None:
    """The copy itself is no reason to refute anything."""
    result = CliRunner().invoke(main, ["verify", str(claims_file(document)), "--layers", "40"])
    assert result.exit_code == 0


def smallest(false_at: Callable[..., bool]) -> dict[str, int]:
    """The sizes with the smallest sum, then the smallest k, n, p, m, at which a claim is false."""
    sizes: list[Sizes] = [s for s in product(range(1, 5), repeat=4) if s[3] <= s[1] and false_at(*s)]
    return dict(zip("knpm", min(sizes, key=lambda s: (sum(s), s)), strict=True))


def changed(document: str, claim: str, old: str, new: str) -> str:
    """The document with one claim's statement changed, and without what is printed."""
    plain = "\n".join(line for line in document.splitlines() if not line.startswith("printed"))
    block = _blocks(plain)[claim]
    assert old in block
    return plain.replace(block, block.replace(old, new, 1))


def _blocks(document: str) -> dict[str, str]:
    """The text of each claim, by its id."""
    found = {}
    for block in document.split("[[claim]]")[1:]:
        body = block.split("\n\n")[0]
        found[body.split('id = "')[1].split('"')[0]] = body
    return found
