"""Convolution with params = {"w": Param, "b": Param}, the bias (1, F, 1, 1), NCHW (home-made framework style)."""

import numpy as np


class Param:
    """Something to train: its data, and its gradient after backward."""

    def __init__(self, data):
        self.data = np.asarray(data, dtype=float)
        self.grad = None


class ConvolutionalLayer:
    """Filters OIHW, square, stride 1, zero padding pad."""

    def __init__(self, num_filters, filter_size, input_channels, pad=0):
        self.pad = pad
        std = np.sqrt(2.0 / (filter_size * filter_size * input_channels))
        self.params = {
            "w": Param(std * np.random.randn(num_filters, input_channels, filter_size, filter_size)),
            "b": Param(np.zeros((1, num_filters, 1, 1))),
        }

    def forward_pass(self, X):
        p = self.pad
        w, b = self.params["w"].data, self.params["b"].data
        k = w.shape[-1]
        self.X = np.pad(X, [(0, 0), (0, 0), (p, p), (p, p)])
        h_out, w_out = self.X.shape[2] - k + 1, self.X.shape[3] - k + 1
        out = np.tile(b, (X.shape[0], 1, h_out, w_out))
        for i in range(k):
            for j in range(k):
                # (n, h, w, c) @ (c, f)
                shifted = np.moveaxis(self.X[:, :, i : i + h_out, j : j + w_out], 1, -1)
                out += np.moveaxis(shifted @ w[:, :, i, j].T, -1, 1)
        return out

    def backward_pass(self, delta):
        p = self.pad
        w = self.params["w"].data
        k = w.shape[-1]
        _, _, h_out, w_out = delta.shape
        dX = np.zeros_like(self.X)
        dw = np.zeros_like(w)
        channels_last = np.moveaxis(delta, 1, -1)
        for i in range(k):
            for j in range(k):
                region = self.X[:, :, i : i + h_out, j : j + w_out]
                dw[:, :, i, j] = np.tensordot(delta, region, axes=((0, 2, 3), (0, 2, 3)))
                dX[:, :, i : i + h_out, j : j + w_out] += np.moveaxis(channels_last @ w[:, :, i, j], -1, 1)
        self.params["w"].grad = dw
        self.params["b"].grad = np.sum(delta, axis=(0, 2, 3), keepdims=True)
        return dX[:, :, p : dX.shape[2] - p, p : dX.shape[3] - p]
