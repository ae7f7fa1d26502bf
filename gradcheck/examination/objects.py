"""From Python: a layer that is at hand, examined in this process."""

from gradcheck.errors import TargetError
from gradcheck.examination.examine import examine as examined
from gradcheck.findings import Examination
from gradcheck.targets.address import parse_address
from gradcheck.targets.load import load
from gradcheck.targets.recognise import recognise


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
    if isinstance(layer, str):
        address = parse_address(layer)
        if not address:
            raise TargetError(f"{layer!r} is no target: give path/to/file.py:Name or package.module:Name")
        return examined(load(address), layer, seed=seed, given=given)
    name = f"{getattr(layer, '__module__', '?')}:{getattr(layer, '__qualname__', layer)}"
    return examined(recognise(layer), name, seed=seed, given=given)
