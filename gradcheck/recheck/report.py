"""Every claim of a JSON report re-checked: that what it says of sizes follows, by arithmetic alone.

That the identities are those of the claim is for its reader to see: they stand in the steps.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gradcheck.recheck.certificates import Arithmetic, Unsound

SEVERAL = "gradcheck.run/1"
NOT_A_REPORT = (
    KeyError,
    TypeError,
    AttributeError,
    SyntaxError,
    StopIteration,
    ZeroDivisionError,
    RecursionError,
    OverflowError,
)


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What was re-checked of one claim; `complaint` is what does not hold."""

    claim: str
    identities: int = 0
    certificates: int = 0
    complaint: str = ""
    proved: bool = True


def recheck(text: str) -> list[Rechecked]:
    """Every claim of a JSON report; raises ValueError where it is none."""
    try:
        data = json.loads(text)
        reports = data["subjects"] if data["schema"] == SEVERAL else [data]
        return [_claim(claim, one["sizes"]) for one in reports for claim in one["claims"]]
    except NOT_A_REPORT as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None


def _claim(claim: Mapping[str, Any], sizes: Sequence[str]) -> Rechecked:
    proof = claim["proof"]
    if proof["status"] != "proved":
        return Rechecked(claim["id"], complaint=f"{proof['status']}, not proved", proved=False)
    try:
        arithmetic = Arithmetic.of(proof["hypotheses"], proof["determined"], sizes)
        for step in proof["steps"]:
            if step["missing"]:
                raise Unsound(f"{step['missing'][0]} >= 0 is missing")
            arithmetic.step(step)
    except Unsound as error:
        return Rechecked(claim["id"], complaint=str(error))
    steps = proof["steps"]
    identities = sum(len(step["equal"]) for step in steps)
    if not identities:
        return Rechecked(claim["id"], complaint="states no identity")
    return Rechecked(claim["id"], identities, sum(len(step["certificates"]) for step in steps))
