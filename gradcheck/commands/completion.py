"""What a shell completes a word to, beside click's own commands, options and choices.

Only names that no shell has to quote are offered: click's script for bash inserts them as they are.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from gradcheck.commands.formats import FORMS, PROOFS

SUBJECTS = (".py", ".toml")
ENDS = {"text": ".txt", "github": ".txt", "junit": ".xml", "sarif": ".sarif"}  # beside those of typesetting
_PLAIN = re.compile(r"(?!-)[\w.+@%/-]+")


def subjects(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """What can be verified: the names that gradcheck brings; then files and folders."""
    from gradcheck.claims.reader import packaged

    return [*_beginning(incomplete, sorted(packaged())), *_files(incomplete)]


def claims(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The ids in the claims file named earlier on the command line, else in the document; none if it can't be read."""
    from gradcheck.claims.reader import read_document
    from gradcheck.errors import GradcheckError

    source = _source(context)
    if source and Path(source).exists() and not Path(source).is_file():
        return []  # a pipe would be waited for
    with suppress(GradcheckError):
        return _beginning(incomplete, [claim.id for claim in read_document(source).claims])
    return []


def derivations(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """What can be explained: claims and rules."""
    from gradcheck.report.rules import rules

    return [*claims(context, parameter, incomplete), *_beginning(incomplete, list(rules()))]


def reports(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Each FORMAT=; the only one that fits also with a file, so that no shell ends the word at the sign."""
    found = _beginning(incomplete, [f"{form}=" for form in (*FORMS, *PROOFS)])
    return found if len(found) != 1 else [*found, f"{found[0]}{_report_name(context, found[0][:-1])}"]


def _report_name(context: click.Context, form: str) -> str:
    """The name that `gradcheck report` gives the file."""
    from gradcheck.claims.reader import DOCUMENT
    from gradcheck.typesetting import SUFFIXES

    return f"{Path(_source(context) or DOCUMENT).stem}{(ENDS | SUFFIXES)[form]}"


def _source(context: click.Context) -> str | None:
    """The first that is named; click leaves it among the other words where an option lacks its value."""
    named = context.params.get("subjects") or (context.params.get("claims_file"),)
    return named[0] or next(iter(context.args), None)


def _beginning(incomplete: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


def _files(incomplete: str) -> list[str]:
    """The .py and .toml files and the folders that begin so; in place of a single folder, what is in it."""
    found = sorted(_listed(os.path.expanduser(incomplete)))
    if len(found) == 1 and found[0].endswith("/"):
        return sorted(_listed(found[0])) or found  # a shell would end the word after the folder
    return found


def _listed(incomplete: str) -> Iterator[str]:
    """Each file or folder that may be meant, hidden ones only where the word begins with a dot."""
    folder, start = incomplete[: incomplete.rfind("/") + 1], incomplete[incomplete.rfind("/") + 1 :]
    with suppress(OSError, ValueError), os.scandir(folder or ".") as entries:
        for entry in entries:
            name = f"{folder}{entry.name}/" if entry.is_dir() else f"{folder}{entry.name}"
            wanted = entry.name.startswith(start) and entry.name.startswith(".") <= start.startswith(".")
            if wanted and name.endswith(("/", *SUBJECTS)) and _PLAIN.fullmatch(name):
                yield name
