"""Sizes as they are written: what is parsed, and how large it may be."""

from gradcheck.errors import NotationError
from gradcheck.notation.arithmetic import DIVISIONS, EXTREMES, ZERO, Expr, Group, Int, Op, Sym
from gradcheck.notation.scanner import Scanner

MAX_DEGREE = 12
MAX_TERMS = 300  # monomials an expression may have once multiplied out
MAX_ATOMS = 12  # quotients, remainders and extremes in one expression


def degree(e: Expr) -> int:
    """An upper bound on the degree of `e`, and of all inside it."""
    match e:
        case Sym():
            return 1
        case Group(inner):
            return degree(inner)
        case Op("**", left, Int(power)):
            return power * degree(left)
        case Op("*", left, right):
            return degree(left) + degree(right)
        case Op(_, left, right):
            return max(degree(left), degree(right))
    return 0


def _terms(e: Expr) -> int:
    """An upper bound on the monomials of `e`, and of all inside it, multiplied out."""
    match e:
        case Group(inner):
            return _terms(inner)
        case Op("**", left, Int(power)):
            return int(_terms(left) ** power)
        case Op("*", left, right):
            return _terms(left) * _terms(right)
        case Op(_, left, right):
            return _terms(left) + _terms(right)
    return 1


def _atoms(e: Expr) -> int:
    match e:
        case Group(inner):
            return _atoms(inner)
        case Op(op, left, right):
            return _atoms(left) + _atoms(right) + (op in (*DIVISIONS, *EXTREMES))
    return 0


def _has_power(e: Expr) -> bool:
    if isinstance(e, Group):
        return _has_power(e.inner)
    return isinstance(e, Op) and (e.op == "**" or _has_power(e.left) or _has_power(e.right))


def parse_size(scanner: Scanner) -> Expr:
    """A size, such as n - m + 1 or (n - m)//s + 1; raises NotationError with the place where it goes wrong."""
    start = scanner.next
    e = _sum(scanner)
    if degree(e) > MAX_DEGREE or _terms(e) > MAX_TERMS or _atoms(e) > MAX_ATOMS:
        raise NotationError("this size is too large to multiply out", scanner.text, start.place)
    return e


def parse_sizes(text: str) -> tuple[Expr, ...]:
    """The sizes in a text such as "p n-m+1 n-m+1"."""
    scanner = Scanner(text)
    sizes = [parse_size(scanner)]
    while scanner.next.kind != "end":
        sizes.append(parse_size(scanner))
    return tuple(sizes)


def _sum(scanner: Scanner) -> Expr:
    e = _product(scanner)
    while scanner.sees("+", "-"):
        e = Op(scanner.take().text, e, _product(scanner))
    if scanner.sees("/"):
        raise scanner.error("sizes are integers: expected a // b, rounded down, or ceil(a/b), rounded up")
    return e


def _product(scanner: Scanner) -> Expr:
    e = _power(scanner)
    while scanner.sees("*", "//", "%"):
        op = scanner.take().text
        e = Op(op, e, _divisor(scanner) if op in DIVISIONS else _power(scanner))
    return e


def _divisor(scanner: Scanner) -> Expr:
    place = scanner.next.place
    return positive(_power(scanner), "a divisor", scanner, place)


def positive(e: Expr, what: str, scanner: Scanner, place: int) -> Expr:
    """A size that is at least 1 if all its symbols are; raises NotationError for one that need not be."""
    if not _positive(e):
        raise NotationError(f"{what} is made from numbers and sizes >= 1 by + and *", scanner.text, place)
    return e


def _positive(e: Expr) -> bool:
    match e:
        case Int(value):
            return value > 0
        case Group(inner):
            return _positive(inner)
        case Op(op, left, right):
            return op in ("+", "*", "**") and _positive(left) and _positive(right)
    return True


def _power(scanner: Scanner) -> Expr:
    e = _atom(scanner)
    if not scanner.accept("**"):
        return e
    if _has_power(e):
        raise scanner.error("a power of a power is not allowed")
    if scanner.next.kind != "number" or not 1 <= int(scanner.next.text) <= MAX_DEGREE:
        raise scanner.error(f"expected an exponent from 1 to {MAX_DEGREE}")
    return Op("**", e, Int(int(scanner.take().text)))


def _atom(scanner: Scanner) -> Expr:
    if scanner.next.kind == "number":
        return Int(int(scanner.take().text))
    if is_call(scanner):
        return _call(scanner)
    if scanner.next.kind == "name":
        return Sym(scanner.take().text)
    if scanner.accept("-") and not scanner.sees("-"):
        return Op("-", ZERO, _power(scanner))
    if not scanner.sees("("):
        raise scanner.error("expected a number, a symbol or '('")
    scanner.open("(")
    e = _sum(scanner)
    scanner.close(")")
    return Group(e) if isinstance(e, Op) else e


def is_call(scanner: Scanner) -> bool:
    """Whether min, max or ceil with its bracket comes next."""
    return scanner.sees("ceil", *EXTREMES) and scanner.after_next.text == "("


def _call(scanner: Scanner) -> Expr:
    op = scanner.take().text
    scanner.open("(")
    if op == "ceil":
        e = _product(scanner)
        scanner.expect("/")
        e = Op(op, e, _divisor(scanner))
    else:
        e = _sum(scanner)
        scanner.expect(",")
        e = Op(op, e, _sum(scanner))
        while scanner.accept(","):
            e = Op(op, e, _sum(scanner))
    scanner.close(")")
    return e
