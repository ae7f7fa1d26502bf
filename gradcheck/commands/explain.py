"""gradcheck explain: one derivation, step by step."""

import sys

import click

from gradcheck.exits import COULD_NOT_RUN, REFUTED, guarded


@click.command()
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
