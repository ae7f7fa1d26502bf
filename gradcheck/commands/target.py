"""What says what a target is, on the command line."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from gradcheck.commands.pyproject import LEAST, OPERATIONS
from gradcheck.commands.settings import value
from gradcheck.targets.limits import GIB, SECONDS

P = ParamSpec("P")
R = TypeVar("R")


def _assignments(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, object], ...]:
    """Each NAME=VALUE taken apart."""
    found = []
    for one in values:
        name, equals, text = one.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{one!r}: expected NAME=VALUE, such as stride=2")
        found.append((name.strip(), value(text)))
    return tuple(found)


def targeting(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command the options that say what a target is, and how long it may take."""
    choices = (
        click.option("--like", metavar="conv2d", help="What a target must be: a layer of the catalogue, or its line."),
        click.option("--layout", metavar="NCHW", help="A target's input: its axes in order."),
        click.option("--filters", metavar="OIHW", help="A target's filters: their axes in order."),
        click.option(
            "--operation", type=click.Choice(OPERATIONS), help="What a target must be, filter reversed or not."
        ),
        click.option(
            "--set",
            "assigned",
            multiple=True,
            metavar="NAME=VALUE",
            callback=_assignments,
            help="A parameter of a target, or a size that it has; may be repeated.",
        ),
        click.option("--time-limit", type=click.FloatRange(min=LEAST), help=f"Seconds a call may take.  [{SECONDS:g}]"),
        click.option("--memory-limit", type=click.FloatRange(min=LEAST), help=f"GiB a target may take.  [{GIB:g}]"),
    )
    for choice in reversed(choices):
        command = choice(command)
    return command
