"""Convolution of one CHW image in plain loops, updated in backward(dy, lr), dx returned (hand-written network style).

Wrong on purpose: where windows overlap, dx is assigned instead of added up.
"""

import numpy as np


class ConvLayer:
    """num_filters filters over all channels, made when the first image comes."""

    def __init__(self, num_filters, filter_size, stride=1):
        self.num_filters = num_filters
        self.filter_size = filter_size
        self.stride = stride
        self.filters = None
        self.bias = np.zeros(num_filters)

    def forward(self, image):
        if self.filters is None:
            shape = (self.num_filters, image.shape[0], self.filter_size, self.filter_size)
            self.filters = np.random.randn(*shape) / self.filter_size**2
        self.image = image
        size, s = self.filter_size, self.stride
        height = (image.shape[1] - size) // s + 1
        width = (image.shape[2] - size) // s + 1
        out = np.zeros((self.num_filters, height, width))
        for f in range(self.num_filters):
            for i in range(height):
                for j in range(width):
                    patch = image[:, i * s : i * s + size, j * s : j * s + size]
                    out[f, i, j] = np.sum(patch * self.filters[f]) + self.bias[f]
        return out

    def backward(self, dy, lr):
        size, s = self.filter_size, self.stride
        dx = np.zeros(self.image.shape)
        dfilters = np.zeros(self.filters.shape)
        for i in range(dy.shape[1]):
            for j in range(dy.shape[2]):
                rows, cols = slice(i * s, i * s + size), slice(j * s, j * s + size)
                total = np.zeros((self.image.shape[0], size, size))
                for f in range(self.num_filters):
                    dfilters[f] += dy[f, i, j] * self.image[:, rows, cols]
                    total += dy[f, i, j] * self.filters[f]
                dx[:, rows, cols] = total
        self.filters -= lr * dfilters
        self.bias -= lr * dy.sum(axis=(1, 2))
        return dx
