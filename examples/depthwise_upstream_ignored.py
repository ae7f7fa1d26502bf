"""Depthwise convolution of NCHW batches with Param objects, stride and padding (mini-framework style).

Wrong on purpose: the gradient of the filters sums the windows up without the upstream gradient, as if it were one.
"""

import numpy as np


class Param:
    """Values to learn and their gradient."""

    def __init__(self, value):
        self.value = value
        self.grad = np.zeros_like(value)


class DepthwiseConv:
    """One filter (KH, KW) per channel, no bias."""

    def __init__(self, channels, kernel_size, stride=1, padding=0):
        self.stride, self.padding = stride, padding
        self.weight = Param(np.random.randn(channels, *kernel_size) * 0.1)

    def forward(self, x):
        p, s = self.padding, self.stride
        kh, kw = self.weight.value.shape[1:]
        self.x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        oh, ow = (self.x.shape[2] - kh) // s + 1, (self.x.shape[3] - kw) // s + 1
        y = np.zeros((*x.shape[:2], oh, ow))
        for i in range(oh):
            for j in range(ow):
                window = self.x[:, :, i * s : i * s + kh, j * s : j * s + kw]
                y[:, :, i, j] = (window * self.weight.value).sum(axis=(2, 3))
        return y

    def backward(self, dy):
        p, s = self.padding, self.stride
        kh, kw = self.weight.value.shape[1:]
        dx = np.zeros_like(self.x)
        grad = np.zeros_like(self.weight.value)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows, cols = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
                grad += self.x[:, :, rows, cols].sum(axis=0)
                dx[:, :, rows, cols] += dy[:, :, i, j, None, None] * self.weight.value
        self.weight.grad = grad
        return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]
