"""What a target is said to be like: names and lines of the catalogue, and in what a target is another layer."""

import pytest

from gradcheck.conventions.alike import KINDS, like, other_kind, unlike
from gradcheck.conventions.convention import Convention
from gradcheck.conventions.family import Case, Family
from gradcheck.conventions.options import Options
from gradcheck.conventions.search import Found
from gradcheck.errors import TargetError
from gradcheck.layers.catalogue import CATALOGUE

ONE = (1, 1)


def found(takes: str = "kpm", rule: str = "0", **sizes: object) -> Found:
    """A 2-D convolution that is told these sizes, found on a layer of others."""
    case = Case(4, 2, 5, 1, (9, 8), (3, 3), ONE, ONE, ((0, 0), (0, 0))).having(**sizes)
    layouts = {"x": "z (h i) y x", "w": "(h j) i u v", "y": "z (h j) y x"}
    options = Options({role: (role,) for role in takes})
    return Found(Convention(Family(2), layouts, {"w": "weight"}, options, rule), case, None, (rule,))


STRIDED = found(s=(2, 2))
PADDED = found(padding=((1, 1), (1, 1)), rule="same")
DILATED = found(d=(3, 3))
DEPTHWISE = found(k=2, p=2, g=2)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_known_by_name_and_by_line(name: str) -> None:
    """A name is itself; its line says a layer of the same line and as many dimensions."""
    assert (like(name).name, like(name).family) == (name, KINDS[name])
    by_line = like(CATALOGUE[name][0])
    assert CATALOGUE[by_line.name][0] == CATALOGUE[name][0]
    assert by_line.family.dims == KINDS[name].dims


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Z[f,i,j] += I[c,i+p,j+q] * K[f,c,p,q]", "conv2d"),
        ("out[f,i,j]+=img[c,i+p,j+q]*ker[f,c,p,q]", "conv2d"),
        ("Y[i,a,b] += X[i,a+u,b+v] * F[i,u,v]", "depthwise2d"),
        ("Y[j] += W[j,i] * X[i]", "dense"),
        ("A[c,t] += B[d,t+e] * C[c,d,e]", "conv1d"),
        ("Y[j,a,b] += pad(X, R)[i,a+u,b+v] * F[j,i,u,v]", "conv2d_padded"),
    ],
)
def test_a_line_is_known_by_whatever_names(line: str, name: str) -> None:
    """The letters and blanks of a line do not matter, its pattern does."""
    assert like(line).name == name


@pytest.mark.parametrize(
    "text",
    [
        "conv9d",
        "Conv2d",
        "",
        "bilinear",
        "Y[j,a,b] += X[i,a+u,b+u] * F[j,i,u,v]",
        "Y[j,a,b] += X[i,a+u,b+v] * F[i,j,u,v]",
        "Y[j,a,b] += X[i,b+u,a+v] * F[j,i,u,v]",
        "Y[j,a,b] += X[i,a+u,b+v]",
        "Y[j,a] += X[i,a-u] * F[j,i,u]",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """What is no layer that a target can be found to be is told, with the names that are."""
    with pytest.raises(TargetError, match=r"expected dense, conv1d, .*write a binding"):
        like(text)


@pytest.mark.parametrize(
    ("name", "target", "told"),
    [
        ("conv2d", found(), []),
        ("conv2d", found("kpmsdP"), []),
        ("conv2d", STRIDED, ["it always has a stride of 2"]),
        ("conv2d", DILATED, ["it always has a dilation of 3"]),
        ("conv2d", PADDED, ["it always pads (same)"]),
        ("conv2d", DEPTHWISE, ["it has a filter for each channel"]),
        ("depthwise2d", found(), ["its filters span all channels"]),
        ("conv2d_padded", STRIDED, ["it always has a stride of 2", "it has no padding"]),
        ("conv2d", found(s=(1, 2), d=(2, 1)), ["it always has a stride of 2", "it always has a dilation of 2"]),
    ],
)
def test_what_is_always_so_is_told(name: str, target: Found, told: list[str]) -> None:
    """A target that always does what the layer does not is another layer; what an option does is not always so."""
    assert list(unlike(like(name), target)) == told


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("conv2d_strided", STRIDED),
        ("conv2d_general", STRIDED),
        ("conv2d_dilated", DILATED),
        ("conv2d_padded", PADDED),
        ("conv2d_general", PADDED),
        ("depthwise2d", DEPTHWISE),
        ("conv2d_grouped", DEPTHWISE),
    ],
)
def test_what_the_layer_does_too_is_no_difference(name: str, target: Found) -> None:
    """A stride is none to a layer with strides, nor are padding, dilation and groups to theirs."""
    assert list(unlike(like(name), target)) == []


@pytest.mark.parametrize(("name", "role"), [("conv2d", "s"), ("conv2d", "d"), ("conv2d", "P"), ("depthwise2d", "g")])
def test_an_option_is_no_difference(name: str, role: str) -> None:
    """A target that can be told to be the layer is like it, however it was found."""
    sizes = {"s": {"s": (2, 2)}, "d": {"d": (2, 2)}, "P": {"padding": ((1, 1), (1, 1))}, "g": {"k": 2}}[role]
    assert list(unlike(like(name), found(f"kpm{role}", **sizes))) == []


@pytest.mark.parametrize("name", ["dense", "conv1d", "conv3d", "conv2d_transposed", "conv1d_transposed"])
def test_another_kind_is_told_first(name: str) -> None:
    """Of a layer with other axes, or the other way round, nothing else is said."""
    assert other_kind(like(name), STRIDED)
    assert list(unlike(like(name), STRIDED)) == ["it is a 2-D cross-correlation"]
    assert not other_kind(like("conv2d"), STRIDED)


@pytest.mark.parametrize("name", ["conv2d_strided", "conv2d_padded", "conv2d_dilated", "conv2d_grouped"])
def test_what_a_target_never_does_is_a_difference(name: str) -> None:
    """A convolution that knows no stride is not like a strided one; nor with padding, dilation and groups."""
    assert list(unlike(like(name), found()))


def test_functions_of_the_notation_keep_their_names() -> None:
    """Only tensors, indices and sizes may be called otherwise."""
    assert like("Z[f,i,j] += pad(I, Q)[c,i+p,j+q] * K[f,c,p,q]").name == "conv2d_padded"
    with pytest.raises(TargetError, match="or the line of one"):
        like("Z[f,i,j] += lap(I, Q)[c,i+p,j+q] * K[f,c,p,q]")
