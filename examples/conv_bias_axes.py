"""Convolution of NHWC batches with HWIO filters and 'same' or 'valid' padding, bias (F,) (framework imitation).

Wrong on purpose: db is summed over axes 0, 2 and 3, as in NCHW, so that it has an element for each row of the output.
"""

import numpy as np


class Conv2D:
    """Odd square kernels, stride 1; the gradients of the parameters are in a dict."""

    def __init__(self, in_channels, filters, kernel_size=3, padding="valid"):
        self.p = kernel_size // 2 if padding == "same" else 0
        self.params = {
            "kernel": np.random.randn(kernel_size, kernel_size, in_channels, filters) * 0.1,
            "bias": np.zeros(filters),
        }
        self.grads = {}

    def forward(self, x):
        p, kernel = self.p, self.params["kernel"]
        self.x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
        k = kernel.shape[0]
        h, w = self.x.shape[1] - k + 1, self.x.shape[2] - k + 1
        out = sum(self.x[:, i : i + h, j : j + w] @ kernel[i, j] for i in range(k) for j in range(k))
        return out + self.params["bias"]

    def backward(self, dout):
        p, kernel = self.p, self.params["kernel"]
        _, h, w, _ = dout.shape
        dx = np.zeros_like(self.x)
        dkernel = np.zeros_like(kernel)
        for i, j in np.ndindex(kernel.shape[:2]):
            dx[:, i : i + h, j : j + w] += dout @ kernel[i, j].T
            dkernel[i, j] = np.tensordot(self.x[:, i : i + h, j : j + w], dout, axes=([0, 1, 2], [0, 1, 2]))
        self.grads["kernel"] = dkernel
        self.grads["bias"] = dout.sum(axis=(0, 2, 3))
        return dx[:, p : dx.shape[1] - p, p : dx.shape[2] - p]
