"""A depthwise 2-D convolution in plain NumPy, right in two ways, and the mistakes in its input's gradient."""

import numpy as np


class DepthwiseConv2d:
    """Filter entry by filter entry; the filters are (C, 1, kh, kw)."""

    def __init__(self, channels, kernel_size, stride=1, padding=0):
        self.stride, self.padding = stride, padding
        self.w = np.random.default_rng().normal(size=(channels, 1, *np.broadcast_to(kernel_size, 2)))
        self.b = np.zeros(channels)

    def forward(self, x):
        p = self.padding
        self.x, self.xp = x, np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        y = np.zeros((*x.shape[:2], *self.output_size()))
        for u, v in np.ndindex(*self.w.shape[-2:]):
            rows, cols = self.tap(u, v, *y.shape[2:])
            y += self.xp[:, :, rows, cols] * self.entry(u, v)
        return y + self.b[:, None, None]

    def backward(self, dy):
        self.dw = self.filter_gradient(dy)
        self.db = self.bias_gradient(dy)
        return self.input_gradient(dy)

    def input_gradient(self, dy):
        dxp = np.zeros_like(self.xp)
        for u, v in np.ndindex(*self.w.shape[-2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            dxp[:, :, rows, cols] += dy * self.entry(u, v)
        return self.crop(dxp)

    def filter_gradient(self, dy):
        dw = np.zeros_like(self.w)
        for u, v in np.ndindex(*self.w.shape[2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            dw[:, 0, u, v] = (dy * self.xp[:, :, rows, cols]).sum(axis=(0, 2, 3))
        return dw

    def bias_gradient(self, dy):
        return dy.sum(axis=(0, 2, 3))

    def output_size(self):
        return [(n - m) // self.stride + 1 for n, m in zip(self.xp.shape[2:], self.w.shape[-2:], strict=True)]

    def entry(self, u, v):
        """One entry of every channel's filter, to be multiplied with images."""
        return self.w[:, 0, u, v, None, None]

    def tap(self, u, v, oh, ow):
        """The rows and columns of the padded input that the filter's entry at u, v is multiplied with."""
        s = self.stride
        return slice(u, u + s * oh, s), slice(v, v + s * ow, s)

    def crop(self, dxp):
        p, (height, width) = self.padding, self.x.shape[2:]
        return dxp[:, :, p : p + height, p : p + width]


class FlatDepthwiseConv2d(DepthwiseConv2d):
    """Window by window; the filters are (C, kh, kw)."""

    def __init__(self, channels, kernel_size, stride=1, padding=0):
        super().__init__(channels, kernel_size, stride, padding)
        self.w = self.w[:, 0]

    def entry(self, u, v):
        return self.w[:, u, v, None, None]

    def input_gradient(self, dy):
        dxp, s, (kh, kw) = np.zeros_like(self.xp), self.stride, self.w.shape[1:]
        for a, b in np.ndindex(*dy.shape[2:]):
            dxp[:, :, s * a : s * a + kh, s * b : s * b + kw] += dy[:, :, a, b, None, None] * self.w
        return self.crop(dxp)

    def filter_gradient(self, dy):
        dw, s, (kh, kw) = np.zeros_like(self.w), self.stride, self.w.shape[1:]
        for a, b in np.ndindex(*dy.shape[2:]):
            window = self.xp[:, :, s * a : s * a + kh, s * b : s * b + kw]
            dw += (dy[:, :, a, b, None, None] * window).sum(axis=0)
        return dw


class GatheredDepthwiseConv2d(DepthwiseConv2d):
    """Every input's gradient is gathered from the spread and surrounded dy, with the rotated filter."""

    def input_gradient(self, dy):
        dxp, filters, (height, width) = np.zeros_like(self.xp), self.turned(), self.xp.shape[2:]
        frame = self.frame(dy)
        for u, v in np.ndindex(*filters.shape[2:]):
            dxp += frame[:, :, u : u + height, v : v + width] * filters[:, 0, u, v, None, None]
        return self.crop(dxp)

    def frame(self, dy):
        s, (kh, kw), (oh, ow), (height, width) = self.stride, self.w.shape[2:], dy.shape[2:], self.xp.shape[2:]
        frame = np.zeros((*dy.shape[:2], height + kh - 1, width + kw - 1))
        frame[:, :, kh - 1 : kh - 1 + s * oh : s, kw - 1 : kw - 1 + s * ow : s] = dy
        return frame

    def turned(self):
        return self.w[:, :, ::-1, ::-1]


class FilterNotRotated(GatheredDepthwiseConv2d):
    """The filters are met as they are."""

    def turned(self):
        return self.w


class ColumnsReversedOnly(GatheredDepthwiseConv2d):
    """The filters are mirrored, but not turned upside down."""

    def turned(self):
        return self.w[..., ::-1]


class EveryAxisFlipped(GatheredDepthwiseConv2d):
    """np.flip without axes reverses the channels as well."""

    def turned(self):
        return np.flip(self.w)


class ChannelSummed(FlatDepthwiseConv2d):
    """A dense layer's backward pass: every channel gets what all of them have."""

    def input_gradient(self, dy):
        dxp, s, (kh, kw) = np.zeros_like(self.xp), self.stride, self.w.shape[1:]
        for a, b in np.ndindex(*dy.shape[2:]):
            dxp[:, :, s * a : s * a + kh, s * b : s * b + kw] += np.tensordot(dy[:, :, a, b], self.w, 1)[:, None]
        return self.crop(dxp)


class FirstChannelOnly(FlatDepthwiseConv2d):
    """The return stands within the loop over the channels."""

    def input_gradient(self, dy):  # noqa: RET503
        dxp, s, (kh, kw) = np.zeros_like(self.xp), self.stride, self.w.shape[1:]
        for c in range(dy.shape[1]):
            for a, b in np.ndindex(*dy.shape[2:]):
                dxp[:, c, s * a : s * a + kh, s * b : s * b + kw] += dy[:, c, a, b, None, None] * self.w[c]
            return self.crop(dxp)


class LastSample(DepthwiseConv2d):
    """The gradient of the sample is put in its place after the loop."""

    def input_gradient(self, dy):
        dxp = np.zeros_like(self.xp)
        for n in range(len(dy)):
            part = np.zeros(dxp.shape[1:])
            for u, v in np.ndindex(*self.w.shape[2:]):
                rows, cols = self.tap(u, v, *dy.shape[2:])
                part[:, rows, cols] += dy[n] * self.entry(u, v)
        dxp[n] = part
        return self.crop(dxp)


class PaddingKept(DepthwiseConv2d):
    """The gradient of the padded input is returned."""

    def crop(self, dxp):
        return dxp


class EmptyWithoutPadding(FlatDepthwiseConv2d):
    """[p:-p] is empty when p is 0."""

    def crop(self, dxp):
        return dxp[..., self.padding : -self.padding, self.padding : -self.padding]


class CutFromTheColumnsOnly(DepthwiseConv2d):
    """The padding is cut off left and right, but not above and below."""

    def crop(self, dxp):
        return dxp[..., self.padding : self.padding + self.x.shape[3]]


class CutAtTheCorner(GatheredDepthwiseConv2d):
    """The first rows and columns of the padded input's gradient are returned."""

    def crop(self, dxp):
        return dxp[:, :, : self.x.shape[2], : self.x.shape[3]]


class CentreOfEvenFilters(GatheredDepthwiseConv2d):
    """dy is surrounded by twice (m - 1) // 2 zeros for m - 1: one too few if m is even."""

    def frame(self, dy):
        s, (kh, kw), (oh, ow), (height, width) = self.stride, self.w.shape[2:], dy.shape[2:], self.xp.shape[2:]
        frame = np.zeros((*dy.shape[:2], height + kh - 1, width + kw - 1))
        row, col = 2 * ((kh - 1) // 2), 2 * ((kw - 1) // 2)
        frame[:, :, row : row + s * oh : s, col : col + s * ow : s] = dy
        return frame


class NoZerosBetween(GatheredDepthwiseConv2d):
    """dy is surrounded as it is, without the stride's zeros between its entries."""

    def frame(self, dy):
        (kh, kw), (oh, ow), (height, width) = self.w.shape[2:], dy.shape[2:], self.xp.shape[2:]
        return np.pad(dy, ((0, 0), (0, 0), (kh - 1, height - oh), (kw - 1, width - ow)))


class RemainderLost(FlatDepthwiseConv2d):
    """dx is as large as the windows reach: the rows that none of them reached are missing."""

    def input_gradient(self, dy):
        s, p, (kh, kw), (oh, ow) = self.stride, self.padding, self.w.shape[1:], dy.shape[2:]
        dxp = np.zeros((*dy.shape[:2], s * (oh - 1) + kh, s * (ow - 1) + kw))
        for a, b in np.ndindex(oh, ow):
            dxp[:, :, s * a : s * a + kh, s * b : s * b + kw] += dy[:, :, a, b, None, None] * self.w
        return dxp[:, :, p : dxp.shape[2] - p, p : dxp.shape[3] - p]


class TapsOverwritten(DepthwiseConv2d):
    """= instead of += over the filter's entries."""

    def input_gradient(self, dy):
        dxp = np.zeros_like(self.xp)
        for u, v in np.ndindex(*self.w.shape[2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            dxp[:, :, rows, cols] = dy * self.entry(u, v)
        return self.crop(dxp)


class Doubled(FlatDepthwiseConv2d):
    """dy is added to itself first, as if a second branch came back to here."""

    def input_gradient(self, dy):
        return super().input_gradient(dy + dy)
