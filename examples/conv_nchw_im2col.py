"""Convolution of NCHW batches by im2col; the filters come through the constructor (textbook style, dx returned)."""

import numpy as np


def im2col(x, kh, kw, stride, pad):
    """Rows of flattened windows: one for each output pixel of each sample."""
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    n, c, h, w = x.shape
    oh, ow = (h - kh) // stride + 1, (w - kw) // stride + 1
    rows = np.zeros((n, oh, ow, c, kh, kw))
    for i in range(oh):
        for j in range(ow):
            rows[:, i, j] = x[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
    return rows.reshape(n * oh * ow, -1)


def col2im(rows, shape, kh, kw, stride, pad):
    """The adjoint of im2col: every window is added back where it was taken from."""
    n, c, h, w = shape
    oh, ow = (h + 2 * pad - kh) // stride + 1, (w + 2 * pad - kw) // stride + 1
    rows = rows.reshape(n, oh, ow, c, kh, kw)
    x = np.zeros((n, c, h + 2 * pad, w + 2 * pad))
    for i in range(oh):
        for j in range(ow):
            x[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw] += rows[:, i, j]
    return x[:, :, pad : pad + h, pad : pad + w]


class Conv2d:
    """A convolution whose gradients stay on the object as dW and db."""

    def __init__(self, W, b, stride=1, pad=0):
        self.W = W
        self.b = b
        self.stride = stride
        self.pad = pad
        self.dW = None
        self.db = None

    def forward(self, x):
        F, _, KH, KW = self.W.shape
        N, _, H, W = x.shape
        self.x_shape = x.shape
        self.col = im2col(x, KH, KW, self.stride, self.pad)
        out = self.col @ self.W.reshape(F, -1).T + self.b
        out_h = (H + 2 * self.pad - KH) // self.stride + 1
        out_w = (W + 2 * self.pad - KW) // self.stride + 1
        return out.reshape(N, out_h, out_w, F).transpose(0, 3, 1, 2)

    def backward(self, dout):
        F, _, KH, KW = self.W.shape
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, F)
        self.db = dout.sum(axis=0)
        self.dW = (dout.T @ self.col).reshape(self.W.shape)
        dcol = dout @ self.W.reshape(F, -1)
        return col2im(dcol, self.x_shape, KH, KW, self.stride, self.pad)
