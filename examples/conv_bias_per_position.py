"""Convolution of one CHW image with a bias for every output position, made from input_shape (video tutorial style).

backward() applies the update at once and returns the gradient of the input.
"""

import numpy as np


def correlate_valid(a, k):
    """Cross-correlation of two matrices where the second fits into the first."""
    rows, cols = a.shape[0] - k.shape[0] + 1, a.shape[1] - k.shape[1] + 1
    out = np.zeros((rows, cols))
    for i in range(rows):
        for j in range(cols):
            out[i, j] = np.sum(a[i : i + k.shape[0], j : j + k.shape[1]] * k)
    return out


def convolve_full(a, k):
    """Convolution of two matrices wherever they touch."""
    out = np.zeros((a.shape[0] + k.shape[0] - 1, a.shape[1] + k.shape[1] - 1))
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[i : i + k.shape[0], j : j + k.shape[1]] += a[i, j] * k
    return out


class Convolutional:
    """depth kernels over an input of a fixed shape."""

    def __init__(self, input_shape, kernel_size, depth):
        input_depth, input_height, input_width = input_shape
        self.depth = depth
        self.input_shape = input_shape
        self.input_depth = input_depth
        self.output_shape = (depth, input_height - kernel_size + 1, input_width - kernel_size + 1)
        self.kernels_shape = (depth, input_depth, kernel_size, kernel_size)
        self.kernels = np.random.randn(*self.kernels_shape)
        self.biases = np.random.randn(*self.output_shape)

    def forward(self, input):
        self.input = input
        self.output = np.copy(self.biases)
        for i in range(self.depth):
            for j in range(self.input_depth):
                self.output[i] += correlate_valid(self.input[j], self.kernels[i, j])
        return self.output

    def backward(self, output_gradient, learning_rate):
        kernels_gradient = np.zeros(self.kernels_shape)
        input_gradient = np.zeros(self.input_shape)
        for i in range(self.depth):
            for j in range(self.input_depth):
                kernels_gradient[i, j] = correlate_valid(self.input[j], output_gradient[i])
                input_gradient[j] += convolve_full(output_gradient[i], self.kernels[i, j])
        self.kernels -= learning_rate * kernels_gradient
        self.biases -= learning_rate * output_gradient
        return input_gradient
