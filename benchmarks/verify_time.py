"""How long `gradcheck verify` takes, against importing numpy and sympy, side by side.

    python benchmarks/verify_time.py [rounds]

The two commands take turns, so that whatever else the machine does falls on both. The ratio of
the medians is to stay at or below 5.
"""

import statistics
import subprocess
import sys
import time

COMMANDS = {
    "import numpy, sympy": [sys.executable, "-c", "import numpy, sympy"],
    "gradcheck verify": [sys.executable, "-m", "gradcheck", "verify"],
    "gradcheck --help": [sys.executable, "-m", "gradcheck", "--help"],
}
TARGET = 5


def seconds(command: list[str]) -> float:
    """The wall time of one run of a command."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Print a line for each command and the ratio."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    for command in COMMANDS.values():
        seconds(command)
    times = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            times[name].append(seconds(command))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    base = medians["import numpy, sympy"]
    for name, taken in times.items():
        spread = f"{min(taken):.2f} to {max(taken):.2f} s"
        print(f"{name:22} {medians[name]:.2f} s ({spread}), {medians[name] / base:.2f} times the imports")
    print(f"target: gradcheck verify at most {TARGET} times the imports")


if __name__ == "__main__":
    main()
