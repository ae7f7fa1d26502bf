"""A layer as one line of index notation, and what can be said of it without any algebra.

    Y[j,a,b] += X[i,a+u,b+v] * F[j,i,u,v]        with X: k n n, F: p k m m

The output is a sum, over all values of the indices that it does not carry, of a product of
reads; each read is affine in the indices. Indices are the names inside the brackets; every
other name is a size.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gradcheck.errors import NotationError
from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.notation.arithmetic import Expr, Sym, degree, parse_size, symbols
from gradcheck.notation.arrays import FUNCTIONS
from gradcheck.notation.scanner import Scanner, misplaced, suggestion
from gradcheck.notation.sums import Read

MAX_RANK = 8
MAX_OPERANDS = 4
MEASURES = ("side", "depth", "padding")


@dataclass(frozen=True, slots=True)
class Layer:
    """output += product of reads; `shapes` gives every operand's sizes, in the order of `reads`."""

    text: str
    output: Read
    reads: tuple[Read, ...]
    shapes: tuple[tuple[Expr, ...], ...]

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
        """The size symbols, in the order in which the shapes name them."""
        return tuple(dict.fromkeys(n for shape in self.shapes for e in shape for n in symbols(e)))

    @property
    def ranks(self) -> dict[str, int]:
        """The number of axes of every tensor: operands, output, and the gradients of both."""
        own = {read.tensor: len(read.at) for read in (self.output, *self.reads)}
        return own | {gradient_name(name): rank for name, rank in own.items()}


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
    _check_names(text, output, reads, shapes)
    sizes = tuple(_shape(shapes[read.tensor], read) for read in reads)
    layer = Layer(text, output, tuple(reads), sizes)
    _check_indices(layer)
    return layer


def _read(scanner: Scanner) -> Read:
    tensor = scanner.name("a tensor such as X[i]")
    scanner.open("[")
    at = [parse_size(scanner)]
    while scanner.accept(","):
        at.append(parse_size(scanner))
    if len(at) > MAX_RANK:
        raise misplaced(f"tensors have at most {MAX_RANK} axes", scanner.text, tensor)
    scanner.close("]")
    return Read(tensor, tuple(at))


def parse_sizes(text: str) -> tuple[Expr, ...]:
    """The sizes in a text such as "p n-m+1 n-m+1"."""
    scanner = Scanner(text)
    sizes = [parse_size(scanner)]
    while scanner.next.kind != "end":
        sizes.append(parse_size(scanner))
    return tuple(sizes)


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
        if name not in tensors[1:]:
            why = "its sizes are derived" if name == tensors[0] else "the layer does not read it"
            raise NotationError(f"[shapes] names {name}: {why}{suggestion(name, tensors[1:])}", name, 0)


def _check_indices(layer: Layer) -> None:
    indices = frozenset(layer.indices)
    for read in (layer.output, *layer.reads):
        for e in read.at:
            if degree(e, indices) > 1:
                raise misplaced(f"'{e}' multiplies indices: a read must be affine", layer.text, read.tensor)
    plain = [e.name for e in layer.output.at if isinstance(e, Sym) and e.name in indices]
    if len(set(plain)) < len(layer.output.at):
        message = f"{layer.output} must have one plain index for each axis, all different"
        raise misplaced(message, layer.text, layer.output.tensor)
    read_by_operands = {n for read in layer.reads for e in read.at for n in symbols(e)}
    for name in plain:
        if name not in read_by_operands:
            raise misplaced(f"index {name} is read by no operand: nothing bounds it", layer.text, name)
