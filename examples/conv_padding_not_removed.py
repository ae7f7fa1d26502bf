"""Convolution as a pair of functions with conv_param and a cache, NCHW (assignment style, half vectorised).

Wrong on purpose: dx is returned with the padding still around it.
"""

import numpy as np


def conv_forward(x, w, b, conv_param):
    """x: (N, C, H, W), w: (F, C, HH, WW), b: (F,)."""
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    F, _, HH, WW = w.shape
    H_new, W_new = (xp.shape[2] - HH) // s + 1, (xp.shape[3] - WW) // s + 1
    out = np.zeros((x.shape[0], F, H_new, W_new))
    for f in range(F):
        for i in range(H_new):
            for j in range(W_new):
                field = xp[:, :, i * s : i * s + HH, j * s : j * s + WW]
                out[:, f, i, j] = np.sum(field * w[f], axis=(1, 2, 3)) + b[f]
    return out, (xp, w, b, conv_param)


def conv_backward(dout, cache):
    """Returns dx, dw, db."""
    xp, w, b, conv_param = cache
    s = conv_param["stride"]
    _, F, H_new, W_new = dout.shape
    _, _, HH, WW = w.shape
    dx, dw, db = np.zeros_like(xp), np.zeros_like(w), np.zeros_like(b)
    for f in range(F):
        db[f] = np.sum(dout[:, f])
        for i in range(H_new):
            for j in range(W_new):
                rows, cols = slice(i * s, i * s + HH), slice(j * s, j * s + WW)
                d = dout[:, f, i, j, None, None, None]
                dw[f] += np.sum(d * xp[:, :, rows, cols], axis=0)
                dx[:, :, rows, cols] += d * w[f]
    return dx, dw, db
