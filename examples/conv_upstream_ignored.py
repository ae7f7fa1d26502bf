"""Convolution of NCHW batches with flat weights (C*KH*KW, F) and a bias, gradients in a tuple (terse style).

Wrong on purpose: db counts the positions of the output, as if the upstream gradient were one everywhere.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class FlatConv:
    """The window (kh, kw) is given apart, the stride is 1."""

    def __init__(self, in_channels, out_channels, kernel_size):
        self.kernel_size = kernel_size
        kh, kw = kernel_size
        self.w = np.random.randn(in_channels * kh * kw, out_channels) / np.sqrt(in_channels * kh * kw)
        self.b = np.zeros(out_channels)

    def forward(self, x):
        self.shape = x.shape
        v = sliding_window_view(x, self.kernel_size, axis=(2, 3)).transpose(0, 2, 3, 1, 4, 5)
        self.cols = v.reshape(*v.shape[:3], -1)
        return np.moveaxis(self.cols @ self.w + self.b, -1, 1)

    def backward(self, dy):
        kh, kw = self.kernel_size
        n, f, oh, ow = dy.shape
        d = np.moveaxis(dy, 1, -1)
        dw = np.tensordot(self.cols, d, axes=([0, 1, 2], [0, 1, 2]))
        db = np.full(f, float(n * oh * ow))
        dcols = (d @ self.w.T).reshape(n, oh, ow, -1, kh, kw)
        dx = np.zeros(self.shape)
        for i in range(kh):
            for j in range(kw):
                dx[:, :, i : i + oh, j : j + ow] += np.moveaxis(dcols[..., i, j], -1, 1)
        return dx, dw, db
