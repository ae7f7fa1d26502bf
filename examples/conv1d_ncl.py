"""One-dimensional convolution of signals (N, C, L) with stride, padding and dilation (signal engineer's style)."""

import numpy as np


class Conv1D:
    """Filters (F, C, K) made in the constructor; forward and backward, all three gradients returned."""

    def __init__(self, c_in, c_out, k, stride=1, padding=0, dilation=1):
        self.w = np.random.randn(c_out, c_in, k) * np.sqrt(1.0 / (c_in * k))
        self.b = np.zeros(c_out)
        self.stride, self.padding, self.dilation = stride, padding, dilation

    def _index(self, length):
        """Which sample of the padded signal each output (row) reads at each tap (column)."""
        k = self.w.shape[-1]
        reach = self.dilation * (k - 1) + 1
        l_out = (length - reach) // self.stride + 1
        return self.stride * np.arange(l_out)[:, None] + self.dilation * np.arange(k)[None, :]

    def forward(self, x):
        p = self.padding
        xp = np.pad(x, ((0, 0), (0, 0), (p, p)))
        idx = self._index(xp.shape[-1])
        frames = xp[:, :, idx]  # N, C, L_out, K
        y = np.tensordot(frames, self.w, axes=([1, 3], [1, 2])).transpose(0, 2, 1) + self.b[:, None]
        self.saved = x.shape, xp.shape, frames, idx
        return y

    def backward(self, dy):
        x_shape, xp_shape, frames, idx = self.saved
        db = dy.sum(axis=(0, 2))
        dw = np.tensordot(dy, frames, axes=([0, 2], [0, 2]))
        dframes = np.einsum("nfl,fck->nclk", dy, self.w)
        dxp = np.zeros(xp_shape)
        np.add.at(dxp, (slice(None), slice(None), idx), dframes)
        p = self.padding
        return dxp[:, :, p : p + x_shape[-1]], dw, db
