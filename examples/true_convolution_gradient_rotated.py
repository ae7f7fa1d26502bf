"""A true convolution (flipped kernel) of one HW image with one kernel, a class without bias (signal processing style).

Wrong on purpose: the gradient of the kernel is not flipped back, it is rotated by 180 degrees.
"""

import numpy as np


class Convolve2d:
    """kernel is given at construction; backward keeps dkernel and returns dx."""

    def __init__(self, kernel):
        self.kernel = np.asarray(kernel)
        self.dkernel = None

    @staticmethod
    def _correlate(a, k):
        h, w = a.shape[0] - k.shape[0] + 1, a.shape[1] - k.shape[1] + 1
        out = np.zeros((h, w))
        for i in range(k.shape[0]):
            for j in range(k.shape[1]):
                out += k[i, j] * a[i : i + h, j : j + w]
        return out

    def forward(self, x):
        self.x = x
        return self._correlate(x, self.kernel[::-1, ::-1])

    def backward(self, dy):
        kh, kw = self.kernel.shape
        self.dkernel = self._correlate(self.x, dy)
        full = np.pad(dy, ((kh - 1, kh - 1), (kw - 1, kw - 1)))
        return self._correlate(full, self.kernel)
