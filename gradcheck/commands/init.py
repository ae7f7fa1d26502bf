"""gradcheck init: a binding to start from."""

from pathlib import Path

import click

from gradcheck.errors import TargetError
from gradcheck.exits import guarded
from gradcheck.targets.address import parse_address


@click.command()
@click.argument("target", metavar="TARGET")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file.  [default: NAME_binding.py]")
@guarded
def init(target: str, out: Path | None) -> int:
    """Write a binding for a layer of your own: a few lines of Python to read and edit.

    What can be found out by running the target is filled in; what cannot is marked FIXME.
    """
    address = parse_address(target)
    if not address:
        raise TargetError(f"{target!r} is no target: give path/to/file.py:Name or package.module:Name")
    from gradcheck.conventions.said import Said
    from gradcheck.examination.examine import experiment
    from gradcheck.examination.script import script
    from gradcheck.targets.process import Process

    with Process(address) as process:
        described = process.description
        out = out or Path(f"{described.name.replace('.', '_').lower()}_binding.py")
        if out.exists():
            raise TargetError(f"{out} is there already: move it, or name another file with --out")
        try:
            described, examiner = experiment(process, Said(), 0, lambda done, total: None)
        except TargetError as error:
            click.echo(f"not recognised: {error}")
            examiner = None
        try:
            out.write_text(script(described, address, examiner), encoding="utf-8")
        except OSError as error:
            raise TargetError(f"{out}: cannot be written: {error.strerror}") from None
    click.echo(f"wrote {out}; check it with: gradcheck verify {out}")
    return 0
