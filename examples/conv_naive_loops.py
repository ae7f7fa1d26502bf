"""Convolution as a pair of functions with a cache, in plain loops over NCHW batches (assignment style)."""

import numpy as np


def conv_forward(x, w, b, conv_param):
    """Forward pass.

    x: (N, C, H, W), w: (F, C, HH, WW), b: (F,), conv_param: a dict with 'stride' and 'pad'.
    Returns the output (N, F, H', W') and the cache for conv_backward.
    """
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    x_pad = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], mode="constant")
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    hs, ws = i * stride, j * stride
                    out[n, f, i, j] = np.sum(x_pad[n, :, hs : hs + HH, ws : ws + WW] * w[f]) + b[f]
    cache = (x, w, b, conv_param)
    return out, cache


def conv_backward(dout, cache):
    """Backward pass; returns dx, dw and db."""
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, _, H, W = x.shape
    _, _, HH, WW = w.shape
    N, F, H_out, W_out = dout.shape
    x_pad = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], mode="constant")
    dx_pad = np.zeros(x_pad.shape)
    dw = np.zeros(w.shape)
    db = np.zeros(b.shape)
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    hs, ws = i * stride, j * stride
                    d = dout[n, f, i, j]
                    db[f] += d
                    dw[f] += d * x_pad[n, :, hs : hs + HH, ws : ws + WW]
                    dx_pad[n, :, hs : hs + HH, ws : ws + WW] += d * w[f]
    dx = dx_pad[:, :, pad : pad + H, pad : pad + W]
    return dx, dw, db
