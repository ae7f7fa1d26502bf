"""What was found out about the gradients of a function as JSON, schema gradcheck.comparison/1."""

from dataclasses import asdict
from typing import Any

from gradcheck.comparison import Comparison

SCHEMA = "gradcheck.comparison/1"


def comparison_data(found: Comparison, version: str) -> dict[str, Any]:
    """The comparison as what JSON can hold."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "gradcheck", "version": version},
        "function": found.function,
        "library": found.library,
        "dtype": found.dtype,
        "seed": found.seed,
        "verdict": found.verdict,
        "cause": found.cause,
        "evidence": asdict(found.evidence),
        "gradients": [asdict(one) for one in found.gradients],
        "notices": [{"id": n.id, "text": n.told, "refutes": n.refutes} for n in found.notices],
        "reproduce": found.rerun,
    }
