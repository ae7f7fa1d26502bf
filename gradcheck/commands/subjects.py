"""One subject at a time: a claims file or a target in, what was found out about it."""

import os
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
class Finished:
    """A subject, what the engines found (None where they could not run), and the seconds that it took."""

    subject: "Subject"
    found: "Report | Examination | Comparison | None"
    seconds: float
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be verified, and how. No name is the document's; `claims` and `method` are for claims files."""

    name: str | None
    settings: Settings
    claims: tuple[str, ...]
    method: "Method"

    @property
    def address(self) -> Address | None:
        """Where the target stands, if it is one."""
        return parse_address(self.name) if self.name else None

    @property
    def command(self) -> str:
        """The command that asks the same."""
        from gradcheck.report.wording import verify_command

        if self.address:
            return shlex.join(
                ["gradcheck", "verify", str(self.address), "--seed", str(self.settings.seed), *self.settings.words]
            )
        return verify_command(self.name, self.claims, self.settings.seed, self.settings.layers, self.method)


@dataclass(frozen=True, slots=True)
class Run:
    """All that was finished, and what is `known`: the baseline's fingerprints with their subjects, None without one.

    `whole` says whether the claims files were verified with all of their claims.
    """

    finished: tuple[Finished, ...]
    known: Mapping[str, str] | None
    whole: bool

    @property
    def subjects(self) -> "list[Subject]":
        """Every subject, in order."""
        return [one.subject for one in self.finished]

    @property
    def unrenewed(self) -> list[str]:
        """Subjects of the baseline that were not verified whole: a report of this run may lack their findings."""
        whole = {subject.name for subject in self.subjects if self.whole and not subject.error}
        return sorted(set((self.known or {}).values()) - whole)


def verified(every: Sequence[Asked]) -> Iterator[Finished]:
    """Each subject as it is finished; a mistake in one is told, and the others go on.

    An interrupt ends it with what was finished so far.
    """
    for asked in every:
        start = time.monotonic()
        try:
            subject, found = _target(asked.address, asked.settings) if asked.address else _claims(asked)
        except MISTAKES as error:
            told = message(error)
            complain(told if len(every) == 1 or str(asked.name) in told else f"{asked.name}: {told}")
            yield Finished(_unfinished(asked, message(error), isinstance(error, GradcheckError)), None, 0.0)
        except KeyboardInterrupt:
            complain("interrupted")
            yield Finished(_unfinished(asked, "interrupted", False), None, 0.0, interrupted=True)
            return
        else:
            interrupted = bool(getattr(found, "interrupted", False))
            yield Finished(subject, found, time.monotonic() - start, interrupted)
            if interrupted:
                return


def _unfinished(asked: Asked, error: str, bad_input: bool) -> "Subject":
    """A subject that could not be run; what is said of a file may begin with the line."""
    from gradcheck.claims.reader import DOCUMENT
    from gradcheck.subject import Subject

    called = asked.name or DOCUMENT
    file = next((path for path in (called, called.rpartition(":")[0]) if _is_file(path)), "")
    line = re.match(rf"{re.escape(file)}:(\d+):", error)
    at = int(line[1]) if line else 0
    return Subject(called, called, file, asked.settings.seed, (), asked.command, error, bad_input, at)


def _is_file(path: str) -> bool:
    """Whether there is such a file, whatever stands there as its name."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def _claims(asked: Asked) -> "tuple[Subject, Report]":
    found = run(asked.name, asked.settings.layers, asked.settings.seed, asked.claims, asked.method)
    from gradcheck.report.subjects import of_report

    subject = of_report(found)
    return replace(subject, file=_here(subject.file)), found


def _target(address: Address, wanted: Settings) -> "tuple[Subject, Examination | Comparison]":
    from gradcheck.comparison import Comparison
    from gradcheck.conventions.alike import like as said_like
    from gradcheck.conventions.said import Said
    from gradcheck.functions.target import find_out
    from gradcheck.progress import Bar
    from gradcheck.report.subjects import subject_of
    from gradcheck.targets.process import Process

    like = said_like(wanted.like) if wanted.like else None
    said = Said(wanted.layouts, dict(wanted.options), wanted.flips, like, wanted.words)
    with Process(address, wanted.time_limit, wanted.memory_limit) as target, Bar() as bar:
        described = target.description
        found = find_out(target, str(address), said, seed=wanted.seed, progress=bar)
    if not isinstance(found, Comparison):
        found = replace(found, file=_here(found.file))
    return subject_of(found, _here(described.file), described.line), found


def _here(file: str) -> str:
    """A file as it is called from the current folder, if it is in it."""
    file = os.path.normpath(file) if file else ""
    return str(Path(file).relative_to(Path.cwd())) if Path(file).is_relative_to(Path.cwd()) else file
