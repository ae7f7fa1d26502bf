"""Data as JSON text that can be written anywhere, and printed where lines may be commands."""

import json
from typing import Any

from gradcheck.report.wording import COMMAND


def json_text(data: Any) -> str:
    r"""The text; the same data give the same text. A lone surrogate, which no file can hold, is escaped.

    >>> print(json_text({"title": "##[error]"}))
    {
      "title": "\u0023#[error]"
    }
    """
    text = json.dumps(data, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
    return text.replace(COMMAND, "\\u0023#[")
