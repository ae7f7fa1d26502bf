"""Mistakes in a depthwise 2-D convolution: the filters' and the bias's gradient, the forward pass, call to call."""

import numpy as np

from mutants.depthwise import DepthwiseConv2d, FlatDepthwiseConv2d


class FilterGradientRotated(DepthwiseConv2d):
    """The gradient is rotated like the filters."""

    def filter_gradient(self, dy):
        return super().filter_gradient(dy)[:, :, ::-1, ::-1]


class ChannelsSecond(DepthwiseConv2d):
    """The gradient has its channels on the second axis, (1, C, kh, kw), as images have them."""

    def filter_gradient(self, dy):
        dw = np.zeros((1, dy.shape[1], *self.w.shape[2:]))
        for u, v in np.ndindex(*self.w.shape[2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            dw[:, :, u, v] = (dy * self.xp[:, :, rows, cols]).sum(axis=(0, 2, 3))
        return dw


class SidesSwapped(DepthwiseConv2d):
    """The list of entries is built column by column, so that the filters' height and width change places."""

    def filter_gradient(self, dy):
        (kh, kw), size = self.w.shape[2:], dy.shape[2:]
        taps = [[self.xp[(..., *self.tap(u, v, *size))] for u in range(kh)] for v in range(kw)]
        return np.array([[(dy * t).sum(axis=(0, 2, 3)) for t in row] for row in taps]).transpose(2, 0, 1)[:, None]


class EntriesReshaped(DepthwiseConv2d):
    """A list with the entries first and the channels second is reshaped to the filters."""

    def filter_gradient(self, dy):
        taps = [self.tap(u, v, *dy.shape[2:]) for u, v in np.ndindex(*self.w.shape[2:])]
        entries = [np.einsum("ncab,ncab->c", dy, self.xp[:, :, rows, cols]) for rows, cols in taps]
        return np.array(entries).reshape(self.w.shape)


class EveryChannelMet(DepthwiseConv2d):
    """The einsum sums over the input's channels too, as if every filter saw all of them."""

    def filter_gradient(self, dy):
        dw = np.zeros_like(self.w)
        for u, v in np.ndindex(*self.w.shape[2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            dw[:, 0, u, v] = np.einsum("ncab,nkab->c", dy, self.xp[:, :, rows, cols])
        return dw


class FirstChannelMet(DepthwiseConv2d):
    """The filters' second axis, which has one entry, is taken for the input's channels."""

    def filter_gradient(self, dy):
        dw = np.zeros_like(self.w)
        for u, v in np.ndindex(*self.w.shape[2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            for c, i in np.ndindex(*self.w.shape[:2]):
                dw[c, i, u, v] = (dy[:, c] * self.xp[:, i, rows, cols]).sum()
        return dw


class FirstChannelFilters(FlatDepthwiseConv2d):
    """The loop over the channels writes to the first one's filter for ever."""

    def filter_gradient(self, dy):
        dw, s, (kh, kw) = np.zeros_like(self.w), self.stride, self.w.shape[1:]
        for a, b in np.ndindex(*dy.shape[2:]):
            dw[0] += np.tensordot(dy[:, 0, a, b], self.xp[:, 0, s * a : s * a + kh, s * b : s * b + kw], 1)
        return dw


class BatchKept(FlatDepthwiseConv2d):
    """One gradient for every sample."""

    def filter_gradient(self, dy):
        dw, s, (kh, kw) = np.zeros((len(dy), *self.w.shape)), self.stride, self.w.shape[1:]
        for a, b in np.ndindex(*dy.shape[2:]):
            dw += dy[:, :, a, b, None, None] * self.xp[:, :, s * a : s * a + kh, s * b : s * b + kw]
        return dw


class FirstSample(FlatDepthwiseConv2d):
    """Only the first sample is looked at."""

    def filter_gradient(self, dy):
        dw, s, (kh, kw) = np.zeros_like(self.w), self.stride, self.w.shape[1:]
        for a, b in np.ndindex(*dy.shape[2:]):
            dw += dy[0, :, a, b, None, None] * self.xp[0, :, s * a : s * a + kh, s * b : s * b + kw]
        return dw


class MeanOverBatch(DepthwiseConv2d):
    """.mean(0) over the batch."""

    def filter_gradient(self, dy):
        dw = np.zeros_like(self.w)
        for u, v in np.ndindex(*self.w.shape[2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            dw[:, 0, u, v] = (dy * self.xp[:, :, rows, cols]).sum(axis=(2, 3)).mean(axis=0)
        return dw


class MeanOverPositions(DepthwiseConv2d):
    """.mean over rows and columns, and a sum over the batch."""

    def filter_gradient(self, dy):
        dw = np.zeros_like(self.w)
        for u, v in np.ndindex(*self.w.shape[2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            dw[:, 0, u, v] = (dy * self.xp[:, :, rows, cols]).mean(axis=(2, 3)).sum(axis=0)
        return dw


class StrideIgnored(FlatDepthwiseConv2d):
    """The windows are read side by side."""

    def filter_gradient(self, dy):
        dw, (kh, kw) = np.zeros_like(self.w), self.w.shape[1:]
        for a, b in np.ndindex(*dy.shape[2:]):
            dw += (dy[:, :, a, b, None, None] * self.xp[:, :, a : a + kh, b : b + kw]).sum(axis=0)
        return dw


class WindowsOverwritten(FlatDepthwiseConv2d):
    """= instead of += over the windows."""

    def filter_gradient(self, dy):
        s, (kh, kw) = self.stride, self.w.shape[1:]
        for a, b in np.ndindex(*dy.shape[2:]):
            window = self.xp[:, :, s * a : s * a + kh, s * b : s * b + kw]
            dw = np.einsum("nc,ncuv->cuv", dy[:, :, a, b], window)
        return dw


class UpstreamIgnored(DepthwiseConv2d):
    """The inputs that an entry meets are added up, whatever comes from above."""

    def filter_gradient(self, dy):
        dw = np.zeros_like(self.w)
        for u, v in np.ndindex(*self.w.shape[2:]):
            dw[:, 0, u, v] = self.xp[(..., *self.tap(u, v, *dy.shape[2:]))].sum(axis=(0, 2, 3))
        return dw


class BiasSummedOverChannels(DepthwiseConv2d):
    """One number for all channels."""

    def bias_gradient(self, dy):
        return dy.sum(axis=(0, 1, 2, 3))


class BiasAxesKept(FlatDepthwiseConv2d):
    """keepdims leaves (1, C, 1, 1)."""

    def bias_gradient(self, dy):
        return np.sum(dy, axis=(0, 2, 3), keepdims=True)


class BiasOfTheLastSample(DepthwiseConv2d):
    """= instead of += over the samples."""

    def bias_gradient(self, dy):
        for one in dy:
            db = one.sum(axis=(1, 2))
        return db


class BiasNegated(DepthwiseConv2d):
    """The bias's gradient has been subtracted from zero."""

    def bias_gradient(self, dy):
        db = np.zeros_like(self.b)
        for one in dy:
            db -= one.sum(axis=(1, 2))
        return db


class FiltersSummedInTheLayer(DepthwiseConv2d):
    """dw is added to where there is one from the last backward pass."""

    def filter_gradient(self, dy):
        before = getattr(self, "dw", None)
        dw = super().filter_gradient(dy)
        return dw if before is None else before + dw


class UpdatedBeforeUse(FlatDepthwiseConv2d):
    """The step is taken before dx is computed."""

    def backward(self, dy, lr):
        self.w -= lr * self.filter_gradient(dy)
        self.b -= lr * self.bias_gradient(dy)
        return self.input_gradient(dy)


class LastOutputsLost(DepthwiseConv2d):
    """range(n - m) for range(n - m + 1); the backward pass agrees with it."""

    def output_size(self):
        sides = zip(self.xp.shape[2:], self.w.shape[-2:], strict=True)
        return [len(range(0, n - m, self.stride)) for n, m in sides]


class BiasPerPixelOfTheFilter(DepthwiseConv2d):
    """The bias is added with every entry of the filters; its gradient does not know."""

    def forward(self, x):
        p = self.padding
        self.x, self.xp = x, np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        y = np.zeros((*x.shape[:2], *self.output_size()))
        for u, v in np.ndindex(*self.w.shape[2:]):
            rows, cols = self.tap(u, v, *y.shape[2:])
            y += self.xp[:, :, rows, cols] * self.entry(u, v) + self.b[:, None, None]
        return y
