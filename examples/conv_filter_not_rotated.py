"""Convolution of NCHW batches with sliding_window_view, gradients in self.grads["w"] (NumPy enthusiast's style).

Wrong on purpose: dx correlates the padded upstream gradient with the filters as they are, not rotated by 180 degrees.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Conv:
    """Valid convolution, stride 1, filters OIHW."""

    def __init__(self, in_channels, out_channels, kernel_size):
        self.w = np.random.randn(out_channels, in_channels, kernel_size, kernel_size) * 0.1
        self.b = np.zeros(out_channels)
        self.grads = {"w": None, "b": None}

    def forward(self, x):
        k = self.w.shape[2]
        self.windows = sliding_window_view(x, (k, k), axis=(2, 3))
        y = np.tensordot(self.windows, self.w, axes=([1, 4, 5], [1, 2, 3]))
        return (y + self.b).transpose(0, 3, 1, 2)

    def backward(self, dy):
        k = self.w.shape[2]
        self.grads["w"] = np.tensordot(dy, self.windows, axes=([0, 2, 3], [0, 2, 3]))
        self.grads["b"] = dy.sum(axis=(0, 2, 3))
        dy_full = np.pad(dy, ((0, 0), (0, 0), (k - 1, k - 1), (k - 1, k - 1)))
        dy_windows = sliding_window_view(dy_full, (k, k), axis=(2, 3))
        return np.einsum("nfhwij,fcij->nchw", dy_windows, self.w)
