"""Linear equations in unknowns that must not be negative, solved exactly."""

from fractions import Fraction
from math import gcd


def feasible(rows: list[list[int]], values: list[int]) -> list[Fraction] | None:
    """Some x >= 0 with rows x = values, or None: phase one of the simplex method, by Bland's rule.

    Each row starts with an artificial unknown; the sum of these is driven to zero, which is
    possible just when there is a solution. An artificial unknown that has left never comes back,
    so that its column is not kept. Bland's choice of the first column that helps cannot cycle.
    Rows are kept in integers: only their signs and the ratios within a row matter.
    """
    width = len(rows[0])
    table = [[-c if value < 0 else c for c in (*row, value)] for row, value in zip(rows, values, strict=True)]
    basis = list(range(width, width + len(table)))
    cost = [sum(column) for column in zip(*table, strict=True)]
    while True:
        enter = next((j for j in range(width) if cost[j] > 0), None)
        if enter is None:
            break
        _, _, leave = min((Fraction(row[-1], row[enter]), basis[n], n) for n, row in enumerate(table) if row[enter] > 0)
        head = table[leave]
        table = [row if row is head else _cleared(row, head, enter) for row in table]
        cost = _cleared(cost, head, enter)
        basis[leave] = enter
    if cost[-1]:
        return None
    solution = [Fraction(0)] * width
    for row, j in zip(table, basis, strict=True):
        if j < width:
            solution[j] = Fraction(row[-1], row[j])
    return solution


def _cleared(row: list[int], head: list[int], column: int) -> list[int]:
    """A positive multiple of the row, less the multiple of the head that leaves 0 in a column."""
    factor, pivot = row[column], head[column]
    if not factor:
        return row
    cleared = [pivot * c - factor * h for c, h in zip(row, head, strict=True)]
    divisor = gcd(*cleared)
    return [c // divisor for c in cleared] if divisor > 1 else cleared
