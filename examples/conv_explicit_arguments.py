"""Convolution as two functions with explicit arguments and no cache, the backward pass by zero insertion (notes style).

x is NCHW, w is OIHW, and there is no bias. dy is spread out with stride - 1 zeros between its elements, padded by the
filter's side less one, and correlated with the rotated filters.
"""

import numpy as np


def conv_forward(x, w, stride=1, padding=0):
    """The output of the convolution."""
    x = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    out_h = (x.shape[2] - w.shape[2]) // stride + 1
    out_w = (x.shape[3] - w.shape[3]) // stride + 1
    y = np.zeros((x.shape[0], w.shape[0], out_h, out_w))
    for u in range(w.shape[2]):
        for v in range(w.shape[3]):
            taken = x[:, :, u : u + stride * out_h : stride, v : v + stride * out_w : stride]
            y += np.einsum("nchw,fc->nfhw", taken, w[:, :, u, v])
    return y


def conv_backward(dy, x, w, stride=1, padding=0):
    """The gradients dx and dw."""
    n, f, out_h, out_w = dy.shape
    kh, kw = w.shape[2:]
    h, wd = x.shape[2] + 2 * padding, x.shape[3] + 2 * padding
    # as large as a convolution of stride 1 would have made it; what the stride left over stays zero
    spread = np.zeros((n, f, h - kh + 1, wd - kw + 1))
    spread[:, :, : stride * (out_h - 1) + 1 : stride, : stride * (out_w - 1) + 1 : stride] = dy
    rotated = w[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    around = np.pad(spread, ((0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)))
    dx = conv_forward(around, rotated)[:, :, padding : h - padding, padding : wd - padding]
    # dw is a convolution as well, with samples and channels exchanged
    dw = conv_forward(x.transpose(1, 0, 2, 3), spread.transpose(1, 0, 2, 3), 1, padding).transpose(1, 0, 2, 3)
    return dx, dw
