"""The command line. Nothing heavy is imported until a command needs it."""

import functools
import os
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import NoReturn, ParamSpec

import click

from gradcheck.errors import Disagreement, GradcheckError

P = ParamSpec("P")

REFUTED, BAD_INPUT, COULD_NOT_RUN, INTERRUPTED, NOBODY_READS = 1, 2, 3, 130, 141
VERDICT_CODES = {"verified": 0, "refuted": REFUTED, "incomplete": COULD_NOT_RUN}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(None, "-V", "--version", package_name="gradcheck", message="gradcheck %(version)s")
def main() -> None:
    """Prove and check that gradients have the right shapes and values."""
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")


def _guarded(command: Callable[P, int]) -> Callable[P, NoReturn]:
    """Turn what a command found into an exit code, and a mistake into a message."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> NoReturn:
        try:
            code = command(*args, **kwargs)
            sys.stdout.flush()
            sys.exit(code)
        except GradcheckError as error:
            click.echo(f"gradcheck: {error}", err=True)
            sys.exit(BAD_INPUT)
        except Disagreement as error:
            click.echo(f"gradcheck: its two engines contradict each other, please report this: {error}", err=True)
            sys.exit(COULD_NOT_RUN)
        except KeyboardInterrupt:
            click.echo("gradcheck: interrupted", err=True)
            sys.exit(INTERRUPTED)
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left cannot be written either
            if isinstance(error, BrokenPipeError):
                sys.exit(NOBODY_READS)
            click.echo(f"gradcheck: the output cannot be written: {error.strerror}", err=True)
            sys.exit(COULD_NOT_RUN)

    return run


@main.command()
@click.argument("claims_file", metavar="[CLAIMS.toml]", required=False)
@click.option(
    "--layers", default=200, show_default=True, type=click.IntRange(1, 100_000), help="Random layers to check."
)
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(0, 2**32 - 1), help="Where randomness starts."
)
@click.option("--claim", "claims", multiple=True, metavar="ID", help="Only this claim; may be repeated.")
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(["text", "json"]))
@_guarded
def verify(claims_file: str | None, layers: int, seed: int, claims: tuple[str, ...], form: str) -> int:
    """Prove every claim for all sizes, and check it on random layers.

    Without a file: the claims of "Proof of gradient sizes". Exits with 0 if all are verified,
    1 if one is refuted, 2 for bad input, 3 if one could not be decided, 130 if interrupted.
    """
    from gradcheck.progress import Bar
    from gradcheck.verification import verify as verified

    start = time.monotonic()
    with Bar() as bar:
        report = verified(claims_file, layers=layers, seed=seed, claims=claims, progress=bar)
    if form == "json":
        from gradcheck.report.json import to_json

        click.echo(to_json(report, version("gradcheck")))
    else:
        from gradcheck.report.text import write_report

        write_report(report, version("gradcheck"), time.monotonic() - start, sys.stdout)
    return INTERRUPTED if report.interrupted else VERDICT_CODES[report.verdict]


@main.command()
@click.argument("claim", metavar="CLAIM")
@click.argument("claims_file", metavar="[CLAIMS.toml]", required=False)
@_guarded
def explain(claim: str, claims_file: str | None) -> int:
    """Show the derivation of one claim, step by step."""
    from gradcheck.report.text import write_derivation
    from gradcheck.verification import derive

    chosen, proof = derive(claims_file, claim)
    write_derivation(chosen, proof, sys.stdout)
    return {"proved": 0, "refuted": REFUTED, "open": COULD_NOT_RUN}[proof.status]
