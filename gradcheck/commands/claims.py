"""What every command that runs the engines on claims takes, and how it runs them."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, ParamSpec

import click

from gradcheck.commands import completion
from gradcheck.commands.pyproject import LAYERS
from gradcheck.commands.settings import Settings, settings
from gradcheck.errors import TargetError

if TYPE_CHECKING:
    from gradcheck.evidence import Method, Report

P = ParamSpec("P")
FORMATS = ("latex", "pdf", "markdown", "typst", "smtlib", "coq")


def verifying(command: Callable[P, NoReturn]) -> Callable[P, NoReturn]:
    """Give a command what every run of the engines takes: layers, a seed, and claims."""
    choices = (
        click.option(
            "--layers",
            default=partial(_configured, "layers"),
            show_default=str(LAYERS),
            type=click.IntRange(1, 100_000),
            help="Random layers to check.",
        ),
        click.option(
            "--seed",
            default=partial(_configured, "seed"),
            show_default="0",
            type=click.IntRange(0, 2**32 - 1),
            help="Where randomness starts.",
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


def _configured(key: str) -> int:
    """What [tool.gradcheck] says, where the command line does not."""
    context = click.get_current_context(silent=True)
    if context and context.resilient_parsing:  # a shell asks what can be typed here
        return int(getattr(Settings(), key))
    try:
        return int(getattr(settings({}, Path.cwd()), key))
    except TargetError as error:
        raise click.UsageError(str(error)) from None


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
