"""Convolution of NHWC batches; the gradients stand in a nested object, gradients.kernel (typed engineer's style)."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Weights:
    """A kernel (KH, KW, C, F) and a bias (F,), or the gradients of both."""

    kernel: np.ndarray
    bias: np.ndarray


class Convolution2D:
    """backward() returns the gradient of the input; the others are in .gradients."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, padding: int = 0
    ) -> None:
        rng = np.random.default_rng()
        shape = (kernel_size, kernel_size, in_channels, out_channels)
        self.stride = stride
        self.padding = padding
        self.weights = Weights(rng.normal(scale=0.1, size=shape), np.zeros(out_channels))
        self.gradients = Weights(np.zeros(shape), np.zeros(out_channels))
        self._padded = np.zeros((0, 0, 0, 0))

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Correlate and add the bias."""
        k, s, p = self.weights.kernel.shape[0], self.stride, self.padding
        self._padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
        n, h, w, _ = self._padded.shape
        oh, ow = 1 + (h - k) // s, 1 + (w - k) // s
        out = np.broadcast_to(self.weights.bias, (n, oh, ow, self.weights.bias.size)).copy()
        for i, j in np.ndindex(k, k):
            out += self._padded[:, i : i + s * oh : s, j : j + s * ow : s] @ self.weights.kernel[i, j]
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Fill .gradients and return dx."""
        k, s, p = self.weights.kernel.shape[0], self.stride, self.padding
        _, oh, ow, f = dout.shape
        _, h, w, c = self._padded.shape
        dpadded = np.zeros(self._padded.shape)
        flat = dout.reshape(-1, f)
        for i, j in np.ndindex(k, k):
            here = np.s_[:, i : i + s * oh : s, j : j + s * ow : s]
            self.gradients.kernel[i, j] = self._padded[here].reshape(-1, c).T @ flat
            dpadded[here] += dout @ self.weights.kernel[i, j].T
        self.gradients.bias = flat.sum(axis=0)
        return dpadded[:, p : h - p, p : w - p]
