"""gradcheck verify: the verdict on every claim, or on a layer of the user's own."""

import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import click

from gradcheck.commands.claims import FORMATS, run, verifying, versions
from gradcheck.commands.target import examined, targeting
from gradcheck.errors import GradcheckError
from gradcheck.exits import INTERRUPTED, REFUTED, VERDICT_CODES, guarded
from gradcheck.targets.address import parse_address


def _destinations(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, Path]]:
    """Each FORMAT=PATH taken apart."""
    found: list[tuple[str, Path]] = []
    for value in values:
        form, _, path = value.partition("=")
        if form not in (*FORMATS, "json") or not path:
            raise click.BadParameter(f"{value!r}: expected FORMAT=PATH with one of {', '.join((*FORMATS, 'json'))}")
        if Path(path) in (other for _, other in found):
            raise click.BadParameter(f"{path} is named twice: each report needs a file of its own")
        found.append((form, Path(path)))
    return found


@click.command()
@verifying
@targeting
@click.option(
    "--method",
    default="full",
    show_default=True,
    type=click.Choice(["full", "probe"]),
    help="On each layer, every element of a gradient by a difference, or all by exact random trials.",
)
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(["text", "json"]))
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT=PATH",
    callback=_destinations,
    help="Also write a report, such as latex=proof.tex; may be repeated.",
)
@click.option(
    "--recheck",
    metavar="REPORT.json",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Instead, multiply out every certificate in a JSON report again, without the engines.",
)
@guarded
def verify(
    claims_file: str | None,
    layers: int,
    seed: int,
    claims: tuple[str, ...],
    method: Literal["full", "probe"],
    form: str,
    reports: list[tuple[str, Path]],
    recheck: Path | None,
    **target: object,
) -> int:
    """Prove and check every claim; or check a layer of your own, and say what is wrong with it.

    A layer of your own is given as path/to/file.py:Name or package.module:Name: a class, a function
    of a pair, a torch or JAX function, a binding.

    The claims are those of a file, or of a name that gradcheck brings (conv2d, dumoulin_visin);
    without either, those of "Proof of gradient sizes". Exits with 0 if all are verified, 1 if one
    is refuted, 2 for bad input, 3 if one could not be decided, 130 if interrupted.
    """
    if recheck:
        if claims_file:
            raise click.UsageError("--recheck takes a report and nothing else: leave the claims file out")
        return _recheck(recheck)
    address = parse_address(claims_file) if claims_file else None
    if address:
        if claims or reports or method != "full":
            raise click.UsageError("--claim, --method and --report are for claims files, not for a layer of your own")
        return examined(address, seed, form, target)
    start = time.monotonic()
    report = run(claims_file, layers, seed, claims, method)
    if form == "json":
        from gradcheck.report.json import to_json

        click.echo(to_json(report, version("gradcheck")))
    else:
        from gradcheck.report.text import write_report

        write_report(report, version("gradcheck"), time.monotonic() - start, sys.stdout)
    sys.stdout.flush()
    if reports:
        from gradcheck.publishing import publish

        for _ in publish(report, reports, versions()):
            pass
    return INTERRUPTED if report.interrupted else VERDICT_CODES[report.verdict]


def _recheck(path: Path) -> int:
    """Re-check a JSON report; 1 if something in it does not hold or was not proved."""
    from gradcheck.recheck.report import recheck

    try:
        found = recheck(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GradcheckError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise GradcheckError(f"{path}: not a report that verify --format json wrote: {error}") from None
    for one in found:
        told = one.complaint or f"{one.identities} identities and {one.certificates} certificates hold"
        label = "ok" if not one.complaint else "FAILED" if one.proved else "none"
        click.echo(f"{label:6}  {one.claim}: {told}")
    failed = sum(bool(one.complaint) for one in found)
    click.echo(f"{len(found) - failed} of {len(found)} claims re-checked by multiplying out")
    return REFUTED if failed or not found else 0
