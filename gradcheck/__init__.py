"""gradcheck: proofs and exact checks that gradients have the right shapes and values."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcheck.assertions import WrongGradient as WrongGradient
    from gradcheck.assertions import WrongSize as WrongSize
    from gradcheck.assertions import assert_gradients as assert_gradients
    from gradcheck.assertions import assert_sizes as assert_sizes
    from gradcheck.claims.reader import read_document as read_document
    from gradcheck.comparison import Comparison as Comparison
    from gradcheck.evidence import Report as Report
    from gradcheck.examination.objects import examine as examine
    from gradcheck.findings import Examination as Examination
    from gradcheck.functions.check import check as check
    from gradcheck.random_layer import RandomLayer as RandomLayer
    from gradcheck.random_layer import random_layers as random_layers
    from gradcheck.targets.binding import Binding as Binding
    from gradcheck.verification import verify as verify

_HOMES = {
    "verify": "gradcheck.verification",
    "read_document": "gradcheck.claims.reader",
    "Report": "gradcheck.evidence",
    "Binding": "gradcheck.targets.binding",
    "Examination": "gradcheck.findings",
    "Comparison": "gradcheck.comparison",
    "WrongGradient": "gradcheck.assertions",
    "WrongSize": "gradcheck.assertions",
    "assert_gradients": "gradcheck.assertions",
    "assert_sizes": "gradcheck.assertions",
    "RandomLayer": "gradcheck.random_layer",
    "random_layers": "gradcheck.random_layer",
    "check": "gradcheck.functions.check",
    "examine": "gradcheck.examination.objects",
}
__all__ = [
    "Binding",
    "Comparison",
    "Examination",
    "RandomLayer",
    "Report",
    "WrongGradient",
    "WrongSize",
    "assert_gradients",
    "assert_sizes",
    "check",
    "examine",
    "random_layers",
    "read_document",
    "verify",
]


def __getattr__(name: str) -> object:
    """Public names are imported when they are first used, so that importing gradcheck stays cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gradcheck' has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_HOMES[name]), name)
    return found
