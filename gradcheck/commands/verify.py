"""gradcheck verify: the verdict on every claim, or on a layer of the user's own."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import click

from gradcheck.commands import completion
from gradcheck.commands.claims import verifying
from gradcheck.commands.formats import FORMS, PROOFS
from gradcheck.commands.outputs import rendered, write_overview, write_reports, write_text
from gradcheck.commands.settings import settings
from gradcheck.commands.subjects import Asked, Finished, Run, verified
from gradcheck.commands.target import targeting
from gradcheck.errors import GradcheckError
from gradcheck.exits import BAD_INPUT, INTERRUPTED, MISTAKES, REFUTED, VERDICT_CODES, complain, guarded, message
from gradcheck.targets.address import parse_address


def _destinations(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, Path]]:
    """Each FORMAT=PATH taken apart."""
    found: list[tuple[str, Path]] = []
    for value in values:
        form, _, path = value.partition("=")
        if form not in (*FORMS, *PROOFS) or not path:
            raise click.BadParameter(f"{value!r}: expected FORMAT=PATH with one of {', '.join((*FORMS, *PROOFS))}")
        if Path(path) in (other for _, other in found):
            raise click.BadParameter(f"{path} is named twice: each report needs a file of its own")
        found.append((form, Path(path)))
    return found


@click.command()
@click.argument("subjects", metavar="[SUBJECT]...", nargs=-1, shell_complete=completion.subjects)
@verifying
@targeting
@click.option(
    "--method",
    default="full",
    show_default=True,
    type=click.Choice(["full", "probe"]),
    help="On each layer, every element of a gradient by a difference, or all by exact random trials.",
)
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(FORMS))
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT=PATH",
    callback=_destinations,
    shell_complete=completion.reports,
    help=f"Also write a report: {', '.join(FORMS)}; of claims {', '.join(PROOFS)}. May be repeated.",
)
@click.option(
    "--baseline",
    metavar="KNOWN.sarif",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Findings that are in this earlier --report sarif=KNOWN.sarif do not fail the run.",
)
@click.option(
    "--recheck",
    metavar="REPORT.json",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Instead, multiply out every certificate in a JSON report again, without the engines.",
)
@guarded
def verify(
    subjects: tuple[str, ...],
    layers: int | None,
    seed: int | None,
    claims: tuple[str, ...],
    method: Literal["full", "probe"],
    form: str,
    reports: list[tuple[str, Path]],
    baseline: Path | None,
    recheck: Path | None,
    **target: object,
) -> int:
    """Prove and check every claim; or check a layer of your own, and say what is wrong with it.

    A SUBJECT is a claims file, or the name of one that gradcheck brings (conv2d, dumoulin_visin); or a
    layer of your own, path/to/file.py:Name or package.module:Name: a class, a function of a pair, a torch
    or JAX function, a binding. Without any, the claims of "Proof of gradient sizes" are verified.

    Exits with 0 if all is verified, 1 if something is refuted, 2 for bad input, 3 if something could
    not be decided or run, 130 if interrupted.
    """
    if recheck:
        if subjects:
            raise click.UsageError("--recheck takes a report and nothing else: leave the claims file out")
        return _recheck(recheck)
    _refuse(subjects, claims, method, reports, any(target.values()))
    wanted = settings({**target, "layers": layers, "seed": seed}, Path.cwd())
    known = _known(baseline)
    finished: list[Finished] = []
    asked = [Asked(name, wanted, claims, method) for name in dict.fromkeys(subjects or (None,))]
    for one in verified(asked):
        if form == "text":
            write_text(one, sys.stdout, first=not finished)
            sys.stdout.flush()
        finished.append(_marked(one, known))
    run = Run(tuple(finished), known, whole=not claims)
    if form == "text":
        write_overview(run, sys.stdout)
    else:
        sys.stdout.write(rendered(form, run))
    sys.stdout.flush()
    code = _code(run)
    if reports:
        try:
            write_reports(reports, run, baseline)
        except MISTAKES as error:
            if code != REFUTED:  # which counts first
                raise
            complain(message(error))
    return code


def _refuse(
    subjects: Sequence[str], claims: Sequence[str], method: str, reports: Sequence[tuple[str, Path]], said: bool
) -> None:
    """Options that do not go together."""
    targets = [subject for subject in subjects if parse_address(subject)]
    if targets and (claims or method != "full"):
        raise click.UsageError("--claim and --method are for claims files, not for a layer of your own")
    if said and not targets:
        raise click.UsageError(
            "--like, --layout, --set and the like say what a layer of your own is: there is none here"
        )
    proofs = [form for form, _ in reports if form in PROOFS]
    if proofs and (targets or len(subjects) > 1):
        raise click.UsageError(f"--report {proofs[0]}=... is for one claims file, and for nothing else")
    own = {os.path.normpath(place) for subject in subjects for place in (subject, subject.rpartition(":")[0])}
    taken = [path for _, path in reports if os.path.normpath(path) in own]
    if taken:
        raise click.UsageError(f"--report would overwrite {taken[0]}, which is to be verified")
    if len(subjects) > 1 and claims:
        raise click.UsageError("--claim is for one claims file")


def _known(baseline: Path | None) -> Mapping[str, str] | None:
    """The findings that are known, by their fingerprints."""
    if baseline is None:
        return None
    from gradcheck.report.sarif import fingerprints

    how = "a run without --baseline writes one with --report sarif="
    try:
        return fingerprints(baseline.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise GradcheckError(f"{baseline}: cannot be read: {error.strerror}; {how}{baseline}") from None
    except ValueError as error:
        raise GradcheckError(f"{baseline}: not a baseline: {error}; {how}KNOWN.sarif") from None


def _marked(one: Finished, known: Mapping[str, str] | None) -> Finished:
    from gradcheck.subject import knowing

    return replace(one, subject=knowing(one.subject, known or ()))


def _code(run: Run) -> int:
    """The exit code of the whole run: what was refuted first, then what was not understood."""
    from gradcheck.subject import overall

    if any(one.interrupted for one in run.finished):
        return INTERRUPTED
    verdict = overall(run.subjects)
    if verdict != "refuted" and any(subject.bad_input for subject in run.subjects):
        return BAD_INPUT
    return VERDICT_CODES[verdict]


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
