"""Array formulas as they are written."""

from dataclasses import replace

from gradcheck.errors import NotationError
from gradcheck.notation.arithmetic import ONE, Expr
from gradcheck.notation.arrays import FUNCTIONS, SLIDES, Array, Crop, Dilate, Pad, Ref, Rot180, Slide, SumOver
from gradcheck.notation.scanner import Scanner, suggestion
from gradcheck.notation.size_grammar import parse_size


def parse_array(scanner: Scanner) -> Array:
    """An array formula, such as corr(pad(dY[j], m - 1), rot180(F[j,i]))."""
    place = scanner.next
    name = scanner.name("a tensor or a function")
    if not scanner.sees("("):
        return Ref(name, _indices(scanner))
    if name not in FUNCTIONS:
        raise NotationError(f"unknown function '{name}'{suggestion(name, FUNCTIONS)}", scanner.text, place.place)
    scanner.open("(")
    array = _call(name, scanner)
    scanner.close(")")
    return array


def _call(name: str, scanner: Scanner) -> Array:
    if name == "sum":
        index = scanner.name("an index to sum over")
        scanner.expect(",")
        return SumOver(index, parse_array(scanner))
    array = parse_array(scanner)
    if name == "rot180":
        return Rot180(array)
    scanner.expect(",")
    if name in SLIDES:
        return _options(Slide(name, array, parse_array(scanner)), scanner)
    amount = parse_size(scanner)
    if name == "dilate":
        return Dilate(array, amount)
    after = parse_size(scanner) if scanner.accept(",") else amount
    return Pad(array, amount, after) if name == "pad" else Crop(array, amount, after)


def _options(slide: Slide, scanner: Scanner) -> Slide:
    sizes: dict[str, Expr] = {}
    while scanner.accept(","):
        known = [name for name in ("stride", "dilation") if name not in sizes]
        if not scanner.sees(*known):
            raise scanner.error(f"expected {' or '.join(f'{name}=' for name in known) or 'no more'}")
        name = scanner.take().text
        scanner.expect("=")
        sizes[name] = parse_size(scanner)
    return replace(slide, stride=sizes.get("stride", ONE), dilation=sizes.get("dilation", ONE))


def _indices(scanner: Scanner) -> tuple[str, ...]:
    if not scanner.sees("["):
        return ()
    scanner.open("[")
    names = [scanner.name("an index")]
    while scanner.accept(","):
        names.append(scanner.name("an index"))
    scanner.close("]")
    return tuple(names)
