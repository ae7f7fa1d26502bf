"""A layer as one line of index notation, and what can be said of it without any algebra.

    Y[j,a,b] += X[i,a+u,b+v] * F[j,i,u,v]        with X: k n n, F: p k m m

The output is a sum, over all values of the indices that it does not carry, of a product of
reads; each read is affine in the indices. An index is a name that stands alone on some axis;
every other name is a size. An operand may be read with zeros around it, pad(X, P) or
pad(X, before, after), and between its entries, dilate(X, s): on its spatial axes, those that are
not read at an index alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gradcheck.errors import NotationError
from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Sym, affine, evaluate, symbols
from gradcheck.notation.arrays import FUNCTIONS
from gradcheck.notation.scanner import Scanner, misplaced, suggestion
from gradcheck.notation.size_grammar import parse_size, parse_sizes, positive
from gradcheck.notation.sums import Pair, Read, read_as

MAX_RANK = 8
MAX_OPERANDS = 4
MEASURES = ("side", "depth", "padding")


@dataclass(frozen=True, slots=True)
class Layer:
    """output += product of reads; `shapes` gives every operand's sizes, in the order of `reads`.

    `given` are the output's sizes where the line does not bound all of its indices; `defined` are
    further sizes, which hypotheses define.
    """

    text: str
    output: Read
    reads: tuple[Read, ...]
    shapes: tuple[tuple[Expr, ...], ...]
    given: tuple[Expr, ...] = ()
    defined: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash(self.text)  # layers are keys of many caches

    @property
    def operands(self) -> tuple[str, ...]:
        return tuple(read.tensor for read in self.reads)

    @property
    def cotangent(self) -> str:
        """The name of the gradient of the loss with respect to the output."""
        return gradient_name(self.output.tensor)

    def operand_of(self, tensor: str) -> Read | None:
        """The read of the operand whose gradient `tensor` is, if it is one."""
        return next((read for read in self.reads if gradient_name(read.tensor) == tensor), None)

    @property
    def indices(self) -> tuple[str, ...]:
        """The indices, the output's first, then in the order in which they are read."""
        sizes = set(self.sizes)
        names = [n for read in (self.output, *self.reads) for e in read.at for n in symbols(e)]
        return tuple(dict.fromkeys(n for n in names if n not in sizes))

    @property
    def sizes(self) -> tuple[str, ...]:
        """The size symbols: those of the shapes, then those of the line, in the order in which they are named."""
        shapes = [n for shape in (*self.shapes, self.given) for e in shape for n in symbols(e)]
        reads = [n for read in self.reads for e in read.at for n in symbols(e) if n not in self.alone]
        zeros = [n for read in self.reads for e in read.zeros for n in symbols(e)]
        return tuple(dict.fromkeys((*shapes, *reads, *zeros)))

    @property
    def names(self) -> tuple[str, ...]:
        """The size symbols, and those that hypotheses define."""
        return (*self.sizes, *self.defined)

    @property
    def alone(self) -> frozenset[str]:
        """The names that stand alone on some axis."""
        return frozenset(e.name for read in (self.output, *self.reads) for e in read.at if isinstance(e, Sym))

    def least(self, size: str) -> int:
        """The least value of a size, unless a hypothesis gives another: 0 for one that is only an amount of padding."""
        reads = [e for read in self.reads for at, dilation, _ in read.axes for e in (at, dilation)]
        others = [e for shape in (*self.shapes, self.given, reads) for e in shape]
        return int(any(size in symbols(e) for e in others))

    @property
    def ranks(self) -> dict[str, int]:
        """The number of axes of every tensor: operands, output, and the gradients of both."""
        own = {read.tensor: len(read.at) for read in (self.output, *self.reads)}
        return own | {gradient_name(name): rank for name, rank in own.items()}

    @property
    def sizes_by_axis(self) -> tuple[tuple[Read, tuple[Expr, ...]], ...]:
        """Every read with its tensor's sizes, and the output with those that are given."""
        own = tuple(zip(self.reads, self.shapes, strict=True))
        return (*own, (self.output, self.given)) if self.given else own


def gradient_name(tensor: str) -> str:
    """The name of the gradient of the loss with respect to `tensor`."""
    return f"d{tensor}"


def parse_layer(text: str, shapes: Mapping[str, str]) -> Layer:
    """The layer that a line of notation, or a name in the catalogue, stands for.

    `shapes` maps each operand to its sizes, such as "k n n"; a catalogue entry brings its own.
    Raises NotationError, with the place, for anything that is not such a layer.
    """
    if text.isidentifier():
        if text not in CATALOGUE:
            raise NotationError(f"unknown layer '{text}'{suggestion(text, CATALOGUE)}", text, 0)
        text, own = CATALOGUE[text]
        shapes = own | dict(shapes)
    scanner = Scanner(text)
    output = _read(scanner)
    scanner.expect("+=")
    reads = [_read(scanner)]
    while scanner.accept("*"):
        reads.append(_read(scanner))
    scanner.end()
    if not output.bare:
        raise NotationError("the output is written to as it is: only an operand can be padded or dilated", text, 0)
    _check_names(text, output, reads, shapes)
    sizes = tuple(_shape(shapes[read.tensor], read) for read in reads)
    given = _shape(shapes[output.tensor], output) if output.tensor in shapes else ()
    layer = Layer(text, output, tuple(reads), sizes, given)
    _check_indices(layer)
    return layer


def _read(scanner: Scanner) -> Read:
    place = scanner.next.place
    tensor, dilation, pad = _zeros(scanner)
    scanner.open("[")
    at = [parse_size(scanner)]
    while scanner.accept(","):
        at.append(parse_size(scanner))
    if len(at) > MAX_RANK:
        raise misplaced(f"tensors have at most {MAX_RANK} axes", scanner.text, tensor)
    scanner.close("]")
    spatial = [not isinstance(e, Sym) for e in at]
    if (dilation, pad) != (ONE, (ZERO, ZERO)) and not any(spatial):
        message = f"every axis of {tensor} is read at an index alone: there is none to pad or dilate"
        raise NotationError(message, scanner.text, place)
    pads = [pad if own else (ZERO, ZERO) for own in spatial]
    return read_as(tensor, tuple(at), pads, [dilation if own else ONE for own in spatial])


def _zeros(scanner: Scanner) -> tuple[str, Expr, Pair]:
    """X, dilate(X, s), pad(X, P) or pad(dilate(X, s), before, after): the tensor, its dilation and its padding."""
    name = scanner.name("a tensor such as X[i]")
    if name == "pad" and scanner.sees("("):
        scanner.open("(")
        tensor, dilation, pad = _zeros(scanner)
        if pad != (ZERO, ZERO):
            raise misplaced(f"{tensor} is padded twice: add the amounts", scanner.text, tensor)
        scanner.expect(",")
        before = after = parse_size(scanner)
        if scanner.accept(","):
            after = parse_size(scanner)
        scanner.close(")")
        return tensor, dilation, (before, after)
    if name == "dilate" and scanner.sees("("):
        scanner.open("(")
        tensor = scanner.name("a tensor: zeros are inserted first, then added around")
        if scanner.sees("("):
            raise scanner.error("zeros are inserted first, then added around: expected pad(dilate(X, s), P)")
        scanner.expect(",")
        place = scanner.next.place
        dilation = positive(parse_size(scanner), "a dilation", scanner, place)
        scanner.close(")")
        return tensor, dilation, (ZERO, ZERO)
    return name, ONE, (ZERO, ZERO)


def _shape(text: str, read: Read) -> tuple[Expr, ...]:
    sizes = parse_sizes(text)
    if len(sizes) != len(read.at):
        raise NotationError(
            f"{read.tensor} is read with {len(read.at)} indices, but has {len(sizes)} sizes here", text, 0
        )
    return sizes


def _check_names(text: str, output: Read, reads: list[Read], shapes: Mapping[str, str]) -> None:
    tensors = [output.tensor, *(read.tensor for read in reads)]
    reserved = {*FUNCTIONS, *MEASURES, *map(gradient_name, tensors)}
    for n, tensor in enumerate(tensors):
        if tensor in tensors[:n]:
            raise misplaced(f"{tensor} stands here twice: a layer is linear in each operand", text, tensor)
        if tensor in reserved:
            raise misplaced(f"'{tensor}' already has a meaning: give the tensor another name", text, tensor)
        if n and tensor not in shapes:
            raise misplaced(f"[shapes] has no sizes for {tensor}", text, tensor)
    if len(reads) > MAX_OPERANDS:
        raise NotationError(f"a layer has at most {MAX_OPERANDS} operands", text, 0)
    for name in shapes:
        if name not in tensors:
            why = f"the layer does not read it{suggestion(name, tensors[1:])}"
            raise NotationError(f"[shapes] names {name}: {why}", name, 0)


def _check_indices(layer: Layer) -> None:
    indices = frozenset(layer.indices)
    for name in (n for read in layer.reads for size in read.zeros for n in symbols(size)):
        if name in layer.alone:
            raise misplaced(f"index {name} is no size: it cannot be an amount of zeros", layer.text, name)
    plain = [e.name for e in layer.output.at if isinstance(e, Sym) and e.name in indices]
    if len(set(plain)) < len(layer.output.at):
        message = f"{layer.output} must have one plain index for each axis, all different"
        raise misplaced(message, layer.text, layer.output.tensor)
    for read in (layer.output, *layer.reads):
        for e in read.at:
            _check_read(layer, read, e, indices)
    read_by_operands = {n for read in layer.reads for e in read.at for n in symbols(e)}
    loose = [name for name in plain if name not in read_by_operands]
    if loose and not layer.given:
        output = layer.output.tensor
        message = f"index {loose[0]} is read by no operand: [shapes] must give the sizes of {output}"
        raise misplaced(message, layer.text, loose[0])
    if layer.given and not loose:
        raise NotationError(f"[shapes] names {layer.output.tensor}: its sizes are derived", layer.output.tensor, 0)


def _check_read(layer: Layer, read: Read, e: Expr, indices: frozenset[str]) -> None:
    if not affine(e, indices):
        raise misplaced(f"'{e}' is not affine: an index may be added and multiplied by sizes", layer.text, read.tensor)
    known = {n for shape in (*layer.shapes, layer.given) for size in shape for n in symbols(size)}
    known |= {n for r in layer.reads for size in r.zeros for n in symbols(size)}
    at = dict.fromkeys(symbols(e), 1) | dict.fromkeys(indices, 0)
    added = [name for name in symbols(e) if evaluate(e, {**at, name: 2}) != evaluate(e, at)]
    unknown = [name for name in dict.fromkeys(added) if name not in indices and name not in known]
    if unknown:
        names = " or ".join(unknown)
        message = f"unknown index {names}: it is no axis of the output, and nothing is read at {names} alone"
        raise misplaced(f"{message}, so that nothing bounds it", layer.text, unknown[-1])
