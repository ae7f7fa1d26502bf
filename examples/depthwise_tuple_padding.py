"""Depthwise convolution, one filter (KH, KW) a channel, padding (ph, pw): engineer's style with self.grads."""

import numpy as np


class DepthwiseConv2d:
    """NCHW in and out; the loop runs over the taps of the filter, everything else is vectorised."""

    def __init__(self, channels, kernel_size, stride=1, padding=(0, 0)):
        self.stride = stride
        self.padding = padding
        self.w = np.random.standard_normal((channels, *kernel_size)) * 0.1
        self.b = np.zeros(channels)
        self.grads = {}

    def _taps(self, h_out, w_out):
        """For each tap of the filter, the pixels that it meets."""
        s = self.stride
        kh, kw = self.w.shape[1:]
        for i in range(kh):
            for j in range(kw):
                yield i, j, np.s_[:, :, i : i + s * h_out : s, j : j + s * w_out : s]

    def forward(self, x):
        ph, pw = self.padding
        kh, kw = self.w.shape[1:]
        self.x_shape = x.shape
        self.xp = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        n, c, h, w = self.xp.shape
        h_out, w_out = (h - kh) // self.stride + 1, (w - kw) // self.stride + 1
        y = np.zeros((n, c, h_out, w_out)) + self.b[:, None, None]
        for i, j, where in self._taps(h_out, w_out):
            y += self.xp[where] * self.w[:, i, j, None, None]
        return y

    def backward(self, dy):
        ph, pw = self.padding
        _, _, h, w = self.x_shape
        dw = np.empty_like(self.w)
        dxp = np.zeros_like(self.xp)
        for i, j, where in self._taps(*dy.shape[2:]):
            dw[:, i, j] = (self.xp[where] * dy).sum(axis=(0, 2, 3))
            dxp[where] += dy * self.w[:, i, j, None, None]
        self.grads["w"] = dw
        self.grads["b"] = dy.sum(axis=(0, 2, 3))
        return dxp[:, :, ph : ph + h, pw : pw + w]
