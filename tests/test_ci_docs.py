"""docs/ci.md and the README's part for maintainers say what is so."""

import re
from pathlib import Path

import pytest

from gradcheck.report.rules import rules

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
LAYERS = """
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def correlate(x, w):
    return np.einsum("niabuv,jiuv->njab", sliding_window_view(x, w.shape[2:], axis=(2, 3)), w)


def full(dy, w):
    m = w.shape[2] - 1
    turned = w.swapaxes(0, 1)[..., ::-1, ::-1]
    return correlate(np.pad(dy, ((0, 0), (0, 0), (m, m), (m, m))), turned)


def conv_backward(x, w, dy):
    dw = correlate(x[:, None], dy[:, None])
    return full(dy[None], w)[0], dw.swapaxes(0, 1)


class Conv2d:
    def __init__(self, in_channels, out_channels, kernel_size):
        self.w = np.random.randn(out_channels, in_channels, kernel_size, kernel_size)

    def forward(self, x):
        self.x = x
        return correlate(x, self.w)

    def backward(self, dy):
        self.dw = correlate(self.x.swapaxes(0, 1), dy.swapaxes(0, 1)).swapaxes(0, 1)
        return full(dy, self.w)
"""
BROKEN = LAYERS.replace("[..., ::-1, ::-1]", "")


def block(text: str, mark: str) -> str:
    """The code block after a marker."""
    match = re.search(rf"<!-- {mark} -->\n```\w*\n(.*?)```", text, re.DOTALL)
    assert match
    return match.group(1)


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """The layers that the page speaks of, and a folder for its tests."""
    pytester.makepyfile(layers=LAYERS)
    pytester.mkdir("tests")
    pytester.makeini("[pytest]\npythonpath = .\n")
    (pytester.path / "tests" / "test_layers.py").write_text(block(PAGE, "tests"), encoding="utf-8")
    return pytester


def test_the_tests_shown_pass(project: pytest.Pytester) -> None:
    """What the page shows of pytest and of hypothesis passes on right layers."""
    shown = "from layers import conv_backward\n" + block(PAGE, "strategies")
    (project.path / "tests" / "test_strategies.py").write_text(shown, encoding="utf-8")
    result = project.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=24)


def test_the_failure_shown_is_real(project: pytest.Pytester) -> None:
    """The filter not being rotated, the failure is the one that is shown."""
    project.makepyfile(layers=BROKEN)
    result = project.runpytest_subprocess("-q", "-p", "no:cacheprovider", "tests/test_layers.py::test_conv2d")
    assert block(PAGE, "failure") in result.stdout.str().replace("rerun: python -m pytest", "rerun: pytest")


def test_the_readme_shows_tests_that_work(pytester: pytest.Pytester) -> None:
    """On the README's own layer: the broken gradient fails, and the forward pass is right."""
    pytester.makepyfile(conv=block(README, "layer"), test_conv=block(README, "pytest"))
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=20, failed=1)


def test_the_page_has_every_rule() -> None:
    """Each rule is in the table, with a link to its page, and nothing else is."""
    row = re.compile(r"\| \[(GC\d+)\]\(\.\./(.+?)\) (\S+) \| (.+) \|")
    told = {id_: (path, name, finds) for id_, path, name, finds in row.findall(PAGE)}
    expected = {r.id: (f"gradcheck/report/rules/{r.id}.md", r.name, r.finds) for r in rules().values()}
    assert told == expected


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every file that a page points at is there."""
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
