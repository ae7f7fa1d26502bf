"""A 3x3 convolution, padding 1 fixed in the code, with gradients that accumulate until zero_grad() (project style)."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Conv3x3Same:
    """NCHW in, NCHW out, of the same height and width."""

    PAD = 1
    KERNEL = 3

    def __init__(self, in_ch, out_ch):
        self.w = np.random.randn(out_ch, in_ch, self.KERNEL, self.KERNEL) * 0.1
        self.b = np.zeros(out_ch)
        self.dw = np.zeros_like(self.w)
        self.db = np.zeros_like(self.b)

    def zero_grad(self):
        self.dw.fill(0)
        self.db.fill(0)

    def _windows(self, a):
        padded = np.pad(a, ((0, 0), (0, 0), (self.PAD, self.PAD), (self.PAD, self.PAD)))
        return sliding_window_view(padded, (self.KERNEL, self.KERNEL), axis=(2, 3))

    def forward(self, x):
        self.cached = self._windows(x)
        return np.tensordot(self.cached, self.w, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2) + self.b.reshape(
            -1, 1, 1
        )

    def backward(self, dout):
        self.dw += np.tensordot(dout, self.cached, axes=((0, 2, 3), (0, 2, 3)))
        self.db += dout.sum(axis=(0, 2, 3))
        # a 3x3 filter with padding 1: the way back is the same convolution with rotated filters
        rotated = np.rot90(self.w, 2, axes=(2, 3))
        return np.tensordot(self._windows(dout), rotated, axes=((1, 4, 5), (0, 2, 3))).transpose(0, 3, 1, 2)
