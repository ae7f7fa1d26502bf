"""What a command found as an exit code, and a mistake as a message."""

import functools
import os
import sys
from collections.abc import Callable
from typing import NoReturn, ParamSpec

import click

from gradcheck.errors import CouldNotRun, Disagreement, GradcheckError

P = ParamSpec("P")

REFUTED, BAD_INPUT, COULD_NOT_RUN, INTERRUPTED, NOBODY_READS = 1, 2, 3, 130, 141
VERDICT_CODES = {"verified": 0, "refuted": REFUTED, "incomplete": COULD_NOT_RUN}
MISTAKES = GradcheckError, CouldNotRun, Disagreement


def guarded(command: Callable[P, int]) -> Callable[P, NoReturn]:
    """Turn what a command found into an exit code, and a mistake into a message."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> NoReturn:
        try:
            code = command(*args, **kwargs)
            sys.stdout.flush()
            sys.exit(code)
        except MISTAKES as error:
            complain(message(error))
            sys.exit(BAD_INPUT if isinstance(error, GradcheckError) else COULD_NOT_RUN)
        except KeyboardInterrupt:
            complain("interrupted")
            sys.exit(INTERRUPTED)
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left cannot be written either
            if isinstance(error, BrokenPipeError):
                sys.exit(NOBODY_READS)
            click.echo(f"gradcheck: the output cannot be written: {error.strerror}", err=True)
            sys.exit(COULD_NOT_RUN)

    return run


def complain(told: str) -> None:
    """Say on standard error what was wrong."""
    from gradcheck.report.wording import inert

    click.echo("\n".join(map(inert, f"gradcheck: {told}".split("\n"))), err=True)


def message(error: Exception) -> str:
    """What to say of a mistake."""
    if isinstance(error, Disagreement):
        return f"its two engines contradict each other, please report this: {error}"
    return str(error)
