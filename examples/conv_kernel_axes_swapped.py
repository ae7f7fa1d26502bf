"""Convolution of NHWC batches with an HWIO kernel in einsum, __call__ and gradient (framework imitation).

Wrong on purpose: the gradient of the kernel has its height and width exchanged, which square kernels hide.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Conv2D:
    """Built in the first call; valid padding, stride 1."""

    def __init__(self, filters, kernel_size):
        self.filters = filters
        self.kernel_size = tuple(kernel_size)
        self.kernel = None

    def __call__(self, x):
        if self.kernel is None:
            self.kernel = np.random.randn(*self.kernel_size, x.shape[-1], self.filters) * 0.1
        self.x = x
        patches = sliding_window_view(x, self.kernel_size, axis=(1, 2))
        return np.einsum("nhwcij,ijcf->nhwf", patches, self.kernel)

    def gradient(self, dy):
        """Returns a dict with the gradients."""
        kh, kw = self.kernel_size
        patches = sliding_window_view(self.x, self.kernel_size, axis=(1, 2))
        dkernel = np.einsum("nhwcij,nhwf->jicf", patches, dy)
        dx = np.zeros(self.x.shape)
        for i in range(kh):
            for j in range(kw):
                dx[:, i : i + dy.shape[1], j : j + dy.shape[2]] += dy @ self.kernel[i, j].T
        return {"x": dx, "kernel": dkernel}
