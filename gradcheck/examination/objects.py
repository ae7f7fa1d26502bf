"""From Python: a layer that is at hand, examined in this process."""

from gradcheck.conventions.said import Said
from gradcheck.examination.examine import examine as examined
from gradcheck.findings import Examination
from gradcheck.targets.load import at_hand


def examine(layer: object, *, seed: int = 0, **given: object) -> Examination:
    """All that can be found out about a class, a function of a pair, a binding, or what stands at an address.

    `given` are parameters of the constructor, or sizes, as --set gives them. The layer runs in this
    process: nothing limits its time and memory. Raises TargetError where it cannot be understood, and
    TargetRaised where it fails on every size.

    >>> import gradcheck
    >>> class Double(gradcheck.Binding):
    ...     layer, shapes = "Y[i] += X[i] * W[l]", {"X": "k", "W": "m"}
    ...     def forward(self, x, w):
    ...         self.x, self.w = x, w
    ...         return x * w.sum()
    ...     def backward(self, dy):
    ...         return dy * self.w.sum(), 0 * self.w + (dy * self.x).sum()
    >>> examine(Double).verdict
    'verified'
    """
    with at_hand(layer) as (target, name):
        return examined(target, name, Said(options=given), seed=seed)
