"""How long a report takes from existing verdicts, against finding them, side by side.

    python benchmarks/report_time.py [rounds]

Each round verifies the document and writes its report in every format that needs no engine. All
of these together are to take at most half the time of the verification.
"""

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from gradcheck import verify
from gradcheck.typesetting import typeset

FORMATS = ("latex", "markdown", "typst")
VERSIONS = {"gradcheck": "0"}
TARGET = 0.5


def seconds(action: Callable[[], Any]) -> tuple[float, Any]:
    """The wall time of an action, and what it gives."""
    start = time.perf_counter()
    found = action()
    return time.perf_counter() - start, found


def main() -> None:
    """Print a line for the verification, one for each format, and one for all formats."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    times: dict[str, list[float]] = {name: [] for name in ("verify", *FORMATS)}
    for _ in range(rounds):
        taken, report = seconds(verify)
        times["verify"].append(taken)
        for form in FORMATS:
            times[form].append(seconds(lambda form=form, report=report: typeset(report, form, VERSIONS))[0])
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    medians["all formats"] = sum(medians[form] for form in FORMATS)
    for name, median in medians.items():
        print(f"{name:12} {median:.3f} s, {median / medians['verify']:.3f} times the verification")
    print(f"target: all formats at most {TARGET} times the verification")


if __name__ == "__main__":
    main()
