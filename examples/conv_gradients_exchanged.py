"""Convolution as two functions with explicit arguments, stride and padding, NCHW and OIHW (lecture notes style).

Wrong on purpose: the two gradients are taken from the helper in the wrong order, so that dx is dw and dw is dx.
"""

import numpy as np


def _window(i, j, stride, w):
    return np.s_[:, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]


def conv_forward(x, w, b, stride, padding):
    """The output (N, F, OH, OW)."""
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    height = (x.shape[2] - w.shape[2]) // stride + 1
    width = (x.shape[3] - w.shape[3]) // stride + 1
    y = np.zeros((x.shape[0], w.shape[0], height, width))
    for i in range(height):
        for j in range(width):
            y[:, :, i, j] = np.einsum("nchw,fchw->nf", x[_window(i, j, stride, w)], w) + b
    return y


def _gradients(dy, x, w, stride, padding):
    """The gradient of the weights and that of the input."""
    height, width = x.shape[2:]
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    for_x, for_w = np.zeros(x.shape), np.zeros(w.shape)
    for i in range(dy.shape[2]):
        for j in range(dy.shape[3]):
            here = _window(i, j, stride, w)
            for_x[here] += np.einsum("nf,fchw->nchw", dy[:, :, i, j], w)
            for_w += np.einsum("nf,nchw->fchw", dy[:, :, i, j], x[here])
    return for_w, for_x[:, :, padding : padding + height, padding : padding + width]


def conv_backward(dy, x, w, stride, padding):
    """Returns dx, dw and db."""
    dx, dw = _gradients(dy, x, w, stride, padding)
    db = dy.sum(axis=(0, 2, 3))
    return dx, dw, db
