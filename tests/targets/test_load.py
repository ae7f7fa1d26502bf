"""From an address to the target that stands there, and advice where there is none."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from gradcheck.errors import TargetError, TargetRaised
from gradcheck.targets.address import Address
from gradcheck.targets.exchange import Request
from gradcheck.targets.load import load

LAYER = """
class {name}:
    def forward(self, x):
        return {factor} * x

    def backward(self, dy):
        return {factor} * dy
"""
Write = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def _own_modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test imports is forgotten after it, and what it hides is there again."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = sys.modules.copy()
    yield
    sys.modules.update(before)
    for name in set(sys.modules) - set(before):
        if not name.startswith(("gradcheck", "torch", "jax", "numpy")):
            del sys.modules[name]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file and gives its path."""

    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8")
        return path

    return written


def layer(name: str = "Layer", factor: int = 2) -> str:
    """The source of a layer that multiplies."""
    return LAYER.format(name=name, factor=factor)


def doubled(place: object, name: str = "") -> float:
    """What the target at an address makes of 1."""
    y = load(Address(str(place), name)).run(Request({}, {"x": np.ones(1)})).y
    assert y is not None
    return float(y[0])


def test_a_name_in_a_file_is_found(write: Write) -> None:
    """The target is that of its name, whatever else stands in the file."""
    path = write("conv.py", layer("One", 1) + layer("Two", 2))
    assert [doubled(path, name) for name in ("One", "Two")] == [1, 2]


def test_the_only_target_of_a_file_needs_no_name(write: Write) -> None:
    """Helpers, imports and private classes do not count."""
    assert doubled(write("conv.py", "import numpy as np\ndef pad(x): return x\n" + layer() + layer("_Hidden"))) == 2


def test_a_name_within_a_class_is_found(write: Write) -> None:
    """A dotted name is followed part by part."""
    inner = layer("Inner", 3).replace("\n", "\n    ")
    assert doubled(write("conv.py", f"class Outer:\n    pass\n    {inner}"), "Outer.Inner") == 3


def test_a_module_is_imported(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module is looked for from the folder to start from."""
    path = write("package_of_load/inner/conv.py", layer())
    monkeypatch.chdir(path.parent.parent.parent)
    assert doubled("package_of_load.inner.conv", "Layer") == 2


def test_a_file_in_a_package_may_import_relatively(write: Write) -> None:
    """A file beside an __init__.py is the module that it is in its package."""
    write("pack_of_load/__init__.py", "")
    write("pack_of_load/deep/__init__.py", "")
    write("pack_of_load/helper.py", "FACTOR = 7")
    path = write("pack_of_load/deep/conv.py", "from ..helper import FACTOR\n" + layer().replace("2 *", "FACTOR *", 1))
    assert doubled(path, "Layer") == 7


def test_a_file_may_import_its_neighbour(write: Write) -> None:
    """A file finds what stands beside it."""
    write("neighbour_of_load.py", "FACTOR = 5")
    path = write("conv.py", "from neighbour_of_load import FACTOR\n" + layer().replace("2 *", "FACTOR *", 1))
    assert doubled(path) == 5


def test_a_file_is_not_mistaken_for_a_module_of_its_name(write: Write) -> None:
    """A file named as a module of the standard library is loaded from where it stands."""
    assert doubled(write("colorsys.py", layer())) == 2


def test_two_files_of_one_name_are_two(write: Write) -> None:
    """The second is loaded, and is not the first once more."""
    one, two = write("a/conv.py", layer(factor=2)), write("b/conv.py", layer(factor=3))
    assert [doubled(one), doubled(two)] == [2, 3]


def test_two_packages_of_one_name_are_two(write: Write) -> None:
    """A file in a package is loaded from where it stands too."""
    for folder in "ab":
        write(f"{folder}/twin_of_load/__init__.py", "")
    one = write("a/twin_of_load/conv.py", layer(factor=2))
    two = write("b/twin_of_load/conv.py", layer(factor=3))
    assert [doubled(one), doubled(two)] == [2, 3]


def refused(place: object, name: str = "") -> str:
    """What is said of an address at which there is nothing."""
    with pytest.raises(TargetError) as caught:
        load(Address(str(place), name))
    return str(caught.value)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    """The path is told."""
    assert refused(tmp_path / "conv.py") == f"{tmp_path / 'conv.py'}: there is no such file"


@pytest.mark.parametrize("place", ["no_such_module", "no_such_package.module", "xml.no_such"])
def test_a_missing_module_is_said(place: str) -> None:
    """What could not be found is told, as the part of the name that is missing."""
    assert "there is no module" in refused(place, "Layer")


def test_a_missing_dependency_is_said(write: Write) -> None:
    """What the module needs itself is told as such, with what would install it."""
    said = refused(write("conv.py", "import no_such_library"))
    assert said.endswith("conv.py needs no_such_library, which is not installed: pip install no_such_library")


def test_a_missing_name_is_said_with_the_nearest(write: Write) -> None:
    """A name that is not there comes with the one that was meant, or all that could be."""
    path = write("conv.py", layer("Conv2d") + layer("Pool"))
    assert refused(path, "Conv2D") == f"{path} has no Conv2D; did you mean 'Conv2d'?"
    assert refused(path, "Nope") == f"{path} has no Nope; known: Conv2d, Pool"


def test_several_targets_ask_for_a_name(write: Write) -> None:
    """With more than one target, one of them is to be named."""
    path = write("conv.py", layer("One") + layer("Two"))
    assert refused(path) == f"{path} has several targets, name one: {path}:One; it has One, Two"


def test_no_target_asks_for_what_is_meant(write: Write) -> None:
    """Where nothing looks like a layer, what is meant is to be named."""
    path = write("conv.py", "def pad(x): return x")
    assert refused(path) == f"nothing in {path} looks like a layer: name what is meant, {path}:NAME"


@pytest.mark.parametrize(("source", "message"), [("1 / 0", "ZeroDivisionError"), ("def f(:", "SyntaxError")])
def test_a_module_that_raises_is_told(write: Write, source: str, message: str) -> None:
    """An exception at import is the target's, with its place."""
    path = write("conv.py", source)
    with pytest.raises(TargetRaised) as caught:
        load(Address(str(path), "Layer"))
    assert caught.value.stage == f"importing {path}"
    assert caught.value.message.startswith(message)


def test_the_trace_of_a_module_that_raises_is_its_own(write: Write) -> None:
    """Only the user's frames are shown."""
    path = write("conv.py", "def fail():\n    1 / 0\nfail()")
    with pytest.raises(TargetRaised) as caught:
        load(Address(str(path), "Layer"))
    assert caught.value.trace.count("File ") == 2
    assert "importlib" not in caught.value.trace
