"""Convolution of one CHW image as two functions with explicit arguments (lecture notes style, helpers for matrices).

Wrong on purpose: the gradient of the filters is rotated by 180 degrees, although the forward pass does not flip them.
"""

import numpy as np


def corr2d(a, k):
    """Valid cross-correlation of two matrices."""
    out = np.zeros((a.shape[0] - k.shape[0] + 1, a.shape[1] - k.shape[1] + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (a[i : i + k.shape[0], j : j + k.shape[1]] * k).sum()
    return out


def conv_forward(x, w):
    """x: (C, H, W), w: (F, C, KH, KW); returns (F, H - KH + 1, W - KW + 1)."""
    return np.array([np.sum([corr2d(x[c], w[f, c]) for c in range(x.shape[0])], axis=0) for f in range(w.shape[0])])


def conv_backward(dy, x, w):
    """Returns dx and dw."""
    F, C, KH, KW = w.shape
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for f in range(F):
        padded = np.pad(dy[f], ((KH - 1, KH - 1), (KW - 1, KW - 1)))
        for c in range(C):
            dx[c] += corr2d(padded, w[f, c, ::-1, ::-1])
            dw[f, c] = corr2d(x[c], dy[f])[::-1, ::-1]
    return dx, dw
