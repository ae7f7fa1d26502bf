"""gradcheck: proofs and exact checks that gradients have the right shapes and values."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcheck.claims.reader import read_document as read_document
    from gradcheck.comparison import Comparison as Comparison
    from gradcheck.evidence import Report as Report
    from gradcheck.examination.objects import examine as examine
    from gradcheck.findings import Examination as Examination
    from gradcheck.functions.check import assert_gradients as assert_gradients
    from gradcheck.functions.check import check as check
    from gradcheck.targets.binding import Binding as Binding
    from gradcheck.verification import verify as verify

_HOMES = {
    "verify": "gradcheck.verification",
    "read_document": "gradcheck.claims.reader",
    "Report": "gradcheck.evidence",
    "Binding": "gradcheck.targets.binding",
    "Examination": "gradcheck.findings",
    "Comparison": "gradcheck.comparison",
    "assert_gradients": "gradcheck.functions.check",
    "check": "gradcheck.functions.check",
    "examine": "gradcheck.examination.objects",
}
__all__ = [
    "Binding",
    "Comparison",
    "Examination",
    "Report",
    "assert_gradients",
    "check",
    "examine",
    "read_document",
    "verify",
]


def __getattr__(name: str) -> object:
    """Public names are imported when they are first used, so that importing gradcheck stays cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gradcheck' has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_HOMES[name]), name)
    return found
