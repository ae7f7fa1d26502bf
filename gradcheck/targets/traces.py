"""A traceback cut down to the user's own frames."""

import traceback
from pathlib import Path

_OURS = str(Path(__file__).parent.parent)


def trimmed(error: BaseException) -> str:
    """The frames of an error that are neither gradcheck's nor a library's, as Python prints them."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not f.filename.startswith((_OURS, "<frozen")) and "site-packages" not in f.filename]
    return "".join(traceback.format_list(own)).rstrip()
