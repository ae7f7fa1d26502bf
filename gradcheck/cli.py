"""The command line. Nothing heavy is imported until a command needs it."""

import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, ParamSpec

import click

from gradcheck.errors import GradcheckError
from gradcheck.exits import COULD_NOT_RUN, INTERRUPTED, REFUTED, VERDICT_CODES, guarded

if TYPE_CHECKING:
    from gradcheck.evidence import Report

P = ParamSpec("P")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(None, "-V", "--version", package_name="gradcheck", message="gradcheck %(version)s")
def main() -> None:
    """Prove and check that gradients have the right shapes and values."""
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")


FORMATS = ("latex", "pdf", "markdown", "typst", "smtlib", "coq")


def _verifying(command: Callable[P, NoReturn]) -> Callable[P, NoReturn]:
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


def _run(claims_file: str | None, layers: int, seed: int, claims: tuple[str, ...]) -> "Report":
    from gradcheck.progress import Bar
    from gradcheck.verification import verify as verified

    with Bar() as bar:
        return verified(claims_file, layers=layers, seed=seed, claims=tuple(dict.fromkeys(claims)), progress=bar)


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("gradcheck", "numpy", "sympy")}


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


@main.command()
@_verifying
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
    form: str,
    reports: list[tuple[str, Path]],
    recheck: Path | None,
) -> int:
    """Prove every claim for all sizes, and check it on random layers.

    The claims are those of a file, or of a name that gradcheck brings (conv2d, dumoulin_visin);
    without either, those of "Proof of gradient sizes". Exits with 0 if all are verified, 1 if one
    is refuted, 2 for bad input, 3 if one could not be decided, 130 if interrupted.
    """
    if recheck:
        if claims_file:
            raise click.UsageError("--recheck takes a report and nothing else: leave the claims file out")
        return _recheck(recheck)
    start = time.monotonic()
    report = _run(claims_file, layers, seed, claims)
    if form == "json":
        from gradcheck.report.json import to_json

        click.echo(to_json(report, version("gradcheck")))
    else:
        from gradcheck.report.text import write_report

        write_report(report, version("gradcheck"), time.monotonic() - start, sys.stdout)
    sys.stdout.flush()
    if reports:
        from gradcheck.publishing import publish

        for _ in publish(report, reports, _versions()):
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


@main.command()
@_verifying
@click.option(
    "--out", default="proofs", show_default=True, type=click.Path(file_okay=False, path_type=Path), help="Folder."
)
@click.option(
    "--format",
    "forms",
    multiple=True,
    type=click.Choice(FORMATS),
    help="What to write; may be repeated.  [default: latex, pdf and markdown]",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if what stands there is not today's report.")
@guarded
def report(
    claims_file: str | None,
    layers: int,
    seed: int,
    claims: tuple[str, ...],
    out: Path,
    forms: tuple[str, ...],
    check: bool,
) -> int:
    """Write the proofs as a report that can be attached to a paper.

    A PDF is made by pdflatex where it is installed, else by the extra gradcheck[pdf]; its LaTeX
    stands beside it. Exits as verify does, and with 3 if a PDF cannot be made; with --check, 1 tells
    stale files and nothing else.
    """
    from gradcheck.publishing import destinations, outdated, publish

    found = _run(claims_file, layers, seed, claims)
    if found.interrupted:
        raise KeyboardInterrupt
    wanted = destinations(found, forms or ("latex", "pdf", "markdown"), out)
    if check:
        complaints = outdated(found, wanted, _versions())
        click.echo("\n".join(complaints or [f"{path}: up to date" for _, path in wanted]))
        return REFUTED if complaints else 0
    for path in publish(found, wanted, _versions()):
        click.echo(f"wrote {path}")
    return VERDICT_CODES[found.verdict]


@main.command()
@click.argument("claim", metavar="CLAIM")
@click.argument("claims_file", metavar="[CLAIMS.toml]", required=False)
@guarded
def explain(claim: str, claims_file: str | None) -> int:
    """Show the derivation of one claim, step by step."""
    from gradcheck.report.text import write_derivation
    from gradcheck.verification import derive

    chosen, proof = derive(claims_file, claim)
    write_derivation(chosen, proof, sys.stdout)
    return {"proved": 0, "refuted": REFUTED, "open": COULD_NOT_RUN}[proof.status]


def _shapes(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Each X="k n" taken apart."""
    found = {}
    for value in values:
        tensor, equals, sizes = value.partition("=")
        if not equals:
            raise click.BadParameter(f'{value!r}: expected a tensor and its sizes, such as X="k n"')
        found[tensor.strip()] = sizes
    return found


@main.command()
@click.argument("line", metavar="LAYER")
@click.option("--shape", "shapes", multiple=True, metavar='X="k n"', callback=_shapes, help="The sizes of an operand.")
@click.option("--where", multiple=True, metavar='"m <= n"', help="A hypothesis on the sizes; may be repeated.")
@click.option("--explain", is_flag=True, help="Show the derivation, step by step.")
@click.option(
    "--format", "form", default="text", show_default=True, type=click.Choice(["text", "json", "latex", "markdown"])
)
@guarded
def prove(line: str, shapes: dict[str, str], where: tuple[str, ...], explain: bool, form: str) -> int:
    """Derive the sizes and the gradients of any layer, given as a line of notation or by its name.

    For example: gradcheck prove "Y[j,a] += pad(X,P)[i, s*a+d*u] * F[j,i,u]" --shape X="k n"
    --shape F="p k m". The hypotheses that are needed besides those given are found, and told.
    """
    from gradcheck.verification import explore

    basis, needed = explore(line, shapes, where)
    if form == "text":
        from gradcheck.report.text import write_layer

        write_layer(basis, needed, explain, sys.stdout)
    elif form == "json":
        from gradcheck.report.json import layer_to_json

        click.echo(layer_to_json(basis, needed, version("gradcheck")))
    else:
        from gradcheck.typesetting import typeset_layer

        click.echo(typeset_layer(basis, form), nl=False)
    return 0 if basis.complete else COULD_NOT_RUN
