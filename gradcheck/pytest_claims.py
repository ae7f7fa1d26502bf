"""Claims files as files of tests, for pytest: a test for each claim."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradcheck.commands.pyproject import LAYERS
from gradcheck.errors import GradcheckError
from gradcheck.running_test import seed_here

if TYPE_CHECKING:
    from gradcheck.claims.claim import Claim
    from gradcheck.evidence import Report

SETTINGS = pytest.StashKey[dict[str, Any]]()  # what [tool.gradcheck] says


class ClaimsFile(pytest.File):
    """A claims file: a test for each claim. It is verified once, for all claims of it that are to be tested."""

    _report: "Report | None" = None

    def collect(self) -> Iterator["ClaimItem"]:
        """An item for each claim; a file that cannot be read is told as an error of collection."""
        from gradcheck.claims.reader import read_document

        with _told():
            document = read_document(self.path)
        for claim in document.claims:
            yield ClaimItem.from_parent(self, name=claim.id, claim=claim)

    def report(self, seed: int) -> "Report":
        """The verdicts on the claims that this run tests."""
        from gradcheck.verification import verify

        if self._report is None:
            claims = [item.name for item in self.session.items if item.parent is self]
            layers = self.config.stash[SETTINGS].get("layers", LAYERS)
            with _told():
                self._report = verify(self._called(), layers=layers, seed=seed, claims=claims)
            if self._report.interrupted:
                raise KeyboardInterrupt
        return self._report

    def _called(self) -> str:
        """The file as it is called from the folder that pytest was started in."""
        home = self.config.invocation_params.dir
        return str(self.path.relative_to(home) if self.path.is_relative_to(home) else self.path)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        """What is wrong with the file, without a traceback."""
        return str(excinfo.value) if excinfo.errisinstance(Told) else str(super().repr_failure(excinfo))


class ClaimItem(pytest.Item):
    """One claim as a test: it passes if the claim is proved and checked."""

    def __init__(self, claim: "Claim", **rest: Any) -> None:
        super().__init__(**rest)
        self._claim = claim

    @property
    def shared_id(self) -> str:
        """What its seed is made from: the claims of a file share their random layers."""
        return self.file.nodeid

    @property
    def file(self) -> ClaimsFile:
        """The claims file that it stands in."""
        assert isinstance(self.parent, ClaimsFile)
        return self.parent

    def runtest(self) -> None:
        """Raises Told with what is wrong, unless the claim is verified."""
        from gradcheck.report.subjects import of_report

        report = self.file.report(seed_here(None))
        part = next(part for part in of_report(report).parts if part.name == self.name)
        if part.open:
            raise Told("\n".join([*part.told, f"rerun: {part.rerun}"]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """What is wrong with the claim, without a traceback."""
        return str(excinfo.value) if excinfo.errisinstance(Told) else str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the claim stands."""
        return self.path, self._claim.line - 1 if self._claim.line else None, self.name


class Told(Exception):
    """What a person is told of a claim or its file; no traceback belongs to it."""


@contextmanager
def _told() -> Iterator[None]:
    """What the user can mend, as Told."""
    try:
        yield
    except GradcheckError as error:
        raise Told(str(error)) from None
