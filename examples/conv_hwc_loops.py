"""Convolution of one HWC image, HWIO filters and a stride, which trains itself in backprop (robotics hobby style)."""

import numpy as np


class Conv:
    """conv = Conv(3, 8, 5, stride=2); d_in = conv.backprop(d_out, lr)."""

    def __init__(self, depth_in, depth_out, field, stride=1):
        self.field = field
        self.stride = stride
        self.filters = np.random.rand(field, field, depth_in, depth_out) - 0.5
        self.biases = np.zeros(depth_out)

    def patches(self, rows, cols):
        """Positions in the output, and the slices of the input that they see."""
        for r in range(rows):
            for c in range(cols):
                top, left = r * self.stride, c * self.stride
                yield r, c, slice(top, top + self.field), slice(left, left + self.field)

    def forward_pass(self, image):
        self.image = image
        rows = (image.shape[0] - self.field) // self.stride + 1
        cols = (image.shape[1] - self.field) // self.stride + 1
        out = np.zeros((rows, cols, len(self.biases)))
        for r, c, ys, xs in self.patches(rows, cols):
            patch = image[ys, xs, :, np.newaxis]
            out[r, c] = (patch * self.filters).sum(axis=(0, 1, 2)) + self.biases
        return out

    def backprop(self, d_out, lr):
        d_image = np.zeros(self.image.shape)
        d_filters = np.zeros(self.filters.shape)
        for r, c, ys, xs in self.patches(*d_out.shape[:2]):
            d_filters += self.image[ys, xs, :, np.newaxis] * d_out[r, c]
            d_image[ys, xs] += (self.filters * d_out[r, c]).sum(axis=-1)
        self.filters -= lr * d_filters
        self.biases -= lr * d_out.sum(axis=(0, 1))
        return d_image
