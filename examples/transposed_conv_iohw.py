"""Transposed convolution (upsampling) with weights IOHW, stride and padding: decoder of a hobby autoencoder."""

import numpy as np


class ConvTranspose2d:
    """Each input pixel stamps a scaled filter onto the output; the border of width padding is cut off."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.W = np.random.randn(in_channels, out_channels, kernel_size, kernel_size) * 0.05
        self.b = np.zeros(out_channels)

    def _stamp(self, i, j):
        s, k = self.stride, self.kernel_size
        return slice(i * s, i * s + k), slice(j * s, j * s + k)

    def forward(self, x):
        self.x = x
        n, _, h, w = x.shape
        s, k, p = self.stride, self.kernel_size, self.padding
        canvas = np.zeros((n, self.W.shape[1], (h - 1) * s + k, (w - 1) * s + k))
        for i in range(h):
            for j in range(w):
                rows, cols = self._stamp(i, j)
                canvas[:, :, rows, cols] += np.tensordot(x[:, :, i, j], self.W, axes=(1, 0))
        out = canvas[:, :, p : canvas.shape[2] - p, p : canvas.shape[3] - p]
        return out + self.b.reshape(1, -1, 1, 1)

    def backward(self, grad):
        p = self.padding
        grad_full = np.pad(grad, ((0, 0), (0, 0), (p, p), (p, p)))
        dx = np.zeros(self.x.shape)
        self.dW = np.zeros(self.W.shape)
        for i in range(dx.shape[2]):
            for j in range(dx.shape[3]):
                rows, cols = self._stamp(i, j)
                patch = grad_full[:, :, rows, cols]
                dx[:, :, i, j] = np.tensordot(patch, self.W, axes=([1, 2, 3], [1, 2, 3]))
                self.dW += np.tensordot(self.x[:, :, i, j], patch, axes=(0, 0))
        self.db = grad.sum(axis=(0, 2, 3))
        return dx
