"""One subject at a time: a claims file or a target in, what was found out about it."""

import re
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Run:
    """All that was finished, and what is `known`: the baseline's fingerprints with their subjects, None without one.

    `whole` says whether the claims files were verified with all of their claims.
    """

    done: tuple[Done, ...]
    known: Mapping[str, str] | None
    whole: bool

    @property
    def subjects(self) -> "list[Subject]":
        """Every subject, in order."""
        return [one.subject for one in self.done]


def done(names: Sequence[str | None], wanted: Settings, claims: tuple[str, ...], method: "Method") -> Iterator[Done]:
    """Each subject as it is finished; a mistake in one is told, and the others go on. None is the document.

    An interrupt ends it with what was finished so far.
    """
    for name in dict.fromkeys(names):
        start = time.monotonic()
        address = parse_address(name) if name else None
        try:
            subject, found = _target(address, wanted) if address else _claims(name, wanted, claims, method)
        except MISTAKES as error:
            complain(message(error))
            yield Done(_unfinished(name, wanted, message(error), isinstance(error, GradcheckError)), None, 0.0)
        except KeyboardInterrupt:
            complain("interrupted")
            yield Done(_unfinished(name, wanted, "interrupted", False), None, 0.0, interrupted=True)
            return
        else:
            interrupted = bool(getattr(found, "interrupted", False))
            yield Done(subject, found, time.monotonic() - start, interrupted)
            if interrupted:
                return


def _unfinished(name: str | None, wanted: Settings, error: str, bad_input: bool) -> "Subject":
    """A subject that could not be run; what is said of a file may begin with the line."""
    from gradcheck.claims.reader import DOCUMENT
    from gradcheck.subject import Subject

    words = ["gradcheck", "verify", *([name] if name else []), "--seed", str(wanted.seed), *wanted.words]
    called = name or DOCUMENT
    file = next((path for path in (called, called.rpartition(":")[0]) if _is_file(path)), "")
    line = re.match(rf"{re.escape(file)}:(\d+):", error)
    return Subject(
        called, called, file, wanted.seed, (), shlex.join(words), error, bad_input, int(line[1]) if line else 0
    )


def _is_file(path: str) -> bool:
    """Whether there is such a file, whatever stands there as its name."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


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
