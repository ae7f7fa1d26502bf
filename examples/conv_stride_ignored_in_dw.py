"""Strided convolution of NCHW batches with its weights passed to forward, tap by tap (functional library style).

Wrong on purpose: dw reads the input without the stride, as if it were 1.
"""

import numpy as np


class Conv2dFunction:
    """forward(x, weight, bias) and backward(grad_output); only the stride belongs to the object."""

    def __init__(self, stride=1):
        self.stride = stride
        self.saved_tensors = ()

    def forward(self, x, weight, bias):
        s = self.stride
        kh, kw = weight.shape[2:]
        oh = (x.shape[2] - kh) // s + 1
        ow = (x.shape[3] - kw) // s + 1
        out = np.zeros((x.shape[0], weight.shape[0], oh, ow))
        for i, j in np.ndindex(kh, kw):
            seen = x[:, :, i : i + s * oh : s, j : j + s * ow : s]
            out += np.einsum("nchw,fc->nfhw", seen, weight[:, :, i, j])
        self.saved_tensors = x, weight
        return out + bias.reshape(1, -1, 1, 1)

    def backward(self, grad_output):
        x, weight = self.saved_tensors
        s = self.stride
        oh, ow = grad_output.shape[2:]
        grad_x = np.zeros(x.shape)
        grad_weight = np.zeros(weight.shape)
        for i, j in np.ndindex(*weight.shape[2:]):
            seen = x[:, :, i : i + oh, j : j + ow]
            grad_weight[:, :, i, j] = np.einsum("nfhw,nchw->fc", grad_output, seen)
            taps = np.einsum("nfhw,fc->nchw", grad_output, weight[:, :, i, j])
            grad_x[:, :, i : i + s * oh : s, j : j + s * ow : s] += taps
        grad_bias = grad_output.sum(axis=(0, 2, 3))
        return grad_x, grad_weight, grad_bias
