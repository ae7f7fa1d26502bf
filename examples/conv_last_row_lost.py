"""Convolution of NCHW batches in loops over the output, gradients accumulated until zero_grad() (project style).

Wrong on purpose: the output is H - K by W - K instead of H - K + 1 by W - K + 1. The backward pass fits this forward
pass, so that its gradients are right for a layer that loses the last row and column.
"""

import numpy as np


class Conv2d:
    """Stride 1, no padding, filters OIHW."""

    def __init__(self, in_channels, out_channels, kernel_size):
        self.k = kernel_size
        self.w = np.random.randn(out_channels, in_channels, kernel_size, kernel_size) * 0.1
        self.b = np.zeros(out_channels)
        self.zero_grad()

    def zero_grad(self):
        self.dw = np.zeros(self.w.shape)
        self.db = np.zeros(self.b.shape)

    def forward(self, x):
        self.x = x
        h_out, w_out = x.shape[2] - self.k, x.shape[3] - self.k
        y = np.zeros((x.shape[0], self.w.shape[0], h_out, w_out))
        for i in range(h_out):
            for j in range(w_out):
                patch = x[:, np.newaxis, :, i : i + self.k, j : j + self.k]
                y[:, :, i, j] = (patch * self.w).sum(axis=(2, 3, 4)) + self.b
        return y

    def backward(self, dy):
        dx = np.zeros(self.x.shape)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                d = dy[:, :, i, j, np.newaxis, np.newaxis, np.newaxis]
                patch = self.x[:, np.newaxis, :, i : i + self.k, j : j + self.k]
                self.dw += (d * patch).sum(axis=0)
                dx[:, :, i : i + self.k, j : j + self.k] += (d * self.w).sum(axis=1)
        self.db += dy.sum(axis=(0, 2, 3))
        return dx
