"""What was found out about one thing that was verified, whatever it is: the model that all reports for CI share."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Literal

Status = Literal["passed", "failed", "undecided", "noted"]
Overall = Literal["verified", "refuted", "incomplete"]


@dataclass(frozen=True, slots=True)
class Part:
    """One claim, one array or one remark: how it fared, and if it did not pass, under which rule and why.

    `says` is what it is about, `message` what is wrong in a line, `details` the rest: the diagnosis,
    the shapes, a map. `line` is that of the subject's file, 0 where it has none; `key` tells one finding
    about this part from another, in every run alike. A part that is `known` was found in an earlier run.
    """

    name: str
    says: str
    status: Status
    rule: str = ""
    message: str = ""
    details: tuple[str, ...] = ()
    line: int = 0
    rerun: str = ""
    key: str = ""
    known: bool = False

    @property
    def open(self) -> bool:
        """Whether it keeps the subject from being verified."""
        return self.status in ("failed", "undecided") and not self.known

    @property
    def excused(self) -> bool:
        """Whether it would keep the subject from being verified, were it not known."""
        return self.status in ("failed", "undecided") and self.known

    @property
    def told(self) -> tuple[str, ...]:
        """What is wrong, with the rule, and the rest."""
        return (f"{self.message} [{self.rule}]", *self.details)

    @property
    def lines(self) -> tuple[str, ...]:
        """All that is to be said of it, the command that shows it again last."""
        return (self.message, *self.details, *([f"rerun: {self.rerun}"] if self.rerun else []))


@dataclass(frozen=True, slots=True)
class Subject:
    """A claims file or a target, and its parts.

    `error` is why it could not be run, `bad_input` whether the user can mend that, `line` where in the file.
    """

    name: str
    title: str
    file: str
    seed: int
    parts: tuple[Part, ...]
    rerun: str
    error: str = ""
    bad_input: bool = False
    line: int = 0

    @property
    def verdict(self) -> Overall:
        """Refuted by any part that failed and is not known; verified if all else is decided."""
        found = {part.status for part in self.parts if part.open}
        if "failed" in found:
            return "refuted"
        return "incomplete" if found or self.error else "verified"

    def fingerprint(self, part: Part) -> str:
        """What is the same for the same finding in every run, however the subject is spelled."""
        place, _, target = self.name.rpartition(":")
        named = f":{target}" if place else ""
        own = f"{PurePath(self.file).as_posix()}{named}" if self.file else self.name
        return "|".join((part.rule, own, part.name, part.key))


def overall(subjects: Sequence[Subject]) -> Overall:
    """The verdict on all: refuted if any is, verified if all are."""
    found = {subject.verdict for subject in subjects}
    return "refuted" if "refuted" in found else "verified" if found <= {"verified"} else "incomplete"


def knowing(subject: Subject, fingerprints: Collection[str]) -> Subject:
    """The subject with the findings marked that are known."""
    known = (
        replace(part, known=True) if part.rule and subject.fingerprint(part) in fingerprints else part
        for part in subject.parts
    )
    return replace(subject, parts=tuple(known))
