"""Random layers: their arrays are what nested loops give, their sizes corners first, and what is wrong is told."""

import subprocess
import sys

import numpy as np
import oracles
import pytest

from gradcheck import RandomLayer, WrongGradient
from gradcheck.errors import GradcheckError, NotationError, Untestable
from gradcheck.layers.catalogue import CATALOGUE
from gradcheck.layers.layer import parse_layer
from gradcheck.random_layer import LAYERS, random_layer, random_layers

LINE, SHAPES = "Y[j,a] += X[i,a+u] * F[j,i,u]", {"X": "k n", "F": "p k m"}
KINDS = list(oracles.LAYERS)


def entries(array: np.ndarray) -> dict:
    """The entries of an array by their place."""
    return dict(np.ndenumerate(array))


def with_taps(layers: list[RandomLayer]) -> RandomLayer:
    """The first layer whose filter has taps and channels enough for a mistake to show."""
    return next(one for one in layers if one.sizes["m"] > 1 < one.sizes["k"])


def unrotated(one: RandomLayer) -> np.ndarray:
    """The gradient of a 1-D convolution's input, the rotation of the filter forgotten."""
    m = one.F.shape[-1]
    padded = np.pad(one.dY, ((0, 0), (m - 1, m - 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, m, axis=1)
    return np.einsum("jau,jiu->ia", windows, one.F)


def test_no_layer_of_the_catalogue_is_left_out() -> None:
    """The oracles know every layer of the catalogue."""
    assert set(oracles.LAYERS) == set(CATALOGUE)


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_are_those_of_nested_loops(kind: str) -> None:
    """Output and gradients equal those of plain loops, on integers, and on operands that have the sizes said."""
    for one in (random_layer(kind, number, seed=5) for number in (5, 19)):
        names, products = oracles.OPERANDS[kind], list(oracles.terms(kind, **one.sizes))
        operands = [getattr(one, name) for name in names]
        assert tuple(array.shape for array in operands) == oracles.shapes(kind, **one.sizes)
        assert all((array == np.round(array)).all() for array in operands)
        output, cotangent = one.layer.output.tensor, getattr(one, one.layer.cotangent)
        assert entries(getattr(one, output)) == oracles.forward(products, *operands)
        for name, told in zip(names, oracles.backward(products, *operands, cotangent), strict=True):
            zeros = dict.fromkeys(entries(getattr(one, name)), 0)
            assert entries(getattr(one, f"d{name}")) == zeros | told


def test_corners_come_first() -> None:
    """Each size is once at its least, even and odd, a hypothesis is just met, and all sizes are once different."""
    rows = [one.sizes for one in random_layers("conv2d", seed=3)]
    assert len(rows) == LAYERS
    assert dict(rows[0]) == {"k": 1, "n": 1, "p": 1, "m": 1}
    for name in "knpm":
        assert any(row[name] == 1 for row in rows)
        assert any(row[name] % 2 == 0 for row in rows)
        assert any(row[name] % 2 == 1 < row[name] for row in rows)
    assert any(row["m"] == row["n"] > 1 for row in rows)
    assert any(len({*row.values()}) == 4 for row in rows)


def test_hypotheses_hold() -> None:
    """Sizes satisfy what the claims file of a name says, and what is given besides."""
    rows = [one.sizes for one in random_layers("conv1d", 12, seed=1, where=["m = 2", "p < k"])]
    assert all(row["m"] == 2 <= row["n"] and row["p"] < row["k"] for row in rows)


def test_a_line_has_layers_too() -> None:
    """A line of notation with the sizes of its operands is as good as a name."""
    own = random_layers(LINE, 4, seed=2, shapes=SHAPES, where=["m <= n"])
    named = random_layers("conv1d", 4, seed=2)
    assert [one.sizes for one in own] == [one.sizes for one in named]
    assert all((a.dX == b.dX).all() for a, b in zip(own, named, strict=True))


def test_layers_follow_from_the_seed() -> None:
    """The same seed gives the same layers, also one by one or fewer of them; another seed gives others."""
    many, few = random_layers("conv2d", 12, seed=4), random_layers("conv2d", 5, seed=4)
    one = random_layer("conv2d", 3, 12, seed=4)
    assert [few[n].sizes for n in range(5)] == [many[n].sizes for n in range(5)]
    assert all((a.X == b.X).all() and (a.dF == b.dF).all() for a, b in zip(few, many, strict=False))
    assert one.sizes == many[3].sizes
    assert (one.dX == many[3].dX).all()
    assert [layer.sizes for layer in random_layers("conv2d", 12, seed=5)] != [layer.sizes for layer in many]
    assert {layer.seed for layer in many} == {4}


def test_right_arrays_pass() -> None:
    """What the layer has itself is right, in any type that holds it."""
    one = with_taps(random_layers("conv1d", seed=0))
    one.assert_gradients(Y=one.Y, dX=one.dX, dF=one.dF)
    one.assert_gradients(dX=one.dX.tolist(), dF=one.dF.astype(np.float32))
    one.assert_gradients(dX=one.dX.astype(int), dF=one.dF.astype(object))


@pytest.mark.parametrize("kind", oracles.LAYERS)
def test_every_array_that_is_wrong_is_told(kind: str) -> None:
    """One entry changed in any array of any layer is told with its place, and so are a shape and nothing at all."""
    one = random_layer(kind, 2, 3, seed=1)
    for name in one.trial.arrays:
        wrong = getattr(one, name).copy()
        wrong.flat[-1] += 1
        with pytest.raises(WrongGradient, match=rf"(?s){name}.*{name}\[.*\]: got .*, should be .*; 1 wrong element"):
            one.assert_gradients(**{name: wrong})
        with pytest.raises(WrongGradient, match=rf"^{name}: the shape is 1 x 1 x 1 x 1 x 1 x 1 x 1, should be "):
            one.assert_gradients(**{name: np.zeros((1,) * 7)})
        with pytest.raises(WrongGradient, match=f"(?s)^{name}: .*got None, should be an array of"):
            one.assert_gradients(**{name: None})
    with pytest.raises(AttributeError, match="has no sizes"):
        one.assert_gradients(sizes=next(iter(one.trial.arrays.values())))


def test_layers_share_nothing() -> None:
    """What is done to one layer does not change the next one."""
    random_layer("conv1d", 0, 2, seed=5).sizes["n"] = 99
    assert random_layer("conv1d", 0, 2, seed=5).sizes["n"] != 99


def test_a_wrong_filter_gradient_has_its_rule() -> None:
    """GC301 is about the filter, GC201 about the input."""
    one = random_layer("conv2d", 4, 5, seed=1)
    with pytest.raises(WrongGradient, match=r"\[GC301\]"):
        one.assert_gradients(dF=one.dF + 1)


def test_a_number_that_is_none_is_wrong() -> None:
    """NaN is not equal to what is right, nor is infinity."""
    one = random_layers("conv1d", 1, seed=0)[0]
    for wrong in (np.nan, np.inf):
        with pytest.raises(WrongGradient):
            one.assert_gradients(dX=one.dX * 0 + wrong)


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_an_imaginary_part_is_wrong() -> None:
    """A gradient that is complex is refused: the layer's numbers are real."""
    one = random_layers("conv1d", 1, seed=0)[0]
    with pytest.raises(GradcheckError, match="dX is an array of <U3: expected real numbers"):
        random_layers("conv1d", 1)[0].assert_gradients(dX="foo")
    with pytest.raises(GradcheckError, match="dX is an array of complex128: expected real numbers"):
        one.assert_gradients(dX=one.dX + 1j)


def test_an_unrotated_filter_is_named() -> None:
    """The filter that should run backwards is what the diagnosis says, before the entry, the sizes and the rerun."""
    one = with_taps(random_layers("conv1d", seed=0))
    with pytest.raises(WrongGradient) as caught:
        one.assert_gradients(Y=one.Y, dX=unrotated(one))
    lines = str(caught.value).splitlines()
    assert lines[0] == "dX: the filter is not rotated by 180° [GC201]"
    assert caught.value.found.cause == "filter-not-rotated"
    assert f"; at k={one.sizes['k']}, n={one.sizes['n']}, p={one.sizes['p']}, m={one.sizes['m']}" in str(caught.value)
    assert lines[-1].startswith("rerun: pytest ")
    assert [gradient.status for gradient in caught.value.found.gradients] == ["right", "wrong"]


def test_one_number_is_no_factor() -> None:
    """One wrong number is no evidence for a factor that nobody writes."""
    one = random_layer(LINE, 0, 2, seed=3, shapes=SHAPES, where=["m <= n", "n = 1", "k = 1", "p = 1"])
    with pytest.raises(WrongGradient) as caught:
        one.assert_gradients(dX=one.dX + 1)
    assert "there is a factor" not in str(caught.value)


def test_tensors_are_compared_as_well() -> None:
    """A tensor of torch is an array, also one that has a graph."""
    torch = pytest.importorskip("torch")
    one = with_taps(random_layers("conv1d", seed=0))
    one.assert_gradients(dX=torch.tensor(one.dX, requires_grad=True), dF=torch.tensor(one.dF, dtype=torch.float32))
    with pytest.raises(WrongGradient):
        one.assert_gradients(dX=torch.tensor(one.dX) + 1)


def test_tensors_of_sixteen_bits_are_compared_as_well() -> None:
    """A tensor in bfloat16 is an array, too."""
    torch = pytest.importorskip("torch")
    one = random_layers("conv1d", 1, seed=0)[0]
    one.assert_gradients(dX=torch.tensor(one.dX, dtype=torch.bfloat16).to(torch.bfloat16))


def test_names_that_it_does_not_have_are_told() -> None:
    """A misspelt gradient is told with the names that there are, and nothing to compare is no success."""
    one = random_layers("conv1d", 1, seed=0)[0]
    with pytest.raises(AttributeError, match="has no dx; it has X, F, dY, Y, dX, dF"):
        one.assert_gradients(dx=one.dX)
    with pytest.raises(AttributeError, match="has no W"):
        _ = one.W
    with pytest.raises(GradcheckError, match="nothing to compare"):
        one.assert_gradients()


def test_what_is_no_layer_is_told() -> None:
    """An unknown name, a line without sizes, and hypotheses that nothing satisfies raise what the docstring says."""
    with pytest.raises(NotationError, match="unknown layer 'conv9d'"):
        random_layers("conv9d", 1)
    with pytest.raises(NotationError, match="no sizes for X"):
        random_layers(LINE, 1)
    with pytest.raises(Untestable, match="no small sizes"):
        random_layers("conv1d", 1, where=["m > n"])


def test_its_repr_is_the_line_and_the_sizes() -> None:
    """A failing test shows which layer it was."""
    one = random_layers("conv1d", 1, seed=0)[0]
    assert repr(one) == f"<{parse_layer('conv1d', {}).text} at k=1, n=1, p=1, m=1>"


@pytest.mark.parametrize("before", ["gradcheck.strategies", "gradcheck.random_layer"])
def test_the_public_name_is_the_function(before: str) -> None:
    """gradcheck.random_layers can be called, whatever was imported before."""
    code = f"import {before}, gradcheck; gradcheck.random_layers('conv1d', 1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("layers", [3, 5, 8])
def test_a_few_layers_are_of_many_kinds(layers: int) -> None:
    """However few are asked for, whatever the seed, the filter of one of them has more than one tap."""
    for seed in range(20):
        assert max(one.sizes["m"] for one in random_layers("conv2d", layers, seed=seed)) > 1
