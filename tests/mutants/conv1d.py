"""A 1-D convolution in plain NumPy, right in two ways, and the mistakes in its input's gradient."""

import numpy as np


class Conv1d:
    """All windows at once, by an array of places: a row for every output, a column for every filter entry."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1):
        self.stride, self.padding, self.dilation = stride, padding, dilation
        self.w = np.random.default_rng().normal(size=(out_channels, in_channels, kernel_size))
        self.b = np.zeros(out_channels)

    def forward(self, x):
        p = self.padding
        self.x, self.xp = x, np.pad(x, ((0, 0), (0, 0), (p, p)))
        windows = self.xp[:, :, self.places(self.output_size())]
        return np.einsum("ncam,fcm->nfa", windows, self.w) + self.b[:, None]

    def backward(self, dy):
        self.dw = self.filter_gradient(dy)
        self.db = self.bias_gradient(dy)
        return self.input_gradient(dy)

    def input_gradient(self, dy):
        dxp = np.zeros_like(self.xp)
        every = (slice(None), slice(None), self.places(dy.shape[2]))
        np.add.at(dxp, every, np.einsum("nfa,fcm->ncam", dy, self.w))
        return self.crop(dxp)

    def filter_gradient(self, dy):
        return np.einsum("nfa,ncam->fcm", dy, self.xp[:, :, self.places(dy.shape[2])])

    def bias_gradient(self, dy):
        return dy.sum(axis=(0, 2))

    def output_size(self):
        return (self.xp.shape[2] - self.dilation * (self.w.shape[2] - 1) - 1) // self.stride + 1

    def places(self, size):
        return self.stride * np.arange(size)[:, None] + self.dilation * np.arange(self.w.shape[2])

    def crop(self, dxp):
        return dxp[:, :, self.padding : self.padding + self.x.shape[2]]


def spread(row, step):
    """Zeros between the entries of a row."""
    out = np.zeros(step * (len(row) - 1) + 1)
    out[::step] = row
    return out


class ConvolvedConv1d(Conv1d):
    """Row by row, with np.convolve and np.correlate."""

    def input_gradient(self, dy):
        dxp = np.zeros_like(self.xp)
        for n, f, c in np.ndindex(len(dy), *self.w.shape[:2]):
            full = self.full(spread(dy[n, f], self.stride), spread(self.w[f, c], self.dilation))
            dxp[n, c, : len(full)] += full
        return self.crop(dxp)

    def filter_gradient(self, dy):
        dw, d, m = np.zeros_like(self.w), self.dilation, self.w.shape[2]
        for n, f, c in np.ndindex(len(dy), *self.w.shape[:2]):
            row = spread(dy[n, f], self.stride)
            dw[f, c] += self.valid(self.xp[n, c, : len(row) + d * (m - 1)], row)[::d]
        return dw

    def full(self, dy, w):
        return np.convolve(dy, w)

    def valid(self, xp, dy):
        return np.correlate(xp, dy, "valid")


class FilterNotRotated(ConvolvedConv1d):
    """np.correlate does not turn the filter round, which np.convolve does."""

    def full(self, dy, w):
        return np.correlate(dy, w, "full")


class FilterRotatedTwice(ConvolvedConv1d):
    """The filter is turned round, and np.convolve turns it back."""

    def full(self, dy, w):
        return np.convolve(dy, w[::-1])


class CentreOfEvenFilters(ConvolvedConv1d):
    """The middle of np.convolve's "same" is taken for the other one of an even filter's two centres."""

    def full(self, dy, w):
        e = len(w)
        same = np.convolve(np.pad(dy, e), w, "same")
        return same[e - e // 2 :][: len(dy) + e - 1]


class EveryAxisFlipped(Conv1d):
    """The filters are turned round by np.flip without an axis, channels and all, for windows of dy."""

    def input_gradient(self, dy):
        s, d, m = self.stride, self.dilation, self.w.shape[2]
        frame = np.zeros((*dy.shape[:2], self.xp.shape[2] + d * (m - 1)))
        start = d * (m - 1)
        frame[:, :, start : start + s * dy.shape[2] : s] = dy
        windows = frame[:, :, np.arange(self.xp.shape[2])[:, None] + d * np.arange(m)]
        return self.crop(np.einsum("nfhm,fcm->nch", windows, np.flip(self.w)))


class FilterReshaped(Conv1d):
    """Filters and channels are exchanged by a reshape."""

    def input_gradient(self, dy):
        dxp, (f, c, m) = np.zeros_like(self.xp), self.w.shape
        exchanged = self.w.reshape(c, f, m)
        for a, row in enumerate(self.places(dy.shape[2])):
            dxp[:, :, row] += np.einsum("nf,cfm->ncm", dy[:, :, a], exchanged)
        return self.crop(dxp)


class ChannelsLast(Conv1d):
    """dx has its channels on the last axis, as the matrix product leaves them."""

    def input_gradient(self, dy):
        p, dxp = self.padding, np.zeros((len(dy), self.xp.shape[2], self.w.shape[1]))
        for a, row in enumerate(self.places(dy.shape[2])):
            dxp[:, row] += np.tensordot(dy[:, :, a], self.w.transpose(0, 2, 1), 1)
        return dxp[:, p : p + self.x.shape[2]]


class PaddingKept(Conv1d):
    """The gradient of the padded input is returned."""

    def crop(self, dxp):
        return dxp


class PaddingRemovedTwice(ConvolvedConv1d):
    """dx is cut by a helper, and then in the backward pass itself."""

    def input_gradient(self, dy):
        dx = super().input_gradient(dy)
        return dx[..., self.padding : dx.shape[2] - self.padding]


class CutFromTheChannels(Conv1d):
    """The padding is cut off the second axis, where a layout with the channels last has the positions."""

    def crop(self, dxp):
        p = self.padding
        return dxp[:, p:-p] if p > 0 else dxp


class CutAfterOnly(ConvolvedConv1d):
    """The padding is cut off at the end, but not at the start."""

    def crop(self, dxp):
        return dxp[:, :, : dxp.shape[2] - self.padding]


class EmptyWithoutPadding(ConvolvedConv1d):
    """[p:-p] is empty when p is 0."""

    def crop(self, dxp):
        return dxp[..., self.padding : -self.padding]


class CutAtTheStart(Conv1d):
    """As many positions as the input has, but the first ones of the padded one."""

    def crop(self, dxp):
        return dxp[..., : self.x.shape[-1]]


class PlacesNotStrided(Conv1d):
    """The places are worked out anew in the backward pass, without the stride."""

    def input_gradient(self, dy):
        dxp = np.zeros_like(self.xp)
        places = np.arange(dy.shape[2])[:, None] + self.dilation * np.arange(self.w.shape[2])
        np.add.at(dxp, (slice(None), slice(None), places), np.einsum("nfa,fcm->ncam", dy, self.w))
        return self.crop(dxp)


class RemainderLost(ConvolvedConv1d):
    """The full convolutions are added to zeros of their own size: what no window reached is missing."""

    def input_gradient(self, dy):
        p, size = self.padding, self.stride * (dy.shape[2] - 1) + self.dilation * (self.w.shape[2] - 1) + 1
        dxp = np.zeros((*self.x.shape[:2], size))
        for n, f, c in np.ndindex(len(dy), *self.w.shape[:2]):
            dxp[n, c] += self.full(spread(dy[n, f], self.stride), spread(self.w[f, c], self.dilation))
        return dxp[:, :, p : size - p]


class FilterNotDilated(ConvolvedConv1d):
    """The filter is convolved with as it is, without zeros between its entries."""

    def full(self, dy, w):
        return np.convolve(dy, w[:: self.dilation])


class RepeatedPlacesLost(Conv1d):
    """+= at an array of places, some of them repeated, adds only one of them; np.add.at adds all."""

    def input_gradient(self, dy):
        dxp = np.zeros_like(self.xp)
        dxp[:, :, self.places(dy.shape[2])] += np.einsum("nfa,fcm->ncam", dy, self.w)
        return self.crop(dxp)


class LastWindowLost(Conv1d):
    """The loop ends one window early."""

    def input_gradient(self, dy):
        dxp, places = np.zeros_like(self.xp), self.places(dy.shape[2])
        for a in range(dy.shape[2] - 1):
            dxp[:, :, places[a]] += np.tensordot(dy[:, :, a], self.w, 1)
        return self.crop(dxp)
