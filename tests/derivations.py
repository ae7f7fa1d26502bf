"""What several tests of derivations share: layers with zeros and strides, grids of sizes, and replaying on them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import pytest

from gradcheck.claims.parsing import parse_hypothesis
from gradcheck.evidence import Step
from gradcheck.layers.layer import Layer, parse_layer
from gradcheck.symbolic.replay import fault
from gradcheck.symbolic.theory import Theory, theory

Sizes = tuple[tuple[str, int], ...]

FITS = "d*(m-1)+1 <= n+2*P"
REST = "(n+2*P-d*(m-1)-1)%s"
FILTERS = {"X": "k n", "F": "p k m"}
SHORT = {
    "n": (1, 2, 3, 4),
    "m": (1, 2, 3),
    "s": (1, 2, 3),
    "d": (1, 2, 3),
    "P": (0, 1, 3),
    "op": (0, 1),
    "t": (1, 2, 3),
}


@dataclass(frozen=True)
class Case:
    """A layer with its hypotheses, and the sizes at which its derivations are replayed."""

    line: str
    shapes: Mapping[str, str]
    where: tuple[str, ...]
    at: Mapping[str, Sequence[int]]

    @property
    def known(self) -> Theory:
        """The theory of the layer."""
        return known(self.line, self.shapes, *self.where)

    def grid(self) -> list[Sizes]:
        """All sizes of the grid at which the hypotheses hold; a size that it does not name is 1."""
        found = list(grid(self.known.layer, self.where, self.at))
        assert found
        return found


def case(line: str, shapes: Mapping[str, str], *where: str, **at: Sequence[int]) -> Case:
    """A case whose sizes are short ones unless said otherwise."""
    return Case(line, shapes, where, SHORT | at)


def known(line: str, shapes: Mapping[str, str] | None = None, *where: str) -> Theory:
    """The theory of a layer."""
    layer = parse_layer(line, shapes or {})
    return theory(layer, tuple(h for text in where for h in parse_hypothesis(text, layer)))


def grid(layer: Layer, where: Iterable[str], at: Mapping[str, Sequence[int]]) -> Iterator[Sizes]:
    """The sizes of a box at which all hypotheses hold."""
    hypotheses = [h for text in where for h in parse_hypothesis(text, layer)]
    for point in product(*(at.get(name, (1,)) for name in layer.sizes)):
        sizes = dict(zip(layer.sizes, point, strict=True))
        if all(h.holds(sizes) for h in hypotheses):
            yield tuple(sizes.items())


def replayed(layer: Layer, steps: Iterable[Step], points: Iterable[Sizes]) -> None:
    """Fails at the first step that is false at some of the points."""
    points = list(points)
    for step in steps:
        for sizes in points:
            detail = fault(layer, step, sizes)
            assert detail is None, f"{step.rule}: {step.after} at {dict(sizes)}: {detail}"


def caught(layer: Layer, step: Step, points: Iterable[Sizes]) -> tuple[dict[str, int], str]:
    """The first of the points at which a wrong step is found to be false, and how; fails where it is none."""
    for sizes in points:
        detail = fault(layer, step, sizes)
        if detail:
            return dict(sizes), detail
    pytest.fail(f"nothing is wrong with {step.rule}: {step.after}")


GENERAL = case("Y[j,a] += pad(X,P)[i, s*a+d*u] * F[j,i,u]", FILTERS, FITS)
ASYMMETRIC = case("Y[a] += pad(X,P,Q)[s*a+d*u] * F[u]", {"X": "n", "F": "m"}, "d*(m-1)+1 <= n+P+Q", Q=(0, 2), P=(0, 1))
REVERSED = case("Y[j,a] += pad(X,P)[i, s*a+d*(m-1-u)] * F[j,i,u]", FILTERS, FITS)
GROUPED = case(
    "Y[g,j,a] += pad(X,P)[g,i, s*a+d*u] * F[g,j,i,u]",
    {"X": "h k n", "F": "h p k m"},
    FITS,
    h=(2,),
    d=(1, 2),
    P=(0, 2),
)
PLANE = case("conv2d_general", {}, FITS, n=(1, 2, 3), m=(1, 2), s=(1, 2), d=(1, 2), P=(0, 1))
TRANSPOSED = case(
    "Y[j,y] += pad(dilate(X,s), d*(m-1)-P, d*(m-1)-P+op)[i, y+d*(m-1-u)] * F[i,j,u]",
    {"X": "k n", "F": "k p m"},
    "2*P <= s*(n-1)+d*(m-1)+op",
    n=(1, 2, 3),
    P=(0, 1, 2),
)
LOCAL = case(
    "Y[j,a] += pad(X,P)[i, s*a+d*u] * F[j,i,a,u]",
    {"X": "k n", "F": "p k (n+2*P-d*(m-1)-1)//s+1 m"},
    FITS,
    P=(0, 1),
)
TWO_OPERANDS = case(
    "Y[a] += X[s*a+u] * Z[t*a+v] * F[u] * G[v]",
    {"X": "n", "Z": "q", "F": "m", "G": "r"},
    "m <= n",
    "r <= q",
    "(n-m)//s <= (q-r)//t",
    q=(1, 3, 4),
    r=(1, 2),
    n=(1, 3, 4),
    m=(1, 2),
)
CASES = {
    "general": GENERAL,
    "asymmetric": ASYMMETRIC,
    "reversed windows": REVERSED,
    "groups": GROUPED,
    "two axes": PLANE,
    "transposed": TRANSPOSED,
    "locally connected": LOCAL,
    "two strided operands": TWO_OPERANDS,
}
