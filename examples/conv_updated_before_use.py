"""Convolution of one CHW image with a bias for every position, made from input_shape (video tutorial style).

Wrong on purpose: the kernels are updated before the gradient of the input is computed from them.
"""

import numpy as np


class ConvLayer:
    """ConvLayer((C, H, W), kernel_size, depth); backward(output_gradient, learning_rate) trains and returns dx."""

    def __init__(self, input_shape, kernel_size, depth):
        channels, height, width = input_shape
        self.input_shape = input_shape
        self.size = kernel_size
        self.kernels = np.random.randn(depth, channels, kernel_size, kernel_size)
        self.biases = np.random.randn(depth, height - kernel_size + 1, width - kernel_size + 1)

    def forward(self, input_data):
        self.input_data = input_data
        _, out_h, out_w = self.biases.shape
        output = self.biases.copy()
        for u in range(self.size):
            for v in range(self.size):
                part = input_data[:, u : u + out_h, v : v + out_w]
                output += np.tensordot(self.kernels[:, :, u, v], part, axes=1)
        return output

    def backward(self, output_gradient, learning_rate):
        _, out_h, out_w = output_gradient.shape
        for u in range(self.size):
            for v in range(self.size):
                part = self.input_data[:, u : u + out_h, v : v + out_w]
                gradient = np.tensordot(output_gradient, part, axes=([1, 2], [1, 2]))
                self.kernels[:, :, u, v] -= learning_rate * gradient
        self.biases -= learning_rate * output_gradient
        input_gradient = np.zeros(self.input_shape)
        for u in range(self.size):
            for v in range(self.size):
                back = np.tensordot(self.kernels[:, :, u, v].T, output_gradient, axes=1)
                input_gradient[:, u : u + out_h, v : v + out_w] += back
        return input_gradient
