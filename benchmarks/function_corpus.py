"""What gradient checkers make of correct and of mistaken gradients by hand: the corpus in tests/known_functions.py.

    python benchmarks/function_corpus.py [seeds]

Each peer in peers.py gets every case at one point per seed; with its defaults, and the seed where it takes one. False
alarms and crashes are counted over the correct gradients; over the mistaken ones, those that passed, and those that a
peer said nothing about since it crashed. A verdict of "incomplete" is counted apart. Below the table stand the cases.
"""

import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from peers import PEERS, Case, Verdict

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from known_functions import FUNCTIONS, Known

COLUMNS = (
    *("correct", "false alarm", "correct crash", "correct incomplete"),
    *("broken", "missed", "broken crash", "broken incomplete", "cause named"),
)
HEADINGS = ("correct", "false alarms", "crashes", "incomplete", "broken", "missed", "crashes", "incomplete", "named")
RIGHT = {"correct", "broken", "cause named"}


def case(known: Known, seed: int) -> Case:
    """A function of the corpus at one point."""
    inputs = known.draw(np.random.default_rng(seed))
    return Case(known.name, known.forward, known.vjp, inputs, known.correct)


def outcomes(correct: bool, verdict: Verdict) -> Iterator[str]:
    """The columns of the table in which a verdict counts."""
    kind = "correct" if correct else "broken"
    yield kind
    if verdict.said.startswith("raised"):
        yield f"{kind} crash"
    elif verdict.said.startswith("incomplete"):
        yield f"{kind} incomplete"
    elif verdict.passed != correct:
        yield "false alarm" if correct else "missed"
    if verdict.cause and not correct:
        yield "cause named"


def counted(seeds: int) -> dict[str, dict[str, Counter[str]]]:
    """For every peer and every column, how often each case fell into it."""
    found: dict[str, dict[str, Counter[str]]] = {peer: defaultdict(Counter) for peer in PEERS}
    for known in FUNCTIONS:
        for seed in range(seeds):
            for peer, check in PEERS.items():
                for outcome in outcomes(known.correct, check(case(known, seed), seed)):
                    found[peer][outcome][known.name] += 1
    return found


def main() -> None:
    """Print the table, and below it the cases that each peer got wrong."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    warnings.simplefilter("ignore", RuntimeWarning)  # some peers step out of a function's domain
    found = counted(seeds)
    print(f"{len(FUNCTIONS)} functions, {seeds} seeds")
    print(" " * 12, *(f"{heading:>12}" for heading in HEADINGS))
    for peer, columns in found.items():
        print(f"{peer:12}", *(f"{columns[column].total():12}" for column in COLUMNS))
    for peer, columns in found.items():
        for column in COLUMNS:
            if column not in RIGHT and columns[column]:
                print(f"\n{peer}, {column}:", *columns[column], sep="\n  ")


if __name__ == "__main__":
    main()
