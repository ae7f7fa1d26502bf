"""Sizes, hypotheses and names as terms of Coq, over its integers Z."""

import re
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files

from gradcheck.claims.claim import Hypothesis
from gradcheck.notation.arithmetic import EXTREMES, ZERO, Expr, Group, Int, Op, Sym
from gradcheck.notation.sums import Bounds, Range

CORE = "\n".join(files("gradcheck.report").joinpath(name).read_text(encoding="utf-8") for name in ("core.v", "sizes.v"))
KEYWORDS = [
    "_",
    "as",
    "at",
    "by",
    "cofix",
    "else",
    "end",
    "exists",
    "exists2",
    "fix",
    "for",
    "forall",
    "fun",
    "if",
    "in",
    "lazymatch",
    "let",
    "match",
    "mod",
    "multimatch",
    "return",
    "then",
    "using",
    "where",
    "with",
    "wlog",
    "SProp",
    "Prop",
    "Set",
    "Type",
    "Axiom",
    "CoFixpoint",
    "Definition",
    "Fixpoint",
    "Hypothesis",
    "IF",
    "Lemma",
    "Parameter",
    "Theorem",
    "Variable",
    "Z",
    "N",
    "nat",
]
RESERVED = {*KEYWORDS, *re.findall(r"^(?:Definition|Fixpoint|Lemma|Theorem|Ltac) (\w+)", CORE, re.MULTILINE)}
_STRANGE = re.compile(r"[^A-Za-z0-9_']")

Names = Mapping[str, str]


def distinct(text: str, taken: Iterable[str]) -> str:
    """The text as an identifier that is not taken, nor a word of Coq's or a name of the core's."""
    name = _STRANGE.sub("_", text)
    if not re.match(r"[A-Za-z_]", name):
        name = f"_{name}"
    while name in RESERVED or name in taken:
        name += "_"
    return name


def named(symbols: Iterable[str]) -> dict[str, str]:
    """A name of Coq's for each symbol, no two alike.

    >>> named(["i", "i'", "i*", "i_", "mod"])
    {'i': 'i', "i'": "i'", 'i*': 'i_', 'i_': 'i__', 'mod': 'mod_'}
    """
    found: dict[str, str] = {}
    for symbol in dict.fromkeys(symbols):
        found[symbol] = distinct(symbol, found.values())
    return found


_BINARY: dict[str, Callable[[str, str], str]] = {
    "//": lambda a, b: f"({a} / {b})",
    "%": lambda a, b: f"({a} mod {b})",
    "ceil": lambda a, b: f"(- ((- {a}) / {b}))",
}


def term(e: Expr, names: Names) -> str:
    """A size, in brackets unless it is a name or a number; a power is written as a product.

    >>> term(Op("**", Sym("n"), Int(2)) - Int(-1), {"n": "n"})
    '((n * n) - (-1))'
    """
    match e:
        case Int(value):
            return f"({value})" if value < 0 else str(value)
        case Sym(name):
            return names[name]
        case Group(inner):
            return term(inner, names)
        case Op("**", left, Int(power)):
            return f"({' * '.join([term(left, names)] * power)})" if power else "1"
        case Op("-", left, right) if left == ZERO:
            return f"(- {term(right, names)})"
        case Op(op, left, right):
            a, b = term(left, names), term(right, names)
            if op in EXTREMES:
                return f"(Z.{op} {a} {b})"
            return _BINARY[op](a, b) if op in _BINARY else f"({a} {op} {b})"
    raise TypeError(e)


def bare(e: Expr, names: Names) -> str:
    """A size without the brackets around all of it."""
    text = term(e, names)
    return text[1:-1] if isinstance(e, Op) and text.startswith("(") else text


def hypothesis(h: Hypothesis, names: Names) -> str:
    """What a hypothesis says."""
    return f"{bare(h.left, names)} {h.sign} {bare(h.right, names)}"


def between(said: Range | Bounds, names: Names) -> str:
    """low <= value <= high, of an index or of an expression."""
    value = Sym(said.index) if isinstance(said, Range) else said.value
    return f"{bare(said.low, names)} <= {bare(value, names)} <= {bare(said.high, names)}"


def comment(text: str) -> str:
    """The text inside a comment, which nothing in it can close or nest."""
    told = " ".join(text.split()).replace('"', "''")
    return f"(* {re.sub(r'(?<=[(*])(?=[*)])', ' ', told)} *)"
