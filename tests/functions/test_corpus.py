"""Every function of the corpus: no correct gradient is refuted, and no gradient with a mistake passes."""

import known_functions
import numpy as np
import pytest

from gradcheck import check

OPEN = {"softmax at 1e8"}  # nothing but a one and zeros, whose gradient is nothing but zeros
SEED = 11


def verdict(known):
    """What is said of a function at the inputs of one seed."""
    inputs = known.draw(np.random.default_rng(SEED))
    vjp = known.vjp if len(inputs) > 1 else lambda dy, x: known.vjp(dy, x)[0]
    return check(known.forward, *inputs, vjp=vjp, seed=SEED).verdict


@pytest.mark.parametrize("known", [k for k in known_functions.FUNCTIONS if k.correct], ids=lambda k: k.name)
def test_a_correct_gradient_is_verified(known):
    """Whatever the function, its type and the scale of its inputs; one is left open."""
    assert verdict(known) == ("incomplete" if known.name in OPEN else "verified")


@pytest.mark.parametrize("known", [k for k in known_functions.FUNCTIONS if not k.correct], ids=lambda k: k.name)
def test_a_mistake_is_refuted(known):
    """Each of those that people make."""
    assert verdict(known) == "refuted"
