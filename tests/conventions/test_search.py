"""Layers that people write, in the layouts that people use, are found by experiment; what is no such layer is not."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from gradcheck.conventions.family import Family
from gradcheck.conventions.options import options_of
from gradcheck.conventions.search import Search, integers, reproduces
from gradcheck.errors import TargetRaised, TargetStopped
from gradcheck.targets.recognise import recognise


def correlated(x, w, stride=1, pad=0, dilation=1):
    """The cross-correlation of samples and channels (N, C, ...) with filters (F, C, ...)."""
    dims = w.ndim - 2
    pads = [(0, 0)] * 2 + [pad if isinstance(pad, tuple) else (pad, pad)] * dims
    spans = [dilation * (m - 1) + 1 for m in w.shape[2:]]
    windows = sliding_window_view(np.pad(x, pads), spans, tuple(range(2, 2 + dims)))
    windows = windows[(..., *[slice(None, None, stride)] * dims, *[slice(None, None, dilation)] * dims)]
    taps = tuple(range(2, 2 + dims))
    found = np.tensordot(windows, w, ((1, *(dims + t for t in taps)), (1, *taps)))
    return np.moveaxis(found, -1, 1)


class Written:
    """What all layers here have."""

    def backward(self, dy):
        """Nothing: forward is what a search looks at."""
        return dy


class Torch(Written):
    """NCHW and OIHW, with all the usual options."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1):
        self.weight = np.zeros((out_channels, in_channels, kernel_size, kernel_size))
        self.bias = np.zeros(out_channels)
        self.options = stride, padding, dilation

    def forward(self, x):
        """Y."""
        return correlated(x, self.weight, *self.options) + self.bias[:, None, None]


class Keras(Written):
    """NHWC and HWIO, with a bias of shape (1, 1, 1, F) and the padding a word."""

    def __init__(self, in_channels, filters, kernel_size, strides=(1, 1), padding="valid"):
        rows, columns = kernel_size
        self.w, self.b = np.zeros((rows, columns, in_channels, filters)), np.zeros((1, 1, 1, filters))
        self.stride, self.pad = strides[0], (rows // 2 if padding == "same" else 0)

    def forward(self, x):
        """Y."""
        y = correlated(x.transpose(0, 3, 1, 2), self.w.transpose(3, 2, 0, 1), self.stride, self.pad)
        return y.transpose(0, 2, 3, 1) + self.b


class OneSample(Written):
    """CHW without samples, told the shape of its input."""

    def __init__(self, input_shape, kernel_size, depth):
        channels, *_ = input_shape
        self.kernels, self.biases = np.zeros((depth, channels, kernel_size, kernel_size)), np.zeros(depth)

    def forward(self, image):
        """Y."""
        assert image.ndim == 3
        return correlated(image[None], self.kernels)[0] + self.biases[:, None, None]


class Columns(Written):
    """Filters flattened to a matrix, (F, C*m*m), with a bias of shape (F, 1)."""

    def __init__(self, in_channels, num_filters, filter_size, stride=1, pad=0):
        self.W, self.b = np.zeros((num_filters, in_channels * filter_size**2)), np.zeros((num_filters, 1))
        self.shape, self.options = (num_filters, in_channels, filter_size, filter_size), (stride, pad)

    def forward(self, x):
        """Y."""
        return correlated(x, self.W.reshape(self.shape), *self.options) + self.b[:, :, None]


class Grey(Written):
    """Images without channels, three by three, one output image for each filter, last."""

    def __init__(self, num_filters):
        self.filters = np.zeros((num_filters, 3, 3))

    def forward(self, image):
        """Y."""
        return correlated(image[None, None], self.filters[:, None])[0].transpose(1, 2, 0)


class Sequence(Written):
    """One dimension, samples and channels first, the padding always one."""

    def __init__(self, in_channels, out_channels, kernel_size):
        self.weight, self.bias = np.zeros((out_channels, in_channels, kernel_size)), np.zeros(out_channels)

    def forward(self, x):
        """Y."""
        return correlated(x, self.weight, 1, 1) + self.bias[:, None]


class Volume3d(Written):
    """Three dimensions, every second place."""

    def __init__(self, in_channels, out_channels, kernel_size):
        self.weight = np.zeros((out_channels, in_channels, *[kernel_size] * 3))

    def forward(self, x):
        """Y."""
        return correlated(x, self.weight, 2)


class Linear(Written):
    """A dense layer, x W + b."""

    def __init__(self, in_features, out_features):
        self.W, self.b = np.zeros((in_features, out_features)), np.zeros((1, out_features))

    def forward(self, x):
        """Y."""
        return x @ self.W + self.b


class Depthwise2d(Written):
    """One filter for each channel."""

    def __init__(self, channels, kernel_size):
        self.weight = np.zeros((channels, kernel_size, kernel_size))

    def forward(self, x):
        """Y."""
        each = [correlated(x[:, [c]], w[None, None]) for c, w in enumerate(self.weight)]
        assert x.shape[1] == len(each)
        return np.concatenate(each, axis=1)


class ConvTranspose2d(Written):
    """Filters (I, O, H, W), scattered."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1):
        self.weight, self.stride = np.zeros((in_channels, out_channels, kernel_size, kernel_size)), stride

    def forward(self, x):
        """Y."""
        (n, c, rows, columns), (k, p, m, _), s = x.shape, self.weight.shape, self.stride
        assert c == k
        y = np.zeros((n, p, s * (rows - 1) + m, s * (columns - 1) + m))
        for a in range(rows):
            for b in range(columns):
                y[:, :, s * a : s * a + m, s * b : s * b + m] += np.tensordot(x[:, :, a, b], self.weight, 1)
        return y


class Handed(Written):
    """Operands are handed over: NHWC, HWIO and a bias."""

    def __init__(self, stride=1):
        self.stride = stride

    def forward(self, x, w, b):
        """Y."""
        assert b.shape == w.shape[3:]
        return correlated(x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1), self.stride).transpose(0, 2, 3, 1) + b


class Reversed2d(Torch):
    """A true convolution."""

    def forward(self, x):
        """Y."""
        return correlated(x, self.weight[:, :, ::-1, ::-1], *self.options) + self.bias[:, None, None]


class Square2d(Torch):
    """No layer of any line: the image is squared."""

    def forward(self, x):
        """Y."""
        return super().forward(x * x)


class Activated2d(Torch):
    """No linear layer either: what is negative is cut off."""

    def forward(self, x):
        """Y."""
        return np.maximum(super().forward(x), 0)


class Refusing2d(Torch):
    """A layer that takes images of 28 x 28 alone."""

    def forward(self, x):
        """Y."""
        if x.shape[2:] != (28, 28):
            raise ValueError(f"expected 28 x 28, got {x.shape[2]} x {x.shape[3]}")
        return super().forward(x)


class Broken2d(Torch):
    """A layer whose forward pass never goes through."""

    def forward(self, x):
        """No Y."""
        raise RuntimeError(f"broken on {x.ndim} axes")


class Unbuildable2d(Torch):
    """A layer that cannot be built."""

    def __init__(self, in_channels, out_channels, kernel_size):
        raise RuntimeError("no licence")


def search(kind, given=None, **more):
    """A search for a layer that is written here."""
    target = recognise(kind)
    return Search(target.run, target.description, options_of(target.description, given or {}), **more)


NCHW = {"x": "z (h i) y x", "w": "(h j) i u v", "y": "z (h j) y x"}
LAYERS = [
    (Torch, Family(2), {**NCHW, "b": "(h j)"}),
    (Keras, Family(2), {"x": "z y x (h i)", "w": "u v i (h j)", "y": "z y x (h j)", "b": "1 1 1 (h j)"}),
    (OneSample, Family(2), {"x": "(h i) y x", "w": "(h j) i u v", "y": "(h j) y x", "b": "(h j)"}),
    (Columns, Family(2), {**NCHW, "w": "(h j) (i u v)", "b": "(h j) 1"}),
    (Grey, Family(2), {"x": "y x", "w": "(h j) u v", "y": "y x (h j)"}),
    (Sequence, Family(1), {"x": "z (h i) x", "w": "(h j) i v", "y": "z (h j) x", "b": "(h j)"}),
    (Volume3d, Family(3), {"x": "z (h i) t y x", "w": "(h j) i r u v", "y": "z (h j) t y x"}),
    (Linear, Family(0), {"x": "z (h i)", "w": "i (h j)", "y": "z (h j)", "b": "1 (h j)"}),
    (Depthwise2d, Family(2), {**NCHW, "w": "(h j) u v"}),
    (ConvTranspose2d, Family(2, transposed=True), {**NCHW, "w": "(h i) j u v"}),
    (Handed, Family(2), {"x": "z y x (h i)", "w": "u v i (h j)", "y": "z y x (h j)", "b": "(h j)"}),
    (Reversed2d, Family(2, flipped=True), {**NCHW, "b": "(h j)"}),
]


@pytest.mark.parametrize(("kind", "family", "layouts"), LAYERS, ids=lambda one: getattr(one, "__name__", ""))
def test_a_layer_is_found_with_its_layouts(kind, family, layouts):
    """The family and the layout of every array are what the layer was written with."""
    found = search(kind).exact()
    assert found
    assert found.convention.family == family
    assert dict(found.convention.layouts) == layouts


@pytest.mark.parametrize(("kind", "family", "layouts"), LAYERS, ids=lambda one: getattr(one, "__name__", ""))
def test_what_is_found_holds_for_other_operands(kind, family, layouts):
    """The line of notation gives the layer's own output on operands that the search did not see."""
    found, random = search(kind).exact(), np.random.default_rng(7)
    convention, case = found.convention, found.case
    operands = {role: integers(random, convention.shape(role, case), 5) for role in convention.operands}
    y = recognise(kind).run(convention.request(case, operands)).y
    reference = convention.reference(case)
    assert np.array_equal(y, convention.pack("y", reference.output(reference.arrays(operands))))


@pytest.mark.parametrize("kind", [Square2d, Activated2d])
def test_what_no_line_describes_is_not_found(kind):
    """An output that is nonlinear in the input is not explained; the first run that goes through tells."""
    tried = search(kind)
    assert tried.exact() is None
    assert (tried.nonlinear, len(tried.attempts)) == (True, 1)


def test_a_true_convolution_is_not_found_where_none_is_allowed():
    """Without reversed filters a true convolution is no layer."""
    assert search(Reversed2d, flips=(False,)).exact() is None


def test_a_cross_correlation_is_not_found_as_a_true_convolution():
    """With reversed filters alone a cross-correlation is no layer."""
    assert search(Torch, flips=(True,)).exact() is None


def test_a_depthwise_layer_has_a_group_for_each_channel():
    """As many groups as channels and filters."""
    case = search(Depthwise2d).exact().case
    assert case.g == case.k == case.p > 1


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [(Sequence, {"s": (1,), "padding": ((1, 1),)}), (Volume3d, {"s": (2, 2, 2), "padding": ((0, 0),) * 3})],
)
def test_sizes_that_a_layer_is_not_told_are_found(kind, sizes):
    """A stride and a padding that stand in the code are read off the output."""
    case = search(kind).exact().case
    assert {name: getattr(case, name) for name in sizes} == sizes


def test_every_rule_that_gives_the_padding_is_kept():
    """One zero on each side of three taps is 1, and half the filter: both are possible, others are not."""
    rules = search(Sequence).exact().rules
    assert {"1", "'same' (half the filter on each side)"} <= set(rules)
    assert not {"0", "2", "'full' (m - 1)"} & set(rules)


def test_the_weights_are_found_in_the_layers_state():
    """Filters and bias are where the layer keeps them; operands that are handed over are nowhere."""
    assert dict(search(Torch).exact().convention.weights) == {"w": "weight", "b": "bias"}
    assert dict(search(OneSample).exact().convention.weights) == {"w": "kernels", "b": "biases"}
    assert dict(search(Handed).exact().convention.weights) == {}


@pytest.mark.parametrize(
    ("kind", "fixed"),
    [
        (Torch, {"x": "z C y x"}),
        (Torch, {"w": "J I u v"}),
        (Keras, {"x": "z y x C", "w": "u v I J"}),
        (Handed, {"x": "z y x C", "w": "u v I J"}),
    ],
)
def test_right_layouts_may_be_given(kind, fixed):
    """What the user says is what is found."""
    layouts = next(layouts for one, _, layouts in LAYERS if one is kind)
    tried = search(kind, fixed=fixed)
    assert dict(tried.exact().convention.layouts) == layouts
    assert len({attempt.layouts["x"] for attempt in tried.attempts}) == 1


@pytest.mark.parametrize(
    ("kind", "fixed"), [(Torch, {"x": "z y x C"}), (Torch, {"w": "u v I J"}), (Handed, {"w": "J I u v"})]
)
def test_no_other_layout_is_found_than_is_given(kind, fixed):
    """A layout that is fixed and wrong leaves nothing to find."""
    assert search(kind, fixed=fixed).exact() is None


def test_sizes_that_are_fixed_are_kept():
    """What the user passes is the case's in every attempt."""
    tried = search(Torch, given={"stride": 2, "in_channels": 3})
    found = tried.exact()
    assert (found.case.s, found.case.k) == ((2, 2), 3)


def test_a_layer_that_takes_images_of_one_size_is_found():
    """After all others, images of 28 x 28 are tried; what the layer said of the others is kept."""
    tried = search(Refusing2d)
    assert tried.exact().case.n == (28, 28)
    assert tried.raised[0].message == "ValueError: expected 28 x 28, got 9 x 8"


def test_the_first_exception_is_kept():
    """Of all exceptions the first is told, with the sizes at which it was raised."""
    tried = search(Broken2d)
    assert tried.exact() is None
    error, case = tried.raised
    assert (error.stage, error.message) == ("forward", "RuntimeError: broken on 4 axes")
    assert case.n == (9, 8)
    assert not tried.attempts


def test_a_layer_that_cannot_be_built_is_told():
    """Where every way to give the options fails, the constructor's exception is kept."""
    tried = search(Unbuildable2d)
    assert tried.exact() is None
    assert (tried.raised[0].stage, tried.raised[0].message) == ("the constructor", "RuntimeError: no licence")


def test_an_exception_of_forward_goes_before_one_of_the_constructor():
    """What forward says of its input tells more than that an option was given in the wrong style."""
    told = [("the constructor", "one"), ("forward", "two"), ("forward", "three")]
    errors = iter([TargetRaised(*one) for one in told])
    tried = search(Torch)

    def run(request):
        raise next(errors, TargetRaised("the constructor", "last"))

    tried.run = run
    assert tried.exact() is None
    assert tried.raised[0].message == "two"


def test_a_target_that_stops_ends_the_search():
    """A run that took too long is not tried again, and is told with its sizes."""
    tried, runs = search(Torch), []

    def run(request):
        runs.append(request)
        raise TargetStopped("it took too long")

    tried.run = run
    with pytest.raises(TargetStopped, match="it took too long, in a run at N=4, k=2, p=5"):
        tried.exact()
    assert len(runs) == 1


def test_a_bias_may_be_left_out_of_account():
    """A layer that does something else with its bias is found where every bias is 0."""

    class Scaled2d(Torch):
        def forward(self, x):
            return correlated(x, self.weight, *self.options) + self.bias[:, None, None] ** 2

    assert search(Scaled2d).exact() is None
    assert search(Scaled2d, unbiased=True).exact()


def test_an_output_that_is_another_is_not_reproduced():
    """What reproduces an attempt does not do so once an entry of its output is moved."""
    found = search(Torch).exact()
    assert reproduces(found)
    found.attempt.outcome.y.flat[3] += 1
    assert not reproduces(found)


def test_the_operands_are_small_integers_none_of_them_zero():
    """A zero would hide what it is multiplied with."""
    drawn = integers(np.random.default_rng(0), (50, 20), 5)
    assert {abs(e) for e in drawn.ravel()} == {1, 2, 3, 4, 5}
    assert {np.sign(e) for e in drawn.ravel()} == {-1, 1}
