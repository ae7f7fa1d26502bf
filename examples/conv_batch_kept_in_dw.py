"""Convolution of NCHW batches by einsum with padding (ph, pw), gradients in a dict (data scientist's style).

Wrong on purpose: the subscripts of dw keep n, so that dw has a gradient for each sample instead of their sum.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class EinsumConv:
    """No bias, stride 1."""

    def __init__(self, channels_in, channels_out, kernel_size, padding=(0, 0)):
        self.padding = padding
        self.w = np.random.default_rng(1).normal(size=(channels_out, channels_in, *kernel_size)) * 0.1

    def forward(self, x):
        ph, pw = self.padding
        padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        self.windows = sliding_window_view(padded, self.w.shape[2:], axis=(2, 3))
        return np.einsum("nchwij,fcij->nfhw", self.windows, self.w)

    def backward(self, dy):
        ph, pw = self.padding
        kh, kw = self.w.shape[2:]
        n, c, oh, ow = self.windows.shape[:4]
        dw = np.einsum("nchwij,nfhw->nfcij", self.windows, dy)
        dx = np.zeros((n, c, oh + kh - 1, ow + kw - 1))
        spread = np.einsum("nfhw,fcij->ijnchw", dy, self.w)
        for i in range(kh):
            for j in range(kw):
                dx[:, :, i : i + oh, j : j + ow] += spread[i, j]
        return {"dx": dx[:, :, ph : dx.shape[2] - ph, pw : dx.shape[3] - pw], "dw": dw}
