"""How much longer pytest takes to start with gradcheck's plugin installed and unused, side by side.

    python benchmarks/pytest_startup.py [rounds]

Each round starts fresh processes, one after the other, on one file with an empty test: `pytest`, and
`pytest -p no:gradcheck`, which of them first changing from round to round; plugins that take far longer
themselves are left out. The median of the differences within a round is to stay below 20 ms.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TARGET = 20
OTHERS = [word for name in ("cacheprovider", "cov", "hypothesispytest", "xdist") for word in ("-p", f"no:{name}")]
PYTEST = [sys.executable, "-m", "pytest", *OTHERS]
COMMANDS = {"with the plugin": PYTEST, "-p no:gradcheck": [*PYTEST, "-p", "no:gradcheck"]}


def milliseconds(command: list[str], folder: str) -> float:
    """The wall time of one run of a command in a folder."""
    start = time.perf_counter()
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1e3


def main() -> None:
    """Print the median of both, and that of their difference."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_empty.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        for command in COMMANDS.values():
            milliseconds(command, folder)
        for number in range(rounds):
            for name in list(COMMANDS)[:: -1 if number % 2 else 1]:
                times[name].append(milliseconds(COMMANDS[name], folder))
    for name, taken in times.items():
        print(f"{name:16} {statistics.median(taken):6.1f} ms ({min(taken):.1f} to {max(taken):.1f})")
    differences = [one - other for one, other in zip(*times.values(), strict=True)]
    low, _, high = statistics.quantiles(differences, n=4)
    print(f"difference       {statistics.median(differences):6.1f} ms (half of them {low:.1f} to {high:.1f})")
    print(f"target: less than {TARGET} ms")


if __name__ == "__main__":
    main()
