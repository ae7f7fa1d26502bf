"""What every command that runs the engines on claims takes, and how it runs them."""

from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, NoReturn, ParamSpec

import click

from gradcheck.commands import completion
from gradcheck.commands.pyproject import LAYERS, MOST_LAYERS, MOST_SEED

if TYPE_CHECKING:
    from gradcheck.evidence import Method, Report

P = ParamSpec("P")


def verifying(command: Callable[P, NoReturn]) -> Callable[P, NoReturn]:
    """Give a command what every run of the engines takes: layers, a seed, and claims."""
    choices = (
        click.option(
            "--layers",
            type=click.IntRange(1, MOST_LAYERS),
            help=f"Random layers to check.  [{LAYERS}]",
        ),
        click.option(
            "--seed",
            type=click.IntRange(0, MOST_SEED),
            help="Where randomness starts.  [0]",
        ),
        click.option(
            "--claim",
            "claims",
            multiple=True,
            metavar="ID",
            shell_complete=completion.claims,
            help="Only this claim; may be repeated.",
        ),
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
