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


def guarded(command: Callable[P, int]) -> Callable[P, NoReturn]:
    """Turn what a command found into an exit code, and a mistake into a message."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> NoReturn:
        try:
            code = command(*args, **kwargs)
            sys.stdout.flush()
            sys.exit(code)
        except GradcheckError as error:
            click.echo(f"gradcheck: {error}", err=True)
            sys.exit(BAD_INPUT)
        except CouldNotRun as error:
            click.echo(f"gradcheck: {error}", err=True)
            sys.exit(COULD_NOT_RUN)
        except Disagreement as error:
            click.echo(f"gradcheck: its two engines contradict each other, please report this: {error}", err=True)
            sys.exit(COULD_NOT_RUN)
        except KeyboardInterrupt:
            click.echo("gradcheck: interrupted", err=True)
            sys.exit(INTERRUPTED)
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left cannot be written either
            if isinstance(error, BrokenPipeError):
                sys.exit(NOBODY_READS)
            click.echo(f"gradcheck: the output cannot be written: {error.strerror}", err=True)
            sys.exit(COULD_NOT_RUN)

    return run
