"""The hypotheses without which the derivations of a layer have a gap."""

from collections.abc import Sequence

from gradcheck.claims.claim import Hypothesis
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import Expr, Int, symbols
from gradcheck.symbolic.algebra import atoms, constant, signed
from gradcheck.symbolic.basis import basis
from gradcheck.symbolic.sizes import need
from gradcheck.symbolic.theory import assumptions, demands

MAX_ROUNDS = 10


def needed(layer: Layer, where: Sequence[Hypothesis]) -> tuple[Hypothesis, ...]:
    """Hypotheses with which nothing is missing: each says that some index has a value.

    Found one after another from what the derivations miss. They may say more than is necessary by
    a single case, that of an array without entries, and where a gap stands for no hypothesis it
    stays. Raises LayerError as `basis` does.
    """
    found: list[Hypothesis] = []
    for _ in range(MAX_ROUNDS):
        steps = [step for d in basis(layer, (*where, *found)).derivations for step in d.steps]
        missing = [e for step in steps for e in step.missing if set(symbols(e)) <= set(layer.names)]
        new = [h for h in map(_hypothesis, missing) if h and h not in found]
        if not new:
            break
        found.append(new[0])
    return tuple(h for h in found if not _follows(layer, (*where, *(other for other in found if other != h)), h))


def _follows(layer: Layer, where: Sequence[Hypothesis], h: Hypothesis) -> bool:
    return not need(assumptions(layer, where), demands(h)).missing


def _hypothesis(goal: Expr) -> Hypothesis | None:
    """What makes a size not negative; of a quotient, a//b >= c says that a >= b*c."""
    for q in atoms(goal):
        rest = constant(goal - q)
        if q.op == "//" and rest is not None:
            goal = q.left + Int(rest) * q.right
    high, low = signed(goal)
    return None if constant(high - low) is not None else Hypothesis(low, "<=", high)
