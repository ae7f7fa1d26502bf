"""The arrays that a layer keeps, found by paths that are Python, and set again."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck.targets.state import arrays, put


class Param:
    """Data and a gradient."""

    def __init__(self, data):
        self.data, self.grad = data, None


class Slotted:
    """Attributes without a dict."""

    __slots__ = ("empty", "w")

    def __init__(self):
        self.w = np.ones(2)


class Child(Slotted):
    """Slots of the class above, and attributes of its own."""

    def __init__(self):
        super().__init__()
        self.b = np.ones(3)


class Layer:
    """One of everything that layers keep arrays in."""

    def __init__(self):
        self.w = np.arange(6.0).reshape(2, 3)
        self.grads = {"w": np.zeros((2, 3)), ("a", 1): np.ones(1), 'q"q': np.ones(2), 7: np.ones(4)}
        self.params = {"w": Param(np.ones(5))}
        self.weights = [np.ones(1), (np.ones(2), Param(np.ones(3)))]
        self.inner = Child()
        self.number = np.float64(3.0)
        self.other = "text", 3, None, {1, 2}, np.array([None, 1], dtype=object)


PATHS = [
    "w",
    'grads["w"]',
    "grads[('a', 1)]",
    "grads['q\"q']",
    "grads[7]",
    'params["w"].data',
    "weights[0]",
    "weights[1][0]",
    "weights[1][1].data",
    "inner.w",
    "inner.b",
    "number",
]


def at(layer, path):
    """What Python says stands at a path."""
    return eval(f"layer.{path}", {"layer": layer})


def test_every_array_by_its_path():
    """Attributes, dicts, lists, slots and objects within objects; a path is what Python would write."""
    layer = Layer()
    found = arrays(layer)
    assert sorted(found) == sorted(PATHS)
    assert all(np.array_equal(array, at(layer, path)) for path, array in found.items())


def test_an_array_is_found_once():
    """One that is reached twice has its first path."""
    layer = Param(np.ones(2))
    layer.again, layer.view = layer.data, layer.data[:]
    assert list(arrays(layer)) == ["data", "view"]


def test_objects_in_a_circle_end():
    """A layer that knows its network, which knows the layer, is walked once."""
    layer, net = Param(np.ones(2)), Param(np.ones(3))
    layer.net, net.layer = net, layer
    assert list(arrays(layer)) == ["data", "net.data"]


def test_what_lies_too_deep_is_left():
    """Four steps are walked and no more."""
    layer = Param(None)
    layer.near = [[[np.ones(1)]]]
    layer.deep = [[[[np.ones(1)]]]]
    assert list(arrays(layer)) == ["near[0][0][0]"]


@pytest.mark.parametrize("layer", [None, 3, "text", Layer, np.random.default_rng(0), SimpleNamespace(a=np.ones(1))])
def test_what_is_foreign_is_not_looked_into(layer):
    """Classes, plain values and the objects of Python and NumPy themselves keep nothing of the user's."""
    assert arrays(layer) == {}


@pytest.mark.parametrize("path", PATHS)
def test_an_array_is_put_where_it_was_found(path):
    """After put, the array stands at its path, and nothing else has changed."""
    layer, before = Layer(), arrays(Layer())
    new = np.full(before[path].shape, 9.0)
    put(layer, path, new)
    after = arrays(layer)
    assert np.array_equal(at(layer, path), new)
    assert [key for key in before if not np.array_equal(before[key], after[key])] == [path]


def test_what_fits_is_put_in_place():
    """Whoever shares the array sees the new values."""
    layer = Layer()
    shared = layer.weights[1][0]
    put(layer, "weights[1][0]", np.array([7.0, 8.0]))
    assert shared.tolist() == [7, 8]


@dataclass
class Kept:
    """Weights of some type."""

    w: np.ndarray
    more: list = field(default_factory=list)


def read_only():
    """An array that cannot be written to."""
    array = np.zeros(2)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize("old", [np.zeros(3), np.zeros(2, int), read_only(), np.zeros((2, 1)), None, 4.0])
def test_what_does_not_fit_is_replaced(old):
    """Another shape, integers, a read-only array: a copy takes its place; the old one is as it was."""
    layer, new = Kept(old), np.array([0.5, 1.5])
    if old is None:
        with pytest.raises(LookupError):
            put(layer, "w", new)
        return
    kept = np.copy(old)
    put(layer, "w", new)
    assert layer.w.tolist() == [0.5, 1.5]
    assert layer.w is not new
    assert np.array_equal(old, kept)


def test_a_lower_precision_is_kept():
    """float32 weights stay float32: what the layer computes in is its own affair."""
    layer = Kept(np.zeros(2, np.float32))
    put(layer, "w", np.array([0.5, 1.5]))
    assert layer.w.dtype == np.float32
    assert layer.w.tolist() == [0.5, 1.5]


@pytest.mark.parametrize("path", ["b", "none.data", "more[0]", 'more["a"]', "w[9]"])
def test_a_path_that_leads_nowhere_is_a_lookup_error(path):
    """A layer that makes its weights later has none yet."""
    with pytest.raises(LookupError):
        put(Kept(np.zeros(2)), path, np.ones(2))


@pytest.mark.xfail(strict=True, raises=AttributeError, reason="an index array or a number in a tuple cannot be put")
@pytest.mark.parametrize("held", [np.arange(3), np.float64(2.0)])
def test_what_cannot_be_replaced_is_a_lookup_error(held):
    """A tuple's integers (the indices of im2col) are no weights: said as LookupError, as for any other wrong path."""
    layer = Kept(np.zeros(2), more=(held, 1))
    assert list(arrays(layer)) == ["w", "more[0]"]
    with pytest.raises(LookupError):
        put(layer, "more[0]", np.ones(np.shape(held)))


@pytest.mark.xfail(strict=True, raises=SyntaxError, reason="a key's repr need not be a literal")
def test_a_key_that_cannot_be_written_is_a_lookup_error():
    """Arrays kept by parameter objects have paths that no one can write."""
    layer = Kept(np.zeros(2), more={Param(None): np.zeros(2)})
    with pytest.raises(LookupError):
        put(layer, list(arrays(layer))[1], np.ones(2))


@pytest.mark.xfail(strict=True, raises=SyntaxError, reason="a key is read up to its first closing bracket")
def test_a_key_with_a_bracket_is_found_and_set():
    """A path that arrays() gives is one that put() understands, whatever the key."""
    layer = Kept(np.zeros(1), more={"a]b": np.zeros(2)})
    (path,) = [path for path in arrays(layer) if path != "w"]
    put(layer, path, np.ones(2))
    assert layer.more["a]b"].tolist() == [1, 1]
