"""gradcheck report: the proofs as a document."""

from pathlib import Path

import click

from gradcheck.commands import completion
from gradcheck.commands.claims import run, verifying, versions
from gradcheck.commands.formats import DOCUMENTS
from gradcheck.commands.settings import settings
from gradcheck.exits import REFUTED, VERDICT_CODES, guarded


@click.command()
@click.argument("claims_file", metavar="[CLAIMS.toml]", required=False, shell_complete=completion.subjects)
@verifying
@click.option(
    "--out", default="proofs", show_default=True, type=click.Path(file_okay=False, path_type=Path), help="Folder."
)
@click.option(
    "--format",
    "forms",
    multiple=True,
    type=click.Choice(DOCUMENTS),
    help="What to write; may be repeated.  [default: latex, pdf and markdown]",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if what stands there is not today's report.")
@guarded
def report(
    claims_file: str | None,
    layers: int | None,
    seed: int | None,
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
    from gradcheck.typesetting import typeset

    given = settings({"layers": layers, "seed": seed}, Path.cwd())
    found = run(claims_file, given.layers, given.seed, claims)
    if found.interrupted:
        raise KeyboardInterrupt
    wanted = destinations(found, forms or ("latex", "pdf", "markdown"), out)
    if check:
        complaints = outdated(found, wanted, versions())
        click.echo("\n".join(complaints or [f"{path}: up to date" for _, path in wanted]))
        return REFUTED if complaints else 0
    for path in publish(wanted, lambda form: typeset(found, form, versions())):
        click.echo(f"wrote {path}")
    return VERDICT_CODES[found.verdict]
