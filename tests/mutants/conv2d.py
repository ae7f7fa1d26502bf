"""A 2-D convolution in plain NumPy, in the five ways that people write its gradients. All of them are right."""

import numpy as np


def correlate(x, w, stride=1, dilation=1):
    """Every sample correlated with every filter, without padding; empty where the filter does not fit."""
    oh, ow = (max(0, (n - dilation * (m - 1) - 1) // stride + 1) for n, m in zip(x.shape[2:], w.shape[2:], strict=True))
    y = np.zeros((len(x), len(w), oh, ow))
    for u, v in np.ndindex(*w.shape[2:]):
        tap = x[:, :, dilation * u :: stride, dilation * v :: stride][:, :, :oh, :ow]
        y += np.einsum("ncab,fc->nfab", tap, w[:, :, u, v])
    return y


class Conv2d:
    """Window by window. Each step with `group` in its name sees one group of channels at a time."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1):
        kh, kw = np.broadcast_to(kernel_size, 2)
        self.stride, self.padding, self.dilation, self.groups = stride, padding, dilation, groups
        self.w = np.random.default_rng().normal(size=(out_channels, in_channels // groups, kh, kw))
        self.b = np.zeros(out_channels)

    def forward(self, x):
        self.x, self.xp = x, self.pad(x)
        parts = zip(np.split(self.xp, self.groups, 1), np.split(self.w, self.groups), strict=True)
        return np.concatenate([self.group_output(*part) for part in parts], 1) + self.b[:, None, None]

    def backward(self, dy):
        self.dw = self.filter_gradient(dy)
        self.db = self.bias_gradient(dy)
        return self.input_gradient(dy)

    def input_gradient(self, dy):
        parts = zip(np.split(dy, self.groups, 1), np.split(self.w, self.groups), strict=True)
        return np.concatenate([self.group_input_gradient(*part) for part in parts], 1)

    def filter_gradient(self, dy):
        parts = zip(np.split(dy, self.groups, 1), np.split(self.xp, self.groups, 1), strict=True)
        return np.concatenate([self.group_filter_gradient(*part) for part in parts])

    def bias_gradient(self, dy):
        return dy.sum(axis=(0, 2, 3))

    def group_output(self, xp, w):
        y = np.zeros((len(xp), len(w), *self.output_size()))
        for a, b in np.ndindex(*y.shape[2:]):
            rows, cols = self.window(a, b)
            y[:, :, a, b] = np.tensordot(xp[:, :, rows, cols], w, ([1, 2, 3], [1, 2, 3]))
        return y

    def group_input_gradient(self, dy, w):
        dxp = self.zeros(dy, w)
        for a, b in np.ndindex(*dy.shape[2:]):
            rows, cols = self.window(a, b)
            dxp[:, :, rows, cols] += np.tensordot(dy[:, :, a, b], w, 1)
        return self.crop(dxp)

    def group_filter_gradient(self, dy, xp):
        dw = np.zeros((dy.shape[1], *self.w.shape[1:]))
        for a, b in np.ndindex(*dy.shape[2:]):
            rows, cols = self.window(a, b)
            dw += np.tensordot(dy[:, :, a, b], xp[:, :, rows, cols], (0, 0))
        return dw

    def zeros(self, dy, w):
        """Where the gradient of a group's padded input will be added up."""
        return np.zeros((len(dy), w.shape[1], *self.xp.shape[2:]))

    def pad(self, x):
        p = self.padding
        return np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))

    def crop(self, dxp):
        p, (h, w) = self.padding, self.x.shape[2:]
        return dxp[:, :, p : p + h, p : p + w]

    def output_size(self):
        return [(n - e) // self.stride + 1 for n, e in zip(self.xp.shape[2:], self.extents(), strict=True)]

    def extents(self):
        """How many rows and columns a window spans."""
        return [self.dilation * (m - 1) + 1 for m in self.w.shape[2:]]

    def window(self, a, b):
        """The rows and columns of the padded input that are read for the output at a, b."""
        (eh, ew), s, d = self.extents(), self.stride, self.dilation
        return slice(s * a, s * a + eh, d), slice(s * b, s * b + ew, d)

    def tap(self, u, v, oh, ow):
        """The rows and columns of the padded input that the filter's entry at u, v is multiplied with."""
        s, d = self.stride, self.dilation
        return slice(d * u, d * u + s * oh, s), slice(d * v, d * v + s * ow, s)


class TapsConv2d(Conv2d):
    """Filter entry by filter entry, each over all windows at once."""

    def group_input_gradient(self, dy, w):
        dxp = self.zeros(dy, w)
        for u, v in np.ndindex(*w.shape[2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            dxp[:, :, rows, cols] += np.einsum("nfab,fc->ncab", dy, w[:, :, u, v])
        return self.crop(dxp)

    def group_filter_gradient(self, dy, xp):
        dw = np.zeros((dy.shape[1], *self.w.shape[1:]))
        for u, v in np.ndindex(*dw.shape[2:]):
            rows, cols = self.tap(u, v, *dy.shape[2:])
            dw[:, :, u, v] = np.einsum("nfab,ncab->fc", dy, xp[:, :, rows, cols])
        return dw


class CorrelatedConv2d(Conv2d):
    """By correlations: of the spread and surrounded gradient with the rotated filter, and of the input with dy."""

    def group_input_gradient(self, dy, w):
        turned = self.turned(w)
        return self.crop(self.correlated(self.surrounded(self.spread(dy), turned), turned))

    def group_filter_gradient(self, dy, xp):
        kh, kw = self.w.shape[2:]
        dw = correlate(xp.swapaxes(0, 1), dy.swapaxes(0, 1), stride=self.dilation, dilation=self.stride)
        return dw[:, :, :kh, :kw].swapaxes(0, 1)

    def spread(self, dy):
        """Zeros between the entries, as if the stride were one, down to the rows that no window reached."""
        frame = np.zeros((*dy.shape[:2], *(n - e + 1 for n, e in zip(self.xp.shape[2:], self.extents(), strict=True))))
        frame[:, :, :: self.stride, :: self.stride] = dy
        return frame

    def surrounded(self, frame, turned):
        """Zeros around, so that the filter may reach over every edge but for its last entry."""
        ph, pw = (self.dilation * (m - 1) for m in turned.shape[2:])
        return np.pad(frame, ((0, 0), (0, 0), (ph, ph), (pw, pw)))

    def turned(self, w):
        return w[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)

    def correlated(self, frame, turned):
        return correlate(frame, turned, dilation=self.dilation)


class Im2colConv2d(Conv2d):
    """By matrix products: a row for every channel and filter entry, a column for every sample and window."""

    def group_input_gradient(self, dy, w):
        return self.crop(self.image(self.column_gradient(dy, w), self.zeros(dy, w), dy.shape[2:]))

    def group_filter_gradient(self, dy, xp):
        return self.product(self.flat(dy), self.columns(xp, *dy.shape[2:])).reshape(-1, *self.w.shape[1:])

    def flat(self, dy):
        return dy.transpose(1, 0, 2, 3).reshape(dy.shape[1], -1)

    def product(self, flat, columns):
        return flat @ columns.T

    def column_gradient(self, dy, w):
        return w.reshape(len(w), -1).T @ self.flat(dy)

    def columns(self, xp, oh, ow):
        taps = [self.tap(u, v, oh, ow) for u, v in np.ndindex(*self.w.shape[2:])]
        stacked = np.stack([xp[:, :, rows, cols].swapaxes(0, 1) for rows, cols in taps], 1)
        return stacked.reshape(xp.shape[1] * len(taps), -1)

    def image(self, columns, dxp, size):
        taps = [self.tap(u, v, *size) for u, v in np.ndindex(*self.w.shape[2:])]
        columns = columns.reshape(dxp.shape[1], len(taps), len(dxp), *size)
        for t, (rows, cols) in enumerate(taps):
            dxp[:, :, rows, cols] += columns[:, t].swapaxes(0, 1)
        return dxp


class MapsConv2d(Conv2d):
    """Sample by sample and map by map, each pair of maps by itself."""

    def group_input_gradient(self, dy, w):
        dxp = self.zeros(dy, w)
        for n in range(len(dy)):
            self.sample(dxp[n], dy[n], w)
        return self.crop(dxp)

    def sample(self, dxp, dy, w):
        for dy_map, filters in zip(dy, w, strict=True):
            for dxp_map, f in zip(dxp, filters, strict=True):
                self.scatter(dxp_map, dy_map, f)

    def scatter(self, dxp_map, dy_map, f):
        for (a, b), g in np.ndenumerate(dy_map):
            dxp_map[self.window(a, b)] += g * f

    def group_filter_gradient(self, dy, xp):
        dw = np.zeros((dy.shape[1], *self.w.shape[1:]))
        for n, f, c in np.ndindex(*dy.shape[:2], xp.shape[1]):
            dw[f, c] += self.gather(xp[n, c], dy[n, f])
        return dw

    def gather(self, xp_map, dy_map):
        return sum(g * xp_map[self.window(a, b)] for (a, b), g in np.ndenumerate(dy_map))
