"""An error of the user's code: in which pass it was raised, and its traceback cut down to the user's own frames."""

import contextlib
import traceback
from collections.abc import Iterator
from pathlib import Path

from gradcheck.errors import TargetRaised

_OURS = str(Path(__file__).parent.parent)


def trimmed(error: BaseException) -> str:
    """The frames of an error that are neither gradcheck's nor a library's, as Python prints them."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not f.filename.startswith((_OURS, "<frozen")) and "site-packages" not in f.filename]
    return "".join(traceback.format_list(own)).rstrip()


@contextlib.contextmanager
def telling(stage: str) -> Iterator[None]:
    """Say which pass it was that raised."""
    try:
        yield
    except Exception as error:
        raise told(stage, error) from None


def told(stage: str, error: Exception) -> TargetRaised:
    """What is raised in place of an error of the user's code."""
    return TargetRaised(stage, f"{type(error).__name__}: {error}".removesuffix(": "), trimmed(error))
