"""What follows from a layer alone, before any claim: the sizes and the windows of all that it defines."""

from collections.abc import Sequence

from gradcheck.claims.claim import Hypothesis
from gradcheck.errors import LayerError
from gradcheck.evidence import Basis, Derivation
from gradcheck.layers.layer import Layer, gradient_name
from gradcheck.symbolic.gradients import gradient
from gradcheck.symbolic.replay import replay
from gradcheck.symbolic.theory import stated, theory


def basis(layer: Layer, where: Sequence[Hypothesis]) -> Basis:
    """The derivations of the output and of every gradient that the rules reach.

    Raises LayerError for a layer whose output has none.
    """
    known = theory(layer, tuple(where))
    found = [Derivation(layer.output.tensor, known.output_sizes, known.forward, known.steps)]
    underived = []
    for operand in layer.operands:
        try:
            own = gradient(known, operand)
        except LayerError as error:
            underived.append((gradient_name(operand), str(error)))
        else:
            found.append(Derivation(gradient_name(operand), own.sizes, own.padded, own.steps))
    return Basis(layer, stated(layer, where), tuple(found), tuple(underived))


def replayed(own: Basis) -> None:
    """Replay every derivation of which nothing is missing; raises Disagreement at the first false step."""
    output = own.derivations[0].steps
    for derivation in own.derivations:
        steps = dict.fromkeys((*output, *derivation.steps))
        if not any(step.missing for step in steps):
            replay(own.layer, own.hypotheses, list(steps))
