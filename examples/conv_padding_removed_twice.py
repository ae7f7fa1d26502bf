"""Convolution with flat weights (F, C*K*K), bias (F, 1), im2col and col2im helpers, NCHW (refactored project style).

Wrong on purpose: col2im already cuts the padding off, and backward cuts it off once more.
"""

import numpy as np


def offsets(k, oh, ow):
    """The taps of a filter, and the part of the image that each of them sees."""
    for t in range(k * k):
        i, j = divmod(t, k)
        yield t, np.s_[:, :, i : i + oh, j : j + ow]


def im2col(x, k, pad):
    """Windows (N, C, K*K, positions)."""
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    oh, ow = x.shape[2] - k + 1, x.shape[3] - k + 1
    cols = np.zeros((*x.shape[:2], k * k, oh * ow))
    for t, where in offsets(k, oh, ow):
        cols[:, :, t] = x[where].reshape(*x.shape[:2], -1)
    return cols.reshape(len(x), -1, oh * ow)


def col2im(cols, x_shape, k, pad):
    """The image that windows add up to, without its padding."""
    n, c, h, w = x_shape
    oh, ow = h + 2 * pad - k + 1, w + 2 * pad - k + 1
    cols = cols.reshape(n, c, k * k, oh, ow)
    x = np.zeros((n, c, h + 2 * pad, w + 2 * pad))
    for t, where in offsets(k, oh, ow):
        x[where] += cols[:, :, t]
    return x[:, :, pad : pad + h, pad : pad + w]


class Conv:
    """Stride 1; params and grads are dicts."""

    def __init__(self, in_channels, out_channels, kernel_size, padding=0):
        self.k, self.pad = kernel_size, padding
        self.params = {
            "W": np.random.randn(out_channels, in_channels * kernel_size**2) * 0.1,
            "b": np.zeros((out_channels, 1)),
        }
        self.grads = {}

    def forward(self, x):
        self.x_shape = x.shape
        self.cols = im2col(x, self.k, self.pad)
        out = self.params["W"] @ self.cols + self.params["b"]
        return out.reshape(len(x), -1, x.shape[2] + 2 * self.pad - self.k + 1, x.shape[3] + 2 * self.pad - self.k + 1)

    def backward(self, dout):
        flat = dout.reshape(*dout.shape[:2], -1)
        self.grads["W"] = (flat @ self.cols.transpose(0, 2, 1)).sum(axis=0)
        self.grads["b"] = flat.sum(axis=(0, 2)).reshape(-1, 1)
        dx = col2im(self.params["W"].T @ flat, self.x_shape, self.k, self.pad)
        return dx[:, :, self.pad : dx.shape[2] - self.pad, self.pad : dx.shape[3] - self.pad]
