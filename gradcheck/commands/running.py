"""One subject at a time: a claims file or a target in, what was found out about it."""

import shlex
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck.commands.claims import run
from gradcheck.commands.settings import Settings
from gradcheck.errors import GradcheckError
from gradcheck.exits import MISTAKES, complain, message
from gradcheck.targets.address import Address, parse_address

if TYPE_CHECKING:
    from gradcheck.comparison import Comparison
    from gradcheck.evidence import Method, Report
    from gradcheck.findings import Examination
    from gradcheck.subject import Subject


@dataclass(frozen=True, slots=True)
class Done:
    """A subject, what the engines found (None where they could not run), and the seconds that it took."""

    subject: "Subject"
    found: "Report | Examination | Comparison | None"
    seconds: float
    interrupted: bool = False


def done(names: Sequence[str | None], wanted: Settings, claims: tuple[str, ...], method: "Method") -> Iterator[Done]:
    """Each subject as it is finished; a mistake in one is told, and the others go on. None is the document."""
    from gradcheck.report.subjects import unfinished

    for name in dict.fromkeys(names):
        start = time.monotonic()
        address = parse_address(name) if name else None
        try:
            subject, found = _target(address, wanted) if address else _claims(name, wanted, claims, method)
        except MISTAKES as error:
            complain(error)
            words = ["gradcheck", "verify", *([name] if name else []), "--seed", str(wanted.seed), *wanted.words]
            file = address.place if address and address.is_file else name or ""
            told = name or "gradient_sizes", file if Path(file).is_file() else "", wanted.seed, shlex.join(words)
            yield Done(unfinished(*told, message(error), isinstance(error, GradcheckError)), None, 0.0)
        else:
            interrupted = bool(getattr(found, "interrupted", False))
            yield Done(subject, found, time.monotonic() - start, interrupted)
            if interrupted:
                return


def _claims(name: str | None, wanted: Settings, claims: tuple[str, ...], method: "Method") -> "tuple[Subject, Report]":
    found = run(name, wanted.layers, wanted.seed, claims, method)
    from gradcheck.report.subjects import of_report

    return of_report(found), found


def _target(address: Address, wanted: Settings) -> "tuple[Subject, Examination | Comparison]":
    from gradcheck.comparison import Comparison
    from gradcheck.conventions.alike import like
    from gradcheck.functions.target import find_out
    from gradcheck.progress import Bar
    from gradcheck.report.subjects import of_comparison, of_examination
    from gradcheck.targets.process import Process

    said = like(wanted.like) if wanted.like else None
    with Process(address, wanted.time_limit, wanted.memory_limit) as target, Bar() as bar:
        described = target.description
        found = find_out(
            target,
            str(address),
            seed=wanted.seed,
            layouts=wanted.layouts,
            given=dict(wanted.options),
            flips=wanted.flips,
            said=said,
            words=wanted.words,
            progress=bar,
        )
    if isinstance(found, Comparison):
        return of_comparison(found, _here(described.file), described.line), found
    found = replace(found, file=_here(found.file))
    return of_examination(found), found


def _here(file: str) -> str:
    """A file as it is called from the current folder, if it is in it."""
    return str(Path(file).relative_to(Path.cwd())) if Path(file).is_relative_to(Path.cwd()) else file
