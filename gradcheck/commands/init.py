"""gradcheck init: a binding to start from."""

import click

from gradcheck.exits import guarded


@click.command()
@click.argument("target", metavar="TARGET")
@guarded
def init(target: str) -> int:
    """Write a binding for a layer of your own, to read and edit."""
    return 0
