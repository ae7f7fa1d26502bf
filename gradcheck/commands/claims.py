"""What every command that runs the engines on claims takes, and how it runs them."""

from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, NoReturn, ParamSpec

import click

if TYPE_CHECKING:
    from gradcheck.evidence import Method, Report

P = ParamSpec("P")
FORMATS = ("latex", "pdf", "markdown", "typst", "smtlib", "coq")


def verifying(command: Callable[P, NoReturn]) -> Callable[P, NoReturn]:
    """Give a command what every run of the engines takes: a claims file, layers, a seed, and claims."""
    choices = (
        click.argument("claims_file", metavar="[CLAIMS.toml]", required=False),
        click.option(
            "--layers", default=200, show_default=True, type=click.IntRange(1, 100_000), help="Random layers to check."
        ),
        click.option(
            "--seed", default=0, show_default=True, type=click.IntRange(0, 2**32 - 1), help="Where randomness starts."
        ),
        click.option("--claim", "claims", multiple=True, metavar="ID", help="Only this claim; may be repeated."),
    )
    for choice in reversed(choices):
        command = choice(command)
    return command


def run(
    claims_file: str | None, layers: int, seed: int, claims: tuple[str, ...], method: "Method" = "full"
) -> "Report":
    """The verdicts on a claims file, a bar showing how far they are."""
    from gradcheck.progress import Bar
    from gradcheck.verification import verify as verified

    with Bar() as bar:
        chosen = tuple(dict.fromkeys(claims))
        return verified(claims_file, layers=layers, seed=seed, claims=chosen, method=method, progress=bar)


def versions() -> dict[str, str]:
    """The versions that a report names."""
    return {name: version(name) for name in ("gradcheck", "numpy", "sympy")}
