"""What the tests of reports share: the files reported on, and an eye on what pdflatex says of them."""

import os
import re
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest

from gradcheck import Report, verify

VERSIONS = {"gradcheck": "1.0", "numpy": "2.0", "sympy": "1.13"}
TOO_WIDE = 5  # points
DOCUMENTS = {path.stem: path for path in sorted(Path(__file__).with_name("documents").glob("*.toml"))}

needs_tex = pytest.mark.skipif(which("pdflatex") is None, reason="pdflatex is not installed")
needs_typst = pytest.mark.skipif(find_spec("typst") is None, reason="the package typst is not installed")
needs_pdftotext = pytest.mark.skipif(which("pdftotext") is None, reason="pdftotext is not installed")

REFUTED = """
title = "A filter that was not rotated"
layer = "conv2d"
where = ["m <= n"]

[[claim]]
id = "input-gradient"
formula = "dX[i] = sum(j, corr(pad(dY[j], m-1), F[j,i]))"

[[claim]]
id = "output-size"
shape = { Y = "p n-m+2 n-m+1" }

[[claim]]
id = "filter-gradient-side"
identity = "side(corr(X[i], dY[j])) = n - (n-m+1) + 2 = m"
"""
HOSTILE = r"""
title = '\input{/etc/passwd} \write18{touch pwned} %_#$^&~{{{ "quoted" ``x` <script>alert(1)</script> | [a](javascript:x) $x$ \end{document} ∂L ≥ ü ő ﷽ 中文 👍 #eval("1") */ // @x'
layer = "Y[j,a] += X[i,a+u] * F_1[j,i,u]"
where = ["m_side <= n"]

[shapes]
X = "k n"
F_1 = "p2 k m_side"

[[claim]]
id = "output-size_with.a.very-long-name-that-does-not-end-ok"
section = '$\write18{x} % comment } \\ & " #{'
shape = { Y = "p2 n-m_side+2" }

[[claim]]
id = "second"
section = 'Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
identity = "side(corr(X[i], dY[j])) = m_side*(n-1)*(n+1)*(n-2)*(n-3)*(n-4)*(n-5)*(n-6)+m_side**2 = m_side"

[[claim]]
id = "third"
section = '![x](http://a/b.png) www.example.com https://example.com - + 1. > `code`'
formula = "dF_1[j,i] = conv(X[i], dY[j])"
printed = "dF_1[i,i] = star(X[i], dY[j])"
"""  # noqa: E501


@cache
def report_on(source: str | Path | None, layers: int = 5) -> Report:
    """The verdicts on a file, found once."""
    return verify(source, layers=layers)


def pdflatex(path: Path) -> str:
    """Compile a file where it stands, as a reader would, until its references are right; give the last log."""
    command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", path.name]
    for _ in range(2):
        done = subprocess.run(
            command, cwd=path.parent, capture_output=True, check=False, env={**os.environ, "max_print_line": "10000"}
        )
    log = done.stdout.decode(errors="replace")
    assert done.returncode == 0, log[-2000:]
    return log


def complaints(log: str) -> list[str]:
    """What a log says of references that lead nowhere, of characters not set, and of boxes too wide."""
    undefined = re.findall(r".*(?:[Uu]ndefined|multiply.defined|Missing character).*", log)
    boxes = re.findall(r"Overfull \\[hv]box \(([0-9.]+)pt too (?:wide|high).*", log)
    return undefined + [f"{points} pt" for points in boxes if float(points) > TOO_WIDE]


def words_off_the_page(pdf: Path, margin: float = 30) -> list[str]:
    """The words of a PDF that come closer than so many points to the edge of the page."""
    boxes = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], capture_output=True, check=True).stdout.decode(
        errors="replace"
    )
    off, width, height = [], 0.0, 0.0
    for line in boxes.splitlines():
        if page := re.search(r'<page width="([0-9.]+)" height="([0-9.]+)"', line):
            width, height = float(page[1]), float(page[2])
        if word := re.search(
            r'xMin="([-0-9.]+)" yMin="([-0-9.]+)" xMax="([-0-9.]+)" yMax="([-0-9.]+)">(.*)</word', line
        ):
            left, top, right, bottom = map(float, word.groups()[:4])
            if left < margin or top < margin or right > width - margin or bottom > height - margin:
                off.append(word[5])
    return off


def text_of(pdf: Path) -> str:
    """The words of a PDF, with single blanks between them."""
    told = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, check=True).stdout.decode(
        errors="replace"
    )
    return " ".join(told.split())
