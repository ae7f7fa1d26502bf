"""A target in a process of its own, under a limit of time and memory for each call."""

import contextlib
import pickle
import subprocess
import sys
import tempfile
import threading
from types import TracebackType
from typing import Any

from gradcheck.errors import TargetStopped
from gradcheck.targets.address import Address
from gradcheck.targets.exchange import Array, Description, Differences, Outcome, Request
from gradcheck.targets.limits import GIB, SECONDS


class Process:
    """A target at an address, run elsewhere: the same calls as any target, and TargetStopped if one ends badly."""

    def __init__(self, address: Address, seconds: float = SECONDS, gib: float = GIB) -> None:
        self._address, self._seconds, self._memory = address, seconds, int(gib * 2**30)
        self.description: Description = self._start()

    def run(self, request: Request) -> Outcome:
        """One run on a fresh layer."""
        return self._ask(request)  # type: ignore[no-any-return]

    def differences(self, ask: Differences) -> Array:
        """Finite differences of step 1 of <dY, Y>."""
        return self._ask(ask)  # type: ignore[no-any-return]

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def _close(self) -> None:
        self._child.kill()
        with contextlib.suppress(BrokenPipeError):
            self._child.communicate()
        self._said.close()

    def _start(self) -> Any:
        """A new process; what it says first is what the target is."""
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 closed when the target is left
        words = [self._address.place, self._address.name, str(self._memory)]
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "gradcheck.targets.worker", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
        )
        try:
            return self._answer()
        except BaseException:
            self._close()
            raise

    def _ask(self, question: Request | Differences) -> Any:
        if self._child.poll() is not None:
            self._close()
            self._start()
        assert self._child.stdin
        with contextlib.suppress(BrokenPipeError):  # what it died of is found out below
            pickle.dump(question, self._child.stdin)
            self._child.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        """What the process says next; raised where it is a mistake."""
        late = threading.Event()
        clock = threading.Timer(self._seconds, self._stop, [late])
        clock.start()
        try:
            assert self._child.stdout
            found = pickle.load(self._child.stdout)
        except (EOFError, pickle.UnpicklingError):
            self._child.wait()
            raise TargetStopped(self._told(late.is_set())) from None
        finally:
            clock.cancel()
        if isinstance(found, Exception):
            raise found
        return found

    def _stop(self, late: threading.Event) -> None:
        late.set()
        self._child.kill()

    def _told(self, late: bool) -> str:
        if late:
            return f"{self._address} took longer than {self._seconds:g} seconds for one call (--time-limit)"
        self._said.seek(0)
        last = self._said.read().decode(errors="replace").strip().splitlines()[-1:]
        return f"{self._address} ended its process with code {self._child.returncode}{': ' + last[0] if last else ''}"
