"""The pytest plugin: claims files as tests, random layers for tests, and a seed for each test.

Every pytest run imports this, so it imports next to nothing: not gradcheck's engines, not even NumPy.
"""

import os
import shlex
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradcheck.running_test import CURRENT, RunningTest, seed_here, seed_of

if TYPE_CHECKING:
    from gradcheck.claims.claim import Claim
    from gradcheck.commands.settings import Settings
    from gradcheck.evidence import Report
    from gradcheck.random_layers import RandomLayer

SETTINGS = pytest.StashKey["Settings"]()
MARK = "gradients"
OPTION = "--gradcheck-seed"
CLAIMS_FILES = "*.claims.toml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The seed of the whole run, which each test's own is made from."""
    group = parser.getgroup("gradcheck", "gradients of layers")
    group.addoption(OPTION, type=int, metavar="N", help="where the randomness of all tests starts (default: 0)")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f"{MARK}(like, layers=20, shapes={{}}, where=()): run the test on random layers, each in `random_layer`",
    )


def pytest_report_header(config: pytest.Config) -> str:
    """The seed, at the head of the report."""
    return f"gradcheck: seed {_seed(config)}"


def settings_of(config: pytest.Config) -> "Settings":
    """What [tool.gradcheck] says in the pyproject.toml nearest to pytest's root."""
    from gradcheck.commands.settings import settings
    from gradcheck.errors import TargetError

    if SETTINGS not in config.stash:
        try:
            config.stash[SETTINGS] = settings({}, config.rootpath)
        except TargetError as error:
            raise pytest.UsageError(str(error)) from None
    return config.stash[SETTINGS]


def _seed(config: pytest.Config) -> int:
    given = config.getoption(OPTION)
    return settings_of(config).seed if given is None else int(given)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """While a test runs, gradcheck's assertions know its seed, and the command that runs it again."""
    before = CURRENT.set(partial(running, item))
    try:
        return (yield)
    finally:
        CURRENT.reset(before)


def running(item: pytest.Item) -> RunningTest:
    """The test that is running. Claims of one file share their random layers, as do the tests of a marked function."""
    assert item.parent
    shared = f"{item.parent.nodeid}::{getattr(item, 'originalname', '')}" if item.get_closest_marker(MARK) else ""
    name = item.parent.nodeid if isinstance(item, ClaimItem) else shared or _id(item)
    return RunningTest(seed_of(name, _seed(item.config)), rerun(item), partial(_record, item))


def _id(item: pytest.Item) -> str:
    """The id of a test, without what pytest-xdist adds to it."""
    assert item.parent
    return f"{item.parent.nodeid}::{item.name}"


def _record(item: pytest.Item, name: str, value: object) -> None:
    if (name, value) not in item.user_properties:
        item.user_properties.append((name, value))


def rerun(item: pytest.Item) -> str:
    """The command that runs a test again, from the folder that pytest was started in."""
    file = os.path.relpath(item.path, item.config.invocation_params.dir)
    words = ["pytest", "::".join([file, *_id(item).split("::")[1:]])]
    given = item.config.getoption(OPTION)
    return shlex.join(words if given is None else [*words, OPTION, str(given)])


@pytest.fixture
def assert_gradients() -> Callable[..., Any]:
    """gradcheck.assert_gradients: that the gradients of a layer, or of a function at some inputs, are right."""
    from gradcheck.assertions import assert_gradients

    return assert_gradients


@pytest.fixture
def assert_sizes() -> Callable[..., None]:
    """gradcheck.assert_sizes: that arrays have the sizes that a layer gives them."""
    from gradcheck.assertions import assert_sizes

    return assert_sizes


@pytest.fixture
def random_layer(request: pytest.FixtureRequest) -> "RandomLayer":
    """A layer of random sizes with its arrays, for a test that is marked with @pytest.mark.gradients("conv2d")."""
    from gradcheck.random_layers import random_layer as nth

    if not hasattr(request, "param"):
        pytest.fail(f'random_layer is for a test that is marked with @pytest.mark.{MARK}("conv2d")', pytrace=False)
    number, like, options = request.param
    return nth(like, number, **options)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each random layer that a marked function asks for."""
    marks = list(metafunc.definition.iter_markers(MARK))
    if not marks:
        return
    if "random_layer" not in metafunc.fixturenames:
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid} is marked {MARK}: it must take the argument random_layer"
        )
    layers = [layer for mark in reversed(marks) for layer in _marked(*mark.args, **mark.kwargs)]
    ids = [f"{like}-{number + 1}" for number, like, _ in layers]
    metafunc.parametrize("random_layer", layers, indirect=True, ids=ids)


def _marked(like: str, layers: int = 20, **options: Any) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """The parameters of each test that a marker asks for."""
    for number in range(layers):
        yield number, like, {"layers": layers, **options}


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ClaimsFile | None":
    """Claims files are tests: those called *.claims.toml, or as claims_files in [tool.gradcheck] says."""
    if file_path.suffix != ".toml":
        return None
    patterns = settings_of(parent.config).claims_files
    if any(fnmatch(file_path.name, pattern) for pattern in patterns):
        return ClaimsFile.from_parent(parent, path=file_path)
    return None


class ClaimsFile(pytest.File):
    """A claims file: a test for each claim. It is verified once, for all claims of it that are to be tested."""

    _report: "Report | None" = None

    def collect(self) -> Iterator["ClaimItem"]:
        """An item for each claim; a file that cannot be read is told as an error of collection."""
        from gradcheck.claims.reader import read_document

        with _told():
            document = read_document(self.path)
        for claim in document.claims:
            yield ClaimItem.from_parent(self, name=claim.id, claim=claim)

    def report(self, seed: int) -> "Report":
        """The verdicts on the claims that this run tests."""
        from gradcheck.verification import verify

        if self._report is None:
            claims = [item.name for item in self.session.items if item.parent is self]
            with _told():
                layers = settings_of(self.config).layers
                self._report = verify(self._called(), layers=layers, seed=seed, claims=claims)
        return self._report

    def _called(self) -> str:
        """The file as it is called from the folder that pytest was started in."""
        home = self.config.invocation_params.dir
        return str(self.path.relative_to(home) if self.path.is_relative_to(home) else self.path)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        """What is wrong with the file, without a traceback."""
        return str(excinfo.value) if excinfo.errisinstance(Told) else str(super().repr_failure(excinfo))


class ClaimItem(pytest.Item):
    """One claim as a test: it passes if the claim is proved and checked."""

    def __init__(self, claim: "Claim", **rest: Any) -> None:
        super().__init__(**rest)
        self._claim = claim

    def runtest(self) -> None:
        """Raises Told with what is wrong, unless the claim is verified."""
        from gradcheck.report.subjects import of_report

        assert isinstance(self.parent, ClaimsFile)
        report = self.parent.report(seed_here(None))
        part = next(part for part in of_report(report).parts if part.name == self.name)
        if part.open:
            lines = [f"{part.message} [{part.rule}]", *part.details, f"rerun: {part.rerun}"]
            raise Told("\n".join(lines))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """What is wrong with the claim, without a traceback."""
        return str(excinfo.value) if excinfo.errisinstance(Told) else str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the claim stands."""
        return self.path, self._claim.line - 1 if self._claim.line else None, self.name


class Told(Exception):
    """What a person is told of a claim or its file; no traceback belongs to it."""


@contextmanager
def _told() -> Iterator[None]:
    """What the user can mend, as Told."""
    from gradcheck.errors import GradcheckError

    try:
        yield
    except GradcheckError as error:
        raise Told(str(error)) from None
