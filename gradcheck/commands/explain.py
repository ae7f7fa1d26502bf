"""gradcheck explain: one derivation, step by step, or one rule."""

import re
import sys

import click

from gradcheck.commands import completion
from gradcheck.errors import UnknownClaim
from gradcheck.exits import COULD_NOT_RUN, REFUTED, guarded


@click.command()
@click.argument("claim", metavar="CLAIM|RULE", shell_complete=completion.derivations)
@click.argument("claims_file", metavar="[CLAIMS.toml]", required=False, shell_complete=completion.subjects)
@guarded
def explain(claim: str, claims_file: str | None) -> int:
    """Show the derivation of one claim, step by step; or what a rule such as GC201 finds."""
    from gradcheck.report.rules import rules
    from gradcheck.report.text import write_derivation
    from gradcheck.verification import derive

    rule = rules().get(claim.upper())
    if rule and claims_file is None:
        click.echo(rule.page.rstrip())
        return 0
    if re.fullmatch(r"GC\d+", claim.upper()) and claims_file is None:
        raise UnknownClaim(f"there is no rule {claim}; there are {', '.join(rules())}")
    chosen, proof = derive(claims_file, claim)
    write_derivation(chosen, proof, sys.stdout)
    return {"proved": 0, "refuted": REFUTED, "open": COULD_NOT_RUN}[proof.status]
