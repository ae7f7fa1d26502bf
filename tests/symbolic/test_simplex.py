"""Linear equations in unknowns that must not be negative: solved exactly, or told to have no solution."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.symbolic.simplex import feasible

QUICK = settings(max_examples=150, deadline=None, derandomize=True)
SMALL = st.integers(-3, 3)
ROWS = st.lists(st.lists(SMALL, min_size=3, max_size=3), min_size=1, max_size=4)


def times(rows: list[list[int]], x: list[Fraction] | list[int]) -> list[Fraction]:
    """The values of the rows at x."""
    return [sum((Fraction(c) * y for c, y in zip(row, x, strict=True)), Fraction(0)) for row in rows]


@given(ROWS, st.lists(st.fractions(0, 3, max_denominator=3), min_size=3, max_size=3))
@QUICK
def test_feasible_finds_what_exists(rows: list[list[int]], planted: list[Fraction]) -> None:
    """Where a solution was planted one is found, and it solves the equations."""
    scaled = [[6 * c for c in row] for row in rows]
    values = [int(value) for value in times(scaled, planted)]
    found = feasible(scaled, values)
    assert found is not None
    assert min(found) >= 0
    assert times(scaled, found) == values


@given(ROWS, st.lists(SMALL, min_size=4, max_size=4))
@QUICK
def test_none_means_that_there_is_none(rows: list[list[int]], values: list[int]) -> None:
    """Either a solution is found, or weights of the rows show that there is none (Farkas)."""
    values = values[: len(rows)]
    found = feasible(rows, values)
    weights = refutation(rows, values)
    assert (found is None) == (weights is not None)
    if found is not None:
        assert min(found) >= 0
        assert times(rows, found) == values


def refutation(rows: list[list[int]], values: list[int]) -> list[Fraction] | None:
    """Weights of the rows with which no column is negative and the value is -1, if there are any."""
    both = [*rows, *([-c for c in row] for row in rows)]
    target = [*values, *(-value for value in values)]
    slack = [[-(i == j) for j in range(len(rows[0]))] for i in range(len(rows[0]))]
    columns = [[*column, *unit] for column, unit in zip(zip(*both, strict=True), slack, strict=True)]
    found = feasible([*columns, [*target, *[0] * len(slack)]], [*[0] * len(columns), -1])
    if found is None:
        return None
    half = len(rows)
    weights = [a - b for a, b in zip(found[:half], found[half : 2 * half], strict=True)]
    assert all(sum(w * c for w, c in zip(weights, column, strict=True)) >= 0 for column in zip(*rows, strict=True))
    assert sum(w * value for w, value in zip(weights, values, strict=True)) == -1
    return weights


@pytest.mark.parametrize(
    ("rows", "values", "solution"),
    [
        ([[2]], [1], [Fraction(1, 2)]),
        ([[-3]], [-1], [Fraction(1, 3)]),
        ([[1, 1], [1, -1]], [3, 1], [Fraction(2), Fraction(1)]),
        ([[1, 1], [2, 2]], [0, 0], [Fraction(0), Fraction(0)]),
        ([[0, 5]], [0], [Fraction(0), Fraction(0)]),
        ([[3, 0], [0, 7]], [2, 5], [Fraction(2, 3), Fraction(5, 7)]),
    ],
)
def test_the_only_solution_is_exact(rows: list[list[int]], values: list[int], solution: list[Fraction]) -> None:
    """Solutions are fractions, not near to them."""
    assert feasible(rows, values) == solution


@pytest.mark.parametrize(
    ("rows", "values"),
    [([[1, 1]], [-1]), ([[0]], [1]), ([[1], [1]], [1, 2]), ([[1, -1], [-1, 1]], [1, 0]), ([[1, 2], [2, 4]], [1, 3])],
)
def test_infeasible_is_told(rows: list[list[int]], values: list[int]) -> None:
    """Equations that contradict each other, or need a negative unknown, have no solution."""
    assert feasible(rows, values) is None


def test_a_cycling_program_ends() -> None:
    """Beale's example, on which the rule of the steepest column cycles, is solved."""
    rows = [
        [1, 0, 0, 1, -32, -4, 36],
        [0, 1, 0, 1, -24, -1, 6],
        [0, 0, 1, 0, 0, 1, 0],
    ]
    found = feasible(rows, [0, 0, 1])
    assert found is not None
    assert times(rows, found) == [0, 0, 1]
