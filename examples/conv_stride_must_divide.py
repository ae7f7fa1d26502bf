"""Convolution as a dataclass that refuses sizes which the stride does not divide (careful engineer's style)."""

from dataclasses import dataclass

import numpy as np


@dataclass
class StridedConv:
    """NCHW, weights OIHW; the weights are given at construction, gradients are returned as a tuple."""

    weights: np.ndarray
    bias: np.ndarray
    stride: int = 1
    padding: tuple[int, int] = (0, 0)

    def _out_size(self, size: int, kernel: int, pad: int) -> int:
        steps, rest = divmod(size + 2 * pad - kernel, self.stride)
        if rest:
            raise ValueError(f"stride {self.stride} does not divide {size} + 2 * {pad} - {kernel}")
        return steps + 1

    def _patch(self, padded: np.ndarray, i: int, j: int) -> np.ndarray:
        _, _, kh, kw = self.weights.shape
        top, left = i * self.stride, j * self.stride
        return padded[:, :, top : top + kh, left : left + kw]

    def forward(self, x: np.ndarray) -> np.ndarray:
        """The output of the layer."""
        f, _, kh, kw = self.weights.shape
        ph, pw = self.padding
        oh, ow = self._out_size(x.shape[2], kh, ph), self._out_size(x.shape[3], kw, pw)
        self._padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        out = np.empty((x.shape[0], f, oh, ow))
        for i in range(oh):
            for j in range(ow):
                patch = self._patch(self._padded, i, j)
                out[:, :, i, j] = np.tensordot(patch, self.weights, axes=([1, 2, 3], [1, 2, 3])) + self.bias
        return out

    def backward(self, grad_out: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The gradients for x, weights and bias."""
        ph, pw = self.padding
        grad_padded = np.zeros_like(self._padded)
        grad_weights = np.zeros_like(self.weights)
        for i in range(grad_out.shape[2]):
            for j in range(grad_out.shape[3]):
                upstream = grad_out[:, :, i, j]
                self._patch(grad_padded, i, j)[...] += np.tensordot(upstream, self.weights, axes=1)
                grad_weights += np.tensordot(upstream.T, self._patch(self._padded, i, j), axes=1)
        height, width = grad_padded.shape[2:]
        return grad_padded[:, :, ph : height - ph, pw : width - pw], grad_weights, grad_out.sum(axis=(0, 2, 3))
