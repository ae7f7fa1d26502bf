"""The arrays that a layer keeps are found wherever they are, by paths at which they can be set."""

from enum import Enum
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gradcheck.targets.state import DEPTH, arrays, put


class Slotted:
    """Keeps one array in a slot, and has one that is empty."""

    __slots__ = ("kept", "never")

    def __init__(self) -> None:
        self.kept = np.ones(2)


class Below(Slotted):
    """Has a dict besides the slots of its class above."""

    def __init__(self) -> None:
        super().__init__()
        self.own = np.ones(3)


class Box:
    """An object of the user's that has these attributes."""

    def __init__(self, **own: object) -> None:
        vars(self).update(own)


class Kind(Enum):
    """Keys that are no literals."""

    W = 1


class Layer:
    """Keeps arrays in every way that layers do, and other things."""

    def __init__(self) -> None:
        self.w = np.arange(6.0).reshape(2, 3)
        self.grads = {"w": np.zeros((2, 3)), 5: np.zeros(1)}
        self.layers = [Box(b=np.ones(4)), (np.ones(1), "text")]
        self.slotted = Slotted()
        self.scale, self.count, self.name, self.kind = np.float64(2), 3, "layer", Slotted
        self.objects = np.array([None, {}], dtype=object)
        self.random = np.random.default_rng(0)
        self.method = self.__init__


PATHS = ["w", 'grads["w"]', "grads[5]", "layers[0].b", "layers[1][0]", "slotted.kept", "scale"]


def test_arrays_are_found_by_their_paths() -> None:
    """Attributes, keys, positions and slots are followed; numbers, texts, classes and libraries are not."""
    assert list(arrays(Layer())) == PATHS


def test_a_path_is_what_python_would_write() -> None:
    """Written after the layer and a dot, a path is the array that stands there."""
    layer = Layer()
    for path, array in arrays(layer).items():
        assert np.array_equal(eval(f"layer.{path}", {"layer": layer}), array), path


def test_slots_of_a_class_above_are_found() -> None:
    """What stands in a slot is found beside what stands in the dict."""
    assert set(arrays(Below())) == {"kept", "own"}


def test_what_is_found_is_the_array_itself() -> None:
    """No copies: a change in place can be seen."""
    layer = Layer()
    assert arrays(layer)["w"] is layer.w


def test_an_array_that_is_reached_twice_has_its_first_path() -> None:
    """Two names of one array are one array."""
    layer = Box(w=np.ones(2))
    layer.params = {"w": layer.w, "b": layer.w[:1]}
    assert list(arrays(layer)) == ["w", 'params["b"]']


def test_circles_end() -> None:
    """A layer that holds itself is walked through once."""
    layer = Box(w=np.ones(2))
    layer.self, layer.list = layer, [layer]
    assert list(arrays(layer)) == ["w"]


@pytest.mark.parametrize("depth", range(1, DEPTH + 3))
def test_only_so_deep_is_looked(depth: int) -> None:
    """An array in DEPTH steps is found, one that takes more is not."""
    thing: Any = np.ones(1)
    for _ in range(depth):
        thing = {"a": thing}
    assert list(arrays(thing)) == (['["a"]' * depth] if depth <= DEPTH else [])


def test_what_holds_no_arrays_has_none() -> None:
    """None, a number and an empty object have no arrays."""
    assert [arrays(thing) for thing in (None, 3, "text", object(), {})] == [{}] * 5


@pytest.mark.parametrize("path", PATHS)
def test_an_array_is_put_where_it_was_found(path: str) -> None:
    """What is put at a path is found there, and nothing else changes."""
    layer = Layer()
    before = {other: array.copy() for other, array in arrays(layer).items()}
    values = before[path] + 7
    put(layer, path, values)
    after = arrays(layer)
    assert np.array_equal(after[path], values)
    assert all(np.array_equal(after[other], array) for other, array in before.items() if other != path)


def test_what_fits_is_put_in_place() -> None:
    """Whoever shares the array sees the new values, which are copied."""
    layer, values = Box(w=np.ones(2)), np.array([3.0, 4.0])
    shared = layer.w
    put(layer, "w", values)
    values[0] = 9
    assert shared.tolist() == [3, 4]
    assert layer.w is shared


@pytest.mark.parametrize(
    "old", [np.ones(3), np.ones(2, dtype=int), 0.0, [0.0, 0.0]], ids=["other shape", "integers", "number", "list"]
)
def test_what_does_not_fit_is_replaced_by_a_copy(old: object) -> None:
    """Another shape, a type that would round, and what is no array give way to the values."""
    layer, values = Box(w=old), np.array([1.5, 2.5])
    put(layer, "w", values)
    assert layer.w.tolist() == [1.5, 2.5]
    assert layer.w is not values


def test_what_cannot_be_written_is_replaced() -> None:
    """A read-only array is no error."""
    layer = Box(w=np.broadcast_to(1.0, (2,)))
    put(layer, "w", np.array([1.0, 2.0]))
    assert layer.w.tolist() == [1, 2]


@pytest.mark.parametrize(
    "path",
    ["none", 'grads["b"]', "layers[7].b", "layers.x", "empty", "none.w", "empty.w", "slotted.never", "scale[0]", "w.b"],
)
def test_a_place_that_is_not_there_is_an_error(path: str) -> None:
    """A missing attribute, key or position is a LookupError, as is None: there is nothing yet to be replaced."""
    layer = Layer()
    layer.empty = None  # type: ignore[attr-defined]
    with pytest.raises(LookupError):
        put(layer, path, np.ones(1))


def test_a_layer_of_single_precision_stays_so() -> None:
    """Values are put in place in the array's own type."""
    layer = Box(w=np.ones(2, np.float32))
    put(layer, "w", np.array([3.0, 4.0]))
    assert (layer.w.dtype, layer.w.tolist()) == (np.float32, [3, 4])


KEYS = ["w", "conv.w", 'say "w"', 5, (0, 1), True, "ein Maß", Kind.W, "conv[0]", np.int64(3), "back\\slash"]


@pytest.mark.parametrize("key", KEYS)
def test_an_array_is_put_under_any_key(key: object) -> None:
    """Whatever a dict has for keys, its arrays can be set at the paths at which they were found."""
    layer = Box(params={key: np.ones(2)})
    (path,) = arrays(layer)
    put(layer, path, np.array([3.0, 4.0]))
    assert layer.params[key].tolist() == [3, 4]


@pytest.mark.parametrize("held", [np.arange(3), np.float64(2)], ids=["indices", "number"])
def test_a_tuple_cannot_be_changed(held: Any) -> None:
    """The indices of im2col, say, would have to be replaced in their tuple: a LookupError."""
    with pytest.raises(LookupError):
        put(Box(params=(held,)), "params[0]", np.ones(np.shape(held)))


def test_a_namespace_is_looked_into() -> None:
    """The standard library's namespace holds arrays as a class of the user's would."""
    assert list(arrays(Box(params=SimpleNamespace(w=np.ones(2))))) == ["params.w"]
