"""Convolution of NHWC batches, HWIO filters, bias (1, 1, 1, F): online course style with an hparameters dict.

Wrong on purpose: dW is assigned for each sample instead of added up, so that only the last sample's remains.
"""

import numpy as np


def pad_with_zeros(X, pad):
    """Zeros around the height and the width."""
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def conv_forward(A_prev, W, b, hparameters):
    """Returns Z and a cache."""
    f = W.shape[0]
    stride, pad = hparameters["stride"], hparameters["pad"]
    A_pad = pad_with_zeros(A_prev, pad)
    m, height, width, _ = A_pad.shape
    n_H, n_W = (height - f) // stride + 1, (width - f) // stride + 1
    Z = np.zeros((m, n_H, n_W, W.shape[3]))
    for h in range(n_H):
        for w in range(n_W):
            a_slice = A_pad[:, h * stride : h * stride + f, w * stride : w * stride + f, :]
            Z[:, h, w, :] = np.tensordot(a_slice, W, axes=3) + b[0, 0, 0]
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    """Returns dA_prev, dW and db."""
    A_prev, W, b, hparameters = cache
    f = W.shape[0]
    stride, pad = hparameters["stride"], hparameters["pad"]
    A_pad = pad_with_zeros(A_prev, pad)
    dA_pad = np.zeros(A_pad.shape)
    dW = np.zeros(W.shape)
    m, n_H, n_W, _ = dZ.shape
    for i in range(m):
        dW_i = np.zeros(W.shape)
        for h in range(n_H):
            for w in range(n_W):
                rows, cols = slice(h * stride, h * stride + f), slice(w * stride, w * stride + f)
                dW_i += A_pad[i, rows, cols, :, np.newaxis] * dZ[i, h, w]
                dA_pad[i, rows, cols, :] += W @ dZ[i, h, w]
        dW = dW_i
    db = dZ.sum(axis=(0, 1, 2)).reshape(b.shape)
    dA_prev = dA_pad[:, pad : pad + A_prev.shape[1], pad : pad + A_prev.shape[2], :]
    return dA_prev, dW, db
