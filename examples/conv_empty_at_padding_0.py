"""Convolution as a pair of functions with conv_param and a cache, NCHW, plain loops (assignment style).

Wrong on purpose: dx is cut as [:, :, P:-P, P:-P], which is right for every padding but 0, where nothing is left.
"""

import numpy as np


def conv_forward(x, w, b, conv_param):
    """Returns the output (N, F, H', W') and a cache."""
    S, P = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    x_padded = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P)))
    out = np.zeros((N, F, (H + 2 * P - HH) // S + 1, (W + 2 * P - WW) // S + 1))
    for n, f, i, j in np.ndindex(*out.shape):
        patch = x_padded[n, :, i * S : i * S + HH, j * S : j * S + WW]
        out[n, f, i, j] = np.sum(patch * w[f]) + b[f]
    cache = (x_padded, w, b, conv_param)
    return out, cache


def conv_backward(dout, cache):
    """Returns dx, dw, db."""
    x_padded, w, b, conv_param = cache
    S, P = conv_param["stride"], conv_param["pad"]
    _, _, HH, WW = w.shape
    dx_padded = np.zeros_like(x_padded)
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for n, f, i, j in np.ndindex(*dout.shape):
        window = np.s_[n, :, i * S : i * S + HH, j * S : j * S + WW]
        dx_padded[window] += dout[n, f, i, j] * w[f]
        dw[f] += dout[n, f, i, j] * x_padded[window]
        db[f] += dout[n, f, i, j]
    dx = dx_padded[:, :, P:-P, P:-P]
    return dx, dw, db
