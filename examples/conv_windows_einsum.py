"""Convolution with sliding_window_view and einsum, NCHW and OIHW, stride 1, no bias (NumPy enthusiast's style)."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class ConvLayer:
    """Valid convolution; backward returns both gradients as a tuple."""

    def __init__(self, in_channels, out_channels, kernel_size):
        kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        scale = np.sqrt(2.0 / (in_channels * kh * kw))
        self.weight = scale * np.random.default_rng(0).standard_normal((out_channels, in_channels, kh, kw))

    def forward(self, x):
        """The output (n, f, h - kh + 1, w - kw + 1)."""
        self.windows = sliding_window_view(x, self.weight.shape[2:], axis=(2, 3))
        return np.einsum("nchwij,fcij->nfhw", self.windows, self.weight)

    def backward(self, grad_output):
        """Return the gradients for the input and for the weight."""
        kh, kw = self.weight.shape[2:]
        grad_weight = np.einsum("nfhw,nchwij->fcij", grad_output, self.windows)
        border = ((0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1))
        full = sliding_window_view(np.pad(grad_output, border), (kh, kw), axis=(2, 3))
        grad_input = np.einsum("nfhwij,fcij->nchw", full, self.weight[:, :, ::-1, ::-1])
        return grad_input, grad_weight
