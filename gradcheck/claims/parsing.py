"""The texts inside a claims file, parsed and checked against the layer that they speak of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace

from gradcheck.claims.claim import Formula, Hypothesis, Identity, Measure, Quantity, Shape, least
from gradcheck.errors import NotationError
from gradcheck.layers.layer import MEASURES, Layer, gradient_name, parse_layer
from gradcheck.notation.arithmetic import Expr, divisors, evaluate, symbols
from gradcheck.notation.array_grammar import parse_array
from gradcheck.notation.arrays import Array, Ref, Slide, SumOver, amounts, free_indices, rank, walk
from gradcheck.notation.scanner import Scanner, misplaced, suggestion
from gradcheck.notation.size_grammar import is_call, parse_size, parse_sizes

RELATIONS = ("<=", "<", ">=", ">", "=", "==")
MAX_PARTS = 24  # arrays inside one formula
MAX_SUMS = 4


def defined(text: str, layer: Layer) -> str | None:
    """The name that a hypothesis such as r = n % s defines, if it is new."""
    scanner = Scanner(text)
    name = scanner.take()
    new = name.kind == "name" and name.text not in (*layer.names, *layer.indices, *layer.ranks)
    if not new or not (scanner.accept("=") or scanner.accept("==")):
        return None
    _check_symbols(layer, text, parse_size(scanner))
    return name.text


def parse_given(line: str, shapes: Mapping[str, str], where: Sequence[str]) -> tuple[Layer, tuple[Hypothesis, ...]]:
    """A layer and the hypotheses on it, with the sizes that these define."""
    layer = parse_layer(line, shapes)
    for text in where:
        name = defined(text, layer)
        layer = replace(layer, defined=(*layer.defined, *([name] if name else [])))
    given = tuple(h for text in where for h in parse_hypothesis(text, layer))
    unsafe = unsafe_divisor(layer, given, (layer, given))
    if unsafe:
        raise misplaced(f"{unsafe[0]} divides by what may be less than 1", str(unsafe[0]), str(unsafe[1]))
    return layer, given


def parse_hypothesis(text: str, layer: Layer) -> tuple[Hypothesis, ...]:
    """The hypotheses in a chain such as 1 <= m <= n, one for each relation."""
    scanner = Scanner(text)
    left, found = parse_size(scanner), []
    while scanner.next.kind != "end":
        if not scanner.sees(*RELATIONS):
            raise scanner.error("expected one of <= < >= > =")
        sign, right = scanner.take().text, parse_size(scanner)
        found.append(_hypothesis(left, sign, right))
        left = right
    if not found:
        raise scanner.error("expected one of <= < >= > =")
    _check_symbols(layer, text, *(e for h in found for e in (h.low, h.high)))
    return tuple(found)


def _hypothesis(left: Expr, sign: str, right: Expr) -> Hypothesis:
    match sign:
        case ">=":
            return Hypothesis(right, "<=", left)
        case ">":
            return Hypothesis(right, "<", left)
        case "<=" | "<":
            return Hypothesis(left, sign, right)
    return Hypothesis(left, "=", right)


def parse_shape(table: Mapping[str, str], layer: Layer, printed: bool = False) -> Shape:
    """A table of arrays and their sizes; a printed one may have the wrong number of axes."""
    of = []
    for name, text in table.items():
        array, sizes = _array(name, layer), parse_sizes(text)
        _check_symbols(layer, text, *sizes)
        axes = rank(array, layer.ranks, name)
        if len(sizes) != axes and not printed:
            raise NotationError(f"{array} has {axes} axes, but {len(sizes)} sizes are given", text, 0)
        of.append((array, sizes))
    return Shape(tuple(of))


def parse_identity(text: str, layer: Layer) -> Identity:
    """A chain of sizes and measures, such as side(corr(X[i], dY[j])) = n - (n-m+1) + 1 = m."""
    scanner = Scanner(text)
    chain = [_quantity(scanner, layer)]
    while scanner.accept("=") or scanner.accept("=="):
        chain.append(_quantity(scanner, layer))
    scanner.end()
    if len(chain) < 2:
        raise scanner.error("expected '=' and another size")
    return Identity(tuple(chain))


def _quantity(scanner: Scanner, layer: Layer) -> Quantity:
    if scanner.after_next.text != "(" or scanner.next.kind != "name" or is_call(scanner):
        e = parse_size(scanner)
        _check_symbols(layer, scanner.text, e)
        return e
    kind = scanner.take().text
    if kind not in MEASURES:
        message = f"unknown measure '{kind}'{suggestion(kind, MEASURES)}"
        raise misplaced(message, scanner.text, kind)
    scanner.open("(")
    array = parse_array(scanner)
    scanner.close(")")
    _check_array(array, layer, scanner.text, printed=False)
    _check_sums(array, scanner.text)
    if rank(array, layer.ranks, scanner.text) == 0:
        raise misplaced(f"{array} is a single number: it has no {kind}", scanner.text, kind)
    gradients = tuple(map(gradient_name, layer.operands))
    if kind == "padding" and not (isinstance(array, Ref) and array.tensor in gradients and not array.at):
        raise misplaced(f"padding() takes a gradient: one of {', '.join(gradients)}", scanner.text, kind)
    return Measure(kind, array)


def parse_formula(text: str, layer: Layer, printed: bool = False) -> Formula:
    """A formula such as dF[j,i] = corr(X[i], dY[j]); a printed one may use star."""
    scanner = Scanner(text)
    left = parse_array(scanner)
    scanner.expect("=")
    right = parse_array(scanner)
    scanner.end()
    derived = (layer.output.tensor, *map(gradient_name, layer.operands))
    if not isinstance(left, Ref) or left.tensor not in derived:
        raise NotationError(f"a formula is for one of {', '.join(derived)}", text, 0)
    for array in (left, right):
        _check_array(array, layer, text, printed)
    axes = rank(left, layer.ranks, text), rank(right, layer.ranks, text)
    if axes[0] != axes[1]:
        raise NotationError(f"{left} has {axes[0]} axes, the right side has {axes[1]}", text, 0)
    _check_sums(right, text)
    return Formula(left, right)


def _array(text: str, layer: Layer) -> Array:
    scanner = Scanner(text)
    array = parse_array(scanner)
    scanner.end()
    _check_array(array, layer, text, printed=False)
    _check_sums(array, text)
    return array


def _check_array(array: Array, layer: Layer, text: str, printed: bool) -> None:
    rank(array, layer.ranks, text)
    inside = tuple(walk(array))
    if len(inside) > MAX_PARTS or sum(isinstance(part, SumOver) for part in inside) > MAX_SUMS:
        raise NotationError("this formula has too many parts", text, 0)
    for part in inside:
        _check_symbols(layer, text, *amounts(part))
        if isinstance(part, Ref):
            for index in part.at:
                _check_index(index, layer, text)
        if isinstance(part, Slide) and part.op == "star" and not printed:
            raise misplaced("only 'printed' may leave it open: write corr or conv", text, "star")


def _check_index(index: str, layer: Layer, text: str) -> None:
    if index in layer.names or index in layer.ranks:
        raise misplaced(f"'{index}' cannot be an index: it already names a size or a tensor", text, index)


def _check_sums(array: Array, text: str) -> None:
    """Every summed index must be free under its sum: the axes that it indexes there bound it."""
    sums = [part for part in walk(array) if isinstance(part, SumOver)]
    for part in sums:
        if part.index in free_indices(array):
            raise misplaced(f"{part.index} is summed over, and free elsewhere: rename one", text, part.index)
        if part.index not in free_indices(part.array):
            raise misplaced(f"sum over {part.index}, which indexes nothing inside", text, part.index)
        if any(isinstance(inner, SumOver) and inner.index == part.index for inner in walk(part.array)):
            raise misplaced(f"two sums over {part.index}, one inside the other", text, part.index)


def _check_symbols(layer: Layer, text: str, *sizes: Expr) -> None:
    for e in sizes:
        for name in symbols(e):
            if name not in layer.names:
                known = suggestion(name, layer.names)
                raise misplaced(f"unknown size '{name}'{known}", text, name)


def unsafe_divisor(layer: Layer, where: Sequence[Hypothesis], said: object) -> tuple[Expr, Expr] | None:
    """A size that divides by what may be less than 1, and that divisor.

    A divisor is made from numbers and sizes by sums and products, so that it is positive where
    its least value is, and no size in it can be negative.
    """
    lows = {name: least(layer, name, where) for name in layer.sizes}
    for e in sizes_in(said):
        for divisor in divisors(e):
            if min((lows.get(name, -1) for name in symbols(divisor)), default=0) < 0 or evaluate(divisor, lows) < 1:
                return e, divisor
    return None


def sizes_in(thing: object) -> Iterator[Expr]:
    """Every size that a layer, a hypothesis or a claim says something with."""
    if isinstance(thing, Expr):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from sizes_in(part)
    elif is_dataclass(thing):
        for f in fields(thing):
            yield from sizes_in(getattr(thing, f.name))
