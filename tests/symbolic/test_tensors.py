"""Layers worked out literally: the polynomials are those of plain nested loops."""

from collections import Counter
from itertools import product
from math import prod

import oracles
import pytest
from derivations import ASYMMETRIC, GENERAL, LOCAL, TRANSPOSED, known

from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import Int, Sym
from gradcheck.notation.sums import Read
from gradcheck.symbolic.tensors import TooLarge, Undefined, places, reach, tensors, unknown, window_positions

CONV = parse_layer("conv2d", {})
GROWN = {"k": 2, "p": 2, "n": 4, "m": 2, "q": 2, "o": 2, "g": 2, "N": 2, "P": 1, "Q": 2, "s": 2, "d": 2}
GROWN |= {f"{side}{axis}": size + axis % 2 for side, size in (("n", 3), ("m", 1)) for axis in (1, 2, 3)}
LEAST = dict.fromkeys(GROWN, 1) | {"P": 0, "Q": 0}


def sized(kind: str, at: dict[str, int]) -> dict[str, int]:
    """The sizes of a layer of the catalogue."""
    return {letter: at[letter] for letter in oracles.LETTERS[kind].split()}


def loops(kind: str, **at: int) -> dict[str, dict]:
    """Output and gradients of a layer of the catalogue, by the loops that define them."""
    names = oracles.OPERANDS[kind]
    found: dict[str, dict] = {"Y": {}, **{f"d{name}": {} for name in names}}
    for y, *read in oracles.terms(kind, **at):
        if None not in read:
            factors = list(zip(names, read, strict=True))
            found["Y"].setdefault(y, Counter())[tuple(sorted(factors))] += 1
            for n, (name, place) in enumerate(factors):
                others = sorted([*factors[:n], *factors[n + 1 :], ("dY", y)])
                found[f"d{name}"].setdefault(place, Counter())[tuple(others)] += 1
    return found


def polynomials(kind: str, at: dict[str, int]) -> dict[str, dict]:
    """Output and gradients of a layer of the catalogue as the package has them, the output called Y."""
    layer = parse_layer(kind, {})
    output = layer.output.tensor
    entries = {
        name: {
            place: Counter({tuple(sorted((t.replace(output, "Y"), e) for t, e in f)): n for f, n in terms.items()})
            for place, terms in tensor.entries.items()
        }
        for name, tensor in tensors(layer, tuple((n, at[n]) for n in layer.sizes)).items()
    }
    gradients = {f"d{name}": entries[f"d{name}"] for name in oracles.OPERANDS[kind]}
    return {"Y": entries[output], **gradients}


@pytest.mark.parametrize("at", [GROWN, LEAST], ids=["grown", "least"])
@pytest.mark.parametrize("kind", oracles.LAYERS)
def test_tensors_are_those_of_the_loops(kind: str, at: dict[str, int]) -> None:
    """Output and gradients of every layer of the catalogue have the entries of the defining loops."""
    sizes = sized(kind, at)
    found = polynomials(kind, sizes)
    assert found == loops(kind, **sizes)
    assert found["Y"]


@pytest.mark.parametrize(
    ("kind", "other"),
    [("conv1d_general", {letter: GROWN[letter] + 1}) for letter in "nmPsd"]
    + [("conv1d_transposed", {letter: GROWN[letter] + 1}) for letter in "nmPsd"]
    + [("conv1d_transposed", {"Q": 0}), ("conv2d_asymmetric", {"Q": 0})]
    + [("avgpool2d", {"s": 1}), ("conv2d_dilated", {"d": 1})],
)
def test_the_loops_tell_sizes_apart(kind: str, other: dict[str, int]) -> None:
    """A layer worked out with one size changed has other entries than the loops: each size matters to them."""
    sizes = sized(kind, GROWN)
    assert polynomials(kind, sizes | other) != loops(kind, **sizes)


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (2, 3, 1, 2), (1, 3, 2, 3), (2, 4, 2, 3)])
def test_shapes_are_those_of_the_layer(sizes: tuple[int, int, int, int]) -> None:
    """Operands, output, cotangent and gradients have the shapes of the document's layer."""
    k, n, p, m = sizes
    known = tensors(CONV, (("k", k), ("n", n), ("p", p), ("m", m)))
    o = n - m + 1
    shapes = {"X": (k, n, n), "F": (p, k, m, m), "Y": (p, o, o)}
    assert {t: known[t].shape for t in known} == shapes | {f"d{t}": shape for t, shape in shapes.items()}


def positions(n: int, m: int, s: int, d: int, before: int, after: int) -> int:
    """How often a window fits into a padded axis, by sliding it."""
    return sum(d * (m - 1) + start < before + n + after for start in range(0, before + n + after, s))


@pytest.mark.parametrize("sizes", list(product((1, 2, 5), (1, 3), (1, 2, 4), (1, 2), (0, 2), (0, 1))))
def test_window_positions_are_counted(sizes: tuple[int, ...]) -> None:
    """An index of the output takes as many values as a window has places, none where it does not fit."""
    n, m, s, d, before, after = sizes
    at = {"n": n, "m": m, "s": s, "d": d, "P": before, "Q": after}
    layer = parse_layer(ASYMMETRIC.line, ASYMMETRIC.shapes)
    assert window_positions(layer, at) == {"a": positions(*sizes), "u": m}
    assert tensors(layer, tuple((name, at[name]) for name in layer.sizes))["Y"].shape == (positions(*sizes),)


def test_an_empty_output_adds_to_nothing() -> None:
    """Where no window fits the output is empty and all gradients are zero, with the operands' shapes."""
    layer = parse_layer(GENERAL.line, GENERAL.shapes)
    known = tensors(layer, (("k", 1), ("n", 1), ("p", 1), ("m", 3), ("s", 2), ("d", 2), ("P", 1)))
    assert known["Y"].shape == known["dY"].shape == (1, 0)
    assert (known["dX"].shape, known["dF"].shape) == ((1, 1), (1, 1, 3))
    assert known["dX"].entries == known["dF"].entries == {}


X1 = (Sym("x"),)


@pytest.mark.parametrize(
    ("read", "line"),
    [
        (Read("X", X1), [0, 1, 2]),
        (Read("X", X1, ((Int(1), Int(2)),)), [None, 0, 1, 2, None, None]),
        (Read("X", X1, ((Int(-1), Int(0)),)), [1, 2]),
        (Read("X", X1, ((Int(1), Int(-2)),)), [None, 0]),
        (Read("X", X1, (), (Int(2),)), [0, None, 1, None, 2]),
        (Read("X", X1, ((Int(1), Int(0)),), (Int(2),)), [None, 0, None, 1, None, 2]),
        (Read("X", X1, ((Int(-1), Int(-1)),), (Int(3),)), [None, None, 1, None, None]),
    ],
)
def test_places_among_zeros(read: Read, line: list[int | None]) -> None:
    """Each place of a read holds an entry or a zero, as if zeros were inserted, then added around or cut off."""
    own = places(read, (3,), {})
    assert own.extents == (len(line),)
    assert [own.entry([x]) for x in range(len(line))] == [None if x is None else (x,) for x in line]
    dilation, before, after = (e.value for e in (read.dilation or (Int(1),)) + (read.pad or ((Int(0), Int(0)),))[0])
    assert line == oracles.line(3, before, after, dilation)


@pytest.mark.parametrize("x", [-1, 6])
def test_there_are_no_places_beyond_the_zeros(x: int) -> None:
    """Before the first zero and after the last one there is nothing, which is told with the extents."""
    own = places(Read("X", X1, ((Int(1), Int(2)),)), (3,), {})
    with pytest.raises(Undefined, match=rf"\[{x}\] is outside of \[6\]"):
        own.entry([x])


def test_a_zero_on_one_axis_is_a_zero() -> None:
    """An entry is read only where all axes hold one; the other axes are still held to their extents."""
    own = places(Read("X", (Sym("x"), Sym("y")), ((Int(1), Int(0)),) * 2, (Int(1), Int(2))), (2, 2), {})
    assert [own.entry(at) for at in ((1, 1), (0, 1), (1, 2), (2, 3))] == [(0, 0), None, None, (1, 1)]
    with pytest.raises(Undefined, match=r"\[0, 4\] is outside of \[3, 4\]"):
        own.entry((0, 4))


def test_an_empty_axis_has_no_zeros_between() -> None:
    """Zeros are inserted between entries: where there are none, only those around are left."""
    assert places(Read("X", X1, ((Int(1), Int(1)),), (Int(3),)), (0,), {}).extents == (2,)


def test_too_large_is_not_tried() -> None:
    """Layers too large to walk through are refused at once."""
    with pytest.raises(TooLarge):
        tensors(CONV, (("k", 50), ("n", 50), ("p", 50), ("m", 9)))
    with pytest.raises(TooLarge):
        unknown("X", (300, 300))


@pytest.mark.parametrize(("n", "m"), [(1, 1), (4, 1), (4, 3), (4, 4)])
def test_reach_is_measured(n: int, m: int) -> None:
    """The output positions that would read X reach m-1 beyond the output; those of F reach nowhere."""
    sizes = {"k": 1, "n": n, "p": 1, "m": m}
    assert set(reach(CONV, CONV.reads[0], sizes)) == {m - 1}
    assert reach(CONV, CONV.reads[1], sizes) == (0,)


@pytest.mark.parametrize("sizes", GENERAL.grid()[::3])
def test_reach_with_strides_padding_and_dilation(sizes: tuple[tuple[str, int], ...]) -> None:
    """The windows of the cotangent with zeros inserted reach d(m-1)-P before it, and r more than that after it."""
    layer, at = GENERAL.known.layer, dict(sizes)
    before = at["d"] * (at["m"] - 1) - at["P"]
    rest = at["n"] + 2 * at["P"] - 1 - at["d"] * (at["m"] - 1)
    while rest >= at["s"]:
        rest -= at["s"]
    assert reach(layer, layer.reads[0], at) == (before, before + rest)


def test_reach_of_other_layers() -> None:
    """Windows of a transposed layer reach as far as its output was cropped, those of a local one as for one filter."""
    transposed = TRANSPOSED.known.layer
    at = {"k": 1, "n": 3, "p": 1, "m": 2, "d": 2, "s": 2, "P": 1, "op": 1}
    assert reach(transposed, transposed.reads[0], at) == (1, 0)
    local = LOCAL.known.layer
    assert reach(local, local.reads[0], {"k": 1, "n": 4, "p": 1, "m": 2, "s": 3, "d": 1, "P": 0}) == (1, 3)


def test_reach_where_nothing_reads() -> None:
    """Without taps there are no windows to measure."""
    layer = known("conv1d", None, "m <= n").layer
    with pytest.raises(Undefined, match="nothing reads X"):
        reach(layer, layer.reads[0], {"k": 1, "n": 2, "p": 1, "m": 0})


def test_unknown_entries_are_all_different() -> None:
    """Every entry of a tensor is an unknown of its own."""
    found = unknown("X", (2, 3))
    assert len(found.entries) == prod(found.shape) == len({tuple(p) for p in found.entries.values()})
