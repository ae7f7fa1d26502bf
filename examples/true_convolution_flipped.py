"""A true convolution (the kernel is flipped) of one CHW image, as two functions without a cache (maths style)."""

import numpy as np


def rot180(k):
    """Turn the last two axes by 180 degrees."""
    return np.flip(k, axis=(-2, -1))


def correlate(a, k):
    """Valid cross-correlation of two matrices."""
    h, w = a.shape[0] - k.shape[0] + 1, a.shape[1] - k.shape[1] + 1
    return sum(k[u, v] * a[u : u + h, v : v + w] for u in range(k.shape[0]) for v in range(k.shape[1]))


def convolve_forward(x, kernels):
    """y[f] = sum over c of x[c] * kernels[f, c], where * is the convolution of the textbooks."""
    return np.stack([sum(correlate(xc, rot180(k)) for xc, k in zip(x, ks, strict=True)) for ks in kernels])


def convolve_backward(dy, x, kernels):
    """Return dx and dkernels.

    Since the forward pass flips the kernel, dx takes it as it is, and dkernels is flipped.
    """
    kh, kw = kernels.shape[2:]
    padded = np.pad(dy, ((0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)))
    dx = np.zeros(x.shape)
    dkernels = np.zeros(kernels.shape)
    for f in range(kernels.shape[0]):
        for c in range(kernels.shape[1]):
            dx[c] += correlate(padded[f], kernels[f, c])
            dkernels[f, c] = rot180(correlate(x[c], dy[f]))
    return dx, dkernels
