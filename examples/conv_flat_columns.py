"""Convolution with weights kept flat as (C*KH*KW, F) and no bias; one matrix product for the batch (terse style)."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view as windows


class Conv:
    """Called with NCHW, stride s; the size of the window is given apart since the weights are flat."""

    def __init__(self, n_in, n_out, size, s=1):
        self.size, self.s = size, s
        self.theta = np.random.randn(n_in * size[0] * size[1], n_out) * 0.1

    def __call__(self, x):
        self.x_shape = x.shape
        v = windows(x, self.size, axis=(2, 3))[:, :, :: self.s, :: self.s]
        n, c, oh, ow, kh, kw = v.shape
        self.cols = v.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, c * kh * kw)
        return (self.cols @ self.theta).reshape(n, oh, ow, -1).transpose(0, 3, 1, 2)

    def gradient(self, g):
        n, f, oh, ow = g.shape
        g = g.transpose(0, 2, 3, 1).reshape(-1, f)
        self.dtheta = self.cols.T @ g
        back = (g @ self.theta.T).reshape(n, oh, ow, self.x_shape[1], *self.size)
        dx = np.zeros(self.x_shape)
        for i in range(oh):
            for j in range(ow):
                dx[:, :, i * self.s :, j * self.s :][:, :, : self.size[0], : self.size[1]] += back[:, i, j]
        return dx
