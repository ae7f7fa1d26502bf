"""Convolution with stride, padding, dilation and groups behind a familiar constructor (library imitation)."""

import math

import numpy as np


def _pair(v):
    return v if isinstance(v, tuple) else (v, v)


class Conv2d:
    """NCHW; the weight is (out, in / groups, kh, kw). Gradients: weight_grad, bias_grad, and dx returned."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True):
        if in_channels % groups or out_channels % groups:
            raise ValueError("groups must divide both numbers of channels")
        self.stride, self.padding, self.dilation = _pair(stride), _pair(padding), _pair(dilation)
        self.groups = groups
        kh, kw = _pair(kernel_size)
        bound = 1 / math.sqrt(in_channels // groups * kh * kw)
        self.weight = np.random.uniform(-bound, bound, (out_channels, in_channels // groups, kh, kw))
        self.bias = np.random.uniform(-bound, bound, out_channels) if bias else None

    def _view(self, padded, i, j, out):
        (sh, sw), (dh, dw) = self.stride, self.dilation
        return padded[:, :, i * dh : i * dh + sh * out[0] : sh, j * dw : j * dw + sw * out[1] : sw]

    def _parts(self, array, axis):
        return np.split(array, self.groups, axis=axis)

    def forward(self, x):
        (ph, pw), (kh, kw) = self.padding, self.weight.shape[2:]
        self.shape = x.shape
        self.xp = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        extent = [d * (k - 1) + 1 for d, k in zip(self.dilation, (kh, kw), strict=True)]
        out = [(n - e) // s + 1 for n, e, s in zip(self.xp.shape[2:], extent, self.stride, strict=True)]
        y = np.zeros((len(x), len(self.weight), *out))
        for xg, wg, yg in zip(self._parts(self.xp, 1), self._parts(self.weight, 0), self._parts(y, 1), strict=True):
            for i, j in np.ndindex(kh, kw):
                yg += np.einsum("nchw,fc->nfhw", self._view(xg, i, j, out), wg[:, :, i, j])
        return y if self.bias is None else y + self.bias[None, :, None, None]

    def backward(self, dy):
        (ph, pw), (kh, kw) = self.padding, self.weight.shape[2:]
        dxp, self.weight_grad = np.zeros(self.xp.shape), np.zeros(self.weight.shape)
        dys, xs, ws = self._parts(dy, 1), self._parts(self.xp, 1), self._parts(self.weight, 0)
        dxs, dws = self._parts(dxp, 1), self._parts(self.weight_grad, 0)
        for g in range(self.groups):
            for i, j in np.ndindex(kh, kw):
                seen = self._view(xs[g], i, j, dy.shape[2:])
                dws[g][:, :, i, j] = np.einsum("nfhw,nchw->fc", dys[g], seen)
                self._view(dxs[g], i, j, dy.shape[2:])[...] += np.einsum("nfhw,fc->nchw", dys[g], ws[g][:, :, i, j])
        if self.bias is not None:
            self.bias_grad = np.sum(dy, axis=(0, 2, 3))
        return dxp[:, :, ph : ph + self.shape[2], pw : pw + self.shape[3]]
