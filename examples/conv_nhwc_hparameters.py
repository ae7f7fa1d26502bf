"""Convolution of NHWC batches with HWIO filters and a bias (1, 1, 1, F): online course style, hparameters dict."""

import numpy as np


def zero_pad(X, pad):
    """Pad the height and the width of every sample with zeros."""
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def conv_forward(A_prev, W, b, hparameters):
    """Forward propagation of a convolutional layer: returns Z and the cache."""
    (m, n_H_prev, n_W_prev, _) = A_prev.shape
    (f, f_w, _, n_C) = W.shape
    stride, pad = hparameters["stride"], hparameters["pad"]
    n_H = int((n_H_prev - f + 2 * pad) / stride) + 1
    n_W = int((n_W_prev - f_w + 2 * pad) / stride) + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                a_slice = A_prev_pad[i, h * stride : h * stride + f, w * stride : w * stride + f_w, :]
                for c in range(n_C):
                    Z[i, h, w, c] = np.sum(a_slice * W[:, :, :, c]) + b[0, 0, 0, c]
    cache = (A_prev, W, b, hparameters)
    return Z, cache


def conv_backward(dZ, cache):
    """Backward propagation of a convolutional layer: returns dA_prev, dW and db."""
    (A_prev, W, b, hparameters) = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    (f, f_w, _, _) = W.shape
    (m, n_H, n_W, n_C) = dZ.shape
    dA_prev = np.zeros(A_prev.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    A_prev_pad, dA_prev_pad = zero_pad(A_prev, pad), zero_pad(dA_prev, pad)
    for i in range(m):
        a_prev_pad, da_prev_pad = A_prev_pad[i], dA_prev_pad[i]
        for h in range(n_H):
            for w in range(n_W):
                rows = slice(h * stride, h * stride + f)
                cols = slice(w * stride, w * stride + f_w)
                for c in range(n_C):
                    da_prev_pad[rows, cols, :] += W[:, :, :, c] * dZ[i, h, w, c]
                    dW[:, :, :, c] += a_prev_pad[rows, cols, :] * dZ[i, h, w, c]
                    db[0, 0, 0, c] += dZ[i, h, w, c]
        dA_prev[i] = da_prev_pad[pad : da_prev_pad.shape[0] - pad, pad : da_prev_pad.shape[1] - pad, :]
    return dA_prev, dW, db
