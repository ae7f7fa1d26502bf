"""Strided convolution of NCHW batches as two functions, dx rebuilt from the size of dy (notes style, no cache).

Wrong on purpose: where the stride does not divide, the rows and columns that no window reaches are missing in dx.
"""

import numpy as np


def conv_forward(x, w, b, stride, padding):
    """Returns y of shape (N, F, OH, OW)."""
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    f, c, kh, kw = w.shape
    oh, ow = (xp.shape[2] - kh) // stride + 1, (xp.shape[3] - kw) // stride + 1
    y = np.zeros((x.shape[0], f, oh, ow))
    for i in range(oh):
        for j in range(ow):
            window = xp[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            y[:, :, i, j] = window.reshape(-1, c * kh * kw) @ w.reshape(f, -1).T + b
    return y


def conv_backward(dy, x, w, stride, padding):
    """Returns dx, dw, db."""
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, _, oh, ow = dy.shape
    _, c, kh, kw = w.shape
    dxp = np.zeros((n, c, (oh - 1) * stride + kh, (ow - 1) * stride + kw))
    dw = np.zeros(w.shape)
    for i in range(oh):
        for j in range(ow):
            rows = slice(i * stride, i * stride + kh)
            cols = slice(j * stride, j * stride + kw)
            dw += np.tensordot(dy[:, :, i, j], xp[:, :, rows, cols], axes=(0, 0))
            dxp[:, :, rows, cols] += np.tensordot(dy[:, :, i, j], w, axes=(1, 0))
    dx = dxp[:, :, padding : dxp.shape[2] - padding, padding : dxp.shape[3] - padding]
    db = dy.sum(axis=(0, 2, 3))
    return dx, dw, db
