"""How long it takes to prove the whole catalogue, against importing sympy, side by side.

    python benchmarks/prove_time.py [rounds]

Each round starts two fresh processes, one after the other: one imports sympy, the other proves
every claim of every layer in the catalogue (reading the files, deriving, certifying, replaying).
Each tells its own seconds, without the start of Python.
"""

import statistics
import subprocess
import sys
import time

TARGET = 10
IMPORT = "import time; start = time.perf_counter(); import sympy; print(time.perf_counter() - start)"


def prove_catalogue() -> float:
    """The seconds that it takes to prove every claim of the catalogue."""
    import sympy  # noqa: F401  its import is the other side of the comparison

    from gradcheck.claims.reader import read_document
    from gradcheck.layers.catalogue import CATALOGUE
    from gradcheck.symbolic.prove import prove

    start = time.perf_counter()
    for name in CATALOGUE:
        document = read_document(name)
        for claim in document.claims:
            assert prove(document.layer, document.assumed(claim), claim).status == "proved"
    return time.perf_counter() - start


def seconds(*arguments: str) -> float:
    """What a fresh Python prints."""
    return float(subprocess.run([sys.executable, *arguments], capture_output=True, check=True, text=True).stdout)


def main() -> None:
    """Print both medians and their ratio."""
    if sys.argv[1:] == ["once"]:
        print(prove_catalogue())
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    pairs = [(seconds("-c", IMPORT), seconds(__file__, "once")) for _ in range(rounds)]
    imported, proved = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"import sympy         {imported:.3f} s")
    print(f"prove the catalogue  {proved:.3f} s, {proved / imported:.1f} times the import; target: less than {TARGET}")


if __name__ == "__main__":
    main()
