"""A progress bar on standard error, for a terminal, for a run that takes longer than a second."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 1.0  # seconds before anything is shown


class Bar:
    """Called with how many steps are done and how many there are."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._shown: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown:
            self._shown[0].stop()

    def __call__(self, done: int, total: int) -> None:
        if self._shown is None and sys.stderr.isatty() and time.monotonic() - self._start > PATIENCE:
            self._show(total)
        if self._shown:
            bar, task = self._shown
            bar.update(task, completed=done)

    def _show(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import Progress

        bar = Progress(console=Console(stderr=True), transient=True)
        self._shown = bar, bar.add_task("verifying", total=total)
        bar.start()
