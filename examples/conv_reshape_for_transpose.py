"""Convolution of NCHW batches by im2col, columns (C*KH*KW, N*OH*OW) (textbook style, dW and db kept, dx returned).

Wrong on purpose: dout (N, F, OH, OW) is reshaped to (F, N*OH*OW) without moving F to the front first.
"""

import numpy as np


def im2col(x, kh, kw, stride):
    """Columns of windows: a row for each (c, i, j), a column for each (n, y, x)."""
    n, c, h, w = x.shape
    oh, ow = (h - kh) // stride + 1, (w - kw) // stride + 1
    cols = np.zeros((c, kh, kw, n, oh, ow))
    for i in range(kh):
        for j in range(kw):
            seen = x[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]
            cols[:, i, j] = seen.transpose(1, 0, 2, 3)
    return cols.reshape(c * kh * kw, n * oh * ow)


class Convolution:
    """Filters W (F, C, KH, KW) and a bias b (F,) given at construction."""

    def __init__(self, W, b, stride=1):
        self.W, self.b, self.stride = W, b, stride

    def forward(self, x):
        F, _, KH, KW = self.W.shape
        N, _, H, W = x.shape
        self.x_shape = x.shape
        self.cols = im2col(x, KH, KW, self.stride)
        out = self.W.reshape(F, -1) @ self.cols + self.b.reshape(-1, 1)
        out = out.reshape(F, N, (H - KH) // self.stride + 1, (W - KW) // self.stride + 1)
        return out.transpose(1, 0, 2, 3)

    def backward(self, dout):
        F, C, KH, KW = self.W.shape
        N, _, OH, OW = dout.shape
        s = self.stride
        self.db = dout.sum(axis=(0, 2, 3))
        dout_mat = dout.reshape(F, -1)
        self.dW = (dout_mat @ self.cols.T).reshape(self.W.shape)
        dcols = (self.W.reshape(F, -1).T @ dout_mat).reshape(C, KH, KW, N, OH, OW)
        dx = np.zeros(self.x_shape)
        for i in range(KH):
            for j in range(KW):
                dx[:, :, i : i + s * OH : s, j : j + s * OW : s] += dcols[:, i, j].transpose(1, 0, 2, 3)
        return dx
