"""Convolution of NCHW batches that saves memory wherever it can, weights lazily made (performance minded style).

Wrong on purpose: dx is written into the memory of the input, so that the caller's x is overwritten. The values of all
three gradients are right.
"""

import numpy as np


class ThriftyConv:
    """Stride 1, no padding; self.dw and self.db, dx returned."""

    def __init__(self, out_channels, kernel_size):
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.w = None
        self.b = np.zeros(out_channels)

    def forward(self, x):
        k = self.kernel_size
        if self.w is None:
            self.w = np.random.randn(self.out_channels, x.shape[1], k, k) * 0.1
        self.x = x
        h, w = x.shape[2] - k + 1, x.shape[3] - k + 1
        y = np.empty((x.shape[0], self.out_channels, h, w))
        y[...] = self.b.reshape(-1, 1, 1)
        for i in range(k):
            for j in range(k):
                y += np.einsum("nchw,fc->nfhw", x[:, :, i : i + h, j : j + w], self.w[:, :, i, j])
        return y

    def backward(self, dy):
        k = self.kernel_size
        h, w = dy.shape[2:]
        self.dw = np.zeros_like(self.w)
        self.db = dy.sum(axis=(0, 2, 3))
        for i in range(k):
            for j in range(k):
                seen = self.x[:, :, i : i + h, j : j + w]
                self.dw[:, :, i, j] = np.einsum("nfhw,nchw->fc", dy, seen)
        dx = self.x
        dx[...] = 0  # the input is not needed any more
        for i in range(k):
            for j in range(k):
                dx[:, :, i : i + h, j : j + w] += np.einsum("nfhw,fc->nchw", dy, self.w[:, :, i, j])
        return dx
