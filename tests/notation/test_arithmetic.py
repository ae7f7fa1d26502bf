"""The arithmetic of sizes: how trees print, what they are worth, and what is in them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.notation.arithmetic import (
    ONE,
    ZERO,
    Expr,
    Group,
    Int,
    Op,
    Sym,
    affine,
    divisors,
    evaluate,
    folded,
    replace,
    symbols,
)
from gradcheck.notation.scanner import Scanner
from gradcheck.notation.size_grammar import parse_size

N, M, S, D = map(Sym, "nmsd")
QUICK = settings(max_examples=200, deadline=None, derandomize=True)
SIZES = st.fixed_dictionaries(
    {**{name: st.integers(-9, 9) for name in "nmp"}, **{name: st.integers(1, 4) for name in "sd"}}
)


def parsed(text: str) -> Expr:
    """The tree of a text, which must hold one size and nothing else."""
    scanner = Scanner(text)
    e = parse_size(scanner)
    scanner.end()
    return e


def grow(trees: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Larger trees from trees, with what is at least 1 as divisors."""
    return st.one_of(
        st.builds(Op, st.sampled_from(["+", "-", "*", "min", "max"]), trees, trees),
        st.builds(Op, st.sampled_from(["//", "%", "ceil"]), trees, DIVISORS),
        st.builds(Group, trees),
        trees.map(lambda tree: Op("-", ZERO, tree)),
    )


POSITIVE = st.one_of(st.integers(1, 4).map(Int), st.sampled_from([S, D, Op("**", S, Int(2))]))
DIVISORS = st.recursive(
    POSITIVE,
    lambda inner: st.one_of(st.builds(Op, st.sampled_from("+*"), inner, inner), st.builds(Group, inner)),
    max_leaves=3,
)
NUMBERS = st.one_of(
    st.integers(-5, 5).map(Int), st.sampled_from([N, M, Sym("p"), S, Op("**", N, Int(2)), Op("**", N - M, Int(2))])
)
TREES = st.recursive(NUMBERS, grow, max_leaves=8)


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (Int(-3), "-3"),
        (N + Int(-3), "n + (-3)"),
        (Int(-2) * N, "(-2)*n"),
        (N - (M - ONE), "n - (m - 1)"),
        (N * (M + ONE), "n*(m + 1)"),
        ((N + M) * N, "(n + m)*n"),
        (ZERO - (N - M), "-(n - m)"),
        (ZERO - N * M, "-(n*m)"),
        (Op("**", N + M, Int(2)), "(n + m)**2"),
        (N - M * N, "n - m*n"),
        (Group(N + M), "(n + m)"),
        (Group(N + M) * N, "(n + m)*n"),
        (Op("//", N - M, S), "(n - m)//s"),
        (Op("//", N, S * D), "n//(s*d)"),
        (Op("//", N * M, S), "n*m//s"),
        (N * Op("//", M, S), "n*(m//s)"),
        (Op("//", N, S) * M, "n//s*m"),
        (Op("//", N, S) + ONE, "n//s + 1"),
        (Op("//", Op("//", N, S), D), "n//s//d"),
        (Op("//", N, Op("**", S, Int(2))), "n//s**2"),
        (ZERO - Op("//", N, S), "-(n//s)"),
        (Op("//", ZERO - N, S), "(-n)//s"),
        (Op("//", Int(-1), Int(2)), "(-1)//2"),
        (Op("%", N + ONE, Int(2)), "(n + 1)%2"),
        (N - Op("%", N, S), "n - n%s"),
        (Op("**", Op("%", N, S), Int(2)), "(n%s)**2"),
        (Op("ceil", N, S), "ceil(n/s)"),
        (Op("ceil", N - M, S + ONE), "ceil((n - m)/(s + 1))"),
        (Op("ceil", N * M, S * D), "ceil(n*m/(s*d))"),
        (ZERO - Op("ceil", ZERO - N, S), "-ceil((-n)/s)"),
        (Op("ceil", Int(-3), Int(2)), "ceil((-3)/2)"),
        (Op("max", N - M, ZERO), "max(n - m, 0)"),
        (Op("max", N, Int(-1)), "max(n, -1)"),
        (Op("min", N, Op("max", M, ONE)), "min(n, max(m, 1))"),
        (Op("**", Op("min", N, M), Int(2)), "min(n, m)**2"),
        (Op("max", N, M) * S - ONE, "max(n, m)*s - 1"),
    ],
)
def test_a_tree_prints_as_it_would_be_said(tree: Expr, text: str) -> None:
    """Printing adds the brackets that the tree's shape needs, and no others."""
    assert str(tree) == text


@given(TREES, SIZES)
@QUICK
def test_a_printed_tree_keeps_its_value(tree: Expr, at: dict[str, int]) -> None:
    """Any tree, also one that no text wrote, prints as a text that parses to the same value."""
    assert evaluate(parsed(str(tree)), at) == evaluate(tree, at)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n//s", -3),
        ("n%s", 2),
        ("ceil(n/s)", -2),
        ("-n//s", 2),
        ("-(n//s)", 3),
        ("ceil(-n/s)", 3),
        ("min(n, s)", -7),
        ("max(n, s)", 3),
        ("max(n, s, 5)", 5),
        ("n//s*s + n%s", -7),
    ],
)
def test_quotients_round_down_and_ceil_rounds_up(text: str, value: int) -> None:
    """Where n = -7 and s = 3, quotients are rounded towards minus infinity and remainders are not negative."""
    assert evaluate(parsed(text), {"n": -7, "s": 3}) == value


@given(st.integers(-50, 50), st.integers(1, 9))
@QUICK
def test_ceil_is_the_least_multiple_that_covers(a: int, b: int) -> None:
    """ceil(a/b) is the least c with b*c >= a."""
    c = evaluate(Op("ceil", N, S), {"n": a, "s": b})
    assert b * (c - 1) < a <= b * c


def test_evaluate_works_on_arrays() -> None:
    """Symbols may stand for arrays of integers, and the value is the array of values."""
    at = {"n": np.array([3, 5, -5]), "m": np.array([1, 5, 2])}
    assert evaluate(parsed("(n - m)**2 + 1"), at).tolist() == [5, 1, 50]
    assert evaluate(parsed("n//2"), at).tolist() == [1, 2, -3]
    assert evaluate(parsed("n%2"), at).tolist() == [1, 1, 1]
    assert evaluate(parsed("ceil(n/2)"), at).tolist() == [2, 3, -2]
    assert evaluate(parsed("max(n, m)"), at).tolist() == [3, 5, 2]
    assert evaluate(parsed("min(n, m, 2)"), at).tolist() == [1, 2, -5]


def test_evaluate_needs_every_symbol() -> None:
    """A symbol without a value is a KeyError that names it."""
    with pytest.raises(KeyError, match="m"):
        evaluate(Op("max", N, M), {"n": 1})


def test_evaluate_knows_only_the_four_forms() -> None:
    """A foreign kind of size has no value."""
    with pytest.raises(TypeError):
        evaluate(Expr(), {})


@pytest.mark.parametrize(
    ("text", "by", "result"),
    [
        ("n - m", {"n": M}, "m - m"),
        ("n*m", {"n": N + ONE}, "(n + 1)*m"),
        ("(n + 1)**2", {"n": ZERO}, "(0 + 1)**2"),
        ("n", {"m": ONE}, "n"),
        ("7", {"n": ONE}, "7"),
        ("n + m", {"n": M, "m": N}, "m + n"),
        ("n//s", {"n": N - M, "s": S * D}, "(n - m)//(s*d)"),
        ("ceil(n/s)%n", {"n": N + ONE}, "ceil((n + 1)/s)%(n + 1)"),
        ("max(n, min(m, 0))", {"m": N}, "max(n, min(n, 0))"),
    ],
)
def test_replace_substitutes_all_at_once(text: str, by: dict[str, Expr], result: str) -> None:
    """Each named symbol is replaced, at once, and nothing else changes."""
    assert str(replace(parsed(text), by)) == result


@given(TREES, TREES, SIZES)
@QUICK
def test_replacing_is_evaluating_at_the_value(tree: Expr, by: Expr, at: dict[str, int]) -> None:
    """A symbol that divides nothing may be replaced before or after evaluation."""
    assert evaluate(replace(tree, {"n": by}), at) == evaluate(tree, {**at, "n": evaluate(by, at)})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("3", ()),
        ("n", ("n",)),
        ("m + (n - m)**2", ("m", "n", "m")),
        ("-p", ("p",)),
        ("(m - 1)//s % n", ("m", "s", "n")),
        ("ceil(n/s) + max(m, n)", ("n", "s", "m", "n")),
    ],
)
def test_symbols_come_in_written_order(text: str, names: tuple[str, ...]) -> None:
    """The names are those in the text, in order, with repeats."""
    assert symbols(parsed(text)) == names


@pytest.mark.parametrize(
    "text",
    ["3", "n", "a", "2*a - b + 1", "s*a + (b - n)*d", "a*(n//s)", "(n + 1)*(a + b)", "max(n, m)*a + n%s", "n*m**2"],
)
def test_a_sum_of_multiples_is_affine(text: str) -> None:
    """Indices a and b times whatever has neither, added up, are affine."""
    assert affine(parsed(text), frozenset("ab"))


@pytest.mark.parametrize(
    "text",
    ["a*b", "a*a", "a**2", "a//2", "(s*a)%n", "ceil(a/s)", "max(a, 0)", "n*(a*b)", "1 - n//a", "n + (a*b - b*a)"],
)
def test_anything_else_is_not_affine(text: str) -> None:
    """A product, power, quotient or extreme of indices is not affine as it is written."""
    assert not affine(parsed(text), frozenset("ab"))


INDEXED = st.recursive(st.sampled_from([Sym("a"), N, S, ONE]), grow, max_leaves=6)


@given(INDEXED, SIZES, st.integers(-9, 9))
@QUICK
def test_what_is_affine_has_even_steps(tree: Expr, at: dict[str, int], a: int) -> None:
    """An affine size grows by the same amount whenever the index grows by one."""
    first, second, third = (evaluate(tree, {**at, "a": a + step}) for step in range(3))
    assert not affine(tree, frozenset("a")) or second - first == third - second


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("n*m - 1", []),
        ("n//s", ["s"]),
        ("n % (s + 1)", ["(s + 1)"]),
        ("ceil(n/s) + 1", ["s"]),
        ("n//s//d", ["s", "d"]),
        ("max((n - 1)//2, ceil(m%d/s))", ["2", "d", "s"]),
    ],
)
def test_divisors_come_innermost_first(text: str, found: list[str]) -> None:
    """All that is divided by is told, what is inside before what is outside."""
    assert list(map(str, divisors(parsed(text)))) == found


@given(TREES, SIZES)
@QUICK
def test_divisors_are_all_that_can_fail(tree: Expr, at: dict[str, int]) -> None:
    """A tree has a value wherever none of its divisors is zero."""
    where = {**at, "s": 0}
    if all(evaluate(divisor, where) for divisor in divisors(tree)):
        evaluate(tree, where)
    else:
        with pytest.raises(ZeroDivisionError):
            evaluate(tree, where)


@pytest.mark.parametrize(
    ("e", "text"), [(N + M, "n + m"), (N - M, "n - m"), (N * M, "n*m"), (Op("//", N, M) + N, "n//m + n")]
)
def test_operators_build_trees(e: Expr, text: str) -> None:
    """The operators of Python build the tree that the text would."""
    assert e == parsed(text)


def test_equal_trees_are_one_key() -> None:
    """Trees that are written alike are equal and hash alike; another operator makes another tree."""
    trees = {Op(op, N, S): op for op in ("//", "%", "ceil", "min", "max", "+", "-", "*")}
    assert len(trees) == 8
    assert trees[Op("ceil", Sym("n"), Sym("s"))] == "ceil"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("2 + 1", Int(3)),
        ("(2*3)**2 - 1", Int(35)),
        ("1 - 4", Int(-3)),
        ("(7)", Int(7)),
        ("0", ZERO),
        ("-7//2", Int(-4)),
        ("7%4", Int(3)),
        ("ceil(7/2)", Int(4)),
        ("max(2, 3) - min(2, 3)", ONE),
    ],
)
def test_numbers_alone_are_folded(text: str, result: Expr) -> None:
    """Where nothing but numbers stands, the value stands for them."""
    assert folded(parsed(text)) == result


@pytest.mark.parametrize("text", ["n", "n + 1 + 2", "n - n", "0*m", "(n)", "0//n", "max(1, n)"])
def test_a_size_with_a_symbol_is_not_folded(text: str) -> None:
    """A size that holds a symbol stays as it was written, whatever its value."""
    e = parsed(text)
    assert folded(e) is e
