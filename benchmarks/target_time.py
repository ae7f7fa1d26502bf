"""How long it takes to verify a layer, against importing numpy and sympy, side by side.

    python benchmarks/target_time.py [rounds]

Each round starts fresh processes, one after the other: `python -c "import numpy, sympy"`, and
`gradcheck verify` on a typical NumPy layer (im2col) and on one in pure Python loops.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TARGET = 3
EXAMPLES = Path(__file__).parent.parent / "examples"
LOOPS = """
import numpy as np


class Conv2d:
    def __init__(self, in_channels, out_channels, kernel_size):
        self.w = np.zeros((out_channels, in_channels, kernel_size, kernel_size))

    def places(self, x):
        sides = [x.shape[0], self.w.shape[0], x.shape[2] - self.w.shape[2] + 1, x.shape[3] - self.w.shape[3] + 1]
        return sides, np.ndindex(*sides, *self.w.shape[1:])

    def forward(self, x):
        self.x = x
        sides, places = self.places(x)
        y = np.zeros(sides)
        for n, f, a, b, c, u, v in places:
            y[n, f, a, b] += x[n, c, a + u, b + v] * self.w[f, c, u, v]
        return y

    def backward(self, dy):
        dx, self.dw = np.zeros_like(self.x), np.zeros_like(self.w)
        for n, f, a, b, c, u, v in self.places(self.x)[1]:
            dx[n, c, a + u, b + v] += dy[n, f, a, b] * self.w[f, c, u, v]
            self.dw[f, c, u, v] += dy[n, f, a, b] * self.x[n, c, a + u, b + v]
        return dx
"""


def seconds(*command: str) -> float:
    """How long a command takes."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the medians, and their ratios to the imports."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        loops = Path(folder) / "loops.py"
        loops.write_text(LOOPS, encoding="utf-8")
        verify = [sys.executable, "-m", "gradcheck", "verify"]
        commands = {
            "import numpy, sympy": [sys.executable, "-c", "import numpy, sympy"],
            "verify im2col": [*verify, str(EXAMPLES / "conv_nchw_im2col.py") + ":Conv2d"],
            "verify pure Python loops": [*verify, f"{loops}:Conv2d"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(seconds(*command))
    base = statistics.median(times["import numpy, sympy"])
    for name, found in times.items():
        median = statistics.median(found)
        print(
            f"{name:26} {median:6.2f} s ({min(found):.2f} to {max(found):.2f}), {median / base:.2f} times the imports"
        )
    print(f"target for im2col: less than {TARGET} times the imports; for loops: less than a minute")


if __name__ == "__main__":
    main()
