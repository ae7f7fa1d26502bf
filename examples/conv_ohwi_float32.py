"""Convolution of NHWC batches with OHWI weights, computed in float32 whatever comes in (mobile engineer's style)."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Conv2DFloat32:
    """conv = Conv2DFloat32(cin, cout, (kh, kw), stride=2); conv.forward(x); dx, dw, db = conv.backward(dy)."""

    def __init__(self, cin, cout, ksize, stride=1):
        self.stride = stride
        self.weights = (0.1 * np.random.randn(cout, *ksize, cin)).astype(np.float32)
        self.bias = np.zeros(cout, dtype=np.float32)

    def forward(self, x):
        x = np.asarray(x, dtype=np.float32)
        w = self.weights.astype(np.float32)
        s, (kh, kw) = self.stride, w.shape[1:3]
        self.in_shape = x.shape
        self.windows = sliding_window_view(x, (kh, kw), axis=(1, 2))[:, ::s, ::s]
        return np.einsum("nyxcij,oijc->nyxo", self.windows, w) + self.bias.astype(np.float32)

    def backward(self, dy):
        dy = np.asarray(dy, dtype=np.float32)
        w = self.weights.astype(np.float32)
        s, (kh, kw) = self.stride, w.shape[1:3]
        oh, ow = dy.shape[1:3]
        dx = np.zeros(self.in_shape, dtype=np.float32)
        for i in range(kh):
            for j in range(kw):
                dx[:, i : i + s * oh : s, j : j + s * ow : s, :] += dy @ w[:, i, j, :]
        dw = np.einsum("nyxcij,nyxo->oijc", self.windows, dy)
        db = np.sum(dy, axis=(0, 1, 2), dtype=np.float32)
        return dx, dw, db
