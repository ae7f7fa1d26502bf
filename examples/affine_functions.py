"""A dense layer as a pair of functions with a cache; inputs of any shape are flattened (assignment style)."""

import numpy as np


def affine_forward(x, w, b):
    """Flatten each sample of x (N, d1, ..., dk) to D numbers, and multiply with w (D, M)."""
    out = x.reshape(x.shape[0], -1).dot(w) + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    """Return the gradients dx, dw and db for the upstream gradient dout (N, M)."""
    x, w, b = cache
    N = x.shape[0]
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(N, -1).T.dot(dout)
    db = np.sum(dout, axis=0).reshape(b.shape)
    return dx, dw, db
