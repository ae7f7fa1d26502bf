"""Dilated one-dimensional convolution (N, C, L), as in causal audio models (researcher's style, gradient attributes).

Wrong on purpose: dx is scattered as if the dilation were 1; dw and db are right.
"""

import numpy as np


class DilatedConv1d:
    """Filters (F, C, K), stride 1, no padding."""

    def __init__(self, in_channels, out_channels, kernel_size, dilation=1):
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.weight = np.random.randn(out_channels, in_channels, kernel_size) * 0.02
        self.bias = np.zeros(out_channels)

    def forward(self, signal):
        self.signal = signal
        length = signal.shape[2] - self.dilation * (self.kernel_size - 1)
        out = np.zeros((signal.shape[0], self.weight.shape[0], length))
        for k in range(self.kernel_size):
            start = k * self.dilation
            out += self.weight[:, :, k] @ signal[:, :, start : start + length]
        return out + self.bias[:, np.newaxis]

    def backward(self, grad):
        length = grad.shape[2]
        self.grad_weight = np.zeros_like(self.weight)
        self.grad_bias = grad.sum(axis=(0, 2))
        grad_signal = np.zeros_like(self.signal)
        for k in range(self.kernel_size):
            start = k * self.dilation
            seen = self.signal[:, :, start : start + length]
            self.grad_weight[:, :, k] = (grad @ seen.transpose(0, 2, 1)).sum(axis=0)
            grad_signal[:, :, k : k + length] += self.weight[:, :, k].T @ grad
        return grad_signal
