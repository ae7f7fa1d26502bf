"""The last lines of a run on several subjects, or beside a baseline."""

from collections.abc import Mapping, Sequence

from gradcheck.report.wording import counted
from gradcheck.subject import Subject, overall


def overview(subjects: Sequence[Subject], known: Mapping[str, str] | None, whole: bool) -> list[str]:
    """The verdict on all, with what is known; `known` has the baseline's fingerprints, with their subjects.

    What is no longer found is told where the subjects were verified as a `whole`.
    """
    lines = []
    if known is not None:
        old = sum(part.excused for subject in subjects for part in subject.parts)
        new = sum(part.open for subject in subjects for part in subject.parts)
        lines.append(f"baseline: {counted(old, 'finding')} known, {counted(new, 'new finding')}")
        lines += [f"baseline: no longer found: {gone}" for gone in (_gone(subjects, known) if whole else ())]
        lines += [
            f"baseline: new: {s.name}: {part.message} [{part.rule}]" for s in subjects for part in s.parts if part.open
        ]
    told = "; ".join(f"{subject.name} {verdict_told([subject])}{_known(subject)}" for subject in subjects)
    return [*lines, f"{verdict_told(subjects)}: {told}"]


def verdict_told(subjects: Sequence[Subject]) -> str:
    """The verdict on all in words: what has known findings is not verified, it has nothing new."""
    verdict = overall(subjects)
    known = any(part.excused for subject in subjects for part in subject.parts)
    return "nothing new" if verdict == "verified" and known else verdict


def _known(subject: Subject) -> str:
    known = sum(part.excused for part in subject.parts)
    return f" ({known} known)" if known else ""


def _gone(subjects: Sequence[Subject], known: Mapping[str, str]) -> list[str]:
    """Findings of these subjects that are in the baseline, and not found in any part that was looked at."""
    found = {subject.fingerprint(part) for subject in subjects for part in subject.parts}
    ran = {subject.name for subject in subjects if not subject.error}
    return [finding for finding, subject in known.items() if subject in ran and finding not in found]
