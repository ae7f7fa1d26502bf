"""The pytest plugin: claims files as tests, random layers for tests, and a seed for each test.

Every pytest run imports this, so it imports next to nothing: not gradcheck's engines, not even NumPy.
"""

import os
import shlex
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradcheck.commands.pyproject import CLAIMS_FILES, MOST_SEED, configured
from gradcheck.errors import GradcheckError
from gradcheck.pytest_claims import SETTINGS, ClaimsFile
from gradcheck.running_test import RunningTest, enter, leave, seed_of

if TYPE_CHECKING:
    from gradcheck.random_layer import RandomLayer

MARK = "gradients"
LAYERS = 20  # random ones that a marked function is run on
FORM = f"{MARK}(like, layers={LAYERS}, shapes={{}}, where=())"
OPTION = "--gradcheck-seed"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The seed of the whole run, which each test's own is made from."""
    group = parser.getgroup("gradcheck", "gradients of layers")
    group.addoption(OPTION, type=int, metavar="N", help="where the randomness of all tests starts (default: 0)")


def pytest_configure(config: pytest.Config) -> None:
    """Read [tool.gradcheck] of the pyproject.toml nearest to pytest's root, and register the marker."""
    try:
        config.stash[SETTINGS] = configured(config.rootpath)
    except GradcheckError as error:
        raise pytest.UsageError(str(error)) from None
    if not 0 <= _seed(config) <= MOST_SEED:
        raise pytest.UsageError(f"{OPTION} is {_seed(config)}: expected 0 to {MOST_SEED}")
    config.addinivalue_line(
        "markers",
        f"{FORM}: run the test on random layers, each in `random_layer`",
    )


def pytest_report_header(config: pytest.Config) -> str:
    """The seed, at the head of the report."""
    return f"gradcheck: seed {_seed(config)}"


def _seed(config: pytest.Config) -> int:
    given = config.getoption(OPTION)
    return int(config.stash[SETTINGS].get("seed", 0) if given is None else given)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """While a test runs, gradcheck's assertions know its seed, and the command that runs it again."""
    enter(partial(running, item))
    try:
        return (yield)
    finally:
        leave()


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(request: pytest.FixtureRequest) -> Generator[None, Any, Any]:
    """While a fixture is made that several tests share, what is running is their module, class or session."""
    if request.scope == "function":
        return (yield)
    enter(partial(running, request.node))
    try:
        return (yield)
    finally:
        leave()


def running(node: pytest.Item | pytest.Collector) -> RunningTest:
    """The test that is running. Claims of one file share their random layers, as do the tests of a marked function."""
    name = getattr(node, "shared_id", _id(node))
    if "random_layer" in getattr(node, "fixturenames", ()):
        name = name.removesuffix(node.name) + getattr(node, "originalname", node.name)
    return RunningTest(seed_of(name, _seed(node.config)), rerun(node), partial(_record, node))


def _id(node: pytest.Item | pytest.Collector) -> str:
    """The id of a test, without what pytest-xdist adds to it."""
    return f"{node.parent.nodeid}::{node.name}" if node.parent and isinstance(node, pytest.Item) else node.nodeid


def _record(node: pytest.Item | pytest.Collector, name: str, value: object) -> None:
    if isinstance(node, pytest.Item) and (name, value) not in node.user_properties:
        node.user_properties.append((name, value))


def rerun(node: pytest.Item | pytest.Collector) -> str:
    """The command that runs a test again, from the folder that pytest was started in."""
    config = node.config
    file = os.path.relpath(node.path, config.invocation_params.dir)
    started = getattr(config, "workerinput", {}).get("mainargv", sys.argv)[0]  # of pytest-xdist's main process
    words = ["python", "-m", "pytest"] if Path(started).name == "__main__.py" else ["pytest"]
    words.append("::".join([file, *_id(node).split("::")[1:]]))
    given = {
        OPTION: config.getoption(OPTION),
        "--rootdir": config.getoption("rootdir"),
        "-c": config.option.inifilename,
    }
    return shlex.join([*words, *(word for name, one in given.items() if one is not None for word in (name, str(one)))])


@pytest.fixture(scope="session")
def assert_gradients() -> Callable[..., Any]:
    """gradcheck.assert_gradients: that the gradients of a layer, or of a function at some inputs, are right."""
    from gradcheck.assertions import assert_gradients

    return assert_gradients


@pytest.fixture(scope="session")
def assert_sizes() -> Callable[..., None]:
    """gradcheck.assert_sizes: that arrays have the sizes that a layer gives them."""
    from gradcheck.assertions import assert_sizes

    return assert_sizes


@pytest.fixture
def random_layer(request: pytest.FixtureRequest) -> "RandomLayer":
    """A layer of random sizes with its arrays, for a test that is marked with @pytest.mark.gradients("conv2d")."""
    from gradcheck.random_layer import random_layer as nth

    if not hasattr(request, "param"):
        pytest.fail(f'random_layer is for a test that is marked with @pytest.mark.{MARK}("conv2d")', pytrace=False)
    number, like, options = request.param
    try:
        return nth(like, number, **options)
    except GradcheckError as error:
        pytest.fail(str(error), pytrace=False)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each random layer that a marked function asks for."""
    marks = _marks(metafunc.definition, metafunc.fixturenames)
    if not marks:
        return
    name = metafunc.definition.nodeid
    if "random_layer" not in metafunc.fixturenames:
        raise pytest.Collector.CollectError(f"{name} is marked {MARK}: it must take the argument random_layer")
    try:
        layers = [layer for mark in reversed(marks) for layer in _marked(*mark.args, **mark.kwargs)]
    except GradcheckError as error:
        raise pytest.Collector.CollectError(f"{name}: {error}") from None
    except TypeError:
        told = f"expected @pytest.mark.{FORM}, where like is a name in the catalogue or a line, and layers is not 0"
        raise pytest.Collector.CollectError(f"{name}: {told}") from None
    ids = [f"{like}-{number + 1}" for number, like, _ in layers]
    metafunc.parametrize("random_layer", layers, indirect=True, ids=ids)


def _marks(node: pytest.Item, fixtures: Sequence[str]) -> list[pytest.Mark]:
    """The markers of a test that are ours: a project may have some of that name for something else."""
    asked = "random_layer" in fixtures
    return [mark for mark in node.iter_markers(MARK) if asked or (mark.args and isinstance(mark.args[0], str))]


def _marked(
    like: str, layers: int = LAYERS, shapes: Mapping[str, str] | None = None, where: Sequence[str] = ()
) -> list[tuple[int, str, dict[str, Any]]]:
    """The parameters of each test that a marker asks for; raises TypeError or NotationError for what is no line."""
    from gradcheck.layers.layer import parse_layer

    if not isinstance(like, str) or not isinstance(layers, int) or layers < 1:
        raise TypeError
    parse_layer(like, shapes or {})
    return [(number, like, {"layers": layers, "shapes": shapes, "where": where}) for number in range(layers)]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test of unittest cannot be parametrised: better told than passed over."""
    fixtures = getattr(item, "fixturenames", ())
    if "random_layer" not in fixtures and _marks(item, fixtures):
        told = f"a test of unittest cannot be marked {MARK}: go through gradcheck.random_layers(...) in it"
        pytest.fail(told, pytrace=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Claims files are tests: those called *.claims.toml, or as claims_files in [tool.gradcheck] says."""
    patterns = parent.config.stash[SETTINGS].get("claims_files", CLAIMS_FILES)
    if file_path.suffix == ".toml" and any(fnmatch(file_path.name, pattern) for pattern in patterns):
        return ClaimsFile.from_parent(parent, path=file_path)
    return None
