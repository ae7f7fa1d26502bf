"""Convolution of NHWC batches with OHWI weights, ported from NCHW code (engineer's style, gradients kept as dw, db).

Wrong on purpose: the padding is cut off the last two axes of dx, as in NCHW; here those are the width and the channels.
"""

import numpy as np


def crop(a, pad):
    """Cut pad off either end of the image."""
    return a[:, :, pad : a.shape[2] - pad, pad : a.shape[3] - pad]


class Conv2dNHWC:
    """Weights (out, kh, kw, in), stride and padding are ints."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        self.stride, self.padding = stride, padding
        self.w = np.random.normal(0, 0.1, (out_channels, *kernel_size, in_channels))
        self.b = np.zeros(out_channels)

    def forward(self, x):
        p, s = self.padding, self.stride
        o, kh, kw, _ = self.w.shape
        self.x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
        rows, cols = (self.x.shape[1] - kh) // s + 1, (self.x.shape[2] - kw) // s + 1
        y = np.zeros((x.shape[0], rows, cols, o))
        for r in range(rows):
            for c in range(cols):
                patch = self.x[:, r * s : r * s + kh, c * s : c * s + kw]
                y[:, r, c] = np.einsum("nijc,oijc->no", patch, self.w) + self.b
        return y

    def backward(self, dy):
        s = self.stride
        _, kh, kw, _ = self.w.shape
        self.dw = np.zeros_like(self.w)
        self.db = dy.sum(axis=(0, 1, 2))
        dx = np.zeros_like(self.x)
        for r in range(dy.shape[1]):
            for c in range(dy.shape[2]):
                here = np.s_[:, r * s : r * s + kh, c * s : c * s + kw]
                self.dw += np.einsum("nijc,no->oijc", self.x[here], dy[:, r, c])
                dx[here] += np.einsum("no,oijc->nijc", dy[:, r, c], self.w)
        return crop(dx, self.padding)
