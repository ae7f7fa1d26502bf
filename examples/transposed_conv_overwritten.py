"""Transposed convolution (N, C, L) with weights (in, out, k), as used to upsample audio (researcher's style, a tuple).

Wrong on purpose: dw is assigned at every step of the loop over the input instead of added up; only the last is left.
"""

import numpy as np


class ConvTranspose1d:
    """forward stamps a filter for every input sample; stride says how far apart."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1):
        self.stride = stride
        self.w = np.random.randn(in_channels, out_channels, kernel_size) * 0.1
        self.b = np.zeros(out_channels)

    def forward(self, x):
        self.x = x
        k, s = self.w.shape[2], self.stride
        y = np.zeros((x.shape[0], self.w.shape[1], (x.shape[2] - 1) * s + k))
        for t in range(x.shape[2]):
            y[:, :, t * s : t * s + k] += np.tensordot(x[:, :, t], self.w, axes=1)
        return y + self.b[:, None]

    def backward(self, dy):
        k, s = self.w.shape[2], self.stride
        dx = np.zeros(self.x.shape)
        dw = np.zeros(self.w.shape)
        for t in range(self.x.shape[2]):
            seen = dy[:, :, t * s : t * s + k]
            dx[:, :, t] = np.tensordot(seen, self.w, axes=([1, 2], [1, 2]))
            dw = np.tensordot(self.x[:, :, t], seen, axes=(0, 0))
        db = dy.sum(axis=(0, 2))
        return dx, dw, db
