"""Reports written to where they belong, or compared with what stands there."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from gradcheck.claims.reader import DOCUMENT
from gradcheck.errors import CouldNotRun, GradcheckError
from gradcheck.evidence import Report
from gradcheck.typesetting import SUFFIXES, stale

JOB_SUMMARY = "GITHUB_STEP_SUMMARY"  # a file that all commands of a step write to
Destinations = Sequence[tuple[str, Path]]


def destinations(report: Report, forms: Sequence[str], folder: Path) -> list[tuple[str, Path]]:
    """A file for each format, named like the claims file; the LaTeX of a PDF stands beside it."""
    wanted = dict.fromkeys(("latex", *forms) if "pdf" in forms else forms)
    stem = Path(report.source or DOCUMENT).stem
    return [(form, folder / f"{stem}{SUFFIXES[form]}") for form in wanted]


def publish(wanted: Destinations, written: Callable[[str], bytes]) -> Iterator[Path]:
    """Write each file, as its format is `written`, and yield its path; a job summary is added to.

    When all the others have been written, raises GradcheckError for files that cannot be, or
    CouldNotRun where a format cannot be made.
    """
    failed: list[GradcheckError | CouldNotRun] = []
    for form, path in wanted:
        try:
            data = written(form)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab" if path == Path(os.environ.get(JOB_SUMMARY, "")) else "wb") as file:
                file.write(data)
        except (FileExistsError, NotADirectoryError):
            failed.append(GradcheckError(f"{path}: cannot be written: {path.parent} is no folder"))
        except OSError as error:
            failed.append(GradcheckError(f"{path}: cannot be written: {error.strerror}"))
        except CouldNotRun as error:
            failed.append(CouldNotRun(f"{path}: {error}"))
        else:
            yield path
    if failed:
        raise type(failed[0])("\n".join(map(str, failed)))


def outdated(report: Report, wanted: Destinations, versions: Mapping[str, str]) -> list[str]:
    """What to say of each file that is missing, or is not what the report gives today."""
    complaints = []
    for form, path in wanted:
        try:
            found = path.read_bytes()
        except OSError as error:
            complaints.append(f"{path}: cannot be read: {error.strerror}")
            continue
        if stale(found, report, form, versions):
            complaints.append(f"{path}: stale; the same command without --check writes it again")
    return complaints
