"""Draws docs/verify.svg, the README's picture: the real output of `gradcheck verify`."""

import io
import time
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from gradcheck import verify
from gradcheck.report import text

WIDTH = 176


def main() -> None:
    """Run, record, and write the picture."""
    out = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False, markup=False)
    text.console = lambda stream: out
    start = time.monotonic()
    text.write_report(verify(), version("gradcheck"), time.monotonic() - start, io.StringIO())
    picture = out.export_svg(title="$ gradcheck verify", theme=MONOKAI, unique_id="gradcheck")
    Path(__file__).with_name("verify.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
