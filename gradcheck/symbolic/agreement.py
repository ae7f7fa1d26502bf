"""The exact set of sizes at which a formula is true, where that is not all of them.

Every product in the definition of a gradient determines the point of the formula's sum that
would have the same factors, up to equations that are left over, its residuals. They are affine
in the indices, so they vanish on the whole box just when they do at its corners. This gives
polynomial conditions on the sizes. They are necessary, because each corner is a product of the
definition; that they suffice is proved like any claim.
"""

from dataclasses import replace
from itertools import product

from gradcheck.claims.claim import Formula
from gradcheck.notation.arithmetic import ZERO, Expr
from gradcheck.notation.sums import Equation
from gradcheck.symbolic.algebra import coefficient, constant, primitive, substitute
from gradcheck.symbolic.certificates import Facts, equalities
from gradcheck.symbolic.equations import contained, renamed
from gradcheck.symbolic.gradients import definition
from gradcheck.symbolic.prove import argue, claimed_equation
from gradcheck.symbolic.sizes import need
from gradcheck.symbolic.theory import Theory


def agreement(known: Theory, formula: Formula) -> tuple[Expr, ...] | None:
    """The expressions that must be 0 for a formula to be true: none if it always is; None if not found."""
    claimed, _ = claimed_equation(known, formula)
    defined = definition(known, formula.left.tensor)
    found = contained(defined, renamed(claimed), known.facts)
    box = (*defined.free, *defined.over)
    if found is None or need(known.facts, [r.high - r.low for r in box]).missing:
        return None
    corners = [value for e in found.residuals for value in _corners(e, defined)]
    conditions = _independent(corners, known.facts)
    if any(constant(c) is not None for c in conditions):
        return None
    facts = known.facts.plus([e for c in conditions for e in equalities(c, ZERO)])
    argument = argue(replace(known, facts=facts), formula)
    return conditions if argument.closed and not any(step.missing for step in argument.steps) else None


def _corners(e: Expr, equation: Equation) -> list[Expr]:
    """The values of an affine expression at the corners of the box of indices that it depends on."""
    box = [r for r in (*equation.free, *equation.over) if coefficient(e, r.index) != ZERO]
    ends = product(*((r.low, r.high) for r in box))
    return [substitute(e, {r.index: end for r, end in zip(box, corner, strict=True)}) for corner in ends]


def _independent(conditions: list[Expr], facts: Facts) -> tuple[Expr, ...]:
    """Conditions, each = 0, of which none follows from the others."""
    left = [c for c in dict.fromkeys(map(primitive, conditions)) if c != ZERO]
    for condition in reversed(left):
        rest = [c for c in left if c is not condition]
        given = facts.plus([e for c in rest for e in equalities(c, ZERO)])
        if not need(given, equalities(condition, ZERO)).missing:
            left = rest
    return tuple(left)
