"""Convolution with padding 'same' or 'valid' whose kernel is built in the first call (framework imitation, NHWC).

Only odd kernels are accepted. gradient() returns a dict.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Conv2D:
    """Conv2D(filters, kernel_size, padding): called to run it, gradient() for the way back."""

    def __init__(self, filters, kernel_size, padding="valid", use_bias=True):
        if isinstance(kernel_size, int):
            kernel_size = (kernel_size, kernel_size)
        if any(k % 2 == 0 for k in kernel_size):
            raise ValueError(f"kernel_size must be odd, not {kernel_size}")
        if padding not in ("same", "valid"):
            raise ValueError(f"padding must be 'same' or 'valid', not {padding!r}")
        self.filters, self.kernel_size, self.padding, self.use_bias = filters, kernel_size, padding, use_bias
        self.kernel = None
        self.bias = None

    def build(self, channels):
        """Make the kernel (HWIO) and the bias."""
        shape = (*self.kernel_size, channels, self.filters)
        limit = np.sqrt(6.0 / (np.prod(shape[:3]) + self.filters))
        self.kernel = np.random.uniform(-limit, limit, shape)
        self.bias = np.zeros(self.filters)

    def __call__(self, inputs):
        """The output, channels last."""
        if self.kernel is None:
            self.build(inputs.shape[-1])
        self.pads = [k // 2 if self.padding == "same" else 0 for k in self.kernel_size]
        (ph, pw) = self.pads
        padded = np.pad(inputs, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        self.patches = sliding_window_view(padded, self.kernel_size, axis=(1, 2))  # n, h, w, c, i, j
        y = np.einsum("nhwcij,ijcf->nhwf", self.patches, self.kernel)
        return y + self.bias if self.use_bias else y

    def gradient(self, dy):
        """The gradients by name."""
        (kh, kw), (ph, pw) = self.kernel_size, self.pads
        ah, aw = kh - 1 - ph, kw - 1 - pw
        around = np.pad(dy, ((0, 0), (ah, ah), (aw, aw), (0, 0)))
        patches = sliding_window_view(around, self.kernel_size, axis=(1, 2))
        grads = {
            "inputs": np.einsum("nhwfij,ijcf->nhwc", patches, np.flip(self.kernel, axis=(0, 1))),
            "kernel": np.einsum("nhwcij,nhwf->ijcf", self.patches, dy),
        }
        if self.use_bias:
            grads["bias"] = dy.sum(axis=(0, 1, 2))
        return grads
