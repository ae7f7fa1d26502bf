"""Convolution of NCHW batches whose backward pass is a convolution again (tidy student's style, one helper for all).

Wrong on purpose: the upstream gradient is padded with K // 2 whatever the padding P of the forward pass, instead of
with K - 1 - P. For odd K, both are the same only where the forward pass keeps the size.
"""

import numpy as np


def correlate(x, w, pad):
    """Cross-correlation of (N, C, H, W) with (F, C, K, K)."""
    k = w.shape[2]
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    h, wd = x.shape[2] - k + 1, x.shape[3] - k + 1
    y = np.zeros((x.shape[0], w.shape[0], h, wd))
    for i in range(k):
        for j in range(k):
            y += np.einsum("nchw,fc->nfhw", x[:, :, i : i + h, j : j + wd], w[:, :, i, j])
    return y


class ConvLayer:
    """Stride 1, a square filter, a padding of at most its side less one."""

    def __init__(self, in_channels, num_filters, filter_size, padding=0):
        self.padding = padding
        self.w = np.random.randn(num_filters, in_channels, filter_size, filter_size) * 0.1
        self.b = np.zeros(num_filters)

    def forward_pass(self, x):
        self.x = x
        return correlate(x, self.w, self.padding) + self.b[:, None, None]

    def backward_pass(self, dout):
        p, k = self.padding, self.w.shape[2]
        self.db = dout.sum(axis=(0, 2, 3))
        self.dw = np.zeros_like(self.w)
        x = np.pad(self.x, ((0, 0), (0, 0), (p, p), (p, p)))
        for i in range(k):
            for j in range(k):
                seen = x[:, :, i : i + dout.shape[2], j : j + dout.shape[3]]
                self.dw[:, :, i, j] = np.einsum("nfhw,nchw->fc", dout, seen)
        rotated = self.w[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
        return correlate(dout, rotated, k // 2)
