"""What gradcheck verify does with a layer of the user's own."""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from gradcheck.commands.settings import OPERATIONS, settings, value
from gradcheck.errors import TargetError
from gradcheck.exits import VERDICT_CODES
from gradcheck.targets.address import Address
from gradcheck.targets.limits import GIB, SECONDS

if TYPE_CHECKING:
    from gradcheck.comparison import Comparison

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
        click.option("--time-limit", type=click.FloatRange(min=0.1), help=f"Seconds a call may take.  [{SECONDS:g}]"),
        click.option("--memory-limit", type=click.FloatRange(min=0.1), help=f"GiB a target may take.  [{GIB:g}]"),
    )
    for choice in reversed(choices):
        command = choice(command)
    return command


def examined(address: Address, seed: int, form: str, given: dict[str, Any]) -> int:
    """Examine a target and say what was found; the exit code."""
    start = time.monotonic()
    wanted = settings(given, Path.cwd())
    from gradcheck.examination.examine import examine
    from gradcheck.functions.layer import check_layer, lineless, of_input
    from gradcheck.progress import Bar
    from gradcheck.targets.process import Process

    with Process(address, wanted.time_limit, wanted.memory_limit) as target, Bar() as bar:
        options = dict(wanted.options)
        said = wanted.layout or wanted.filters or wanted.operation
        layer = None if said else of_input(target, options, seed)
        if layer and lineless(layer, seed):
            return _compared(check_layer(layer, str(address), seed, wanted.words), form)
        try:
            found = examine(
                target,
                str(address),
                seed=seed,
                layouts=wanted.layouts,
                given=options,
                flips=wanted.flips,
                words=wanted.words,
                progress=bar,
            )
        except TargetError:
            if layer is None:
                raise
            return _compared(check_layer(layer, str(address), seed, wanted.words), form)
    home = Path.cwd()
    if Path(found.file).is_relative_to(home):
        found = replace(found, file=str(Path(found.file).relative_to(home)))
    if form == "json":
        from gradcheck.report.findings_json import findings_to_json

        click.echo(findings_to_json(found, version("gradcheck")))
    else:
        from gradcheck.report.findings import write_findings

        write_findings(found, version("gradcheck"), time.monotonic() - start, sys.stdout)
    return VERDICT_CODES[found.verdict]


def _compared(found: "Comparison", form: str) -> int:
    """Say what was found out about a layer that no line of notation describes; the exit code."""
    if form == "json":
        from gradcheck.report.comparison_json import comparison_to_json

        click.echo(comparison_to_json(found, version("gradcheck")))
    else:
        click.echo(str(found))
    return VERDICT_CODES[found.verdict]
