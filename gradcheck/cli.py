"""The command line: one command a file in commands/. Nothing heavy is imported until a command needs it."""

import os
import sys

import click

from gradcheck.commands.doctor import doctor
from gradcheck.commands.explain import explain
from gradcheck.commands.init import init
from gradcheck.commands.prove import prove
from gradcheck.commands.report import report
from gradcheck.commands.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(None, "-V", "--version", package_name="gradcheck", message="gradcheck %(version)s")
def main() -> None:
    """Prove and check that gradients have the right shapes and values."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed: no other file must take its place
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 it stays open
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")


for command in (verify, init, prove, explain, report, doctor):
    main.add_command(command)
