"""The binding that gradcheck init writes runs as it is written, and is verified where the layer is right."""

import sys
from pathlib import Path

import mutants.conv1d
import pytest

from gradcheck.conventions.said import Said
from gradcheck.errors import TargetError
from gradcheck.examination.examine import examine, experiment
from gradcheck.examination.script import merged, script, split
from gradcheck.targets.address import Address
from gradcheck.targets.load import load

EXAMPLES = Path(__file__).parents[2] / "examples"
MUTANTS = Path(mutants.conv1d.__file__).parent
WRITTEN = [  # a class with kept gradients, a pair with a cache, one without, options in a dict, an update, ...
    f"{MUTANTS}/conv1d.py:Conv1d",
    f"{EXAMPLES}/conv1d_ncl.py:Conv1D",
    f"{EXAMPLES}/conv_naive_loops.py:conv_forward",
    f"{EXAMPLES}/affine_functions.py:affine_forward",
    f"{EXAMPLES}/corr_single_channel.py:forward",
    f"{EXAMPLES}/depthwise_tuple_padding.py:DepthwiseConv2d",
    f"{EXAMPLES}/true_convolution_flipped.py:convolve_forward",
]


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    """What is imported by a written binding is forgotten afterwards."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = dict(sys.modules)
    yield
    for name in set(sys.modules) - set(before):
        if not name.startswith(("gradcheck", "numpy", "scipy")):
            del sys.modules[name]


def address(text):
    """The address of a file and a name."""
    file, _, name = text.rpartition(":")
    return Address(file, name)


def written(text):
    """What is written for a target that is recognised."""
    target = load(address(text))
    described, examiner = experiment(target, Said(), 0, lambda done, total: None)
    return script(described, address(text), examiner)


@pytest.mark.parametrize("text", WRITTEN, ids=lambda text: text.rpartition("/")[2])
def test_what_is_written_runs_and_is_verified(text, tmp_path):
    """The file is loaded as any target, a binding is found in it, and all its gradients are right."""
    path = tmp_path / "written_binding.py"
    path.write_text(written(text), encoding="utf-8")
    target = load(Address(str(path), ""))
    assert target.description.kind == "binding"
    found = examine(target, str(path))
    assert found.verdict == "verified", found
    assert "FIXME" not in path.read_text(encoding="utf-8")


def test_what_is_written_for_a_wrong_layer_is_refuted(tmp_path):
    """The twin: a binding does not mend what it binds."""
    path = tmp_path / "written_binding.py"
    path.write_text(written(f"{MUTANTS}/conv1d.py:FilterNotRotated"), encoding="utf-8")
    found = examine(load(Address(str(path), "")), str(path))
    assert {result.role for result in found.results if result.status == "wrong"} == {"x"}


def test_what_was_not_recognised_gets_fixmes(tmp_path, monkeypatch):
    """The file is Python, says what is left to do, and fails with that until it is done."""
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "odd_layer.py"
    source.write_text(
        "class Odd:\n    def forward(self, x): return x ** 2\n    def backward(self, dy): return dy\n", encoding="utf-8"
    )
    place = Address(str(source), "Odd")
    text = script(load(place).description, place, None)
    assert text.count("FIXME") == 3
    assert f"sys.path.insert(0, {str(tmp_path)!r})\nfrom odd_layer import Odd  # noqa: E402" in text
    assert "class OddBinding(gradcheck.Binding):" in text
    path = tmp_path / "odd_binding.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TargetError, match="NotImplementedError"):
        examine(load(Address(str(path), "")), "odd")


def test_a_file_in_a_package_is_imported_from_above(tmp_path):
    """The folder is the package's, the module has its dots; a module is taken from here."""
    inner = tmp_path / "pack" / "sub"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        (folder / "__init__.py").touch()
    file = inner / "conv.py"
    file.write_text("class Odd:\n    def forward(self, x): pass\n    def backward(self, dy): pass\n", encoding="utf-8")
    place = Address(str(file), "Odd")
    described = load(place).description
    assert f"insert(0, {str(tmp_path)!r})\nfrom pack.sub.conv import Odd " in script(described, place, None)
    assert "\nfrom layers.conv import Odd " in script(described, Address("layers.conv", "Odd"), None)


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("z (h i) y x", "x"),
        ("z j x", "x"),
        ("(h j) (i u v)", "x.reshape(x.shape[0], x.shape[1] * x.shape[2] * x.shape[3])"),
        ("1 (h j) 1 1", "x.reshape(1, x.shape[0], 1, 1)"),
    ],
)
def test_axes_are_merged_as_the_target_has_them(layout, expected):
    """What the target merges is merged, what it adds is added, and a gradient goes the way back."""
    assert merged(layout, "x") == expected
    assert split(layout, "w", "dw") == ("dw" if expected == "x" else "(dw).reshape(self.w.shape)")
