"""Convolution of NCHW batches that keeps the size of the image, for odd and even filters (library imitation).

Wrong on purpose: for even filters the forward pass pads one zero more after the image, but backward cuts dx as if it
stood before it, so that dx is shifted by one. Odd filters are right.
"""

import numpy as np


class Conv2dSame:
    """Padding 'same', stride 1; dx is returned, the others are self.dweight and self.dbias."""

    def __init__(self, in_channels, out_channels, kernel_size):
        self.weight = np.random.uniform(-0.1, 0.1, (out_channels, in_channels, kernel_size, kernel_size))
        self.bias = np.zeros(out_channels)

    def forward(self, x):
        k = self.weight.shape[-1]
        before = (k - 1) // 2
        after = k - 1 - before
        h, w = x.shape[2:]
        self.padded = np.pad(x, ((0, 0), (0, 0), (before, after), (before, after)))
        y = np.zeros((x.shape[0], self.bias.size, h, w))
        for i in range(k):
            for j in range(k):
                y += np.einsum("fc,nchw->nfhw", self.weight[:, :, i, j], self.padded[:, :, i : i + h, j : j + w])
        return y + self.bias[None, :, None, None]

    def backward(self, grad_output):
        k = self.weight.shape[-1]
        h, w = grad_output.shape[2:]
        dpadded = np.zeros(self.padded.shape)
        self.dweight = np.zeros(self.weight.shape)
        self.dbias = grad_output.sum((0, 2, 3))
        for i in range(k):
            for j in range(k):
                here = np.s_[:, :, i : i + h, j : j + w]
                dpadded[here] += np.einsum("fc,nfhw->nchw", self.weight[:, :, i, j], grad_output)
                self.dweight[:, :, i, j] = np.einsum("nfhw,nchw->fc", grad_output, self.padded[here])
        start = k // 2
        return dpadded[:, :, start : start + h, start : start + w]
