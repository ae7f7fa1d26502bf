"""Convolutions of every kind as one line of notation each, with all sizes free on every axis.

A family is a line: its number of spatial axes (none: a dense layer), transposed or not, the filter
reversed or not. Groups h carry channels i and filters j each; a depthwise layer has one channel a group.
"""

from dataclasses import dataclass, replace
from functools import cache

from gradcheck.layers.layer import Layer, parse_layer
from gradcheck.notation.arithmetic import ONE, ZERO, Expr
from gradcheck.notation.size_grammar import parse_sizes
from gradcheck.notation.sums import read_as
from gradcheck.targets.binding import ROLES

Pair = tuple[int, int]
POSITIONS, TAPS, OUTPUTS = ("t", "y", "x"), ("r", "u", "v"), ("c", "a", "b")


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of layer: `dims` spatial axes, `transposed`, `flipped` (true convolution); or a `line` of its own.

    The operands of a line of its own have the roles x, w, v, u in the order in which it reads them.
    """

    dims: int
    transposed: bool = False
    flipped: bool = False
    line: Layer | None = None

    @property
    def space(self) -> tuple[str, ...]:
        """The names of the spatial axes, for layouts."""
        return POSITIONS[3 - self.dims :]

    @property
    def taps(self) -> tuple[str, ...]:
        """The names of the filter's spatial axes, for layouts; of a line of its own, all indices that are summed."""
        if self.line:
            kept = {str(e) for e in self.line.output.at}
            return tuple(name for name in self.line.indices if name not in kept)
        return TAPS[3 - self.dims :]

    @property
    def tensors(self) -> dict[str, str]:
        """The tensor of the line that each role stands for."""
        if self.line:
            return {**dict(zip(ROLES, self.line.operands, strict=False)), "y": self.line.output.tensor}
        return {"x": "X", "w": "F", "y": "Y"}

    @property
    def places(self) -> tuple[str, ...]:
        """The output's spatial indices in the line."""
        return OUTPUTS[3 - self.dims :]

    def names(self, role: str) -> tuple[str, ...]:
        """The axes of an operand or of the output, in the line's order."""
        if self.line:
            read = next(r for r in (self.line.output, *self.line.reads) if r.tensor == self.tensors[role])
            return tuple(f"{read.tensor}{axis}" for axis in range(len(read.at)))
        if role == "w":
            return ("h", *(("i", "j") if self.transposed else ("j", "i")), *self.taps)
        return ("z", "h", "i" if role == "x" else "j", *self.space)

    @property
    def called(self) -> str:
        """What the family is called."""
        if self.line:
            return self.line.text
        if not self.dims:
            return "dense layer"
        name = "true convolution (the filter reversed)" if self.flipped else "cross-correlation"
        return f"{self.dims}-D {'transposed ' if self.transposed else ''}{name}"


@dataclass(frozen=True, slots=True)
class Case:
    """The sizes of one layer: N samples, k channels, p filters, g groups, and the rest for each spatial axis.

    `padding` is (before, after); of a transposed layer, what is cut off the output on each side.
    A layer with a line of its own has its sizes in `own`, and nothing else.
    """

    N: int
    k: int
    p: int
    g: int
    n: tuple[int, ...]
    m: tuple[int, ...]
    s: tuple[int, ...]
    d: tuple[int, ...]
    padding: tuple[Pair, ...]
    own: tuple[tuple[str, int], ...] = ()

    def known(self, family: Family) -> dict[str, int]:
        """The sizes by the axis names of layouts, the output's positions aside."""
        own = {"z": self.N, "h": self.g, "i": self.k // self.g, "j": self.p // self.g}
        return own | dict(zip(family.taps, self.m, strict=True)) | dict(zip(family.space, self.n, strict=True))

    def outputs(self, family: Family) -> tuple[int, ...]:
        """The output's sides, by the size rule of the family's line."""
        axes = zip(self.n, self.m, self.s, self.d, self.padding, strict=True)
        if family.transposed:
            return tuple(s * (n - 1) + d * (m - 1) + 1 - a - b for n, m, s, d, (a, b) in axes)
        return tuple((n + a + b - d * (m - 1) - 1) // s + 1 for n, m, s, d, (a, b) in axes)

    def sizes(self) -> dict[str, int]:
        """The sizes by the symbols of the family's line."""
        if self.own:
            return dict(self.own)
        found = {"N": self.N, "g": self.g, "k": self.k // self.g, "p": self.p // self.g}
        for axis, values in enumerate(zip(self.n, self.m, self.s, self.d, self.padding, strict=True), start=1):
            n, m, s, d, (before, after) = values
            found |= {f"n{axis}": n, f"m{axis}": m, f"s{axis}": s, f"d{axis}": d}
            found |= {f"P{axis}": before, f"Q{axis}": after}
        return found

    def having(self, **sizes: object) -> "Case":
        """The case with some of its sizes changed."""
        return replace(self, **sizes)  # type: ignore[arg-type]

    def told(self) -> str:
        """The sizes in a line, in the notation's letters."""
        if self.own:
            return ", ".join(f"{name}={size}" for name, size in self.own)
        parts = [f"N={self.N}, k={self.k}, p={self.p}"]
        parts += [f"n={_by(self.n)}, m={_by(self.m)}"] if self.n else []
        parts += [f"s={_by(self.s)}"] if set(self.s) - {1} else []
        parts += [f"d={_by(self.d)}"] if set(self.d) - {1} else []
        parts += [f"P={_pads(self.padding)}"] if any(map(any, self.padding)) else []
        parts += [f"g={self.g}"] if self.g > 1 else []
        return ", ".join(parts)


def _by(values: tuple[int, ...]) -> str:
    return "x".join(map(str, values))


def _pads(padding: tuple[Pair, ...]) -> str:
    if all(before == after for before, after in padding):
        return _by(tuple(before for before, _ in padding))
    return str(padding)


@cache
def layer_of(family: Family) -> Layer:
    """The family's line of notation."""
    if family.line:
        return family.line
    axes = range(1, family.dims + 1)
    reverse = family.flipped != family.transposed
    image, sides, taps = ["z", "h", "i"], ["N g k"], ["g i j" if family.transposed else "g j i"]
    for n, at, tap in zip(axes, family.places, family.taps, strict=True):
        step = "" if family.transposed else f"s{n}*"
        image.append(f"{step}{at}+d{n}*{f'(m{n}-1-{tap})' if reverse else tap}")
        sides.append(f"n{n}")
        taps.append(f"m{n}")
    output = ",".join(("z", "h", "j", *family.places))
    line = f"Y[{output}] += X[{','.join(image)}] * F[{','.join(family.names('w'))}]"
    filters = " ".join(taps).replace("i", "k").replace("j", "p")
    return _padded(parse_layer(line, {"X": " ".join(sides), "F": filters}), family)


def _padded(layer: Layer, family: Family) -> Layer:
    """The layer with zeros of its own on each axis, which the notation's pad(X, P) has alike on all axes."""
    if not family.dims:
        return layer
    image, filters = layer.reads
    reach, step = ("d{n}*(m{n}-1)-", "s{n}") if family.transposed else ("", "1")
    pads: list[tuple[Expr, Expr]] = [(ZERO, ZERO)] * 3
    steps: list[Expr] = [ONE] * 3
    for n in range(1, family.dims + 1):
        before, after, own = parse_sizes(f"{reach}P{{n}} {reach}Q{{n}} {step}".format(n=n))
        pads.append((before, after))
        steps.append(own)
    padded = read_as(image.tensor, image.at, pads, steps)
    return replace(layer, text=f"{layer.text} {family}", reads=(padded, filters))
